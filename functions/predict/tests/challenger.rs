//! Champion and challenger in one process: who answers whom, and what is told of them.

use bytes::Bytes;
use churn_predict::{App, Config, ConfigError, Models, Shadow, Sources, compiled};
use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};

use crate::fixture::{
    ARTIFACT, CHALLENGER, app_of, both, counted, customer_with, logged_with, read, served, sources,
};

fn split(challenger_percent: f64) -> Config {
    Config { challenger_percent, ..Config::default() }
}

async fn ask(app: &App, path: &str, purpose: &str, body: &Value) -> Value {
    let method = if body.is_null() { "GET" } else { "POST" };
    let request = Request::builder().method(method).uri(path).header("x-churn-purpose", purpose);
    let request = request.body(Full::<Bytes>::from(body.to_string())).expect("a request");
    let (status, _, body) = read(app.handle(request).await).await;
    let answer = serde_json::from_slice(&body).expect("JSON");
    assert_eq!(status, 200, "{answer}");
    answer
}

async fn predict(app: &App, customer_id: impl Into<Value>) -> Value {
    ask(app, "/predict", "", &customer_with(&json!({ "customerID": customer_id.into() }))).await
}

fn version(artifact: &churn::Artifact) -> String {
    churn::sha256_hex(&artifact.encode())[..12].to_owned()
}

#[tokio::test]
async fn an_answer_names_the_model_that_gave_it() {
    let app = App::new(both(), split(50.0), sources());
    // At 0.0077 and 0.4467 of all customers the challenger answers, at 0.75 the champion.
    for (id, variant, artifact, probability) in [
        ("C-1001", "challenger", &CHALLENGER, (0.6 + 0.5) / 2.0),
        ("7590-VHVEG", "challenger", &CHALLENGER, (0.6 + 0.5) / 2.0),
        ("C-1000", "champion", &ARTIFACT, (0.9 + 0.7) / 2.0),
    ] {
        let answer = predict(&app, id).await;
        assert_eq!(answer["variant"], variant, "{id}");
        assert_eq!(answer["model_version"], version(artifact), "{id}");
        assert_eq!(answer["churn_probability"], probability, "{id}");
    }
}

#[tokio::test]
async fn a_batch_is_split_by_its_rows_and_a_customer_stays_on_his_side() {
    let app = App::new(both(), split(50.0), sources());
    let ids: Vec<String> = (0..100).map(|number| format!("C-{number}")).collect();
    let customers: Vec<Value> = ids.iter().map(|id| customer_with(&json!({ "customerID": id }))).collect();
    let answer = ask(&app, "/batch_predict", "", &json!({ "customers": customers })).await;
    let variants = answer["predictions"].as_array().expect("predictions").iter().map(|row| &row["variant"]);
    let challenged = variants.clone().filter(|variant| *variant == "challenger").count();
    assert!((35..=65).contains(&challenged), "{challenged} of 100");
    for (id, variant) in ids.iter().zip(variants) {
        assert_eq!(&predict(&app, id.as_str()).await["variant"], variant, "{id}");
    }
}

#[tokio::test]
async fn nobody_or_everybody_gets_the_challenger_at_the_ends() {
    for (percent, expected) in [(0.0, "champion"), (100.0, "challenger")] {
        let app = App::new(both(), split(percent), sources());
        for number in 0..100 {
            assert_eq!(predict(&app, format!("C-{number}")).await["variant"], expected, "{percent} %");
        }
        assert_eq!(predict(&app, Value::Null).await["variant"], expected, "{percent} %");
    }
}

#[tokio::test]
async fn a_customer_without_an_id_is_split_by_the_prediction_s() {
    let app = App::new(both(), split(50.0), Sources { ids: counted, ..sources() });
    let mut challenged = 0;
    for _ in 0..200 {
        challenged += u32::from(predict(&app, Value::Null).await["variant"] == "challenger");
    }
    assert!((70..=130).contains(&challenged), "{challenged} of 200");
}

#[tokio::test]
async fn a_trial_takes_no_part() {
    let app = App::new(both(), Config { shadow: Shadow::On, ..split(100.0) }, sources());
    let body = customer_with(&json!({"customerID": "C-1001"}));
    let answer = ask(&app, "/predict", "what-if", &body).await;
    assert_eq!((&answer["variant"], &answer["churn_probability"]), (&json!("champion"), &json!(0.8)));
    assert_eq!(ask(&app, "/predict", "", &body).await["variant"], "challenger");
}

#[tokio::test]
async fn a_shadow_changes_no_answer() {
    let app = App::new(both(), split(50.0), sources());
    let shadowed = App::new(both(), Config { shadow: Shadow::On, ..split(50.0) }, sources());
    for id in ["C-1001", "C-1000"] {
        assert_eq!(predict(&app, id).await, predict(&shadowed, id).await);
    }
}

#[tokio::test]
async fn model_info_tells_of_the_challenger_or_that_there_is_none() {
    let info = ask(&app_of(Config::default()), "/model_info", "", &Value::Null).await;
    assert_eq!(info.get("challenger"), Some(&Value::Null));
    let app = App::new(both(), Config { shadow: Shadow::On, ..split(12.5) }, sources());
    let info = ask(&app, "/model_info", "", &Value::Null).await;
    assert_eq!(info["model_version"], version(&ARTIFACT));
    let challenger = json!({
        "model_version": version(&CHALLENGER),
        "artifact_sha256": churn::sha256_hex(&CHALLENGER.encode()),
        "model_type": "random_forest",
        "decision": CHALLENGER.decision,
        "metrics": info["metrics"],
        "percent": 12.5,
        "shadow": "on",
    });
    assert_eq!(info["challenger"], challenger);
    assert_ne!(info["challenger"]["decision"], info["decision"], "each model has its own lines");
}

#[tokio::test]
async fn both_models_must_give_their_golden_answers_to_be_ready() {
    let app = App::new(both(), Config::default(), sources());
    let ready = ask(&app, "/health/ready", "", &Value::Null).await;
    assert_eq!(ready["golden_rows"], 4);
    let mut golden = CHALLENGER.golden.clone();
    golden[1].probability = golden[1].probability.next_up();
    let models = Models { challenger: Some(served(&CHALLENGER, golden)), ..both() };
    let request = Request::get("/health/ready").body(Full::<Bytes>::default()).expect("a request");
    let response = App::new(models, Config::default(), sources()).handle(request).await;
    assert_eq!(response.status(), 503);
}

#[test]
fn without_a_challenger_nothing_can_be_asked_of_it() {
    let check = |models: Models, config: Config, expected: Option<&str>| {
        let found = models.check(&config).err().map(|error: ConfigError| error.to_string());
        assert_eq!(found.as_deref(), expected);
    };
    let alone = Models { challenger: None, ..both() };
    let shadow = Config { shadow: Shadow::On, ..Config::default() };
    check(alone, Config::default(), None);
    check(
        alone,
        split(0.5),
        Some("CHALLENGER_PERCENT is \"0.5\", expected 0 or nothing: no challenger was compiled in"),
    );
    check(
        alone,
        shadow.clone(),
        Some("SHADOW is \"on\", expected off or nothing: no challenger was compiled in"),
    );
    check(both(), Config { shadow: Shadow::On, ..split(100.0) }, None);
}

/// The committed project has none; who has just trained one has it compiled in, and then the binary takes both settings.
#[test]
fn the_binary_refuses_to_start_where_its_challenger_is_missing() {
    if compiled().challenger.is_some() {
        return;
    }
    for (variable, value) in [("CHALLENGER_PERCENT", "10"), ("SHADOW", "on")] {
        let mut binary = std::process::Command::new(env!("CARGO_BIN_EXE_churn-predict"));
        let output = binary.env_clear().env(variable, value).output().expect("the binary runs");
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.starts_with(&format!("churn-predict: {variable} is {value:?}, expected ")), "{text}");
        assert_eq!(text.lines().count(), 1, "{text}");
    }
}

#[tokio::test]
async fn a_version_that_is_named_answers_alone() {
    let config = Config { shadow: Shadow::On, ..split(50.0) };
    let (app, lines) = logged_with(both(), config, Sources { ids: counted, ..sources() });
    let codes = [2.0, 70.7, 151.65, 0.0, 1.0, 0.0, 2.0, 1.0].repeat(50);
    let body = json!({"inputs": [{"name": "features", "shape": [50, 8], "datatype": "FP64", "data": codes}]});
    let (champion, challenger) = (version(&ARTIFACT), version(&CHALLENGER));
    let model = "/v2/models/churn_classifier";
    let named = |version: &str| format!("{model}/versions/{version}");
    for (path, version, probability) in [
        (model.to_owned(), &champion, (0.9 + 0.7) / 2.0),
        (named(&champion), &champion, (0.9 + 0.7) / 2.0),
        (named(&challenger), &challenger, (0.6 + 0.5) / 2.0),
    ] {
        let answer = ask(&app, &format!("{path}/infer"), "", &body).await;
        assert_eq!(answer["model_version"], **version, "{path}");
        assert_eq!(answer["outputs"][0]["data"], json!(vec![probability; 50]), "{path}");
        assert_eq!(ask(&app, &path, "", &Value::Null).await["versions"], json!([champion, challenger]));
        assert_eq!(ask(&app, &format!("{path}/ready"), "", &Value::Null).await["ready"], true);
    }
    let request = Request::get(named("2")).body(Full::<Bytes>::default()).expect("a request");
    let (status, _, answer) = read(app.handle(request).await).await;
    let expected = format!("this instance serves version {champion} and {challenger}");
    let answer: Value = serde_json::from_slice(&answer).expect("JSON");
    assert_eq!((status, &answer["detail"]), (404, &json!(expected)));
    drop(app);
    let lines = lines.of("prediction");
    let of = |variant: &str| lines.iter().filter(|line| line["variant"] == variant).count();
    assert_eq!((of("champion"), of("challenger")), (100, 50));
    assert!(lines.iter().all(|line| line.get("shadow").is_none()));
}
