//! Tables that come column by column, or whose rows are told by a list of columns.

use churn::{Cell, Record};

use super::Gathering;
use crate::problem::{Problem, ValueError};

/// Most columns of a table.
pub(crate) const MOST_COLUMNS: usize = 1000;
/// Most columns that are held whole; a customer has twelve, and some may be misspelt.
const MOST_HELD: usize = 32;
/// Most rows of a table that comes column by column: it is held whole before its first row is read, 32 bytes a cell.
/// 8 MiB of customers in this form are about 80,000.
pub(crate) const MOST_ROWS: usize = 1 << 17;

/// The columns of a table whose rows come one by one.
#[derive(Debug)]
pub(crate) struct Columns {
    count: usize,
    /// Those that are looked at, with their places.
    taken: Vec<(usize, String)>,
}

impl Columns {
    /// Refuses a name that is there twice, and more columns than a table of customers has. `place` points to the names.
    pub(crate) fn parse(names: impl IntoIterator<Item = String>, place: &str) -> Result<Self, Problem> {
        let mut columns = Self { count: 0, taken: Vec::new() };
        for name in names {
            if columns.count == MOST_COLUMNS {
                return Err(refused(place, "too_long", format!("has more than {MOST_COLUMNS} columns")));
            }
            if Record::takes(&name) {
                if columns.place(&name).is_some() {
                    return Err(twice(place, &name));
                }
                columns.taken.push((columns.count, name));
            }
            columns.count += 1;
        }
        Ok(columns)
    }

    /// Gathers the row of these cells; those beyond the last column are only counted.
    pub(crate) fn gather<'a>(
        &self,
        cells: impl IntoIterator<Item = Result<Cell<'a>, Problem>>,
        place: &str,
        gathering: &mut Gathering,
    ) -> Result<(), Problem> {
        let (mut record, mut found, mut taken) = (Record::default(), 0, self.taken.iter().peekable());
        for cell in cells {
            if let Some((_, name)) = taken.next_if(|(index, _)| *index == found) {
                record.insert(name, cell?);
            }
            found += 1;
        }
        if found == self.count {
            gathering.either(&record, |field| match self.place(field) {
                Some(index) => format!("{place}/{index}"),
                None => place.to_owned(),
            });
        } else {
            let detail = format!("has {found} values for {} columns", self.count);
            gathering.unreadable(place.to_owned(), &detail);
        }
        Ok(())
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.taken.iter().find(|(_, taken)| taken == name).map(|(index, _)| *index)
    }
}

/// One column with all of its cells.
#[derive(Debug)]
pub(crate) struct Column<'a> {
    /// The field's name.
    pub(crate) name: String,
    /// Where its cells are.
    pub(crate) place: String,
    /// How many cells there are, also where none is kept.
    pub(crate) rows: usize,
    pub(crate) cells: Vec<Cell<'a>>,
}

/// Adds a column; refuses one that is there already.
pub(crate) fn add<'a>(columns: &mut Vec<Column<'a>>, column: Column<'a>, place: &str) -> Result<(), Problem> {
    if columns.iter().any(|known| known.name == column.name) {
        return Err(twice(place, &column.name));
    }
    if columns.len() == MOST_HELD {
        return Err(refused(place, "too_long", format!("has more than {MOST_HELD} columns of customers")));
    }
    columns.push(column);
    Ok(())
}

/// Gathers the `rows` of a table that came column by column; all columns are of that length. `place` points to the
/// table.
pub(crate) fn gather(mut columns: Vec<Column<'_>>, rows: usize, place: &str, gathering: &mut Gathering) {
    for row in 0..rows {
        if gathering.is_full() {
            return;
        }
        let mut record = Record::default();
        for column in &mut columns {
            record.insert(&column.name, column.cells.get_mut(row).map(std::mem::take).unwrap_or_default());
        }
        gathering.either(&record, |field| match columns.iter().find(|column| column.name == field) {
            Some(column) => format!("{}/{row}", column.place),
            None => place.to_owned(),
        });
    }
}

fn twice(place: &str, name: &str) -> Problem {
    refused(place, "duplicate_key", format!("has {name} more than once; which is meant is unclear"))
}

/// A fault of the request around the rows.
pub(crate) fn refused(place: &str, code: &'static str, detail: String) -> Problem {
    Problem::Values { errors: vec![ValueError::request(place.to_owned(), code, detail)] }
}
