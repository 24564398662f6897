//! Explanations and levers on a small model of every feature.

use churn::{
    Change, Contribution, Customer, CustomerRecord, Decision, Explanation, FEATURES, Field, Lever, Model,
    Record, Value, transform,
};
use forest::{Columns, Forest, LEAF, Link};
use serde_json::{Value as Json, json};

/// For each feature a tree that asks for it and then for one of two others; leaves from -0.5 to 0.9, or moved into [0, 1]
/// where they are probabilities.
fn forest(link: Link) -> Forest {
    let thresholds = [12.5, 60.0, 900.0, 0.5, 0.5, 0.5, 1.5, 0.5];
    let mut columns = Columns::default();
    for (feature, &threshold) in thresholds.iter().enumerate() {
        let others = [(feature + 3) % 8, (feature + 6) % 8];
        let of = |feature: usize| u8::try_from(feature).expect("one of eight");
        let leaf = |place: usize| match link {
            Link::Mean => ((feature * 5 + place * 7) % 10) as f64 / 10.0,
            Link::Logistic { .. } => ((feature * 5 + place * 7) % 15) as f64 / 10.0 - 0.5,
        };
        columns.append(&Columns {
            root: vec![0],
            feature: vec![of(feature), of(others[0]), LEAF, LEAF, of(others[1]), LEAF, LEAF],
            threshold: vec![threshold, thresholds[others[0]], 0.0, 0.0, thresholds[others[1]], 0.0, 0.0],
            left: vec![1, 2, 0, 0, 5, 0, 0],
            right: vec![4, 3, 0, 0, 6, 0, 0],
            value: vec![0.0, 0.0, leaf(0), leaf(1), 0.0, leaf(2), leaf(3)],
            cover: vec![100.0, 40.0, 30.0, 10.0, 60.0, 15.0, 45.0],
        });
    }
    Forest::parse(columns, link, FEATURES.len()).expect("the trees are sound")
}

fn links() -> [Link; 2] {
    [Link::Mean, Link::Logistic { bias: -0.3 }]
}

fn model(forest: &Forest) -> Model<'_> {
    Model { forest: forest.view(), decision: Decision::at(0.5) }
}

fn customer(changes: &Json) -> Customer {
    let mut fields = json!({
        "SeniorCitizen": 0, "tenure": 2, "MonthlyCharges": 70.7, "TotalCharges": 151.65, "InternetService": "Fiber optic",
        "OnlineSecurity": "No", "TechSupport": "No", "StreamingTV": "No", "Contract": "Month-to-month",
        "PaymentMethod": "Electronic check", "PaperlessBilling": "Yes",
    });
    for (name, value) in changes.as_object().expect("an object") {
        fields[name] = value.clone();
    }
    let text = fields.to_string();
    let record: Record<'_> = serde_json::from_str(&text).expect("JSON");
    CustomerRecord::parse(&record).expect("a sound record").customer
}

/// Customers on both sides of every threshold.
fn grid() -> Vec<Customer> {
    let mut customers = Vec::new();
    for bits in 0..256 {
        let bit = |feature: usize| bits >> feature & 1;
        let one = |feature: usize, values: [&'static str; 2]| values[bit(feature)];
        let number = |feature: usize, values: [f64; 2]| values[bit(feature)];
        customers.push(customer(&json!({
            "tenure": number(0, [12.0, 13.0]), "MonthlyCharges": number(1, [19.95, 118.75]),
            "TotalCharges": number(2, [20.2, 8684.8]), "SeniorCitizen": bit(3),
            "InternetService": one(4, ["DSL", "No"]), "Contract": one(5, ["Month-to-month", "Two year"]),
            "PaymentMethod": one(6, ["Credit card (automatic)", "Mailed check"]),
            "PaperlessBilling": one(7, ["No", "Yes"]),
        })));
    }
    customers
}

#[test]
fn base_and_contributions_add_up_to_the_probability() {
    for forest in links().map(forest) {
        let model = model(&forest);
        for customer in grid() {
            let explanation = model.explain(&customer);
            let sum: f64 = explanation.contributions.iter().map(|part| part.contribution).sum();
            let probability = model.predict(&transform(&customer)).probability.get();
            assert!(
                (explanation.base_value + sum - probability).abs() < 1e-9,
                "{customer:?}: {explanation:?}"
            );
            check_order(&explanation);
        }
    }
}

/// Every feature once, the largest first, equal ones in the order of the features, and its contribution is its own.
fn check_order(explanation: &Explanation) {
    let place = |part: &Contribution| FEATURES.iter().position(|field| field.name() == part.feature);
    let parts = &explanation.contributions;
    assert_eq!(parts.len(), FEATURES.len());
    for pair in parts.windows(2) {
        let (a, b) = (pair[0].contribution.abs(), pair[1].contribution.abs());
        assert!(b < a || a == b && place(&pair[0]) < place(&pair[1]), "{parts:?}");
    }
}

#[test]
fn a_contribution_is_that_of_its_own_feature_and_value() {
    let forest = forest(Link::Mean);
    let customer = customer(&json!({}));
    let parts = forest.view().shapley(&transform(&customer));
    for found in model(&forest).explain(&customer).contributions {
        let index = FEATURES.iter().position(|field| field.name() == found.feature).expect("a feature");
        assert_eq!(found.contribution, parts.contributions[index], "{found:?}");
        assert_eq!(found.value, customer.value(FEATURES[index]));
    }
}

/// A forest of one stump on each of these features: at most the threshold `low`, else `high`.
fn stumps(stumps: &[(u8, f32, f64, f64)]) -> Forest {
    let mut columns = Columns::default();
    for &(feature, threshold, low, high) in stumps {
        columns.append(&Columns {
            root: vec![0],
            feature: vec![feature, LEAF, LEAF],
            threshold: vec![threshold, 0.0, 0.0],
            left: vec![1, 0, 0],
            right: vec![2, 0, 0],
            value: vec![0.0, low, high],
            cover: vec![2.0, 1.0, 1.0],
        });
    }
    Forest::parse(columns, Link::Mean, FEATURES.len()).expect("the stumps are sound")
}

#[test]
fn an_explanation_on_the_wire() {
    // Tenure and price give 0.1 and 0.05, contract and billing 0.005 and 0.0025; the other four features give nothing.
    let forest =
        stumps(&[(0, 12.5, 0.9, 0.1), (1, 50.0, 0.3, 0.7), (5, 0.5, 0.52, 0.48), (7, 0.5, 0.49, 0.51)]);
    let found = serde_json::to_value(model(&forest).explain(&customer(&json!({})))).expect("JSON");
    let parts = found["contributions"].as_array().expect("a list");
    let names: Vec<&str> = parts.iter().map(|part| part["feature"].as_str().expect("a name")).collect();
    let order = ["tenure", "MonthlyCharges", "Contract", "PaperlessBilling"];
    let rest = ["TotalCharges", "SeniorCitizen", "InternetService", "PaymentMethod"];
    assert_eq!(names, [order, rest].concat());
    let values: Vec<&Json> = parts.iter().map(|part| &part["value"]).collect();
    let expected = json!([2, 70.7, "Month-to-month", "Yes", 151.65, 0, "Fiber optic", "Electronic check"]);
    assert_eq!(json!(values), expected);
    let near = |found: &Json, expected: f64| (found.as_f64().expect("a number") - expected).abs() < 1e-12;
    assert!(near(&found["base_value"], 0.5), "{found}");
    assert!(near(&parts[0]["contribution"], 0.1) && near(&parts[3]["contribution"], 0.0025), "{found}");
    assert_eq!(found["reasons"][0], "2 months with us: +10 points");
    assert_eq!(found["reasons"][1], "Pays $70.70 a month: +5 points");
    assert_eq!(found.as_object().expect("an object").len(), 3);
    assert_eq!(parts[0].as_object().expect("an object").len(), 3);
}

/// The reasons where one stump alone tells customers apart, by `points` at most and less above.
fn check_reason(feature: u8, threshold: f32, points: f64, changes: &Json, expected: &[&str]) {
    let forest = stumps(&[(feature, threshold, 0.5 + points / 100.0, 0.5 - points / 100.0)]);
    assert_eq!(model(&forest).explain(&customer(changes)).reasons, expected);
}

#[test]
fn reasons_are_sentences_in_points() {
    let check = |feature, threshold, points, changes: Json, expected: &str| {
        check_reason(feature, threshold, points, &changes, &[expected]);
    };
    check(0, 12.5, 5.0, json!({"tenure": 13}), "13 months with us: -5 points");
    check(0, 12.5, 5.0, json!({"tenure": 1}), "1 month with us: +5 points");
    check(0, 12.5, 5.0, json!({"tenure": 0}), "0 months with us: +5 points");
    check(1, 50.0, -7.0, json!({"MonthlyCharges": 89.1}), "Pays $89.10 a month: +7 points");
    check(2, 50.0, 2.4, json!({"TotalCharges": 1069.2}), "Paid $1,069.20 so far: -2 points");
    check(3, 0.5, -1.4, json!({"SeniorCitizen": 1}), "Senior citizen: +1 point");
    check(3, 0.5, -0.6, json!({}), "Not a senior citizen: -1 point");
    check(4, 0.5, -6.0, json!({}), "Fiber optic internet: +6 points");
    check(4, 0.5, -6.0, json!({"InternetService": "DSL"}), "DSL internet: -6 points");
    check(4, 0.5, -6.0, json!({"InternetService": "No"}), "No internet: +6 points");
    check(5, 0.5, 18.0, json!({}), "Month-to-month contract: +18 points");
    check(5, 0.5, 18.0, json!({"Contract": "One year"}), "One-year contract: -18 points");
    check(5, 0.5, 18.0, json!({"Contract": "Two year"}), "Two-year contract: -18 points");
    check(6, 1.5, -3.0, json!({}), "Pays by electronic check: +3 points");
    for (method, expected) in [
        ("Bank transfer (automatic)", "Pays by automatic bank transfer: -3 points"),
        ("Credit card (automatic)", "Pays by automatic credit card: -3 points"),
        ("Mailed check", "Pays by mailed check: +3 points"),
    ] {
        check(6, 1.5, -3.0, json!({"PaymentMethod": method}), expected);
    }
    check(7, 0.5, -2.0, json!({}), "Paperless billing: +2 points");
    check(7, 0.5, -2.0, json!({"PaperlessBilling": "No"}), "Paper bills: -2 points");
}

#[test]
fn what_rounds_to_no_point_is_no_reason() {
    check_reason(3, 0.5, 0.49, &json!({}), &[]);
    check_reason(3, 0.5, -0.49, &json!({}), &[]);
    check_reason(3, 0.5, 0.0, &json!({}), &[]);
}

#[test]
fn fields_that_are_no_features_have_phrases_too() {
    let customer = customer(&json!({"TechSupport": "Yes"}));
    for field in Field::ALL {
        assert!(!customer.phrase(field).is_empty(), "{field:?}");
    }
    assert_eq!(customer.phrase(Field::TechSupport), "TechSupport: Yes");
}

/// The changes that are offered, as `field: from -> to`.
fn offered(customer: &Customer) -> Vec<String> {
    let forest = forest(Link::Mean);
    let shown = |value: Value| serde_json::to_string(&value).expect("JSON").replace('"', "");
    let line = |lever: &Lever| {
        let Change { field, from, to } = lever.change;
        format!("{field}: {} -> {}", shown(from), shown(to))
    };
    model(&forest).levers(customer).changes.iter().map(line).collect()
}

#[test]
fn levers_are_longer_contracts_other_ways_to_pay_and_lower_prices() {
    let expected = [
        "Contract: Month-to-month -> One year",
        "Contract: Month-to-month -> Two year",
        "PaymentMethod: Electronic check -> Bank transfer (automatic)",
        "PaymentMethod: Electronic check -> Credit card (automatic)",
        "PaymentMethod: Electronic check -> Mailed check",
        "MonthlyCharges: 70.7 -> 63.63",
        "MonthlyCharges: 70.7 -> 56.56",
    ];
    assert_eq!(offered(&customer(&json!({}))), expected);
    let bound =
        customer(&json!({"Contract": "Two year", "PaymentMethod": "Mailed check", "MonthlyCharges": 0.05}));
    let expected = [
        "PaymentMethod: Mailed check -> Bank transfer (automatic)",
        "PaymentMethod: Mailed check -> Credit card (automatic)",
        "PaymentMethod: Mailed check -> Electronic check",
        "MonthlyCharges: 0.05 -> 0.04",
    ];
    assert_eq!(offered(&bound), expected);
    let cheap = customer(&json!({"Contract": "One year", "MonthlyCharges": 0.01}));
    assert_eq!(offered(&cheap).len(), 4, "one cent gets no cheaper");
    let cheap = offered(&customer(&json!({"MonthlyCharges": 0.06})));
    assert_eq!(cheap[5..], ["MonthlyCharges: 0.06 -> 0.05"], "two cuts to one price are one change");
}

#[test]
fn a_lever_changes_one_value_and_answers_as_the_model_does() {
    for forest in links().map(forest) {
        let model = model(&forest);
        for customer in grid() {
            let before = model.predict(&transform(&customer)).probability.get();
            for lever in model.levers(&customer).changes {
                let index = FEATURES.iter().position(|field| field.name() == lever.change.field);
                let index = index.expect("a lever moves a feature");
                let mut features = transform(&customer);
                features[index] = match lever.change.to {
                    Value::Label(label) => {
                        let labels = FEATURES[index].labels();
                        labels.iter().position(|known| *known == label).expect("a label") as f32
                    }
                    Value::Number(number) => number as f32,
                    Value::Integer(number) => f32::from(number),
                };
                let after = model.predict(&features).probability;
                assert_eq!(lever.churn_probability, after, "{lever:?} of {customer:?}");
                assert_eq!(lever.difference, after.get() - before, "{lever:?} of {customer:?}");
            }
        }
    }
}

#[test]
fn levers_say_on_the_wire_that_they_promise_nothing() {
    let forest = stumps(&[(5, 0.5, 0.75, 0.25)]);
    let found = serde_json::to_value(model(&forest).levers(&customer(&json!({})))).expect("JSON");
    assert!(found["note"].as_str().expect("a note").contains("no promise"), "{found}");
    let expected = json!({
        "change": {"field": "Contract", "from": "Month-to-month", "to": "One year"},
        "churn_probability": 0.25, "difference": -0.5,
    });
    assert_eq!(found["changes"][0], expected);
}
