//! The hold-out: stable for ever, of the promised size, and independent of the order of rows.

use churn::{Cell, CustomerRecord, Field, Record, is_held_out};

fn record(customer_id: Option<&str>, tenure: u32) -> CustomerRecord {
    let mut record = Record::default();
    for field in Field::ALL {
        let text = field.labels().first().map_or_else(|| "1".to_owned(), ToString::to_string);
        let text = if field == Field::Tenure { tenure.to_string() } else { text };
        record.insert(field.name(), Cell::Untyped(text.into()));
    }
    if let Some(id) = customer_id {
        record.insert("customerID", Cell::Untyped(id.to_owned().into()));
    }
    CustomerRecord::parse(&record).expect("the record is sound")
}

#[test]
fn the_same_customers_are_held_out_for_ever() {
    let held_out: Vec<u32> =
        (0..20).filter(|i| is_held_out(&record(Some(&format!("C-{i}")), 1), 0.3)).collect();
    // The salt may never change: these are the ids that it held out on the first day.
    assert_eq!(held_out, [1, 3, 4, 10, 12, 16, 18, 19]);
}

#[test]
fn a_third_less_a_little_of_all_customers_is_held_out() {
    let share = |fraction: f64, with_id: bool| {
        let id = |i: u32| with_id.then(|| format!("{i:04}-ABCDE"));
        (0..1200).filter(|&i| is_held_out(&record(id(i).as_deref(), i), fraction)).count() as f64 / 1200.0
    };
    for with_id in [true, false] {
        assert!((share(0.3, with_id) - 0.3).abs() < 0.04, "with_id {with_id}: {}", share(0.3, with_id));
        assert_eq!(share(0.0, with_id), 0.0);
        assert_eq!(share(1.0, with_id), 1.0);
    }
}

#[test]
fn a_larger_fraction_holds_what_a_smaller_one_holds() {
    for i in 0..500 {
        let record = record(None, i);
        assert!(!is_held_out(&record, 0.3) || is_held_out(&record, 0.4), "tenure {i}");
    }
}

#[test]
fn the_id_alone_decides_where_there_is_one() {
    for i in 0..100 {
        assert_eq!(is_held_out(&record(Some("A"), i), 0.3), is_held_out(&record(Some("A"), 0), 0.3));
    }
}
