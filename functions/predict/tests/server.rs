//! The binary on a socket: start, patience with slow clients, and leaving in good order.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::ffi::OsStrExt;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Longer than any wait that the server promises; a busy machine must not fail a test.
const LONG: Duration = Duration::from_secs(60);

pub(crate) fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_churn-predict"));
    command.env_clear();
    command
}

/// A running server, which is killed when the test ends, however it ends.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start() -> Self {
        // Another process may take the port between the two lines; the start then fails loudly.
        let port =
            TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
        let mut child =
            binary().env("PORT", port.to_string()).stdout(Stdio::piped()).spawn().expect("the binary starts");
        let mut log = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut line = String::new();
        log.read_line(&mut line).expect("the log can be read");
        assert!(line.contains("\"message\":\"serving\""), "{line}");
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Self { child, port }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the server accepts");
        stream.set_read_timeout(Some(LONG)).expect("a timeout can be set");
        stream
    }

    fn terminate(&self) {
        // The shell's own `kill`: a machine with Rust alone may have no other.
        let status = Command::new("sh").args(["-c", &format!("kill -TERM {}", self.child.id())]).status();
        assert!(status.expect("the shell runs").success());
    }

    fn wait(&mut self) -> i32 {
        let start = Instant::now();
        while start.elapsed() < LONG {
            if let Some(status) = self.child.try_wait().expect("the child can be asked") {
                return status.code().expect("the server exits by itself");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the server does not end");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already gone is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn until_closed(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("the server closes the connection");
    String::from_utf8(answer).expect("an answer is text")
}

const BODY: &str = r#"{"SeniorCitizen":0,"tenure":0,"MonthlyCharges":20,"TotalCharges":" ","InternetService":"No",
    "OnlineSecurity":"No internet service","TechSupport":"No internet service","StreamingTV":"No internet service",
    "Contract":"One year","PaymentMethod":"Mailed check","PaperlessBilling":"No"}"#;

fn head(length: usize) -> String {
    format!("POST /predict HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n")
}

#[test]
fn it_answers_and_its_health_can_be_checked() {
    let mut server = Server::start();
    let mut stream = server.connect();
    write!(stream, "{}{BODY}", head(BODY.len())).unwrap();
    let answer = until_closed(stream);
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.contains("\"churn_probability\":0."), "{answer}");
    let check = |port: u16| {
        binary().arg("healthcheck").env("PORT", port.to_string()).output().expect("the binary runs")
    };
    assert_eq!(check(server.port).status.code(), Some(0));
    server.terminate();
    assert_eq!(server.wait(), 0);
    let output = check(server.port);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("not ready on port"), "{output:?}");
}

#[test]
fn an_open_request_is_answered_after_the_call_to_leave() {
    let mut server = Server::start();
    let mut stream = server.connect();
    let (first, rest) = BODY.split_at(BODY.len() / 2);
    write!(stream, "{}{first}", head(BODY.len())).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    server.terminate();
    std::thread::sleep(Duration::from_millis(300));
    assert!(TcpStream::connect(("127.0.0.1", server.port)).is_err(), "nobody new is let in");
    stream.write_all(rest.as_bytes()).unwrap();
    let answer = until_closed(stream);
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert_eq!(server.wait(), 0);
}

#[test]
fn a_request_that_never_ends_does_not_keep_it() {
    let mut server = Server::start();
    let mut stream = server.connect();
    write!(stream, "{}{{", head(BODY.len())).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    server.terminate();
    assert_eq!(server.wait(), 0);
    // Cut off after eight seconds, before the ten after which a slow body is answered.
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert_eq!(answer, b"");
}

#[test]
fn a_body_that_is_too_large_may_be_sent_to_its_end_and_the_answer_read() {
    let server = Server::start();
    let mut stream = server.connect();
    let body = " ".repeat(16 * 1024 * 1024);
    write!(stream, "{}", head(body.len())).unwrap();
    stream.write_all(body.as_bytes()).expect("the server reads on, though it has answered");
    let answer = until_closed(stream);
    assert!(answer.starts_with("HTTP/1.1 413 Payload Too Large"), "{answer}");
}

#[test]
fn a_head_that_stays_away_closes_the_connection() {
    let server = Server::start();
    for sent in ["", "GET /health HTTP/1.1\r\nHost:"] {
        let (start, mut stream) = (Instant::now(), server.connect());
        stream.write_all(sent.as_bytes()).unwrap();
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).expect("closed within its patience, not by our timeout");
        assert!(!rest.starts_with(b"HTTP/1.1 200"));
        // Its patience is five seconds; hyper's own would be thirty.
        assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    }
}

#[test]
fn a_body_that_stays_away_is_answered() {
    let server = Server::start();
    let mut stream = server.connect();
    write!(stream, "{}{{", head(BODY.len())).unwrap();
    let answer = until_closed(stream);
    assert!(answer.starts_with("HTTP/1.1 408 Request Timeout"), "{answer}");
}

#[test]
fn too_large_is_said_instead_of_continue() {
    let server = Server::start();
    let mut stream = server.connect();
    let head = "POST /predict HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 70000\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let answer = until_closed(stream);
    assert!(answer.starts_with("HTTP/1.1 413 Payload Too Large"), "{answer}");
}

fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    binary().args(arguments).envs(variables.iter().copied()).output().expect("the binary runs")
}

#[test]
fn a_bad_start_says_why_in_one_line() {
    let check = |arguments: &[&str], variables: &[(&str, &str)], expected: &str| {
        let output = run(arguments, variables);
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.starts_with(expected), "{text}");
    };
    check(&[], &[("PORT", "http")], "churn-predict: PORT is \"http\", expected a port from 1 to 65535\n");
    check(&[], &[("LOG_LEVEL", "loud")], "churn-predict: LOG_LEVEL is \"loud\", expected ");
    check(&["--serve"], &[], "churn-predict: unknown arguments: --serve\nusage: ");
    let version = run(&["--version"], &[]);
    assert!(
        String::from_utf8_lossy(&version.stdout).starts_with("churn-predict 0.1.0 with model "),
        "{version:?}"
    );
}

#[test]
fn a_variable_that_is_not_utf_8_stops_the_start() {
    for variable in ["CUSTOMER_ID_KEY", "API_KEYS_SHA256", "GOOGLE_CLOUD_PROJECT", "PORT"] {
        let value = OsStr::from_bytes(b"a key of sixteen \xff");
        let output = binary().env(variable, value).output().expect("the binary runs");
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{text}");
        let expected = format!("churn-predict: {variable} is \"(not UTF-8)\", expected text in UTF-8\n");
        assert_eq!(text, expected);
    }
}

#[test]
fn a_port_that_is_taken_is_named() {
    let server = Server::start();
    let port = server.port.to_string();
    let output = run(&[], &[("PORT", &port)]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.starts_with(&format!("churn-predict: cannot serve on port {port}: ")), "{text}");
}
