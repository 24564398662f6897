//! The transform: a customer becomes the eight numbers that the model reads. Written once, for training and serving.

use serde::{Deserialize, Serialize};

use crate::{Category, Customer, Field};

/// Number of features.
pub const FEATURE_COUNT: usize = 8;

/// One row of model input, in the order of [`FEATURES`].
pub type Features = [f32; FEATURE_COUNT];

/// The fields that the model reads, in the order in which it reads them.
///
/// The three service fields are checked and logged, and are no features.
pub const FEATURES: [Field; FEATURE_COUNT] = [
    Field::Tenure,
    Field::MonthlyCharges,
    Field::TotalCharges,
    Field::SeniorCitizen,
    Field::InternetService,
    Field::Contract,
    Field::PaymentMethod,
    Field::PaperlessBilling,
];

/// The way in which the probability may move while one feature rises and the others stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Any way.
    Free,
    /// Never down.
    Rising,
    /// Never up.
    Falling,
}

/// What every retention team knows beforehand, one a feature: a longer tenure or contract never makes leaving likelier,
/// a higher price, paperless billing and age never less likely. Learners that can are held to it, so that no answer says
/// that a higher price keeps a customer.
pub const EFFECTS: [Effect; FEATURE_COUNT] = [
    Effect::Falling,
    Effect::Rising,
    Effect::Free,
    Effect::Rising,
    Effect::Free,
    Effect::Falling,
    Effect::Free,
    Effect::Rising,
];

/// The features of `customer`: numbers rounded from f64 to the nearest f32, categories as their codes.
#[must_use]
pub fn transform(customer: &Customer) -> Features {
    FEATURES.map(|field| match field {
        Field::Tenure => f32::from(customer.tenure.get()),
        Field::MonthlyCharges => customer.monthly_charges.get() as f32,
        Field::TotalCharges => customer.total_charges.get() as f32,
        Field::SeniorCitizen => f32::from(customer.senior_citizen.code()),
        Field::InternetService => f32::from(customer.internet_service.code()),
        Field::OnlineSecurity => f32::from(customer.online_security.code()),
        Field::TechSupport => f32::from(customer.tech_support.code()),
        Field::StreamingTv => f32::from(customer.streaming_tv.code()),
        Field::Contract => f32::from(customer.contract.code()),
        Field::PaymentMethod => f32::from(customer.payment_method.code()),
        Field::PaperlessBilling => f32::from(customer.paperless_billing.code()),
    })
}
