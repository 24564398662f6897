//! The binary, when whoever reads its stdout stalls or leaves: it answers, and counts what is lost.

use std::io::{BufRead, BufReader, PipeReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Child;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::server::binary;

/// Enough to fill the pipe and the buffer behind it a hundred times.
const REQUESTS: usize = 20_000;
const LONG: Duration = Duration::from_secs(120);

/// A running server, and a log that is read only as the test says.
struct Server {
    child: Child,
    port: u16,
    log: Option<BufReader<PipeReader>>,
}

impl Server {
    fn start() -> Self {
        let port =
            TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
        let (reader, writer) = std::io::pipe().expect("a pipe");
        let mut command = binary();
        command.env("PORT", port.to_string()).stdout(writer);
        let child = command.spawn().expect("the binary starts");
        let mut log = BufReader::new(reader);
        let mut line = String::new();
        log.read_line(&mut line).expect("the log can be read");
        assert!(line.contains("\"message\":\"serving\""), "{line}");
        Self { child, port, log: Some(log) }
    }

    /// Sends all requests at once over one connection and gives all answers.
    fn ask(&self, requests: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the server accepts");
        stream.set_read_timeout(Some(LONG)).expect("a timeout can be set");
        let mut writing = stream.try_clone().expect("a second handle");
        std::thread::scope(|scope| {
            scope.spawn(move || writing.write_all(requests.as_bytes()).expect("the server reads"));
            let mut answers = String::new();
            stream.read_to_string(&mut answers).expect("the server answers and closes");
            answers
        })
    }

    fn ask_often(&self) {
        let mut requests = "GET /model_info HTTP/1.1\r\nHost: x\r\n\r\n".repeat(REQUESTS - 1);
        requests += "GET /model_info HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        assert_eq!(self.ask(&requests).matches("HTTP/1.1 200 OK").count(), REQUESTS);
    }

    fn dropped(&self) -> usize {
        let text = self.ask("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let line = text.lines().find_map(|line| line.strip_prefix("churn_log_lines_dropped_total "));
        line.and_then(|count| count.parse().ok()).expect("a count")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already gone is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_reader_that_stalls_gets_whole_lines_and_the_count_of_those_that_are_lost() {
    let mut server = Server::start();
    server.ask_often();
    let dropped = server.dropped();
    assert!(REQUESTS * 9 / 10 < dropped && dropped < REQUESTS, "{dropped}");
    let log = server.log.take().expect("the log");
    let (sender, read) = std::sync::mpsc::channel::<Value>();
    let reading = std::thread::spawn(move || {
        let lines = log.lines().map(|line| line.expect("the log can be read"));
        let mut lines = lines.map(|line| serde_json::from_str(&line).expect("a line is whole JSON"));
        lines.try_for_each(|line| sender.send(line)).expect("the test takes every line");
    });
    let mut lines: Vec<Value> = Vec::new();
    let (start, mut asked) = (Instant::now(), REQUESTS);
    // What is lost is told before the first line for which there is room again, so there have to be more lines.
    while !lines.iter().any(|line| line["lines"].is_u64()) {
        assert!(start.elapsed() < LONG, "nothing was told of {dropped} lines");
        server.ask("GET /model_info HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        asked += 1;
        lines.extend(read.recv_timeout(Duration::from_millis(20)));
        lines.extend(read.try_iter());
    }
    let dropped = server.dropped();
    // The shell's own `kill`: a machine with Rust alone may have no other.
    let kill = format!("kill -TERM {}", server.child.id());
    assert!(std::process::Command::new("sh").args(["-c", &kill]).status().expect("the shell runs").success());
    server.child.wait().expect("the server ends");
    lines.extend(read);
    reading.join().expect("every line is whole");
    let requests = lines.iter().filter(|line| line["event"] == "request").count();
    let told: u64 = lines.iter().filter_map(|line| line["lines"].as_u64()).sum();
    assert_eq!(requests + dropped, asked);
    assert_eq!(told, dropped as u64);
}

#[test]
fn a_reader_that_has_left_costs_lines_alone() {
    let mut server = Server::start();
    drop(server.log.take());
    server.ask_often();
    assert_eq!(server.dropped(), REQUESTS);
}
