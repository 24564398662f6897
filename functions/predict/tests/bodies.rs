//! Bodies in MessagePack and in gzip: the same answers, and the same limits.

use std::io::{Read, Write};

use bytes::Bytes;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::fixture::{customer, customer_with, exchange, header, post};

const MESSAGE_PACK: (&str, &str) = ("content-type", "application/msgpack");
const GZIP: (&str, &str) = ("content-encoding", "gzip");

fn message_pack(value: &Value) -> Vec<u8> {
    rmp_serde::to_vec(value).expect("JSON has a MessagePack form")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory can be written")
}

fn from_json(bytes: &Bytes) -> Value {
    serde_json::from_slice(bytes).expect("JSON")
}

#[tokio::test]
async fn message_pack_gets_the_answer_that_json_gets_in_message_pack() {
    for (path, body) in [
        ("/predict", customer()),
        ("/predict?explain=true", customer()),
        ("/batch_predict", json!({"customers": [customer(), customer_with(&json!({"tenure": 60}))]})),
    ] {
        let (status, headers, answer) = exchange(path, &[MESSAGE_PACK], message_pack(&body)).await;
        assert_eq!((status, header(&headers, "content-type")), (200, "application/msgpack"));
        let found: Value = rmp_serde::from_slice(&answer).expect("MessagePack");
        assert_eq!((200, found), post(path, &body).await, "{path}");
    }
}

#[tokio::test]
async fn bad_message_pack_is_a_problem_in_json() {
    let whole = message_pack(&customer());
    let mut longer = whole.clone();
    longer.push(0xc0);
    let deep = [vec![0x81, 0xa1, b'x'], vec![0x91; 50_000], vec![0xc0]].concat();
    let huge_map = vec![0xdf, 0xff, 0xff, 0xff, 0xff];
    let huge_text = vec![0x81, 0xa1, b'x', 0xdb, 0xff, 0xff, 0xff, 0xff];
    for bad in
        [whole[..whole.len() - 1].to_vec(), longer, deep, huge_map, huge_text, vec![0x91, 0x01], vec![0xc1]]
    {
        let (status, headers, answer) = exchange("/predict", &[MESSAGE_PACK], bad).await;
        assert_eq!((status, header(&headers, "content-type")), (400, "application/problem+json"));
        assert_eq!(from_json(&answer)["type"], "urn:churn:problem:malformed-body");
    }
    let nan = message_pack(&customer_with(&json!({"MonthlyCharges": 0.5})));
    let at = nan.windows(8).position(|bytes| bytes == 0.5_f64.to_be_bytes()).expect("the number");
    let nan = [&nan[..at], &f64::NAN.to_be_bytes(), &nan[at + 8..]].concat();
    let (status, _, answer) = exchange("/predict", &[MESSAGE_PACK], nan).await;
    assert_eq!((status, &from_json(&answer)["errors"][0]["code"]), (422, &json!("not_a_number")));
    let bad_field = message_pack(&customer_with(&json!({"Contract": "weekly"})));
    let (status, _, answer) = exchange("/predict", &[MESSAGE_PACK], bad_field).await;
    assert_eq!((status, &from_json(&answer)["errors"][0]["code"]), (422, &json!("unknown_category")));
}

#[tokio::test]
async fn a_timestamp_in_a_field_that_nobody_reads_is_ignored_and_in_one_of_ours_refused() {
    let with = |name: &str| {
        let mut body = message_pack(&customer_with(&json!({ name: "here" })));
        let at = body.windows(5).position(|bytes| bytes == b"\xa4here").expect("the text");
        body.splice(at..at + 5, [0xd6, 0xff, 0, 0, 0, 1]);
        body
    };
    assert_eq!(exchange("/predict", &[MESSAGE_PACK], with("since")).await.0, 200);
    let (status, _, answer) = exchange("/predict", &[MESSAGE_PACK], with("Contract")).await;
    assert_eq!((status, &from_json(&answer)["errors"][0]["code"]), (422, &json!("wrong_type")));
}

#[tokio::test]
async fn what_is_wrong_with_message_pack_is_said_in_our_own_words() {
    let whole = message_pack(&customer());
    for (bad, expected) in [
        (whole[..whole.len() - 1].to_vec(), "the body ends within a value at byte "),
        (vec![0x81, 0xa1, 0xff, 0xc0], "a text is not UTF-8 at byte "),
        (vec![0xc1], "a value is not of the needed type at byte "),
    ] {
        let (_, _, answer) = exchange("/predict", &[MESSAGE_PACK], bad).await;
        let detail = from_json(&answer)["detail"].as_str().expect("a text").to_owned();
        assert!(detail.starts_with(expected), "{detail}");
    }
}

#[tokio::test]
async fn a_gzip_body_is_the_body_in_it() {
    let plain = customer().to_string();
    let (status, _, answer) = exchange("/predict", &[GZIP], gzip(plain.as_bytes())).await;
    assert_eq!((status, from_json(&answer)), post("/predict", &customer()).await);
    let two = [gzip(&plain.as_bytes()[..40]), gzip(&plain.as_bytes()[40..])].concat();
    assert_eq!(exchange("/predict", &[GZIP], two).await.0, 200, "members follow one another");
}

#[tokio::test]
async fn a_gzip_body_that_is_damaged_or_cut_off_or_none_is_refused() {
    let whole = gzip(customer().to_string().as_bytes());
    let mut flipped = whole.clone();
    let checksum = whole.len() - 6;
    flipped[checksum] ^= 1;
    for bad in [
        whole[..whole.len() - 1].to_vec(),
        whole[..20].to_vec(),
        flipped,
        customer().to_string().into_bytes(),
    ] {
        let (status, _, answer) = exchange("/predict", &[GZIP], bad).await;
        assert_eq!(status, 400);
        assert!(from_json(&answer)["detail"].as_str().is_some_and(|detail| detail.contains("gzip")));
    }
    let (status, _, answer) = exchange("/predict", &[("content-encoding", "br")], "x").await;
    assert_eq!((status, &from_json(&answer)["type"]), (415, &json!("urn:churn:problem:content-encoding")));
    assert_eq!(exchange("/predict", &[GZIP], "").await.0, 400);
}

#[tokio::test]
async fn the_limit_counts_what_comes_out_of_gzip() {
    let bomb = gzip(&vec![b' '; 64 * 1024 * 1024]);
    assert!(bomb.len() < 70_000, "{} bytes", bomb.len());
    for path in ["/predict", "/batch_predict"] {
        assert_eq!(exchange(path, &[GZIP], bomb[..60_000].to_vec()).await.0, 413, "{path}");
    }
}

#[tokio::test]
async fn a_long_answer_is_gzip_for_those_who_take_it() {
    let many = json!({"customers": vec![customer(); 30]});
    let (_, expected) = post("/batch_predict", &many).await;
    let accept = ("accept-encoding", "br, gzip");
    let (status, headers, answer) = exchange("/batch_predict", &[accept], many.to_string()).await;
    assert_eq!(
        (status, header(&headers, "content-encoding"), header(&headers, "vary")),
        (200, "gzip", "accept-encoding")
    );
    let mut text = String::new();
    GzDecoder::new(&answer[..]).read_to_string(&mut text).expect("gzip");
    assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), expected);
    let (_, headers, _) = exchange("/predict", &[accept], customer().to_string()).await;
    assert!(!headers.contains_key("content-encoding"), "a short answer gains nothing");
}

#[tokio::test]
async fn a_long_header_is_not_echoed_whole() {
    let long = "x".repeat(5000);
    for name in ["content-type", "content-encoding"] {
        let (status, _, body) = exchange("/predict", &[(name, &long)], "{}").await;
        let answer: Value = serde_json::from_slice(&body).expect("a problem");
        let detail = answer["detail"].as_str().expect("a detail");
        assert_eq!((status, detail.matches('x').count() / 100), (415, 1), "{detail}");
    }
}
