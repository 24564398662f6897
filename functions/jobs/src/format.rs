//! Numbers as people read them, the same on terminals and pages.

use churn::CrossValidation;

/// A count with separators of thousands: `7,043`.
pub(crate) fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place != 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A measured value with four digits or so: `0.1234`, `64.76`, `2283.30`.
pub(crate) fn number(value: f64) -> String {
    let places = match value.abs() {
        0.0 => 0,
        small if small < 1.0 => 4,
        _ if value.fract() == 0.0 => 0,
        _ => 2,
    };
    format!("{value:.places$}")
}

/// A share of [0, 1] in percent with one decimal: `26.5 %`.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// `part` of `whole`, in [0, 1]; 0 of nothing.
pub(crate) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// A time of a card, RFC 3339 in UTC, to the minute: `2026-11-23 14:00 UTC`.
pub(crate) fn minute(time: &str) -> String {
    match time.get(..16) {
        Some(start) if time.ends_with('Z') => start.replace('T', " ") + " UTC",
        _ => time.to_owned(),
    }
}

/// The standard deviation over folds; a single fold tells none.
pub(crate) fn deviation(of: &CrossValidation) -> Option<f64> {
    (1 < of.folds).then_some(of.roc_auc_sd)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_separators_and_numbers_a_sensible_length() {
        for (value, expected) in
            [(0, "0"), (999, "999"), (1000, "1,000"), (7043, "7,043"), (1_234_567, "1,234,567")]
        {
            assert_eq!(count(value), expected);
        }
        for (value, expected) in
            [(0.0, "0"), (0.12345, "0.1235"), (-0.5, "-0.5000"), (72.0, "72"), (2283.3, "2283.30")]
        {
            assert_eq!(number(value), expected);
        }
        assert_eq!(minute("2026-11-25T18:52:22.320763213Z"), "2026-11-25 18:52 UTC");
        assert_eq!(percent(0.2654), "26.5 %");
        assert_eq!(share(0, 0), 0.0);
    }
}
