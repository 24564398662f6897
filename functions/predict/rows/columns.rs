//! Tables that come column by column, or whose rows are told by a list of columns.

use churn::{CUSTOMER_ID, Cell, Field, Record};
use serde_json::value::RawValue;

use super::Gathering;
use crate::body::raw;
use crate::problem::{Problem, ValueError};
use crate::records::MOST_COLUMNS;

/// Most rows of a table that comes column by column.
pub(crate) const MOST_ROWS: usize = 1 << 17;
/// Most cells of such a table, which is held whole before its first row is read: 24 bytes each, 24 MiB in all. 8 MiB of
/// customers in this form are about 80,000 with twelve cells each; of coded rows, with eight, there may be [`MOST_ROWS`].
const MOST_CELLS: usize = 1 << 20;

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

/// A cell where it stands in the body: it is decoded when its row is, so that no text is held twice.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Held<'a> {
    Json(&'a RawValue),
    Number(f64),
    Text(&'a str),
}

impl<'a> Held<'a> {
    fn cell(self, place: &str) -> Result<Cell<'a>, Problem> {
        match self {
            Self::Json(raw) => raw::part(place, raw),
            Self::Number(number) => Ok(Cell::Number(number)),
            Self::Text(text) => Ok(Cell::Text(text.into())),
        }
    }
}

/// One column of a customer with all of its cells.
#[derive(Debug)]
pub(crate) struct Column<'a> {
    /// The name, which [`known`] has given.
    pub(crate) name: &'static str,
    /// Where its cells are.
    pub(crate) place: String,
    pub(crate) cells: Vec<Held<'a>>,
}

/// A table that comes column by column.
#[derive(Debug)]
pub(crate) struct Table<'a> {
    /// Where it stands.
    place: &'static str,
    columns: Vec<Column<'a>>,
    cells: usize,
    /// The names that are nearly those of fields, one a field: of their cells nobody asks.
    misspelt: Record<'static>,
}

impl<'a> Table<'a> {
    pub(crate) fn new(place: &'static str) -> Self {
        Self { place, columns: Vec::new(), cells: 0, misspelt: Record::default() }
    }

    /// Adds a column; refuses one that is there already, and more cells than are held.
    pub(crate) fn add(&mut self, mut column: Column<'a>) -> Result<(), Problem> {
        if self.columns.iter().any(|known| known.name == column.name) {
            return Err(twice(self.place, column.name));
        }
        self.cells += column.cells.len();
        if MOST_CELLS < self.cells {
            let detail = format!("has more than {MOST_CELLS} values of customers; send several tables");
            return Err(refused(self.place, "too_long", detail));
        }
        // Who pushes cells holds up to twice their room.
        column.cells.shrink_to_fit();
        self.columns.push(column);
        Ok(())
    }

    /// Keeps a name that is not known, where it seems to be meant as a field's.
    pub(crate) fn note(&mut self, name: &str) {
        if known(name).is_none() {
            self.misspelt.insert(name, Cell::Absent);
        }
    }

    /// Gathers the `rows` of the table; all columns are of that length.
    pub(crate) fn gather(&self, rows: usize, gathering: &mut Gathering) -> Result<(), Problem> {
        for row in 0..rows {
            if gathering.is_full() {
                return Ok(());
            }
            let mut record: Record<'a> = self.misspelt.clone();
            for Column { name, place, cells } in &self.columns {
                record.insert(name, cells.get(row).map_or(Ok(Cell::Absent), |held| held.cell(place))?);
            }
            gathering.either(&record, |field| {
                match self.columns.iter().find(|column| column.name == field) {
                    Some(column) => format!("{}/{row}", column.place),
                    None => self.place.to_owned(),
                }
            });
        }
        Ok(())
    }
}

/// The field's own name, or the customer's id's, where `name` is one of them.
pub(crate) fn known(name: &str) -> Option<&'static str> {
    Field::ALL.map(Field::name).into_iter().chain([CUSTOMER_ID]).find(|known| *known == name)
}

fn twice(place: &str, name: &str) -> Problem {
    refused(place, "duplicate_key", format!("has {name} more than once; which is meant is unclear"))
}

/// A fault of the request around the rows.
pub(crate) fn refused(place: &str, code: &'static str, detail: String) -> Problem {
    Problem::Values { errors: vec![ValueError::request(place.to_owned(), code, detail)] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_column_holds_nothing_but_one_name_a_field() {
        let mut table = Table::new("/inputs");
        for name in ["ten_ure", "TENURE", "contract", "notes", "tenure"] {
            table.note(name);
        }
        assert_eq!((table.columns.len(), table.cells), (0, 0));
        assert_eq!(table.misspelt.misspelt(Field::Tenure), Some("ten_ure"));
        let mut expected = Record::default();
        expected.insert("ten_ure", Cell::Absent);
        expected.insert("contract", Cell::Absent);
        assert_eq!(table.misspelt, expected);
    }

    #[test]
    fn so_many_cells_are_held_and_no_more() {
        assert_eq!(size_of::<Held<'_>>(), 24);
        let mut table = Table::new("/inputs");
        let column = |name: &str, count: usize| Column {
            name: known(name).unwrap(),
            place: String::new(),
            cells: vec![Held::Number(0.0); count],
        };
        for field in &Field::ALL[..8] {
            table.add(column(field.name(), MOST_ROWS)).unwrap();
        }
        assert!(table.add(column(CUSTOMER_ID, 1)).is_err());
    }
}
