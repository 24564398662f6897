//! What a model saw: enough of the rows that it was fitted on to find out later whether it is judged on them.
//!
//! A sketch holds the smallest salted hashes of the fitted rows. Of any other rows, those with a hash up to its largest
//! one can be told: they were fitted on where their hash is in the sketch, and were not where it is not. A row counts by its
//! eleven fields alone, so that neither another order of the file, nor another label, nor lost ids hide it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Customer, CustomerRecord, Field};

/// Changing the salt would make every sketch that was written meet nothing: never change it.
const SALT: &[u8] = b"churn fitted rows, first and last edition\0";
/// Hashes in a sketch. The hold-out of 30 % of a file meets about 110 of them where the others were fitted on.
const SKETCH: usize = 256;

/// Rows that a model was fitted on, and how its hold-out was drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// Which rows of the data had a `customerID`, by which the hold-out is drawn.
    pub customer_ids: CustomerIds,
    /// The smallest hashes of the fitted rows.
    pub sketch: Sketch,
}

impl Seen {
    /// The record of a model that is fitted on `fitted` and spares `held_out`.
    #[must_use]
    pub fn of(fitted: &[&CustomerRecord], held_out: &[&CustomerRecord]) -> Self {
        let spared: BTreeSet<u64> = held_out.iter().map(|record| hash(&record.customer)).collect();
        // A fitted row that a spared one equals in all fields would be found among the spared ones, who are others.
        let hashes = fitted.iter().map(|record| hash(&record.customer)).filter(|hash| !spared.contains(hash));
        let records = fitted.iter().chain(held_out).copied();
        Self { customer_ids: CustomerIds::of(records), sketch: Sketch::smallest(hashes) }
    }
}

/// Which rows have a `customerID`: the hold-out of a file differs with the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum CustomerIds {
    EveryRow,
    SomeRows,
    NoRow,
}

impl CustomerIds {
    /// Which of `records` have one.
    #[must_use]
    pub fn of<'a>(records: impl IntoIterator<Item = &'a CustomerRecord>) -> Self {
        let (mut with, mut without) = (false, false);
        for record in records {
            with |= record.customer_id.is_some();
            without |= record.customer_id.is_none();
        }
        match (with, without) {
            (true, false) => Self::EveryRow,
            (true, true) => Self::SomeRows,
            (false, _) => Self::NoRow,
        }
    }
}

/// At most 256 hashes, strictly rising.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<u64>")]
pub struct Sketch(Vec<u64>);

/// How many rows a sketch can tell, and how many of them were fitted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Met {
    /// Rows whose hash is within the sketch.
    pub told: usize,
    /// Those of them that were fitted on.
    pub fitted: usize,
}

impl Sketch {
    fn smallest(hashes: impl Iterator<Item = u64>) -> Self {
        let mut smallest = BTreeSet::new();
        for hash in hashes {
            smallest.insert(hash);
            if SKETCH < smallest.len() {
                smallest.pop_last();
            }
        }
        Self(smallest.into_iter().collect())
    }

    /// Number of hashes.
    #[must_use]
    pub fn hashes(&self) -> usize {
        self.0.len()
    }

    /// What the sketch tells of `customers`.
    #[must_use]
    pub fn meet<'a>(&self, customers: impl IntoIterator<Item = &'a Customer>) -> Met {
        // A sketch that is not full holds every fitted row.
        let largest = if self.0.len() < SKETCH { u64::MAX } else { self.0[SKETCH - 1] };
        let mut met = Met { told: 0, fitted: 0 };
        for hash in customers.into_iter().map(hash).filter(|hash| *hash <= largest) {
            met.told += 1;
            met.fitted += usize::from(self.0.binary_search(&hash).is_ok());
        }
        met
    }
}

impl TryFrom<Vec<u64>> for Sketch {
    type Error = &'static str;

    fn try_from(hashes: Vec<u64>) -> Result<Self, Self::Error> {
        if SKETCH < hashes.len() || !hashes.is_sorted_by(|a, b| a < b) {
            return Err("a sketch is at most 256 hashes, strictly rising");
        }
        Ok(Self(hashes))
    }
}

fn hash(customer: &Customer) -> u64 {
    let mut hash = Sha256::new_with_prefix(SALT);
    for field in Field::ALL {
        hash.update(customer.text(field).as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().take(8).fold(0, |number, &byte| number << 8 | u64::from(byte))
}
