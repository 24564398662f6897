//! A whole CSV body: a line with the names of the columns, then a row a line.

use std::borrow::Cow;

use churn::Cell;

use super::Gathering;
use super::columns::Columns;
use crate::problem::Problem;
use crate::records::{Last, MOST_COLUMNS, OPEN_QUOTE, Reached, Records, TooLong};

/// Gathers all rows. The body is UTF-8.
pub(crate) fn gather(body: &[u8], gathering: &mut Gathering) -> Result<(), Problem> {
    // No record is longer than the body.
    let mut table = Table { records: Records::new(body.len()), rest: body };
    let names: Vec<String> = table
        .next()?
        .ok_or_else(|| malformed("the first line must name the columns"))?
        .map(|name| name.trim().to_owned())
        .collect();
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
    records: Records,
    rest: &'b [u8],
}

impl Table<'_> {
    /// The cells of the next record.
    fn next(&mut self) -> Result<Option<impl Iterator<Item = Cow<'_, str>>>, Problem> {
        let (used, reached) = self.records.read(self.rest);
        self.rest = &self.rest[used..];
        if reached == Reached::InputEnd {
            match self.records.end() {
                Last::Record => {}
                Last::OpenQuote => return Err(malformed(OPEN_QUOTE)),
                Last::Nothing => return Ok(None),
            }
        }
        let cells = self.records.cells();
        let cells =
            cells.map_err(|TooLong| malformed(&format!("a line has more than {MOST_COLUMNS} columns")))?;
        // The body is UTF-8, and is only cut at ASCII.
        Ok(Some(cells.map(String::from_utf8_lossy)))
    }
}

fn malformed(detail: &str) -> Problem {
    Problem::Malformed { detail: detail.into() }
}
