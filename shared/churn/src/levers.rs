//! What the model would say if one thing about a customer were different.
//!
//! In the walk of serving this comes after the explanation. Which changes can be offered is known to the customer alone.

use serde::Serialize;

use crate::customer::Value;
use crate::{Customer, Model, Probability, transform};

/// What every list of levers must say of itself.
const NOTE: &str = "This is what the model would say of a customer who differs in this one value; it is learned from how \
    customers were, and is no promise that making the change causes it.";

/// The model's answers after one change each.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Levers {
    /// That these are the model's view and no promise of cause.
    pub note: &'static str,
    /// Longer contracts, then other ways to pay, then lower monthly prices.
    pub changes: Vec<Lever>,
}

/// The model's answer after one change.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Lever {
    /// What would be different.
    pub change: Change,
    /// Probability of churn after the change.
    pub churn_probability: Probability,
    /// That probability less the one before the change, in [-1, 1]: below 0 the model expects him to stay rather.
    pub difference: f64,
}

/// Another value of one field.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The field's name.
    pub field: &'static str,
    /// The customer's value.
    pub from: Value,
    /// The value instead.
    pub to: Value,
}

impl Model<'_> {
    /// What [`Model::predict`] says of `customer` after each change that a retention agent may offer.
    #[must_use]
    pub fn levers(&self, customer: &Customer) -> Levers {
        let probability = |customer: &Customer| self.predict(&transform(customer)).probability;
        let before = probability(customer);
        let levers = customer.offers().into_iter().map(|(field, changed)| {
            let after = probability(&changed);
            Lever {
                change: Change { field: field.name(), from: customer.value(field), to: changed.value(field) },
                churn_probability: after,
                difference: after.get() - before.get(),
            }
        });
        Levers { note: NOTE, changes: levers.collect() }
    }
}
