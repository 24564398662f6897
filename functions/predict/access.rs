//! Who may call: those who know a key, of which the function itself knows only the SHA-256. Without keys everybody may,
//! and the platform decides who reaches the function at all.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use sha2::{Digest, Sha256};
use subtle::{ConditionallySelectable, ConstantTimeEq};

use crate::problem::Problem;

/// The digests of all keys that may call. Several live at once, so that a key can be replaced while both are in use.
#[derive(Debug)]
pub(crate) struct Keys(Vec<[u8; 32]>);

impl Keys {
    pub(crate) fn new(digests: Vec<[u8; 32]>) -> Self {
        Self(digests)
    }

    /// How many callers can be told apart, at least one.
    pub(crate) fn callers(&self) -> usize {
        self.0.len().max(1)
    }

    /// The index of the caller's key; 0 where no keys are set.
    ///
    /// # Errors
    /// Where keys are set and the request shows none of them.
    pub(crate) fn caller(&self, headers: &HeaderMap) -> Result<usize, Problem> {
        if self.0.is_empty() {
            return Ok(0);
        }
        let key = presented(headers).ok_or(Problem::NoKey)?;
        self.index(key).ok_or(Problem::UnknownKey)
    }

    /// Where `key` stands. Every entry is compared in full whatever the others say: the time that an answer takes tells
    /// nothing of the digests, and not which one it was.
    fn index(&self, key: &[u8]) -> Option<usize> {
        let presented = Sha256::digest(key);
        let mut found = u64::MAX;
        for (index, digest) in (0..).zip(&self.0) {
            found.conditional_assign(&index, digest.as_slice().ct_eq(presented.as_slice()));
        }
        usize::try_from(found).ok().filter(|&index| index < self.0.len())
    }
}

/// The key of `X-API-Key`, else of `Authorization: Bearer`, which the platform's own tokens may occupy.
fn presented(headers: &HeaderMap) -> Option<&[u8]> {
    if let Some(key) = headers.get("x-api-key") {
        return Some(key.as_bytes());
    }
    let (scheme, key) = headers.get(AUTHORIZATION)?.as_bytes().split_at_checked("Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then(|| key.trim_ascii_start())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    /// The index that the headers get, or the problem.
    fn check(headers: &[(&'static str, &'static str)], expected: Result<usize, &str>) {
        let keys = Keys::new(["old key", "new key"].map(|key| Sha256::digest(key).into()).into());
        let headers =
            headers.iter().map(|&(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)));
        let found = keys.caller(&headers.clone().collect());
        let found = found.map_err(|problem| format!("{problem:?}"));
        assert_eq!(found, expected.map_err(str::to_owned), "{:?}", headers.collect::<Vec<_>>());
    }

    #[test]
    fn a_key_is_found_in_either_header_and_its_own_header_wins() {
        check(&[("x-api-key", "old key")], Ok(0));
        check(&[("x-api-key", "new key")], Ok(1));
        check(&[("authorization", "Bearer new key")], Ok(1));
        check(&[("authorization", "bearer  old key")], Ok(0));
        check(&[("x-api-key", "new key"), ("authorization", "Bearer old key")], Ok(1));
        check(&[("x-api-key", "new key"), ("authorization", "Bearer of a token of the platform")], Ok(1));
        check(&[("x-api-key", "no key"), ("authorization", "Bearer old key")], Err("UnknownKey"));
    }

    #[test]
    fn no_key_and_an_unknown_key_are_told_apart() {
        check(&[], Err("NoKey"));
        check(&[("authorization", "Basic b2xkOmtleQ==")], Err("NoKey"));
        check(&[("authorization", "Bearer")], Err("NoKey"));
        check(&[("authorization", "Bearer ")], Err("UnknownKey"));
        check(&[("x-api-key", "")], Err("UnknownKey"));
        check(&[("x-api-key", "old key2")], Err("UnknownKey"));
        // A digest is no key: who reads the configuration cannot call with it.
        let digest = "2d9ac2b9b9b4ae9b6e44c6d2e695c47854fe6e5a4d4c55992af43047b692adbc";
        check(&[("x-api-key", digest)], Err("UnknownKey"));
    }

    #[test]
    fn without_keys_everybody_is_the_same_caller() {
        let keys = Keys::new(Vec::new());
        assert_eq!(keys.callers(), 1);
        let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static("Bearer anything"))]);
        assert_eq!(keys.caller(&headers).ok(), Some(0));
    }
}
