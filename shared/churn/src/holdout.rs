//! The hold-out: which customers no shipped model is ever fitted on.
//!
//! It is decided by a salted hash of the customer's id, so that it is the same for every model, every month and every
//! machine, and a champion is never judged on rows that it has seen.

use sha2::{Digest, Sha256};

use crate::{CustomerRecord, Field};

/// Changing the salt would mix hold-out and training rows of models that are already shipped: never change it.
const SALT: &[u8] = b"churn hold-out, first and last edition\0";

/// Whether `record` belongs to the hold-out, which is about `fraction` (0..=1) of all customers.
///
/// Decided by `customerID`, or by the values of all fields where there is none. A larger fraction holds every
/// customer that a smaller one holds.
#[must_use]
pub fn is_held_out(record: &CustomerRecord, fraction: f64) -> bool {
    let mut hash = Sha256::new_with_prefix(SALT);
    match &record.customer_id {
        Some(id) => hash.update(id),
        None => {
            for field in Field::ALL {
                hash.update(record.customer.text(field).as_bytes());
                hash.update([0]);
            }
        }
    }
    let digest = hash.finalize();
    let place = digest.iter().take(8).fold(0_u64, |place, &byte| place << 8 | u64::from(byte));
    (place as f64) < fraction * 2.0_f64.powi(64)
}
