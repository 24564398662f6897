//! Records of CSV (RFC 4180), read from a body that comes in pieces: the one reader of both doors that take CSV.

use csv_core::{ReadRecordResult, Reader};

/// Most columns of a record.
pub(crate) const MOST_COLUMNS: usize = 1000;

/// The byte order mark that some programs put before a text.
const MARK: [u8; 3] = *b"\xef\xbb\xbf";

/// What a record says that ends in an open quote.
pub(crate) const OPEN_QUOTE: &str = "a quote is opened and never closed";

/// The record that is being read.
pub(crate) struct Records {
    reader: Reader,
    /// The cells so far, one behind the other.
    cells: Vec<u8>,
    filled: usize,
    /// Where each cell ends.
    ends: Vec<usize>,
    ended: usize,
    too_long: bool,
    /// How much of a byte order mark the body began with, until that is settled.
    mark: Option<usize>,
}

/// How far reading came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reached {
    Record,
    InputEnd,
}

/// What the end of the body left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Last {
    Record,
    OpenQuote,
    Nothing,
}

/// A record is longer than any may be, or has more than [`MOST_COLUMNS`] columns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TooLong;

impl Records {
    /// A reader of records whose cells have at most `longest` bytes together.
    pub(crate) fn new(longest: usize) -> Self {
        Self {
            reader: Reader::new(),
            // One byte more: a full buffer counts as too small.
            cells: vec![0; longest + 1],
            filled: 0,
            ends: vec![0; MOST_COLUMNS],
            ended: 0,
            too_long: false,
            mark: Some(0),
        }
    }

    /// Reads on, to the end of the record or of `input`; tells how much was used.
    pub(crate) fn read(&mut self, input: &[u8]) -> (usize, Reached) {
        let marked = self.pass_mark(input);
        let (used, reached) = self.feed(&input[marked..]);
        (marked + used, reached)
    }

    /// Passes over the byte order mark, or the part of it that `input` begins with; tells how many bytes those are.
    fn pass_mark(&mut self, input: &[u8]) -> usize {
        let Some(before) = self.mark else { return 0 };
        let matching = input.iter().zip(&MARK[before..]).take_while(|(byte, mark)| byte == mark).count();
        self.mark = Some(before + matching);
        if before + matching == MARK.len() {
            self.mark = None;
        } else if matching < input.len() {
            self.was_no_mark();
        }
        matching
    }

    /// What looked like the beginning of a mark is a part of the first record.
    fn was_no_mark(&mut self) {
        if let Some(length) = self.mark.take() {
            self.feed(&MARK[..length]);
        }
    }

    fn feed(&mut self, input: &[u8]) -> (usize, Reached) {
        let mut used = 0;
        while used < input.len() {
            let (cells, ends) = (&mut self.cells[self.filled..], &mut self.ends[self.ended..]);
            let (result, read, filled, ended) = self.reader.read_record(&input[used..], cells, ends);
            (used, self.filled, self.ended) = (used + read, self.filled + filled, self.ended + ended);
            match result {
                ReadRecordResult::Record => return (used, Reached::Record),
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    // What was read is not kept: the record is refused, whatever follows.
                    (self.filled, self.ended, self.too_long) = (0, 0, true);
                }
                ReadRecordResult::InputEmpty | ReadRecordResult::End => {}
            }
        }
        (used, Reached::InputEnd)
    }

    /// The body has ended: its last record needs no line end of its own.
    pub(crate) fn end(&mut self) -> Last {
        self.was_no_mark();
        // A line's end closes the last record, but not one within quotes.
        if self.feed(b"\n").1 == Reached::Record {
            Last::Record
        } else if self.filled != 0 || self.ended != 0 || self.too_long {
            Last::OpenQuote
        } else {
            Last::Nothing
        }
    }

    /// The cells of the record that was read, which is used up.
    pub(crate) fn cells(&mut self) -> Result<impl Iterator<Item = &[u8]>, TooLong> {
        let ends = &self.ends[..std::mem::take(&mut self.ended)];
        self.filled = 0;
        if std::mem::take(&mut self.too_long) {
            return Err(TooLong);
        }
        let starts = std::iter::once(0).chain(ends.iter().copied());
        Ok(starts.zip(ends).map(|(start, &end)| &self.cells[start..end]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The records of `body` that comes in pieces of `size`, cells parted by `|`; `!` is one that is too long.
    fn check(body: &str, longest: usize, expected: &[&str], last: Last) {
        for size in [1, 2, 3, 7, body.len()] {
            let (mut records, mut found) = (Records::new(longest), Vec::new());
            let mut take = |records: &mut Records| {
                found.push(records.cells().map_or("!".into(), |cells| {
                    cells.map(|cell| String::from_utf8_lossy(cell)).collect::<Vec<_>>().join("|")
                }));
            };
            for mut piece in body.as_bytes().chunks(size) {
                while let (used, Reached::Record) = records.read(piece) {
                    take(&mut records);
                    piece = &piece[used..];
                }
            }
            let end = records.end();
            if end == Last::Record {
                take(&mut records);
            }
            assert_eq!(
                (found.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), end),
                (expected, last),
                "pieces of {size}"
            );
        }
    }

    #[test]
    fn records_are_the_same_however_the_body_is_cut() {
        check("a,b\n1,\"x\"\"y,\nz\"\r\n\n2,3", 20, &["a|b", "1|x\"y,\nz", "2|3"], Last::Record);
        check("a,b\n1,2\n", 20, &["a|b", "1|2"], Last::Nothing);
        check("a\n\"1,2\n3\n", 20, &["a"], Last::OpenQuote);
        check("a\n123456789\n1\n", 4, &["a", "!", "1"], Last::Nothing);
        check("a\n\"123456789", 4, &["a"], Last::OpenQuote);
        check("a\n1234\n12345\n", 4, &["a", "1234", "!"], Last::Nothing);
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_name() {
        check("\u{feff}a,b\n1,2\n", 20, &["a|b", "1|2"], Last::Nothing);
        check("\u{feff}", 20, &[], Last::Nothing);
        // Characters that begin with the same byte, or two.
        check("\u{f001}a\n", 20, &["\u{f001}a"], Last::Nothing);
        check("\u{fec0}a", 20, &["\u{fec0}a"], Last::Record);
    }

    #[test]
    fn a_record_with_too_many_columns_is_refused_alone() {
        let wide = ",".repeat(MOST_COLUMNS);
        check(&format!("a\n{wide}\nb\n"), 10, &["a", "!", "b"], Last::Nothing);
        let (most, cells) = (",".repeat(MOST_COLUMNS - 2), "|".repeat(MOST_COLUMNS - 2));
        check(&format!("{most}\n"), 10, &[&cells], Last::Nothing);
    }
}
