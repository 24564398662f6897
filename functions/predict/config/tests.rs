use super::*;

fn parse(variables: &[(&str, &str)]) -> Result<Config, String> {
    let find = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
    Config::parse(find).map_err(|error| error.to_string())
}

#[test]
fn variables_have_defaults_and_vertex_ai_overrides_the_port() {
    assert_eq!(parse(&[]), Ok(Config::default()));
    assert_eq!(parse(&[("PORT", "9000")]).unwrap().port, 9000);
    assert_eq!(parse(&[("PORT", "9000"), ("AIP_HTTP_PORT", "9001")]).unwrap().port, 9001);
    assert_eq!(parse(&[("LOG_LEVEL", "WARN")]).unwrap().log_level, LevelFilter::WARN);
    let config = parse(&[
        ("RATE_LIMIT", "100"),
        ("MAX_IN_FLIGHT", "8"),
        ("PREDICTION_LOG", "rows-always"),
        ("CHALLENGER_PERCENT", "12.5"),
        ("SHADOW", "on"),
        ("GOOGLE_CLOUD_PROJECT", "p"),
        ("AIP_PREDICT_ROUTE", "/v1/predict"),
        ("AIP_HEALTH_ROUTE", "/v1/health"),
    ])
    .unwrap();
    assert_eq!(config.rate_limit, NonZeroU32::new(100));
    assert_eq!(config.max_in_flight, NonZeroUsize::new(8));
    assert_eq!(config.prediction_log, PredictionLog::RowsAlways);
    assert_eq!((config.challenger_percent, config.shadow), (12.5, Shadow::On));
    assert_eq!(config.project.as_deref(), Some("p"));
    assert_eq!(config.predict_route.as_deref(), Some("/v1/predict"));
    assert_eq!(config.health_route.as_deref(), Some("/v1/health"));
}

#[test]
fn a_bad_value_is_named_with_what_it_takes() {
    for port in ["", "0", "http", "65536", "-1", " 80"] {
        let expected = format!("PORT is {port:?}, expected a port from 1 to 65535");
        assert_eq!(parse(&[("PORT", port)]), Err(expected));
    }
    for (variable, bad, expected) in [
        ("LOG_LEVEL", "loud", "off, error, warn, info, debug or trace"),
        ("LOG_LEVEL", "", "off, error, warn, info, debug or trace"),
        ("LOG_LEVEL", "3", "off, error, warn, info, debug or trace"),
        ("RATE_LIMIT", "0", "a whole number of requests a second, 1 or more"),
        ("MAX_IN_FLIGHT", "many", "a whole number of requests, 1 or more"),
        ("PREDICTION_LOG", "all", "rows, rows-always, counts or off"),
        ("CHALLENGER_PERCENT", "101", "a number from 0 to 100"),
        ("CHALLENGER_PERCENT", "NaN", "a number from 0 to 100"),
        ("SHADOW", "yes", "on or off"),
        ("AIP_PREDICT_ROUTE", "predict", "a path that begins with /"),
    ] {
        let expected = format!("{variable} is {bad:?}, expected {expected}");
        assert_eq!(parse(&[(variable, bad)]), Err(expected));
    }
}

#[test]
fn keys_are_digests_and_neither_they_nor_a_secret_are_shown() {
    let (a, b) = ("0".repeat(64), "Ab".repeat(32));
    let found = parse(&[("API_KEYS_SHA256", &format!("{a},\n{b} "))]).unwrap();
    assert_eq!(found.api_keys, [[0; 32], [0xab; 32]]);
    for bad in ["", ",", "hunter2", &a[1..], &format!("+{}", &a[1..]), &"é".repeat(32)] {
        let message = parse(&[("API_KEYS_SHA256", bad)]).unwrap_err();
        assert!(
            message.starts_with("API_KEYS_SHA256 is \"(not shown)\", expected SHA-256 digests"),
            "{message}"
        );
    }
    let message = parse(&[("API_KEYS_SHA256_FILE", "/no/such/file")]).unwrap_err();
    assert!(message.contains("a text file that can be read"), "{message}");
    assert!(parse(&[("API_KEYS_SHA256_FILE", "/f"), ("API_KEYS_SHA256", &a)]).is_err());
    let message = parse(&[("CUSTOMER_ID_KEY", "short")]).unwrap_err();
    assert!(!message.contains("short"), "{message}");
    let config = parse(&[("CUSTOMER_ID_KEY", "a key of sixteen")]).unwrap();
    assert!(!format!("{config:?}").contains("sixteen"), "{config:?}");
    assert_eq!(config.customer_id_key.unwrap().bytes(), b"a key of sixteen");
}
