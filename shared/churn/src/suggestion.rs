//! What was probably meant: the known name nearest to an unknown one.

/// Below this similarity (Jaro-Winkler, 0 to 1) two names are not taken for each other. Measured on the labels of the
/// customer record: `monthly` to `Month-to-month` is 0.83, `PayPal` to any payment method at most 0.51. `1 year` is
/// nearer to `Two year` (0.79) than to `One year` (0.71): such digits must stay below the bound.
const SIMILAR: f64 = 0.8;

/// Longer input than this is nobody's typing error.
const LONGEST_INPUT: usize = 64;

/// The candidate that `input` was probably meant to be: equal but for case and punctuation, or abbreviated, or
/// misspelt; `None` where nothing comes near.
#[must_use]
pub fn nearest(input: &str, candidates: &[&'static str]) -> Option<&'static str> {
    if LONGEST_INPUT < input.len() {
        return None;
    }
    let input = normalized(input);
    if input.is_empty() {
        return None;
    }
    let scored = candidates.iter().map(|&candidate| (similarity(&input, &normalized(candidate)), candidate));
    let best = scored.reduce(|best, next| if best.0 < next.0 { next } else { best })?;
    (SIMILAR <= best.0).then_some(best.1)
}

/// 3 where equal, 2 where `input` begins `candidate`, else the Jaro-Winkler similarity in 0..=1.
fn similarity(input: &str, candidate: &str) -> f64 {
    if input == candidate {
        3.0
    } else if 2 <= input.len() && candidate.starts_with(input) {
        2.0
    } else {
        strsim::jaro_winkler(input, candidate)
    }
}

/// Letters and digits alone, in lower case.
fn normalized(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Category, Contract, InternetService, PaymentMethod, ServiceOption};

    fn check(input: &str, candidates: &[&'static str], expected: Option<&str>) {
        assert_eq!(nearest(input, candidates), expected, "{input}");
    }

    #[test]
    fn near_misses_find_what_was_meant() {
        check("Credit card", PaymentMethod::LABELS, Some("Credit card (automatic)"));
        check("electronic cheque", PaymentMethod::LABELS, Some("Electronic check"));
        check("month to month", Contract::LABELS, Some("Month-to-month"));
        check("monthly", Contract::LABELS, Some("Month-to-month"));
        check("two years", Contract::LABELS, Some("Two year"));
        check("fiber", InternetService::LABELS, Some("Fiber optic"));
        check("dsl", InternetService::LABELS, Some("DSL"));
        check("no internet", ServiceOption::LABELS, Some("No internet service"));
        check("YES", ServiceOption::LABELS, Some("Yes"));
    }

    #[test]
    fn what_is_near_nothing_gets_no_suggestion() {
        check("PayPal", PaymentMethod::LABELS, None);
        check("1 year", Contract::LABELS, None);
        check("cable", InternetService::LABELS, None);
        check("", PaymentMethod::LABELS, None);
        check("---", PaymentMethod::LABELS, None);
        check(&"credit card ".repeat(100), PaymentMethod::LABELS, None);
    }
}
