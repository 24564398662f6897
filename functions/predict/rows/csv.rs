//! A whole CSV body: a line with the names of the columns, then a row a line (RFC 4180).

use std::borrow::Cow;

use churn::Cell;
use csv_core::{ReadRecordResult, Reader};

use super::Gathering;
use super::columns::{Columns, MOST_COLUMNS};
use crate::problem::Problem;

/// Gathers all rows. The body is UTF-8.
pub(crate) fn gather(body: &[u8], gathering: &mut Gathering) -> Result<(), Problem> {
    let mut table = Table::new(body);
    let no_names = || Problem::Malformed { detail: "the first line must name the columns".into() };
    let names: Vec<String> = table.next()?.ok_or_else(no_names)?.map(|name| name.trim().to_owned()).collect();
    let columns = Columns::parse(names, "/header")?;
    while !gathering.is_full() {
        let row = gathering.next();
        let Some(cells) = table.next()? else { break };
        columns.gather(cells.map(|cell| Ok(Cell::Untyped(cell))), &format!("/{row}"), gathering)?;
    }
    Ok(())
}

/// The records of a body.
struct Table<'b> {
    reader: Reader,
    rest: &'b [u8],
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl<'b> Table<'b> {
    fn new(body: &'b [u8]) -> Self {
        // A cell is never longer than what is left of the body and the line end behind it. One end more than columns tells too many from many.
        Self {
            reader: Reader::new(),
            rest: body,
            text: vec![0; body.len() + 1],
            ends: vec![0; MOST_COLUMNS + 1],
        }
    }

    /// The cells of the next record.
    fn next(&mut self) -> Result<Option<impl Iterator<Item = Cow<'_, str>>>, Problem> {
        let (mut filled, mut ended) = (0, 0);
        loop {
            let (text, ends) = (&mut self.text[filled..], &mut self.ends[ended..]);
            // A line's end closes the last record, but not one within quotes.
            let is_over = self.rest.is_empty();
            let input = if is_over { b"\n" } else { self.rest };
            let (result, read, wrote, ends) = self.reader.read_record(input, text, ends);
            (filled, ended) = (filled + wrote, ended + ends);
            if !is_over {
                self.rest = &self.rest[read..];
            }
            match result {
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    let detail = format!("a line has more than {MOST_COLUMNS} columns");
                    return Err(Problem::Malformed { detail });
                }
                ReadRecordResult::Record => break,
                ReadRecordResult::InputEmpty | ReadRecordResult::End if !is_over => {}
                _ if filled == 0 && ended == 0 => return Ok(None),
                _ => {
                    let detail = "a quote is opened and never closed".into();
                    return Err(Problem::Malformed { detail });
                }
            }
        }
        let ends = &self.ends[..ended];
        let starts = std::iter::once(0).chain(ends.iter().copied());
        // The body is UTF-8, and is only cut at ASCII.
        Ok(Some(starts.zip(ends).map(|(start, &end)| String::from_utf8_lossy(&self.text[start..end]))))
    }
}
