//! From a raw record to a customer: what is taken, what is refused, and with which words.

use churn::{Cell, Code, CustomerRecord, Field, Kind, Record, Refusal, transform};
use proptest::prelude::*;
use serde_json::{Value, json};

fn sound() -> Value {
    json!({
        "customerID": "7590-VHVEG", "SeniorCitizen": 0, "tenure": 12, "MonthlyCharges": 29.85, "TotalCharges": 358.2,
        "InternetService": "DSL", "OnlineSecurity": "No", "TechSupport": "No", "StreamingTV": "Yes",
        "Contract": "One year", "PaymentMethod": "Mailed check", "PaperlessBilling": "Yes"
    })
}

fn with(changes: Value) -> Value {
    let mut record = sound();
    for (name, value) in changes.as_object().expect("changes are an object") {
        record[name] = value.clone();
    }
    record
}

fn parse(record: &Value) -> Result<CustomerRecord, Vec<Refusal>> {
    let text = record.to_string();
    CustomerRecord::parse(&serde_json::from_str::<Record>(&text).expect("an object"))
}

/// Changes a sound record and expects exactly these refusals, as (field, code, suggestion).
fn check(changes: Value, expected: &[(&str, Code, Option<&str>)]) {
    let found = parse(&with(changes.clone())).expect_err("the record is at fault");
    let found: Vec<_> = found.iter().map(|r| (r.field, r.code, r.suggestion)).collect();
    assert_eq!(found, expected, "{changes}");
}

#[test]
fn a_sound_record_becomes_a_customer() {
    let record = parse(&sound()).unwrap();
    assert_eq!(record.customer_id.as_deref(), Some("7590-VHVEG"));
    assert_eq!(transform(&record.customer), [12.0, 29.85, 358.2, 0.0, 0.0, 1.0, 3.0, 1.0]);
    let echoed = serde_json::to_value(&record.customer).unwrap();
    for field in Field::ALL {
        assert_eq!(echoed[field.name()].as_f64(), sound()[field.name()].as_f64(), "{field:?}");
        assert_eq!(echoed[field.name()].as_str(), sound()[field.name()].as_str(), "{field:?}");
    }
}

#[test]
fn codes_of_the_contract_are_the_codes_of_the_transform() {
    let cases = [
        (4, "InternetService", vec!["DSL", "Fiber optic", "No"]),
        (5, "Contract", vec!["Month-to-month", "One year", "Two year"]),
        (
            6,
            "PaymentMethod",
            vec!["Bank transfer (automatic)", "Credit card (automatic)", "Electronic check", "Mailed check"],
        ),
        (7, "PaperlessBilling", vec!["No", "Yes"]),
    ];
    for (feature, name, labels) in cases {
        for (code, label) in labels.into_iter().enumerate() {
            let record = parse(&with(json!({ name: label }))).unwrap();
            assert_eq!(transform(&record.customer)[feature], code as f32, "{name} {label}");
        }
    }
}

#[test]
fn numbers_may_be_written_in_every_way_that_the_contract_names() {
    let features = |changes: Value| transform(&parse(&with(changes)).unwrap().customer);
    assert_eq!(features(json!({"tenure": 12.0})), features(json!({"tenure": 12})));
    assert_eq!(features(json!({"TotalCharges": " 358.2 "}))[2], 358.2);
    assert_eq!(features(json!({"TotalCharges": "3.582e2"}))[2], 358.2);
    for blank in [json!(""), json!("  "), json!(null)] {
        assert_eq!(features(json!({"tenure": 0, "TotalCharges": blank}))[2], 0.0);
    }
    assert_eq!(parse(&with(json!({"customerID": null}))).unwrap().customer_id, None);
}

#[test]
fn each_fault_has_its_code_and_near_misses_a_suggestion() {
    let card = Some("Credit card (automatic)");
    check(json!({"PaymentMethod": "Credit card"}), &[("PaymentMethod", Code::UnknownCategory, card)]);
    let monthly = Some("Month-to-month");
    check(json!({"Contract": "month to month"}), &[("Contract", Code::UnknownCategory, monthly)]);
    check(
        json!({"InternetService": "fiber"}),
        &[("InternetService", Code::UnknownCategory, Some("Fiber optic"))],
    );
    check(json!({"InternetService": "cable"}), &[("InternetService", Code::UnknownCategory, None)]);
    check(json!({"tenure": -1}), &[("tenure", Code::OutOfRange, None)]);
    check(json!({"tenure": 1.5}), &[("tenure", Code::WrongType, None)]);
    check(json!({"tenure": "12"}), &[("tenure", Code::WrongType, None)]);
    check(json!({"tenure": true}), &[("tenure", Code::WrongType, None)]);
    check(json!({"SeniorCitizen": 2}), &[("SeniorCitizen", Code::OutOfRange, None)]);
    check(json!({"SeniorCitizen": "Yes"}), &[("SeniorCitizen", Code::WrongType, None)]);
    check(json!({"MonthlyCharges": 0}), &[("MonthlyCharges", Code::OutOfRange, None)]);
    check(json!({"MonthlyCharges": [1]}), &[("MonthlyCharges", Code::WrongType, None)]);
    check(json!({"Contract": 1}), &[("Contract", Code::WrongType, None)]);
    check(json!({"Contract": null}), &[("Contract", Code::Missing, None)]);
    for text in ["abc", "NaN", "inf", "+5", ".5", "1e400", "0x10", "1,000", "1 2"] {
        check(json!({ "TotalCharges": text }), &[("TotalCharges", Code::NotANumber, None)]);
    }
    check(json!({"TotalCharges": "-1"}), &[("TotalCharges", Code::OutOfRange, None)]);
    check(json!({"tenure": 1, "TotalCharges": null}), &[("TotalCharges", Code::Inconsistent, None)]);
    check(json!({"TotalCharges": " "}), &[("TotalCharges", Code::Inconsistent, None)]);
    check(json!({"customerID": "x".repeat(129)}), &[("customerID", Code::TooLong, None)]);
    check(json!({"customerID": 7}), &[("customerID", Code::WrongType, None)]);
    assert!(
        parse(&with(json!({"customerID": "ü".repeat(128)}))).is_ok(),
        "characters are counted, not bytes"
    );
}

#[test]
fn all_faults_come_at_once_in_the_order_of_the_fields() {
    check(
        json!({"PaperlessBilling": "y", "tenure": -3, "SeniorCitizen": [], "Contract": "weekly", "MonthlyCharges": 1e6}),
        &[
            ("SeniorCitizen", Code::WrongType, None),
            ("tenure", Code::OutOfRange, None),
            ("MonthlyCharges", Code::OutOfRange, None),
            ("Contract", Code::UnknownCategory, None),
            ("PaperlessBilling", Code::UnknownCategory, None),
        ],
    );
    let nothing = parse(&json!({})).expect_err("everything is missing");
    assert_eq!(nothing.len(), Field::COUNT);
    assert!(nothing.iter().all(|refusal| refusal.code == Code::Missing));
}

#[test]
fn a_blank_total_is_not_blamed_where_tenure_is_at_fault() {
    check(json!({"tenure": "a", "TotalCharges": ""}), &[("tenure", Code::WrongType, None)]);
}

#[test]
fn a_repeated_field_is_refused_and_a_misspelt_one_is_named() {
    let text = sound().to_string().replacen('{', r#"{"tenure":1,"#, 1);
    let refusals = CustomerRecord::parse(&serde_json::from_str(&text).unwrap()).unwrap_err();
    assert_eq!((refusals[0].field, refusals[0].code), ("tenure", Code::DuplicateKey));
    let text = sound().to_string().replace("MonthlyCharges", "monthly_charges");
    let refusals = CustomerRecord::parse(&serde_json::from_str(&text).unwrap()).unwrap_err();
    assert!(refusals[0].detail.contains("`monthly_charges`"), "{}", refusals[0]);
}

#[test]
fn declared_ranges_and_validated_ranges_are_the_same() {
    for field in Field::ALL {
        let (lowest, highest) = match field.kind() {
            Kind::Integer { min, max, .. } => (min, max),
            Kind::Number { positive: true, max, .. } => (f64::MIN_POSITIVE, max),
            Kind::Number { positive: false, max, .. } => (0.0, max),
            Kind::Category(_) => continue,
        };
        for taken in [lowest, highest] {
            assert!(parse(&with(json!({ field.name(): taken }))).is_ok(), "{field:?} takes {taken}");
        }
        let below = if lowest == f64::MIN_POSITIVE { 0.0 } else { lowest - 1.0 };
        for refused in [below, highest + 1.0] {
            check(json!({ field.name(): refused }), &[(field.name(), Code::OutOfRange, None)]);
        }
    }
}

#[test]
fn untyped_text_is_read_by_the_same_rules() {
    let mut record = Record::default();
    for (name, value) in sound().as_object().unwrap() {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        record.insert(name, Cell::Untyped(text.into()));
    }
    assert_eq!(CustomerRecord::parse(&record), parse(&sound()));
    record.insert("tenure", Cell::Untyped("1".into()));
    assert_eq!(CustomerRecord::parse(&record).unwrap_err()[0].code, Code::DuplicateKey);
    let empty = CustomerRecord::parse(&Record::default()).unwrap_err();
    assert_eq!(empty.len(), Field::COUNT);
}

/// Any JSON value, mostly such as a caller might send for a field.
fn any_value() -> impl Strategy<Value = Value> {
    let labels: Vec<&str> = Field::ALL.iter().flat_map(|field| field.labels()).copied().collect();
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-10_i64..2000).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[ -~]{0,12}".prop_map(Value::from),
        "[0-9 .eE+-]{0,6}".prop_map(Value::from),
        prop::sample::select(labels).prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| prop::collection::vec(inner, 0..3).prop_map(Value::from))
}

proptest! {
    #[test]
    fn any_values_make_a_customer_in_range_or_one_refusal_a_field(
        changes in prop::collection::btree_map(prop::sample::select(Field::ALL.to_vec()).prop_map(Field::name), any_value(), 0..11),
    ) {
        match parse(&with(json!(changes))) {
            Ok(CustomerRecord { customer, .. }) => {
                let [tenure, monthly, total, codes @ ..] = transform(&customer);
                prop_assert!((0.0..=1200.0).contains(&tenure) && tenure.fract() == 0.0);
                prop_assert!((0.0..=100_000.0).contains(&monthly) && (0.0..=10_000_000.0).contains(&total));
                for (field, code) in churn::FEATURES[3..].iter().zip(codes) {
                    let codes = field.labels().len().max(2) as f32;
                    prop_assert!((0.0..codes).contains(&code) && code.fract() == 0.0, "{field:?} {code}");
                }
            }
            Err(refusals) => {
                let fields: Vec<&str> = refusals.iter().map(|refusal| refusal.field).collect();
                prop_assert!(fields.iter().all(|field| changes.contains_key(field) || *field == "TotalCharges"), "{fields:?}");
                prop_assert!(fields.windows(2).all(|pair| pair[0] != pair[1]), "{fields:?}");
            }
        }
    }

    #[test]
    fn text_of_a_customer_reads_back_to_the_same_features(
        tenure in 0_u16..=1200, monthly in 0.01_f64..=100_000.0, total in 0.0_f64..=10_000_000.0,
        codes in prop::array::uniform4(0_usize..2),
    ) {
        let record = with(json!({
            "tenure": tenure, "MonthlyCharges": monthly, "TotalCharges": total, "SeniorCitizen": codes[0],
            "Contract": Field::Contract.labels()[codes[1]], "PaymentMethod": Field::PaymentMethod.labels()[codes[2]],
            "PaperlessBilling": Field::PaperlessBilling.labels()[codes[3]],
        }));
        let customer = parse(&record).unwrap().customer;
        let mut untyped = Record::default();
        for field in Field::ALL {
            untyped.insert(field.name(), Cell::Untyped(customer.text(field)));
        }
        let back = CustomerRecord::parse(&untyped).unwrap().customer;
        prop_assert_eq!(transform(&back), transform(&customer));
        prop_assert_eq!(transform(&customer)[1].to_bits(), (monthly as f32).to_bits());
    }
}
