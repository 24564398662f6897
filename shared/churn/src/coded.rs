//! Rows that somebody else coded: the eight features as numbers, held to the same ranges as the customer record.

use crate::customer::{Field, Kind};
use crate::reader::{out_of_range, parse_number};
use crate::{Cell, Code, FEATURE_COUNT, FEATURES, Features, Record, Refusal};

/// The codes in `record`, where it is a coded row: every feature is a number, and no field beside the features is there.
///
/// A customer is never taken for one: he has texts in category fields, and all eleven fields.
#[must_use]
pub fn codes(record: &Record<'_>) -> Option<[f64; FEATURE_COUNT]> {
    let beside = |field: &Field| !FEATURES.contains(field) && *record.field(*field) != Cell::Absent;
    if Field::ALL.iter().any(beside) || !record.duplicates().is_empty() {
        return None;
    }
    let mut codes = [0.0; FEATURE_COUNT];
    for (code, field) in codes.iter_mut().zip(FEATURES) {
        *code = match record.field(field) {
            Cell::Number(number) => *number,
            Cell::Untyped(text) => parse_number(text)?,
            _ => return None,
        };
    }
    Some(codes)
}

/// The features of a coded row, in the order of [`FEATURES`], rounded from f64 to the nearest f32 as those of a customer.
///
/// # Errors
/// A refusal for each number that is no code of its feature, or not in its range.
pub fn parse_codes(codes: &[f64; FEATURE_COUNT]) -> Result<Features, Vec<Refusal>> {
    let refusals: Vec<Refusal> =
        FEATURES.into_iter().zip(codes).filter_map(|(field, code)| refusal(field, *code)).collect();
    if refusals.is_empty() { Ok(codes.map(|code| code as f32)) } else { Err(refusals) }
}

fn refusal(field: Field, code: f64) -> Option<Refusal> {
    if !code.is_finite() {
        return Some(Refusal::new(field.name(), Code::NotANumber, format!("must be {}", expects(field))));
    }
    let is_whole = code.fract() == 0.0;
    let (is_taken, is_in_range) = match field.kind() {
        Kind::Integer { min, max, .. } => (is_whole, (min..=max).contains(&code)),
        Kind::Number { positive: true, max, .. } => (true, 0.0 < code && code <= max),
        Kind::Number { max, .. } => (true, (0.0..=max).contains(&code)),
        Kind::Category(labels) => (is_whole, 0.0 <= code && code < labels.len() as f64),
    };
    if !is_taken {
        let detail = format!("must be {}, found a fraction", expects(field));
        return Some(Refusal::new(field.name(), Code::WrongType, detail));
    }
    let refusal = out_of_range(field);
    (!is_in_range).then(|| Refusal { detail: format!("must be {}", expects(field)), ..refusal })
}

/// What a coded field takes, in words.
fn expects(field: Field) -> String {
    let labels = field.labels().iter().enumerate();
    let codes: Vec<String> = labels.map(|(code, label)| format!("{code} ({label})")).collect();
    if codes.is_empty() { field.expects() } else { format!("one of the codes {}", codes.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: [f64; FEATURE_COUNT] = [2.0, 70.7, 151.65, 0.0, 1.0, 0.0, 2.0, 1.0];

    fn check(field: Field, code: f64, expected: Option<Code>) {
        let mut codes = SOUND;
        let index = FEATURES.iter().position(|feature| *feature == field).expect("a feature");
        codes[index] = code;
        match (parse_codes(&codes), expected) {
            (Ok(features), None) => assert_eq!(features[index], code as f32),
            (Err(refusals), Some(expected)) => {
                let found: Vec<_> = refusals.iter().map(|refusal| (refusal.field, refusal.code)).collect();
                assert_eq!(found, [(field.name(), expected)], "{code}");
            }
            (found, _) => panic!("{field:?} {code}: {found:?}"),
        }
    }

    #[test]
    fn codes_are_held_to_the_ranges_of_the_customer_record() {
        check(Field::Tenure, 0.0, None);
        check(Field::Tenure, 1200.0, None);
        check(Field::Tenure, 1201.0, Some(Code::OutOfRange));
        check(Field::Tenure, -1.0, Some(Code::OutOfRange));
        check(Field::Tenure, 1.5, Some(Code::WrongType));
        check(Field::MonthlyCharges, 100_000.0, None);
        check(Field::MonthlyCharges, 0.0, Some(Code::OutOfRange));
        check(Field::MonthlyCharges, 100_000.01, Some(Code::OutOfRange));
        check(Field::TotalCharges, 0.0, None);
        check(Field::TotalCharges, 10_000_000.5, Some(Code::OutOfRange));
        check(Field::SeniorCitizen, 2.0, Some(Code::OutOfRange));
        for (field, codes) in [
            (Field::InternetService, 3),
            (Field::Contract, 3),
            (Field::PaymentMethod, 4),
            (Field::PaperlessBilling, 2),
        ] {
            check(field, f64::from(codes) - 1.0, None);
            check(field, f64::from(codes), Some(Code::OutOfRange));
            check(field, -1.0, Some(Code::OutOfRange));
            check(field, 0.5, Some(Code::WrongType));
        }
        check(Field::Contract, f64::NAN, Some(Code::NotANumber));
        check(Field::Tenure, f64::INFINITY, Some(Code::NotANumber));
    }

    #[test]
    fn a_coded_row_is_eight_numbers_and_no_other_field() {
        let read = |changes: &[(&str, Cell<'static>)]| {
            let mut record = Record::default();
            for (field, code) in FEATURES.iter().zip(SOUND) {
                match changes.iter().find(|(name, _)| *name == field.name()) {
                    Some((name, cell)) => record.insert(name, cell.clone()),
                    None => record.insert(field.name(), Cell::Number(code)),
                }
            }
            for (name, cell) in changes.iter().filter(|(name, _)| !FEATURES.iter().any(|f| f.name() == *name))
            {
                record.insert(name, cell.clone());
            }
            codes(&record)
        };
        assert_eq!(read(&[]), Some(SOUND));
        assert_eq!(read(&[("Churn", Cell::Number(1.0))]), Some(SOUND));
        assert_eq!(read(&[("tenure", Cell::Untyped("2".into()))]), Some(SOUND));
        assert_eq!(read(&[("tenure", Cell::Text("2".into()))]), None);
        assert_eq!(read(&[("Contract", Cell::Null)]), None);
        assert_eq!(read(&[("TechSupport", Cell::Text("No".into()))]), None);
    }
}
