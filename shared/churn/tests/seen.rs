//! What a model saw: whom a sketch finds again among other rows, and whom it does not.

use churn::{Cell, Customer, CustomerIds, CustomerRecord, Field, Met, Record, Seen, Sketch};

/// Customer `number`, who differs from every other one in his charges.
fn record(customer_id: Option<&str>, number: u32) -> CustomerRecord {
    let mut record = Record::default();
    for field in Field::ALL {
        let text = field.labels().first().map_or_else(|| "1".to_owned(), ToString::to_string);
        let text = if field == Field::TotalCharges { number.to_string() } else { text };
        record.insert(field.name(), Cell::Untyped(text.into()));
    }
    if let Some(id) = customer_id {
        record.insert("customerID", Cell::Untyped(id.to_owned().into()));
    }
    CustomerRecord::parse(&record).expect("the record is sound")
}

fn records(numbers: std::ops::Range<u32>) -> Vec<CustomerRecord> {
    numbers.map(|number| record(None, number)).collect()
}

fn seen(fitted: &[CustomerRecord], held_out: &[CustomerRecord]) -> Seen {
    Seen::of(&fitted.iter().collect::<Vec<_>>(), &held_out.iter().collect::<Vec<_>>())
}

fn customers(records: &[CustomerRecord]) -> impl Iterator<Item = &Customer> {
    records.iter().map(|record| &record.customer)
}

#[test]
fn the_fitted_part_of_other_rows_is_found() {
    let sketch = seen(&records(0..4000), &records(4000..5000)).sketch;
    assert_eq!(sketch.hashes(), 256);
    assert_eq!(sketch.meet(customers(&records(0..4000))), Met { told: 256, fitted: 256 });
    let Met { told, fitted } = sketch.meet(customers(&records(4000..8000)));
    assert!((200..320).contains(&told), "{told} of as many rows as were fitted on");
    assert_eq!(fitted, 0);
    // A fifth of these 4,000 was fitted on.
    let Met { told, fitted } = sketch.meet(customers(&records(3200..7200)));
    let share = fitted as f64 / told as f64;
    assert!((0.13..0.27).contains(&share), "{fitted} of {told}");
}

#[test]
fn neither_another_order_nor_an_id_hides_a_row() {
    let sketch = seen(&records(0..1000), &[]).sketch;
    let others: Vec<_> = (0..1000).rev().map(|number| record(Some(&format!("C-{number}")), number)).collect();
    assert_eq!(sketch.meet(customers(&others)), Met { told: 256, fitted: 256 });
}

#[test]
fn few_rows_are_all_in_the_sketch_and_tell_of_every_row() {
    let sketch = seen(&records(0..20), &[]).sketch;
    assert_eq!(sketch.hashes(), 20);
    assert_eq!(sketch.meet(customers(&records(15..115))), Met { told: 100, fitted: 5 });
}

#[test]
fn a_spared_row_that_equals_a_fitted_one_is_not_found() {
    let spared = records(0..50);
    let sketch = seen(&records(0..100), &spared).sketch;
    assert_eq!(sketch.meet(customers(&spared)), Met { told: 50, fitted: 0 });
}

#[test]
fn the_same_rows_have_the_same_hashes_for_ever() {
    // The salt may never change: this is the sketch of the first day.
    let found = serde_json::to_string(&seen(&records(1..3), &[])).expect("a record has a JSON form");
    assert_eq!(found, r#"{"customer_ids":"no_row","sketch":[8355691586661834331,12034070614736168024]}"#);
}

#[test]
fn rows_with_and_without_an_id_are_told_apart() {
    let (with, without) = (record(Some("A"), 1), record(None, 2));
    assert_eq!(CustomerIds::of([&with, &with]), CustomerIds::EveryRow);
    assert_eq!(CustomerIds::of([&with, &without]), CustomerIds::SomeRows);
    assert_eq!(CustomerIds::of([&without]), CustomerIds::NoRow);
    assert_eq!(Seen::of(&[&with], &[&without]).customer_ids, CustomerIds::SomeRows);
}

#[test]
fn a_sketch_is_short_and_rises() {
    assert!(Sketch::try_from(vec![1, 2]).is_ok());
    assert!(Sketch::try_from(vec![2, 2]).is_err());
    assert!(Sketch::try_from((0..257).collect::<Vec<u64>>()).is_err());
}
