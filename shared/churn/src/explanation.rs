//! Why a probability is what it is: the share of each feature, and the reasons among them for people.
//!
//! In the walk of serving this comes after the score. It names no field: values and their phrases come from the customer.

use serde::Serialize;

use crate::customer::Value;
use crate::{Customer, FEATURES, Field, Model, transform};

/// One probability in parts: `base_value` and all contributions add up to it, to 1e-9.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The probability where no feature is known, in [0, 1].
    pub base_value: f64,
    /// One a feature, the largest absolute value first, equal ones in the order of [`FEATURES`].
    pub contributions: Vec<Contribution>,
    /// Sentences for a retention agent, in points of percent: `Month-to-month contract: +18 points`. In the order of the
    /// contributions; those that round to 0 points are left out.
    pub reasons: Vec<String>,
}

/// How far the value of one feature moves the probability.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Contribution {
    /// The field's name.
    pub feature: &'static str,
    /// The customer's value of it.
    pub value: Value,
    /// Its exact Shapley value on the probability, in (-1, 1).
    pub contribution: f64,
}

impl Model<'_> {
    /// The parts of what [`Model::predict`] says of `customer`.
    #[must_use]
    pub fn explain(&self, customer: &Customer) -> Explanation {
        let parts = self.forest.shapley(&transform(customer));
        let mut ranked: Vec<(Field, f64)> = FEATURES.into_iter().zip(parts.contributions).collect();
        ranked.sort_by(|(_, a), (_, b)| b.abs().total_cmp(&a.abs()));
        Explanation {
            base_value: parts.base,
            contributions: ranked
                .iter()
                .map(|&(field, size)| Contribution::of(customer, field, size))
                .collect(),
            reasons: ranked.iter().filter_map(|&(field, size)| reason(customer, field, size)).collect(),
        }
    }
}

impl Contribution {
    fn of(customer: &Customer, field: Field, contribution: f64) -> Self {
        Self { feature: field.name(), value: customer.value(field), contribution }
    }
}

/// The sentence of one contribution; none where it rounds to 0 points.
fn reason(customer: &Customer, field: Field, contribution: f64) -> Option<String> {
    let points = (100.0 * contribution).round() as i32;
    let unit = if points.abs() == 1 { "point" } else { "points" };
    (points != 0).then(|| format!("{}: {points:+} {unit}", customer.phrase(field)))
}
