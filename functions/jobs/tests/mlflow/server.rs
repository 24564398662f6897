//! An MLflow server of a few calls, which fails on demand.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// What the server does instead of its work.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// This status and this body.
    Answer(u16, String),
    /// These bytes, and the end of the connection.
    Raw(Vec<u8>),
    /// Nothing, for longer than anybody waits.
    Silence,
    /// Reads a part of the body and ends the connection.
    CutUpload,
    /// Does the work, and ends the connection without an answer.
    LostAnswer,
    /// Does the work, and then changes one bit of every file that it keeps.
    Damage,
}

/// The server, on a port of its own, until the test ends.
pub(crate) struct Server {
    pub(crate) uri: String,
    state: Arc<Mutex<State>>,
}

/// What the server keeps.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) experiments: Vec<Value>,
    /// `info`, `data` and `inputs` of every run.
    pub(crate) runs: Vec<Value>,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) models: u32,
    pub(crate) versions: Vec<Value>,
    pub(crate) aliases: BTreeMap<String, String>,
    /// `METHOD PATH` of every request, and its header `Authorization`.
    pub(crate) requests: Vec<(String, Option<String>)>,
    /// Requests that begin with this and have this in them, how many of them, and what happens to them.
    failures: Vec<(String, usize, Failure)>,
}

struct Request {
    method: String,
    path: String,
    query: BTreeMap<String, String>,
    authorization: Option<String>,
    length: usize,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let uri = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                thread::spawn(move || serve(stream, &state));
            }
        });
        Self { uri, state }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread of the server fails")
    }

    /// Lets the next `times` requests fail that have `what` in `METHOD PATH`.
    pub(crate) fn fail(&self, what: &str, times: usize, failure: Failure) {
        self.state().failures.push((what.to_owned(), times, failure));
    }

    pub(crate) fn mend(&self) {
        self.state().failures.clear();
    }

    /// How many requests had `what` in `METHOD PATH`.
    pub(crate) fn count(&self, what: &str) -> usize {
        self.state().requests.iter().filter(|(request, _)| request.contains(what)).count()
    }
}

impl State {
    /// The run that has this tag.
    pub(crate) fn run(&self, key: &str) -> &Value {
        self.runs.iter().find(|run| run["data"]["tags"].get(key).is_some()).expect("a run with this tag")
    }

    fn failure(&mut self, request: &str) -> Option<Failure> {
        let (_, times, failure) = self
            .failures
            .iter_mut()
            .find(|(what, times, _)| 0 < *times && request.contains(what.as_str()))?;
        *times -= 1;
        Some(failure.clone())
    }
}

fn serve(stream: TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream.try_clone().expect("a socket can be cloned"));
    let Some(request) = head(&mut reader) else { return };
    let name = format!("{} {}", request.method, request.path);
    let failure = {
        let mut state = state.lock().expect("no thread of the server fails");
        state.requests.push((name.clone(), request.authorization.clone()));
        state.failure(&name)
    };
    let mut body = vec![0; if matches!(failure, Some(Failure::CutUpload)) { 9 } else { request.length }];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let work = || {
        let mut state = state.lock().expect("no thread of the server fails");
        answer(&mut state, &request, body)
    };
    match failure {
        None => respond(stream, &work()),
        Some(Failure::Answer(status, body)) => respond(stream, &(status, body.into_bytes())),
        Some(Failure::Raw(bytes)) => send(stream, &bytes),
        Some(Failure::Silence) => thread::sleep(Duration::from_secs(60)),
        Some(Failure::CutUpload) => {}
        Some(Failure::LostAnswer) => drop(work()),
        Some(Failure::Damage) => {
            respond(stream, &work());
            state
                .lock()
                .expect("no thread of the server fails")
                .files
                .values_mut()
                .for_each(|file| file[0] ^= 1);
        }
    }
}

fn respond(stream: TcpStream, (status, body): &(u16, Vec<u8>)) {
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nlocation: http://elsewhere.example/\r\nconnection: close\r\n\r\n",
        body.len()
    );
    send(stream, &[head.as_bytes(), body].concat());
}

/// A client that is gone is no failure of the server.
fn send(mut stream: TcpStream, bytes: &[u8]) {
    let _ = stream.write_all(bytes);
}

fn head(reader: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        lines.push(line.trim_end().to_owned());
    }
    let mut first = lines.first()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let header = |name: &str| {
        lines.iter().find_map(|line| {
            line.split_once(": ")
                .filter(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.to_owned())
        })
    };
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    Some(Request {
        method,
        path: path.to_owned(),
        query: pairs.map(|(key, value)| (key.to_owned(), decoded(value))).collect(),
        authorization: header("authorization"),
        length: header("content-length").map_or(0, |length| length.parse().expect("a length")),
    })
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next().expect("a digit"), rest.next().expect("a digit")];
                u8::from_str_radix(std::str::from_utf8(&digits).expect("digits"), 16).expect("digits")
            }
            b'+' => b' ',
            byte => byte,
        });
    }
    String::from_utf8(bytes).expect("text")
}

/// The values that a filter compares with, in the order in which they stand there.
fn quoted(filter: &str) -> Vec<&str> {
    filter.split('\'').skip(1).step_by(2).collect()
}

fn answer(state: &mut State, request: &Request, body: Vec<u8>) -> (u16, Vec<u8>) {
    if let Some(path) = request.path.strip_prefix("/api/2.0/mlflow-artifacts/artifacts/") {
        return match request.method.as_str() {
            "PUT" => {
                state.files.insert(path.to_owned(), body);
                (200, Vec::new())
            }
            _ => state.files.get(path).map_or((404, Vec::new()), |file| (200, file.clone())),
        };
    }
    let json: Value =
        if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).expect("JSON") };
    let path = request.path.strip_prefix("/api/2.0/mlflow/").expect("a call of the interface");
    let (status, value) = call(state, &format!("{} {path}", request.method), &request.query, &json);
    (status, value.to_string().into_bytes())
}

fn call(state: &mut State, call: &str, query: &BTreeMap<String, String>, json: &Value) -> (u16, Value) {
    let missing = (404, json!({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no such thing"}));
    let there = (400, json!({"error_code": "RESOURCE_ALREADY_EXISTS", "message": "there already"}));
    match call {
        "GET experiments/get-by-name" => match state.experiments.first() {
            Some(experiment) => (200, json!({"experiment": experiment})),
            None => missing,
        },
        "POST experiments/create" if state.experiments.is_empty() => {
            state
                .experiments
                .push(json!({"experiment_id": "1", "name": json["name"], "lifecycle_stage": "active"}));
            (200, json!({"experiment_id": "1"}))
        }
        "POST experiments/create" => there,
        "POST runs/search" => {
            (200, json!({"runs": search(&state.runs, json["filter"].as_str().expect("a filter"))}))
        }
        "POST runs/create" => (200, json!({"run": create_run(state, json)})),
        "POST runs/log-batch" | "POST runs/log-inputs" | "POST runs/update" => {
            let run = state.runs.iter_mut().find(|run| run["info"]["run_id"] == json["run_id"]);
            log(run.expect("the run is there"), json);
            (200, json!({}))
        }
        "GET artifacts/list" => {
            let prefix = format!("1/{}/artifacts/", query["run_id"]);
            let paths = state.files.keys().filter_map(|path| path.strip_prefix(&prefix));
            let files: Vec<Value> = paths.map(|path| json!({"path": path, "is_dir": false})).collect();
            (200, json!({"files": files}))
        }
        "POST registered-models/create" if state.models == 0 => {
            state.models = 1;
            (200, json!({"registered_model": {"name": json["name"]}}))
        }
        "POST registered-models/create" => there,
        "GET registered-models/get" => {
            let pair = |(alias, version)| json!({"alias": alias, "version": version});
            let aliases: Vec<Value> = state.aliases.iter().map(pair).collect();
            (200, json!({"registered_model": {"aliases": aliases}}))
        }
        "GET model-versions/search" => {
            let sha256 = quoted(&query["filter"])[1].to_owned();
            let found =
                state.versions.iter().filter(|version| version["tags"][0]["value"] == sha256.as_str());
            (200, json!({"model_versions": found.collect::<Vec<_>>()}))
        }
        "POST model-versions/create" => {
            let mut version = json.clone();
            version["version"] = (state.versions.len() + 1).to_string().into();
            version["status"] = "READY".into();
            state.versions.push(version.clone());
            (200, json!({"model_version": version}))
        }
        "POST registered-models/alias" => {
            let text = |key: &str| json[key].as_str().expect("a text").to_owned();
            state.aliases.insert(text("alias"), text("version"));
            (200, json!({}))
        }
        "DELETE registered-models/alias" => {
            state.aliases.remove(json["alias"].as_str().expect("a text"));
            (200, json!({}))
        }
        _ => missing,
    }
}

fn search(runs: &[Value], filter: &str) -> Vec<Value> {
    let holds = |run: &&Value, wanted: &str| {
        run["data"]["tags"].as_object().expect("tags").values().any(|tag| tag == wanted)
    };
    runs.iter().filter(|run| quoted(filter).iter().all(|wanted| holds(run, wanted))).cloned().collect()
}

fn create_run(state: &mut State, json: &Value) -> Value {
    let id = format!("run{}", state.runs.len());
    let mut run = json!({
        "info": {
            "run_id": id, "run_name": json["run_name"], "status": "RUNNING", "start_time": json["start_time"],
            "artifact_uri": format!("mlflow-artifacts:/1/{id}/artifacts"),
        },
        "data": {"params": {}, "tags": {}}, "metrics": [], "inputs": [],
    });
    log(&mut run, json);
    state.runs.push(run.clone());
    run
}

/// Keeps parameters and tags by name, and everything else in the order in which it came.
fn log(run: &mut Value, json: &Value) {
    let entries = |key: &str| json[key].as_array().cloned().unwrap_or_default();
    for (kind, of) in [("params", entries("params")), ("tags", entries("tags"))] {
        for entry in of {
            run["data"][kind][entry["key"].as_str().expect("a key")] = entry["value"].clone();
        }
    }
    for (kind, of) in [("metrics", entries("metrics")), ("inputs", entries("datasets"))] {
        let kept = run[kind].as_array_mut().expect("a list");
        of.into_iter()
            .filter(|entry| !kept.contains(entry))
            .collect::<Vec<_>>()
            .into_iter()
            .for_each(|entry| kept.push(entry));
    }
    if let Some(status) = json.get("status") {
        run["info"]["status"] = status.clone();
    }
}
