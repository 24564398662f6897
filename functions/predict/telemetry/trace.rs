//! The trace that a request belongs to: read from its headers, put into log lines, passed on in the answer.

use http::{HeaderMap, HeaderValue};
use serde::Serialize;

/// The header of W3C Trace Context.
pub(crate) const TRACEPARENT: &str = "traceparent";
/// The header that Google's load balancers set: `TRACE/SPAN;o=1`.
const CLOUD_TRACE: &str = "x-cloud-trace-context";

/// A trace, and the caller's span in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trace {
    id: u128,
    span: Option<u64>,
    is_sampled: bool,
}

impl Trace {
    /// The trace of a request: `traceparent` where it is sound, else `X-Cloud-Trace-Context`.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let traceparent = only(headers, TRACEPARENT).and_then(Self::from_traceparent);
        traceparent.or_else(|| only(headers, CLOUD_TRACE).and_then(Self::from_cloud_trace))
    }

    /// `00-TRACE-SPAN-FLAGS` (W3C Trace Context, section 3.2). Of a later version, what version 00 knows is read.
    fn from_traceparent(text: &str) -> Option<Self> {
        const LENGTH: usize = 55;
        let mut parts = text.splitn(5, '-');
        let (version, id) = (parts.next()?, parts.next()?);
        let (span, flags) = (parts.next()?, parts.next()?);
        let lengths = [version, id, span, flags].map(str::len);
        let is_version_0 = version == "00";
        if lengths != [2, 32, 16, 2] || version == "ff" || (is_version_0 && text.len() != LENGTH) {
            return None;
        }
        hex(version)?;
        let (id, span) = (hex(id).filter(|id| *id != 0)?, hex(span).filter(|span| *span != 0)?);
        Some(Self { id, span: Some(u64::try_from(span).ok()?), is_sampled: hex(flags)? & 1 == 1 })
    }

    /// `TRACE`, `TRACE/SPAN` or `TRACE/SPAN;o=1`, the span in decimal digits.
    fn from_cloud_trace(text: &str) -> Option<Self> {
        let (text, is_sampled) = match text.split_once(";o=") {
            None => (text, false),
            Some((text, "0")) => (text, false),
            Some((text, "1")) => (text, true),
            Some(_) => return None,
        };
        let (id, span) = match text.split_once('/') {
            None => (text, None),
            Some((id, span)) if span.bytes().all(|byte| byte.is_ascii_digit()) => {
                (id, Some(span.parse().ok()?))
            }
            Some(_) => return None,
        };
        if id.len() != 32 {
            return None;
        }
        // Google's own examples have capital letters in them.
        let id = hex(&id.to_ascii_lowercase()).filter(|id| *id != 0)?;
        Some(Self { id, span: span.filter(|span| *span != 0), is_sampled })
    }

    /// The keys that Cloud Logging groups lines by.
    pub(crate) fn keys(self, project: Option<&str>) -> TraceKeys {
        let id = format!("{:032x}", self.id);
        TraceKeys {
            trace: project.map_or_else(|| id.clone(), |project| format!("projects/{project}/traces/{id}")),
            span_id: self.span.map(|span| format!("{span:016x}")),
            is_sampled: self.is_sampled,
        }
    }
}

/// The header that passes the caller's trace on, where he sent a sound one: as it came, or as version 00.
pub(crate) fn passed_on(headers: &HeaderMap) -> Option<HeaderValue> {
    let text = only(headers, TRACEPARENT)?;
    let Trace { id, span, is_sampled } = Trace::from_traceparent(text)?;
    if text.starts_with("00") {
        return headers.get(TRACEPARENT).cloned();
    }
    HeaderValue::try_from(format!("00-{id:032x}-{:016x}-{:02x}", span?, u8::from(is_sampled))).ok()
}

/// A trace in a log line.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct TraceKeys {
    #[serde(rename = "logging.googleapis.com/trace")]
    trace: String,
    #[serde(rename = "logging.googleapis.com/spanId", skip_serializing_if = "Option::is_none")]
    span_id: Option<String>,
    #[serde(rename = "logging.googleapis.com/trace_sampled")]
    is_sampled: bool,
}

/// The header's value where it came once: of two, nobody knows which is meant.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() { None } else { value.to_str().ok() }
}

/// Lower-case hex digits, at most 32; `from_str_radix` alone would take capitals and a sign.
fn hex(digits: &str) -> Option<u128> {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    digits.bytes().all(is_digit).then(|| u128::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: u128 = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c;
    const SPAN: u64 = 0xb7ad_6b71_6920_3331;
    const SOUND: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn check(name: &'static str, value: &str, expected: Option<(Option<u64>, bool)>) {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_str(value).expect("a header"));
        let expected = expected.map(|(span, is_sampled)| Trace { id: ID, span, is_sampled });
        assert_eq!(Trace::of(&headers), expected, "{value}");
    }

    #[test]
    fn a_traceparent_is_read_strictly() {
        check(TRACEPARENT, SOUND, Some((Some(SPAN), true)));
        check(TRACEPARENT, &SOUND.replace("-01", "-02"), Some((Some(SPAN), false)));
        check(TRACEPARENT, &SOUND.replacen("00", "cc", 1), Some((Some(SPAN), true)));
        check(TRACEPARENT, &format!("{}-more", SOUND.replacen("00", "01", 1)), Some((Some(SPAN), true)));
        for unsound in [
            "".to_owned(),
            SOUND.to_uppercase(),
            SOUND.replacen("00", "ff", 1),
            SOUND.replacen("00", "0g", 1),
            format!("{SOUND}-more"),
            format!("{SOUND}-"),
            format!("{}more", SOUND.replacen("00", "01", 1)),
            SOUND[1..].to_owned(),
            SOUND.replace("b7ad6b7169203331", "0000000000000000"),
            SOUND.replace("0af7651916cd43dd8448eb211c80319c", &"0".repeat(32)),
            SOUND.replace("0af7", "+af7"),
            SOUND.replace('-', "_"),
        ] {
            check(TRACEPARENT, &unsound, None);
        }
    }

    #[test]
    fn the_header_of_googles_load_balancers_is_read() {
        let id = "0af7651916cd43dd8448eb211c80319c";
        check(CLOUD_TRACE, &format!("{id}/17;o=1"), Some((Some(17), true)));
        check(CLOUD_TRACE, &format!("{}/17;o=0", id.to_uppercase()), Some((Some(17), false)));
        check(CLOUD_TRACE, &format!("{id}/18446744073709551615"), Some((Some(u64::MAX), false)));
        check(CLOUD_TRACE, &format!("{id}/0;o=1"), Some((None, true)));
        check(CLOUD_TRACE, id, Some((None, false)));
        for rest in ["/18446744073709551616", "/-1", "/+1", "/", "/17;o=2", "/17;o=", ";p=1", "0"] {
            check(CLOUD_TRACE, &format!("{id}{rest}"), None);
        }
        check(CLOUD_TRACE, &format!("{}/17", "0".repeat(32)), None);
    }

    #[test]
    fn a_sound_traceparent_goes_before_the_other_header_and_an_unsound_one_does_not() {
        let mut headers = HeaderMap::new();
        headers.insert(CLOUD_TRACE, HeaderValue::from_static("0af7651916cd43dd8448eb211c80319c/17"));
        headers.insert(TRACEPARENT, HeaderValue::from_static(SOUND));
        assert_eq!(Trace::of(&headers).and_then(|trace| trace.span), Some(SPAN));
        assert_eq!(passed_on(&headers), Some(HeaderValue::from_static(SOUND)));
        headers.append(TRACEPARENT, HeaderValue::from_static(SOUND));
        assert_eq!(Trace::of(&headers).and_then(|trace| trace.span), Some(17));
        assert_eq!(passed_on(&headers), None);
    }

    #[test]
    fn a_later_version_is_passed_on_as_the_one_that_we_know() {
        let mut headers = HeaderMap::new();
        let later = SOUND.replacen("00", "01", 1).replace("-01", "-03") + "-more";
        headers.insert(TRACEPARENT, HeaderValue::from_str(&later).expect("a header"));
        assert_eq!(passed_on(&headers), Some(HeaderValue::from_static(SOUND)));
    }

    #[test]
    fn the_trace_is_named_in_its_project() {
        let trace = Trace { id: ID, span: Some(17), is_sampled: true };
        let check = |project: Option<&str>, expected: &str| {
            let keys = serde_json::to_value(trace.keys(project)).expect("keys");
            assert_eq!(keys["logging.googleapis.com/trace"], expected);
            assert_eq!(keys["logging.googleapis.com/spanId"], "0000000000000011");
            assert_eq!(keys["logging.googleapis.com/trace_sampled"], true);
        };
        check(Some("p"), "projects/p/traces/0af7651916cd43dd8448eb211c80319c");
        check(None, "0af7651916cd43dd8448eb211c80319c");
    }
}
