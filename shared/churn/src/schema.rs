//! The schema that an artifact carries: which features it was trained on, and with which codes.
//!
//! A model reads positions and codes, not names. Where an artifact's schema is not the compiled one its scores would
//! be wrong without a sign, so it is refused.

use serde::{Deserialize, Serialize};

use crate::{FEATURES, Field, Kind};

/// The features in the order in which the model reads them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// One entry a feature.
    pub features: Vec<FeatureSchema>,
}

/// One feature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureSchema {
    /// The field's name.
    pub name: String,
    /// Labels in the order of their codes, from 0; empty for a number.
    pub categories: Vec<String>,
}

impl Schema {
    /// The schema that this build's transform produces.
    #[must_use]
    pub fn compiled() -> Self {
        Self { features: FEATURES.map(FeatureSchema::of).to_vec() }
    }

    /// The first difference to `other`, in words, or `None` where they are equal.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Option<String> {
        if self.features.len() != other.features.len() {
            return Some(format!("{} features, expected {}", other.features.len(), self.features.len()));
        }
        let mut pairs = self.features.iter().zip(&other.features).enumerate();
        let (index, (ours, theirs)) = pairs.find(|(_, (ours, theirs))| ours != theirs)?;
        Some(if ours.name == theirs.name {
            format!("categories of {} are {:?}, expected {:?}", ours.name, theirs.categories, ours.categories)
        } else {
            format!("feature {index} is {}, expected {}", theirs.name, ours.name)
        })
    }
}

impl FeatureSchema {
    fn of(field: Field) -> Self {
        let categories = match field.kind() {
            Kind::Category(labels) => labels.iter().map(ToString::to_string).collect(),
            Kind::Integer { .. } | Kind::Number { .. } => Vec::new(),
        };
        Self { name: field.name().to_owned(), categories }
    }
}
