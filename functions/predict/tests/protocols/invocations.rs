//! MLflow scoring: tables that are not as they should be.

use serde_json::{Value, json};

use crate::fixture::{app, customer, customer_with, read, send};

const CODES: [f64; 8] = [2.0, 70.7, 151.65, 0.0, 1.0, 0.0, 2.0, 1.0];

async fn ask(body: &Value) -> (u16, Value) {
    send("POST", "/invocations", body.to_string()).await
}

/// Checks the first error of the answer.
async fn refuses(body: &Value, pointer: &str, code: &str) {
    let (status, answer) = ask(body).await;
    let error = &answer["errors"][0];
    let found = (status, error["pointer"].as_str(), error["code"].as_str());
    assert_eq!(found, (400, Some(pointer), Some(code)), "{body}: {answer}");
}

#[tokio::test]
async fn one_form_is_taken_at_a_time() {
    refuses(&json!({}), "", "missing").await;
    refuses(&json!({"params": {}, "instances": null}), "", "missing").await;
    refuses(&json!({"instances": [], "inputs": []}), "/inputs", "inconsistent").await;
    refuses(&json!({"dataframe_records": [], "dataframe_split": {}}), "/dataframe_records", "inconsistent")
        .await;
    for form in ["instances", "dataframe_records", "inputs"] {
        assert_eq!(ask(&json!({ form: [] })).await, (200, json!({"predictions": []})), "{form}");
    }
    let body = json!({"dataframe_split": {"columns": [], "data": []}});
    assert_eq!(ask(&body).await, (200, json!({"predictions": []})));
    assert_eq!(ask(&json!({"inputs": {}})).await, (200, json!({"predictions": []})));
    assert_eq!(send("POST", "/invocations", r#"{"inputs":[],"inputs":[]}"#).await.0, 400);
}

#[tokio::test]
async fn a_split_table_has_as_many_cells_a_row_as_columns() {
    let split = |columns: Value, data: Value| json!({"dataframe_split": {"columns": columns, "data": data}});
    refuses(&split(json!(["tenure", "tenure"]), json!([])), "/dataframe_split/columns", "duplicate_key")
        .await;
    refuses(&split(json!(["tenure"]), json!([[1, 2]])), "/dataframe_split/data/0", "wrong_type").await;
    refuses(&split(json!(["tenure"]), json!([[]])), "/dataframe_split/data/0", "wrong_type").await;
    // A column that is missing has no place of its own.
    refuses(&split(json!(["x", "tenure"]), json!([[1, 1]])), "/dataframe_split/data/0", "missing").await;
    let wide: Vec<String> = (0..1001).map(|index| index.to_string()).collect();
    refuses(&split(json!(wide), json!([])), "/dataframe_split/columns", "too_long").await;
    for body in [
        split(json!([1]), json!([])),
        split(json!("tenure"), json!([])),
        split(json!(["tenure"]), json!({})),
        split(json!(["tenure"]), json!([1])),
        json!({"dataframe_split": {"columns": []}}),
        json!({"dataframe_split": [[], []]}),
        json!({"dataframe_split": 5}),
    ] {
        assert_eq!(ask(&body).await.0, 400, "{body}");
    }
}

#[tokio::test]
async fn columns_are_of_one_length_and_there_once() {
    refuses(&json!({"inputs": {"tenure": [1], "x": []}}), "/inputs/x", "inconsistent").await;
    refuses(&json!({"inputs": {"tenure": [1], "x~/1": []}}), "/inputs/x~0~11", "inconsistent").await;
    let long = json!({"inputs": {"tenure": [1], "€".repeat(5000): []}});
    refuses(&long, &format!("/inputs/{}", "€".repeat(100)), "inconsistent").await;
    refuses(&json!({"inputs": {"x": [1, 2]}}), "/inputs", "missing").await;
    let (status, answer) = send("POST", "/invocations", r#"{"inputs":{"tenure":[1],"tenure":[1]}}"#).await;
    assert_eq!((status, &answer["errors"][0]["code"]), (400, &"duplicate_key".into()));
    let long = format!("{{\"inputs\":{{\"tenure\":[{}0]}}}}", "0,".repeat(1 << 17));
    let (status, answer) = send("POST", "/invocations", long).await;
    assert_eq!((status, &answer["errors"][0]["code"]), (400, &"too_long".into()));
    let misspelt = (0..40).map(|count| (format!("ten{}ure", "_".repeat(count % 30 + 1)), json!([1])));
    let body = json!({"inputs": Value::Object(misspelt.collect())});
    assert_eq!(ask(&body).await.0, 400);
}

#[tokio::test]
async fn codes_are_eight_numbers_in_their_ranges() {
    let with = |index: usize, value: Value| {
        let mut row = json!(CODES);
        row[index] = value;
        json!({"instances": [CODES, row]})
    };
    assert_eq!(ask(&with(0, json!(24))).await, (200, json!({"predictions": [0.8, 0.5]})));
    refuses(&with(0, json!(1201)), "/instances/1/0", "out_of_range").await;
    refuses(&with(0, json!(0.5)), "/instances/1/0", "wrong_type").await;
    refuses(&with(4, json!(3)), "/instances/1/4", "out_of_range").await;
    refuses(&with(4, json!("DSL")), "/instances/1/4", "not_a_number").await;
    refuses(&with(4, json!(null)), "/instances/1/4", "not_a_number").await;
    refuses(&with(4, json!([1])), "/instances/1/4", "not_a_number").await;
    refuses(&json!({"instances": [[1, 2]]}), "/instances/0", "wrong_type").await;
    refuses(&json!({"instances": [vec![1; 9]]}), "/instances/0", "wrong_type").await;
    assert_eq!(ask(&json!({"instances": [5]})).await.0, 400);
    assert_eq!(ask(&json!({"instances": CODES})).await.0, 400);
    // A record is a record in this form.
    assert_eq!(ask(&json!({"dataframe_records": [CODES]})).await.0, 400);
    assert_eq!(ask(&with(0, json!(1e300))).await.0, 400);
    let body = r#"{"instances":[[1e400,1,1,0,0,0,0,0]]}"#;
    assert_eq!(send("POST", "/invocations", body).await.0, 400);
}

#[tokio::test]
async fn a_customer_is_never_taken_for_codes() {
    refuses(&json!({"inputs": [{"tenure": 2}]}), "/inputs/0/SeniorCitizen", "missing").await;
    refuses(
        &json!({"instances": [customer_with(&json!({"Contract": 0}))]}),
        "/instances/0/Contract",
        "wrong_type",
    )
    .await;
    refuses(
        &json!({"dataframe_records": [{"tenure": 2, "Contract": "One year"}]}),
        "/dataframe_records/0/SeniorCitizen",
        "missing",
    )
    .await;
}

#[tokio::test]
async fn a_blank_that_the_official_client_writes_is_explained() {
    for word in ["NaN", "Infinity", "-Infinity"] {
        let body = format!(r#"{{"instances":[{{"note":"NaN","TotalCharges":{word}}}]}}"#);
        let (status, answer) = send("POST", "/invocations", body).await;
        let text = answer["message"].as_str().unwrap();
        assert_eq!(status, 400);
        assert!(
            text.starts_with(word.trim_start_matches('-'))
                && text.contains("send null or \"\" where tenure is 0"),
            "{text}"
        );
    }
    let blank = json!({"instances": [customer_with(&json!({"tenure": 0, "TotalCharges": null}))]});
    assert_eq!(ask(&blank).await.0, 200);
}

async fn csv(body: String) -> (u16, Value) {
    let request = http::Request::post("/invocations").header("content-type", "text/csv");
    let request = request.body(http_body_util::Full::from(body)).expect("a request");
    let (status, _, body) = read(app().handle(request).await).await;
    (status, serde_json::from_slice(&body).expect("every answer is JSON"))
}

#[tokio::test]
async fn csv_names_its_columns_first() {
    let fields = churn::Field::ALL.map(churn::Field::name);
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let row = fields.map(|field| text(&customer()[field])).join(",");
    let header = fields.join(",");
    let both = json!({"predictions": [0.8, 0.8]});
    assert_eq!(csv(format!("\u{feff}{header}\n{row}\n\n{row}")).await, (200, both));
    assert_eq!(csv(format!("{header}\n")).await, (200, json!({"predictions": []})));
    let faults = async |body: String| {
        let (status, answer) = csv(body).await;
        assert_eq!(status, 400);
        let error = answer["errors"][0].clone();
        format!("{} {}", error["pointer"], error["code"]).replace('"', "")
    };
    assert_eq!(faults(format!("{header}\n{row},x\n")).await, "/0 wrong_type");
    assert_eq!(faults(format!("{header}\n{row}\n{}", row.replace("70.7", "NaN"))).await, "/1/2 not_a_number");
    assert_eq!(faults("tenure,tenure\n1,1\n".into()).await, "/header duplicate_key");
    assert_eq!(csv("\n\n".into()).await.0, 400);
    for open in
        [format!("{header}\n{row}\n\"{row}\n{row}\n"), format!("{header},\"note\n{row},\n"), "\"".into()]
    {
        let (status, answer) = csv(open).await;
        assert_eq!((status, &answer["detail"]), (400, &json!("a quote is opened and never closed")));
    }
    assert_eq!(csv(",".repeat(1001)).await.0, 400);
    let (status, answer) = csv(format!("a\n{}", "1\n".repeat(100_000))).await;
    assert_eq!((status, answer["errors"].as_array().map(Vec::len)), (400, Some(1000)));
}

#[tokio::test]
async fn many_rows_are_answered_whatever_their_form() {
    let one = json!(CODES).to_string();
    let body = format!("{{\"inputs\":[{}{one}]}}", format!("{one},").repeat(99_999));
    let (status, answer) = send("POST", "/invocations", body).await;
    assert_eq!((status, answer["predictions"].as_array().map(Vec::len)), (200, Some(100_000)));
    let body = format!("{{\"instances\":[{}{{}}]}}", "{},".repeat(100_000));
    let (status, answer) = send("POST", "/invocations", body).await;
    assert_eq!((status, answer["errors"].as_array().map(Vec::len)), (400, Some(1000)));
    let deep = format!("{{\"instances\":{}{}}}", "[".repeat(200_000), "]".repeat(200_000));
    assert_eq!(send("POST", "/invocations", deep).await.0, 400);
}
