//! The digests of the keys that may call: in the environment, or in a file that it names.

use std::env::VarError;

use super::{ConfigError, Variables};

const DIGESTS: &str = "SHA-256 digests of 64 hex digits each, with commas or blanks between them";

/// All digests; none where neither variable is set.
pub(super) fn read<F: Fn(&str) -> Result<String, VarError>>(
    variables: &Variables<F>,
) -> Result<Vec<[u8; 32]>, ConfigError> {
    match (variables.text("API_KEYS_SHA256")?, variables.text("API_KEYS_SHA256_FILE")?) {
        (None, None) => Ok(Vec::new()),
        (Some(_), Some(found)) => Err(ConfigError {
            variable: "API_KEYS_SHA256_FILE",
            expected: "no value beside API_KEYS_SHA256",
            found,
        }),
        (Some(text), None) => parse("API_KEYS_SHA256", &text),
        (None, Some(path)) => match std::fs::read_to_string(&path) {
            Ok(text) => parse("API_KEYS_SHA256_FILE", &text),
            Err(_) => Err(ConfigError {
                variable: "API_KEYS_SHA256_FILE",
                expected: "the path of a text file that can be read",
                found: path,
            }),
        },
    }
}

/// At least one: an empty list would mean that nobody is asked for a key.
fn parse(variable: &'static str, text: &str) -> Result<Vec<[u8; 32]>, ConfigError> {
    let separator = |c: char| c == ',' || c.is_whitespace();
    let digests: Option<Vec<[u8; 32]>> =
        text.split(separator).filter(|word| !word.is_empty()).map(digest).collect();
    // Somebody may have put the key itself there, so what was found is not shown.
    let failed = ConfigError { variable, expected: DIGESTS, found: "(not shown)".into() };
    digests.filter(|digests| !digests.is_empty()).ok_or(failed)
}

fn digest(hex: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    for (byte, digits) in digest.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
        let digits = std::str::from_utf8(digits).ok()?;
        // `from_str_radix` would take a sign.
        *byte = digits
            .bytes()
            .all(|digit| digit.is_ascii_hexdigit())
            .then(|| u8::from_str_radix(digits, 16).ok())??;
    }
    Some(digest)
}
