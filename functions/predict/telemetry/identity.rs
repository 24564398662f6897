//! Customers in log lines: never their ids, but what only the operator's key makes of them.

use std::fmt;
use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::config::Secret;

/// Hex digits of a pseudonym: 128 bits, so that no two of a company's customers share one.
const DIGITS: usize = 32;

/// Turns ids into pseudonyms under one key.
#[derive(Clone)]
pub(crate) struct Pseudonyms(Hmac<Sha256>);

impl Pseudonyms {
    pub(crate) fn new(key: &Secret) -> Self {
        Self(Hmac::new_from_slice(key.bytes()).expect("HMAC takes keys of any length"))
    }

    /// The first digits of HMAC-SHA256 of `customer_id`, in hex.
    pub(crate) fn of(&self, customer_id: &str) -> String {
        let digest = self.0.clone().chain_update(customer_id).finalize().into_bytes();
        hex(&digest[..DIGITS / 2])
    }
}

impl fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pseudonyms")
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
