//! Open Inference: tensors whose heads lie, and binary that does not fit them.

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};

use crate::fixture::{app, customer, read, send};

const INFER: &str = "/v2/models/churn_classifier/infer";
const CODES: [f64; 8] = [2.0, 70.7, 151.65, 0.0, 1.0, 0.0, 2.0, 1.0];

async fn ask(body: &Value) -> (u16, Value) {
    send("POST", INFER, body.to_string()).await
}

/// `features` with some members changed; a null takes one away.
fn features(changes: &Value) -> Value {
    let mut tensor = json!({"name": "features", "shape": [1, 8], "datatype": "FP32", "data": CODES});
    for (name, value) in changes.as_object().expect("changes") {
        match value {
            Value::Null => drop(tensor.as_object_mut().expect("a tensor").remove(name)),
            _ => tensor[name] = value.clone(),
        }
    }
    json!({"inputs": [tensor]})
}

async fn refuses(body: &Value, pointer: &str, code: &str) {
    let (status, answer) = ask(body).await;
    let error = &answer["errors"][0];
    let found = (status, error["pointer"].as_str(), error["code"].as_str());
    assert_eq!(found, (400, Some(pointer), Some(code)), "{body}: {answer}");
    assert_eq!(answer["error"].as_str().map(str::is_empty), Some(false));
}

fn answer(probabilities: &[f64]) -> Value {
    json!([{"name": "churn_probability", "datatype": "FP64", "shape": [probabilities.len()], "data": probabilities}])
}

#[tokio::test]
async fn shapes_that_lie_are_refused_before_anything_is_read() {
    let shape = |shape: Value| features(&json!({ "shape": shape }));
    assert_eq!(ask(&shape(json!([1.0, 8]))).await.1["outputs"], answer(&[0.8]));
    for lie in [
        json!([1, 7]),
        json!([8]),
        json!([1, 8, 1]),
        json!([]),
        json!([-1, 8]),
        json!([0.5, 8]),
        json!(["1", 8]),
        json!([4_294_967_296_u64, 8]),
        json!([u64::MAX, 8]),
        json!([1e30, 8]),
        json!([2_305_843_009_213_693_952_u64, 8]),
        json!([vec![1; 1000], 8]),
    ] {
        refuses(&shape(lie), "/inputs/0/shape", "out_of_range").await;
    }
    assert_eq!(ask(&shape(json!({"rows": 1}))).await.0, 400);
    refuses(&shape(json!([2, 8])), "/inputs/0/data", "inconsistent").await;
    refuses(&shape(json!([0, 8])), "/inputs/0/data", "inconsistent").await;
    refuses(&features(&json!({"data": [CODES, CODES]})), "/inputs/0/data", "inconsistent").await;
    refuses(
        &features(&json!({"data": [[2.0, 70.7, 151.65, 0.0], [1.0, 0.0, 2.0, 1.0]]})),
        "/inputs/0/data/0",
        "inconsistent",
    )
    .await;
    assert_eq!(ask(&features(&json!({"data": [[CODES]]}))).await.0, 400);
    let empty = features(&json!({"shape": [0, 8], "data": []}));
    assert_eq!(ask(&empty).await.1["outputs"], answer(&[]));
}

#[tokio::test]
async fn datatypes_and_values_are_checked() {
    refuses(&features(&json!({"datatype": "FP16"})), "/inputs/0/datatype", "wrong_type").await;
    refuses(&features(&json!({"datatype": "BYTES"})), "/inputs/0/datatype", "wrong_type").await;
    refuses(&features(&json!({"datatype": "INT64"})), "/inputs/0/data/1", "wrong_type").await;
    let with = |value: Value| {
        let mut codes = json!(CODES);
        codes[4] = value;
        features(&json!({ "data": codes }))
    };
    refuses(&with(json!("1")), "/inputs/0/data/4", "wrong_type").await;
    refuses(&with(json!(true)), "/inputs/0/data/4", "wrong_type").await;
    refuses(&with(json!(null)), "/inputs/0/data/4", "not_a_number").await;
    refuses(&with(json!(5)), "/inputs/0/data/4", "out_of_range").await;
    let nested = features(&json!({"shape": [2, 8], "data": [CODES, [2, 70.7, 151.65, 0, 1, 9, 2, 1]]}));
    refuses(&nested, "/inputs/0/data/1/5", "out_of_range").await;
    let nan = features(&json!({})).to_string().replace("70.7", "NaN");
    let (status, answer) = send("POST", INFER, nan).await;
    assert!(status == 400 && answer["error"].as_str().unwrap().starts_with("NaN is not JSON"), "{answer}");
}

fn field(name: &str, datatype: &str, data: Value) -> Value {
    json!({"name": name, "shape": [data.as_array().map(Vec::len)], "datatype": datatype, "data": data})
}

/// One tensor a field of one customer.
fn fields() -> Vec<Value> {
    let datatype = |name: &str| match name {
        "SeniorCitizen" | "tenure" => "INT64",
        "MonthlyCharges" => "FP64",
        _ => "BYTES",
    };
    churn::Field::ALL.map(|f| field(f.name(), datatype(f.name()), json!([customer()[f.name()]]))).into()
}

#[tokio::test]
async fn tensors_go_together() {
    assert_eq!(ask(&json!({"inputs": fields()})).await.1["outputs"], answer(&[0.8]));
    let and = |extra: Value| {
        let mut inputs = fields();
        inputs.push(extra);
        json!({ "inputs": inputs })
    };
    refuses(&and(field("tenure", "INT64", json!([1]))), "/inputs/11", "duplicate_key").await;
    refuses(&and(features(&json!({}))["inputs"][0].clone()), "/inputs/11", "inconsistent").await;
    refuses(&and(field("customerID", "BYTES", json!(["a", "b"]))), "/inputs/11/shape", "inconsistent").await;
    refuses(&and(field("Tenure", "INT64", json!([1]))), "/inputs/11/name", "unknown_category").await;
    refuses(&and(field("customerID", "INT64", json!([7]))), "/inputs/11/data/0", "wrong_type").await;
    refuses(&json!({"inputs": fields()[1..]}), "/inputs", "missing").await;
    refuses(&json!({"inputs": []}), "/inputs", "missing").await;
    refuses(&json!({}), "/inputs", "missing").await;
    let twenty: Vec<Value> = (0..20).map(|_| field("x", "FP32", json!([]))).collect();
    refuses(&json!({ "inputs": twenty }), "/inputs/0/name", "unknown_category").await;
    // Eight numbers by name are codes here too.
    let coded: Vec<Value> =
        churn::FEATURES.iter().zip(CODES).map(|(f, code)| field(f.name(), "FP64", json!([code]))).collect();
    assert_eq!(ask(&json!({ "inputs": coded })).await.1["outputs"], answer(&[0.8]));
    for body in
        [json!({"inputs": {}}), json!({"inputs": [5]}), json!({"inputs": [["features", [1, 8], "FP32"]]})]
    {
        assert_eq!(ask(&body).await.0, 400, "{body}");
    }
}

#[tokio::test]
async fn outputs_are_chosen_by_name() {
    let mut body = features(&json!({}));
    for (outputs, status) in [
        (json!([]), 200),
        (json!([{"name": "churn_probability"}]), 200),
        (json!([{"name": "label"}]), 400),
        (json!([{"name": "churn_probability"}, {"name": "churn_probability"}]), 400),
        (json!(["churn_probability"]), 400),
        (json!({}), 400),
    ] {
        body["outputs"] = outputs;
        assert_eq!(ask(&body).await.0, status, "{body}");
    }
}

/// Sends a head with bytes behind it.
async fn binary(head: &Value, length: Option<String>, bytes: &[u8]) -> (u16, Value) {
    let head = head.to_string();
    let length = length.unwrap_or_else(|| head.len().to_string());
    let body: Bytes = [head.as_bytes(), bytes].concat().into();
    let request = Request::post(INFER).header("inference-header-content-length", length);
    let request = request.body(Full::from(body)).expect("a request");
    let (status, _, body) = read(app().handle(request).await).await;
    (status, serde_json::from_slice(&body).expect("every answer is JSON"))
}

#[tokio::test]
async fn binary_is_measured_before_it_is_read() {
    let bytes: Vec<u8> = CODES.iter().flat_map(|code| (*code as f32).to_le_bytes()).collect();
    let head = |size: Value, shape: Value| {
        features(&json!({"data": null, "shape": shape, "parameters": {"binary_data_size": size}}))
    };
    let sound = head(json!(32), json!([1, 8]));
    let (status, found) = binary(&sound, None, &bytes).await;
    assert_eq!((status, &found["outputs"]), (200, &answer(&[0.8])));
    let refused = [
        binary(&sound, None, &bytes[..31]).await,
        binary(&sound, None, &[&bytes[..], &[0]].concat()).await,
        binary(&head(json!(31), json!([1, 8])), None, &bytes[..31]).await,
        binary(&head(json!(32), json!([2, 8])), None, &bytes).await,
        binary(&head(json!(32), json!([4, 8])), None, &bytes).await,
        binary(&head(json!(32), json!([0, 8])), None, &bytes).await,
        binary(&head(json!(u64::MAX), json!([1, 8])), None, &bytes).await,
        binary(&head(json!(-1), json!([1, 8])), None, &bytes).await,
        binary(&head(json!("32"), json!([1, 8])), None, &bytes).await,
        binary(&sound, Some("100000".into()), &bytes).await,
        binary(&sound, Some("18446744073709551616".into()), &bytes).await,
        binary(&sound, Some("-1".into()), &bytes).await,
        binary(&sound, Some("0".into()), &bytes).await,
        binary(&features(&json!({"parameters": {"binary_data_size": 32}})), None, &bytes).await,
        binary(&features(&json!({"data": null})), None, &bytes).await,
    ];
    for (index, (status, answer)) in refused.iter().enumerate() {
        assert_eq!(*status, 400, "{index}: {answer}");
    }
    let nan: Vec<u8> = [f32::NAN.to_le_bytes().as_slice(), &bytes[4..]].concat();
    let (status, found) = binary(&sound, None, &nan).await;
    assert_eq!((status, &found["errors"][0]["code"]), (400, &"not_a_number".into()));
}

#[tokio::test]
async fn binary_texts_carry_their_lengths() {
    let (mut inputs, mut bytes) = (fields(), Vec::new());
    for input in &mut inputs {
        let value = input["data"][0].clone();
        let encoded = match input["datatype"].as_str() {
            Some("INT64") => value.as_i64().expect("an integer").to_le_bytes().to_vec(),
            Some("FP64") => value.as_f64().expect("a number").to_le_bytes().to_vec(),
            _ => {
                let text = value.as_str().expect("a text");
                [&u32::try_from(text.len()).unwrap().to_le_bytes(), text.as_bytes()].concat()
            }
        };
        input.as_object_mut().unwrap().remove("data");
        input["parameters"] = json!({"binary_data_size": encoded.len()});
        bytes.extend(encoded);
    }
    let head = json!({ "inputs": inputs });
    let (status, found) = binary(&head, None, &bytes).await;
    assert_eq!((status, &found["outputs"]), (200, &answer(&[0.8])), "{found}");
    let last = bytes.len() - 7;
    for (index, byte) in [(last, 0xff), (last, 2), (last + 3, 0x80), (last + 4, 0xff)] {
        let mut damaged = bytes.clone();
        damaged[index] = byte;
        assert_eq!(binary(&head, None, &damaged).await.0, 400, "{index} {byte}");
    }
}

#[tokio::test]
async fn many_rows_are_answered() {
    let one = json!(CODES).to_string();
    let one = &one[1..one.len() - 1];
    let body = format!(
        "{{\"inputs\":[{{\"name\":\"features\",\"shape\":[100000,8],\"datatype\":\"FP32\",\"data\":[{}{one}]}}]}}",
        format!("{one},").repeat(99_999)
    );
    let (status, answer) = send("POST", INFER, body).await;
    assert_eq!((status, &answer["outputs"][0]["shape"]), (200, &json!([100_000])));
    let long = format!(
        "{{\"inputs\":[{{\"name\":\"tenure\",\"shape\":[200000],\"datatype\":\"FP32\",\"data\":[{}0]}}]}}",
        "0,".repeat(199_999)
    );
    let (status, answer) = send("POST", INFER, long).await;
    assert_eq!((status, &answer["errors"][0]["pointer"]), (400, &json!("/inputs/0/shape")));
}
