//! Quotes that swallow rows: a quote that is opened and not closed where its cell ends takes what follows for its text.
//!
//! The CSV reader accepts such files without a word, and rows of customers would be missing. A cell that holds line
//! breaks is legal; what is refused is one that runs to the end of the file, or that is closed by the quote that opens a
//! cell of a later line, so that text follows it.

/// Where in a cell a byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    Bare,
    Quoted,
    /// Behind a quote within quotes: the cell's end, or the first half of a doubled quote.
    Closing,
}

/// The line of the file, from 1, on which a quote opens that is not closed where its cell ends.
pub(super) fn unclosed(file: &[u8]) -> Option<u64> {
    let text = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let (mut place, mut line, mut opened) = (Place::Start, 1, 1);
    for &byte in text {
        place = match (place, byte) {
            (Place::Quoted, b'"') => Place::Closing,
            (Place::Closing, b'"') | (Place::Quoted, _) => Place::Quoted,
            (Place::Start, b'"') => {
                opened = line;
                Place::Quoted
            }
            (_, b',' | b'\n' | b'\r') => Place::Start,
            (Place::Closing, _) if opened < line => return Some(opened),
            _ => Place::Bare,
        };
        line += u64::from(byte == b'\n');
    }
    (place == Place::Quoted).then_some(opened)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(file: &str, expected: Option<u64>) {
        assert_eq!(unclosed(file.as_bytes()), expected, "{file:?}");
    }

    #[test]
    fn a_quote_that_is_not_closed_is_named_by_its_line() {
        check("a,b\n1,\"2\n3,4\n", Some(2));
        check("a,b\r\n1,2\r\n\"3,4\r\n", Some(3));
        check("a,\"b\n1,2\n", Some(1));
        check("a,b\n\"x\ny\",\"2\n3,4", Some(3));
        check("a,b\n1,\"2\"\"\n3,4\n", Some(2));
        // Closed by the quote that opens a cell two lines below.
        check("a,b\n1,\"2\n3,4\n5,\"6\"\n", Some(2));
    }

    #[test]
    fn quotes_that_are_closed_may_hold_anything() {
        check("", None);
        check("a,b\n1,\"2\"", None);
        check("\u{feff}\"a\",b\n\"1,\n\n2\",\"x\"\"y\"\n", None);
        check("a,b\n1,5\"\n2,\"\"\n", None);
        check("a,b\n1,\"5\" wide\n", None);
    }
}
