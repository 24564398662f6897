//! The document beside the function: what it describes is what there is.

mod customer;
mod examples;
mod schema;

use std::collections::BTreeSet;

use bytes::Bytes;
use churn_predict::Config;
use http::{HeaderMap, Request};
use http_body_util::Full;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::fixture::{ARTIFACT, app_of, logged, read};

/// The document as the function serves it.
async fn document() -> Value {
    let (status, headers, body) = ask("GET", "/openapi.json", &[], Bytes::new()).await;
    assert_eq!((status, media_type(&headers)), (200, "application/json"));
    serde_json::from_slice(&body).expect("the document is JSON")
}

/// Status, headers and body of the fixture's answer.
async fn ask(
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> (u16, HeaderMap, Bytes) {
    let request = Request::builder().method(method).uri(path);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    // An outcome is taken only where a log is read.
    let (app, _lines) = logged(Config::default());
    read(app.handle(request.body(Full::new(body.into())).expect("a request")).await).await
}

fn media_type(headers: &HeaderMap) -> &str {
    headers["content-type"].to_str().expect("text")
}

/// The path with the fixture's version, where it asks for one.
fn served(path: &str) -> String {
    path.replace("{version}", &churn::sha256_hex(&ARTIFACT.encode())[..12])
}

/// Path, method and description of every operation.
fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let of_path = |(path, item)| -> Vec<(String, String, &Value)> {
        let item: &Value = item;
        let methods = item.as_object().expect("methods");
        let path: &String = path;
        methods.iter().map(|(method, operation)| (served(path), method.to_uppercase(), operation)).collect()
    };
    paths.iter().flat_map(of_path).collect()
}

#[tokio::test]
async fn every_path_takes_the_methods_that_are_described() {
    let document = document().await;
    for (path, item) in document["paths"].as_object().expect("paths") {
        let described = item.as_object().expect("methods").keys().map(|method| method.to_uppercase());
        let mut expected: Vec<String> = described.collect();
        if expected.iter().any(|method| method == "GET") {
            expected.push("HEAD".into());
        }
        expected.sort();
        let (status, headers, _) = ask("PATCH", &served(path), &[], Bytes::new()).await;
        assert_eq!(status, 405, "{path}");
        let allow = headers["allow"].to_str().expect("text").split(", ");
        let mut allow: Vec<&str> = allow.collect();
        allow.sort_unstable();
        assert_eq!(allow, expected, "{path}");
    }
}

#[tokio::test]
async fn keys_are_asked_for_where_the_document_says_so() {
    let document = document().await;
    let config = Config { api_keys: vec![Sha256::digest("key").into()], ..Config::default() };
    let app = app_of(config);
    for (path, method, operation) in operations(&document) {
        let guarded = operation["security"].as_array().is_some_and(|schemes| !schemes.is_empty());
        for (name, value, known) in
            [("x-none", "", false), ("x-api-key", "key", true), ("authorization", "Bearer key", true)]
        {
            let request = Request::builder().method(&*method).uri(&path).header(name, value);
            let request = request.body(Full::<Bytes>::default()).expect("a request");
            let (status, ..) = read(app.handle(request).await).await;
            assert_eq!(status == 401, guarded && !known, "{method} {path} with {name}: {status}");
        }
    }
}

#[test]
fn every_path_of_the_router_is_described() {
    let kept: Value = serde_json::from_str(include_str!("../openapi.json")).expect("the document is JSON");
    // Routing is a `match`, so its paths can be listed from its source alone.
    let sources = [include_str!("../router.rs"), include_str!("../protocols.rs")];
    let code = sources.map(|source| source.split("#[cfg(test)]").next().unwrap_or_default());
    let texts = code.iter().flat_map(|code| code.split('"').skip(1).step_by(2));
    let paths: BTreeSet<&str> = texts.filter(|text| text.starts_with('/') && !text.contains('{')).collect();
    let described = kept["paths"].as_object().expect("paths").keys().map(String::as_str);
    // The router takes those of a model apart by their segments.
    let described: BTreeSet<&str> = described.filter(|path| !path.starts_with("/v2/models/")).collect();
    assert_eq!(paths, described);
    // Eleven of our own and seven of the protocols: two sources that were both read wrongly would be equal too.
    assert_eq!(paths.len(), 18);
}

#[tokio::test]
async fn the_page_of_the_document_names_files_of_this_host_with_and_without_a_slash() {
    for (path, root) in [("/docs", ""), ("/docs/", "../")] {
        let (status, headers, page) = ask("GET", path, &[], Bytes::new()).await;
        assert_eq!((status, media_type(&headers)), (200, "text/html; charset=utf-8"));
        let policy = headers["content-security-policy"].to_str().expect("text");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe-eval"), "{policy}");
        let page = String::from_utf8(page.into()).expect("text");
        assert!(!page.contains("//"), "an address of another host: {page}");
        assert!(page.contains(&format!("href=\"{root}openapi.json\"")), "{page}");
        let files = page.split('"').filter(|text| text.ends_with(".js") || text.ends_with(".css"));
        for file in files.collect::<Vec<_>>() {
            let at = if path.ends_with('/') { file.replacen("./", "/docs/", 1) } else { format!("/{file}") };
            assert_eq!(ask("GET", &at, &[], Bytes::new()).await.0, 200, "{path}: {file}");
        }
    }
}

#[tokio::test]
async fn a_file_that_is_kept_in_gzip_is_inflated_for_those_who_do_not_take_it() {
    let path = "/docs/rapidoc-min.js";
    let (_, packed, small) = ask("GET", path, &[("accept-encoding", "gzip")], Bytes::new()).await;
    let (_, plain, large) = ask("GET", path, &[], Bytes::new()).await;
    assert_eq!(packed["content-encoding"], "gzip");
    assert!(!plain.contains_key("content-encoding"));
    assert!(packed["vary"] == "accept-encoding" && plain["vary"] == "accept-encoding");
    assert!(small.len() < 250_000 && 800_000 < large.len());
    assert!(large.starts_with(b"/*! RapiDoc 9.3.8"));
    assert_eq!(ask("GET", "/docs/rapidoc-min.js.LICENSE.txt", &[], Bytes::new()).await.0, 200);
}
