//! Answers in gzip, for those who ask for it.

use std::io::Write;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::{GzDecoder, GzEncoder};
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, VARY};
use http::{HeaderMap, HeaderValue, Response};
use http_body::{Body as _, Frame};
use http_body_util::{BodyExt, StreamBody};

use super::{Body, CutOff};

/// Smaller answers gain nothing.
const WORTHWHILE: u64 = 1024;

/// Whether `Accept-Encoding` takes gzip. What it says of gzip itself decides; `*` is for codings that it does not name
/// (RFC 9110, section 12.5.3).
pub(crate) fn is_asked_for(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let (mut named, mut any) = (None, None);
    for coding in values.flat_map(|value| value.split(',')) {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let refused =
            parts.any(|part| part.replace(' ', "").strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0)));
        if name.eq_ignore_ascii_case("gzip") {
            named = Some(!refused);
        } else if name == "*" {
            any = Some(!refused);
        }
    }
    named.or(any).unwrap_or(false)
}

/// The same answer in gzip, where it is not encoded already and long enough.
pub(crate) fn gzip(response: Response<Body>) -> Response<Body> {
    let length = response.body().size_hint().exact();
    if response.headers().contains_key(CONTENT_ENCODING) || length.is_some_and(|length| length < WORTHWHILE) {
        return response;
    }
    let (mut head, body) = response.into_parts();
    head.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    head.headers.append(VARY, HeaderValue::from_static("accept-encoding"));
    head.headers.remove(http::header::CONTENT_LENGTH);
    Response::from_parts(head, encoded(body))
}

/// What was compressed when the binary was built.
pub(crate) fn inflated(bytes: &[u8]) -> Bytes {
    let mut decoder = GzDecoder::new(Vec::new());
    decoder.write_all(bytes).expect("what is embedded is gzip");
    decoder.finish().expect("what is embedded is whole").into()
}

/// Each piece of `body` is flushed, so that a stream stays one.
fn encoded(body: Body) -> Body {
    let encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let stream = futures_util::stream::unfold(Some((body, encoder)), |state| async move {
        let (mut body, mut encoder) = state?;
        loop {
            match body.frame().await {
                Some(Ok(frame)) => {
                    let Ok(data) = frame.into_data() else { continue };
                    encoder.write_all(&data).and_then(|()| encoder.flush()).expect("memory can be written");
                    let piece = Bytes::from(std::mem::take(encoder.get_mut()));
                    return Some((Ok(Frame::data(piece)), Some((body, encoder))));
                }
                Some(Err(cut_off)) => return Some((Err(cut_off), None)),
                None => {
                    let rest = encoder.finish().expect("memory can be written");
                    return Some((Ok::<_, CutOff>(Frame::data(Bytes::from(rest))), None));
                }
            }
        }
    });
    BodyExt::boxed_unsync(StreamBody::new(stream))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::whole;

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        let check = |value: &'static str, expected: bool| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(value));
            assert_eq!(is_asked_for(&headers), expected, "{value}");
        };
        check("gzip", true);
        check("deflate, GZIP;q=0.5", true);
        check("br, *", true);
        check("gzip;q=0", false);
        check("gzip; q = 0.0, br", false);
        check("gzip;q=0, *", false);
        check("*, gzip;q=0", false);
        check("*;q=0, gzip", true);
        check("*;q=0", false);
        check("identity", false);
        check("", false);
        assert!(!is_asked_for(&HeaderMap::new()));
    }

    #[tokio::test]
    async fn short_answers_and_those_that_are_encoded_stay_as_they_are() {
        let short = gzip(Response::new(whole(Bytes::from_static(b"{}"))));
        assert!(!short.headers().contains_key(CONTENT_ENCODING));
        let long = gzip(gzip(Response::new(whole(Bytes::from(vec![b'a'; 5000])))));
        assert_eq!(long.headers()[CONTENT_ENCODING], "gzip");
        let bytes = long.into_body().collect().await.expect("a whole body").to_bytes();
        assert!(bytes.len() < 200 && bytes.starts_with(&[0x1f, 0x8b]), "{} bytes", bytes.len());
    }
}
