//! Batches in NDJSON and CSV: row by row, bad rows in their place, and never more in memory than a few rows.

use std::collections::{HashSet, VecDeque};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use churn_predict::{App, Config, Models, Sources};
use http::Request;
use http_body::Frame;
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};

use crate::fixture::{
    ARTIFACT, app, counted, customer, customer_with, exchange, header, logged, post, served, sources,
};

const NDJSON: (&str, &str) = ("content-type", "application/x-ndjson");
const CSV: (&str, &str) = ("content-type", "text/csv; charset=utf-8");
const HEADER: &str = "customerID,SeniorCitizen,tenure,MonthlyCharges,TotalCharges,InternetService,OnlineSecurity,TechSupport,\
                      StreamingTV,Contract,PaymentMethod,PaperlessBilling,notes";
const ROW: &str = "A,0,2,70.7,151.65,Fiber optic,No,No,No,Month-to-month,Electronic check,Yes,";

async fn ndjson(body: impl Into<Bytes>) -> Vec<Value> {
    let (status, headers, answer) = exchange("/batch_predict", &[NDJSON], body).await;
    assert_eq!((status, header(&headers, "content-type")), (200, "application/x-ndjson"));
    let text = String::from_utf8(answer.to_vec()).expect("text");
    assert!(text.is_empty() || text.ends_with('\n'), "{text}");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

async fn csv(body: impl Into<Bytes>) -> Vec<String> {
    let (status, headers, answer) = exchange("/batch_predict", &[CSV], body).await;
    assert_eq!((status, header(&headers, "content-type")), (200, "text/csv"));
    let text = String::from_utf8(answer.to_vec()).expect("text");
    let mut lines = text.lines().map(str::to_owned);
    let header = "row,customer_id,churn_probability,churn_prediction,risk_level,model_version,error";
    assert_eq!(lines.next().as_deref(), Some(header));
    lines.collect()
}

#[tokio::test]
async fn every_line_gets_the_answer_that_it_gets_alone() {
    let (first, second) = (customer(), customer_with(&json!({"tenure": 60, "customerID": null})));
    let answers = [post("/predict", &first).await.1, post("/predict", &second).await.1];
    for body in [
        format!("{first}\n{second}\n"),
        format!("{first}\r\n\n  \n{second}"),
        format!("\n{first}\n{second}\n\n"),
    ] {
        assert_eq!(ndjson(body).await, answers);
    }
    assert_eq!(ndjson("").await, Vec::<Value>::new());
    assert_eq!(ndjson("\n \n").await, Vec::<Value>::new());
}

#[tokio::test]
async fn every_row_of_a_request_has_an_id_of_its_own() {
    let app = App::new(
        Models { champion: served(&ARTIFACT, ARTIFACT.golden.clone()), challenger: None },
        Config::default(),
        Sources { ids: counted, ..sources() },
    );
    let ids = async |rows: usize| {
        let body = Full::from(format!("{}\n", customer()).repeat(rows));
        let request =
            Request::post("/batch_predict").header(NDJSON.0, NDJSON.1).body(body).expect("a request");
        let answer = app.handle(request).await.into_body().collect().await.expect("an answer").to_bytes();
        let id =
            |line: &[u8]| serde_json::from_slice::<Value>(line).expect("JSON")["prediction_id"].to_string();
        answer.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(id).collect::<HashSet<_>>()
    };
    let (first, second) = (ids(200).await, ids(3).await);
    assert_eq!((first.len(), second.len(), first.is_disjoint(&second)), (200, 3, true));
}

#[tokio::test]
async fn a_bad_line_is_an_error_row_in_its_place() {
    let bad = customer_with(&json!({"Contract": "month to month", "tenure": -1}));
    let long = format!("{{\"notes\":\"{}\"}}", "x".repeat(70_000));
    let deep = "[".repeat(60_000);
    let body = format!("{}\n{bad}\nnot json\n[1]\n{long}\n{deep}\n{}\n", customer(), customer());
    let body = [body.as_bytes(), b"{\"x\":\"\xff\"}\n", customer().to_string().as_bytes()].concat();
    let answers = ndjson(body).await;
    assert_eq!(answers.len(), 9);
    for good in [0, 6, 8] {
        assert_eq!(answers[good]["churn_probability"], 0.8, "row {good}");
    }
    assert_eq!(answers[1]["row"], 2);
    assert_eq!(answers[1]["errors"].as_array().map(Vec::len), Some(2));
    assert_eq!(answers[1]["errors"][1]["suggestion"], "Month-to-month");
    let whole = |row: usize| (answers[row]["row"].clone(), answers[row]["errors"][0]["code"].clone());
    assert_eq!(whole(2), (json!(3), json!("wrong_type")));
    assert_eq!(whole(3), (json!(4), json!("wrong_type")));
    assert_eq!(whole(4), (json!(5), json!("too_long")));
    assert_eq!(whole(5), (json!(6), json!("wrong_type")));
    assert_eq!(whole(7), (json!(8), json!("wrong_type")));
    assert!(
        answers[7]["errors"][0]["detail"].as_str().is_some_and(|detail| detail.contains("UTF-8 at byte 6"))
    );
}

#[tokio::test]
async fn a_csv_file_gets_a_csv_file() {
    let version = post("/predict", &customer()).await.1["model_version"]
        .as_str()
        .map(str::to_owned)
        .expect("a version");
    let quoted = ROW.replace("A,0", "\"A, \"\"the\"\" first\",0");
    let loyal = ROW.replace("A,0,2,", ",0,60,").replace("Month-to-month", "Two year");
    let found = csv(format!("{HEADER}\n{ROW}\n{quoted}\"two\nlines\"\n\n{loyal}\r\n{ROW}")).await;
    let expected = [
        format!("1,A,0.8,Yes,HIGH,{version},"),
        format!("2,\"A, \"\"the\"\" first\",0.8,Yes,HIGH,{version},"),
        format!("3,,0.2,No,LOW,{version},"),
        format!("4,A,0.8,Yes,HIGH,{version},"),
    ];
    assert_eq!(found, expected);
    assert_eq!(
        csv(format!("\u{feff}{HEADER}\n{ROW}\n")).await.len(),
        1,
        "a byte order mark is no part of a name"
    );
    assert_eq!(csv(HEADER).await.len(), 0, "a header alone is a file without customers");
}

#[tokio::test]
async fn a_bad_record_is_an_error_row_in_its_place() {
    let (short, wide) = ("A,0,2", format!("{ROW},,"));
    let long = format!("{ROW}{}", "x".repeat(70_000));
    let many = ",".repeat(2000);
    let bad = ROW.replace("Month-to-month", "month to month").replace("A,0,2,", "A,0,-2,");
    let latin = [ROW.as_bytes(), b"caf\xe9\n"].concat();
    let body = format!("{HEADER}\n{bad}\n{short}\n{wide}\n{long}\n{many}\n");
    let body = [body.as_bytes(), &latin, ROW.as_bytes(), b"\"never closed\n\n", ROW.as_bytes()].concat();
    let found = csv(body).await;
    let starts = |row: usize, expected: &str| {
        assert!(found[row].starts_with(expected), "row {}: {} is not {expected}", row + 1, found[row]);
    };
    starts(0, "1,,,,,,tenure: must be ");
    assert!(found[0].contains("Contract: `month to month` is"), "{}", found[0]);
    assert!(found[0].contains("perhaps `Month-to-month` is meant"), "{}", found[0]);
    starts(1, "2,,,,,,\"the record has 3 cells, the first line names 13 columns\"");
    starts(2, "3,,,,,,\"the record has 15 cells");
    starts(3, "4,,,,,,the record has more than");
    starts(4, "5,,,,,,the record has more than");
    starts(5, "6,A,0.8,");
    starts(6, "7,,,,,,a quote is opened and never closed");
    assert_eq!(found.len(), 7);
}

#[tokio::test]
async fn a_header_without_the_fields_is_refused_before_anything_is_answered() {
    let check = async |body: String, status: u16, expected: &[(&str, &str)]| {
        let (found, headers, answer) = exchange("/batch_predict", &[CSV], body).await;
        assert_eq!((found, header(&headers, "content-type")), (status, "application/problem+json"));
        let answer: Value = serde_json::from_slice(&answer).expect("JSON");
        let errors = answer["errors"].as_array().cloned().unwrap_or_default();
        let found: Vec<(&str, &str)> = errors
            .iter()
            .map(|error| {
                (error["pointer"].as_str().unwrap_or_default(), error["code"].as_str().unwrap_or_default())
            })
            .collect();
        assert_eq!(found, expected, "{answer}");
    };
    check(String::new(), 400, &[]).await;
    check("\n\n".into(), 400, &[]).await;
    check("\"never closed".into(), 400, &[]).await;
    check("x".repeat(70_000) + "\n", 400, &[]).await;
    let expected = [("/tenure", "missing"), ("/Contract", "duplicate_key")];
    check(format!("{},Contract\n", HEADER.replace("tenure", "months")), 422, &expected).await;
}

/// A body that gives its pieces one by one and counts how many were asked for.
struct Pieces(VecDeque<Bytes>, Arc<AtomicUsize>);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.1.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }
}

fn request(pieces: impl IntoIterator<Item = Bytes>, asked: &Arc<AtomicUsize>) -> Request<Pieces> {
    let body = Pieces(pieces.into_iter().collect(), Arc::clone(asked));
    Request::post("/batch_predict").header(NDJSON.0, NDJSON.1).body(body).expect("a request")
}

#[tokio::test]
async fn pieces_may_end_anywhere() {
    let text = format!("{}\n{}\n", customer(), customer_with(&json!({"Contract": "Zweijährig"})));
    let expected = ndjson(text.clone()).await;
    for size in [1, 7, 64, text.len()] {
        let pieces = text.as_bytes().chunks(size).map(Bytes::copy_from_slice);
        let response = app().handle(request(pieces, &Arc::default())).await;
        let answer = response.into_body().collect().await.expect("a whole answer").to_bytes();
        let found: Vec<Value> = answer
            .split(|&byte| byte == b'\n')
            .filter_map(|line| serde_json::from_slice(line).ok())
            .collect();
        assert_eq!(found, expected, "pieces of {size} bytes");
    }
}

#[tokio::test]
async fn nothing_is_read_for_a_client_who_does_not_read() {
    let asked = Arc::new(AtomicUsize::new(0));
    let piece = Bytes::from(format!("{}\n", customer()));
    let response = app().handle(request(vec![piece; 1000], &asked)).await;
    assert_eq!(asked.load(Ordering::Relaxed), 1, "the head of the answer needs one piece");
    let mut body = response.into_body();
    for _ in 0..10 {
        body.frame().await.expect("a frame").expect("a sound frame");
    }
    assert!(asked.load(Ordering::Relaxed) <= 11, "{asked:?} pieces for ten of the answer");
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_breaks_or_stalls_is_cut_off_and_not_ended() {
    struct Stalls(Option<Bytes>);
    impl http_body::Body for Stalls {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            self.0.take().map_or(Poll::Pending, |piece| Poll::Ready(Some(Ok(Frame::data(piece)))))
        }
    }
    let body = Stalls(Some(Bytes::from(format!("{}\n", customer()))));
    let request = Request::post("/batch_predict").header(NDJSON.0, NDJSON.1).body(body).expect("a request");
    let mut body = app().handle(request).await.into_body();
    assert!(body.frame().await.is_some_and(|frame| frame.is_ok()));
    assert!(body.frame().await.is_some_and(|frame| frame.is_err()));
    assert!(body.frame().await.is_none());
}

#[tokio::test]
async fn no_piece_of_the_answer_is_large_however_short_the_lines_are() {
    let lines = Bytes::from("{}\n".repeat(100_000));
    let mut body = app().handle(request([lines], &Arc::default())).await.into_body();
    let (mut rows, mut largest) = (0, 0);
    while let Some(frame) = body.frame().await {
        let piece = frame.expect("a sound frame").into_data().expect("data");
        rows += piece.iter().filter(|&&byte| byte == b'\n').count();
        largest = largest.max(piece.len());
    }
    assert_eq!(rows, 100_000);
    assert!(largest < 2_000_000, "{largest} bytes");
}

#[tokio::test]
async fn a_stream_whose_gzip_is_damaged_is_cut_off_in_either_format_and_counted() {
    let csv = format!("{HEADER}\n{}", format!("{ROW}\n").repeat(3000));
    let ndjson = format!("{}\n", customer()).repeat(3000);
    for (kind, text) in [(CSV, csv), (NDJSON, ndjson)] {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        std::io::Write::write_all(&mut encoder, text.as_bytes()).expect("memory can be written");
        let whole = encoder.finish().expect("memory can be written");
        let (app, lines) = logged(Config::default());
        let body = Full::new(Bytes::from(whole[..whole.len() / 2].to_vec()));
        let request = Request::post("/batch_predict")
            .header(kind.0, kind.1)
            .header("content-encoding", "gzip")
            .header("accept-encoding", "gzip")
            .body(body)
            .expect("a request");
        let response = app.handle(request).await;
        assert_eq!(response.status(), 200);
        let cut_off = response.into_body().collect().await.expect_err("half a body");
        assert_eq!(cut_off.status, 400);
        let problem: Value = serde_json::from_slice(&cut_off.problem).expect("JSON");
        assert_eq!(problem["type"], "urn:churn:problem:malformed-body");
        drop(app);
        let told = lines.of("request");
        assert_eq!(
            (&told[0]["httpRequest"]["status"], &told[0]["severity"]),
            (&json!(400), &json!("WARNING"))
        );
    }
}
