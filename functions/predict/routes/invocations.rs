//! `POST /invocations`: MLflow's scoring protocol, which SageMaker and Vertex AI speak too.
//!
//! A row is a customer with his eleven fields, or the eight features by number, as the model that is exported to MLflow
//! takes them: so that one call works against both.

use churn::Probability;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::body::{Format, raw};
use crate::context::Context;
use crate::problem::Problem;
use crate::records::MOST_COLUMNS;
use crate::rows::columns::{self, Column, Columns, Held, MOST_ROWS, Table, refused};
use crate::rows::{Entry, Gathering, csv, gather_codes, gather_object, pointer, score};

/// Most bytes of the body.
pub(crate) const LIMIT: usize = 8 * 1024 * 1024;
/// What the body may be.
pub(crate) const FORMATS: &[Format] = &[Format::Json, Format::Csv];

/// The rows, in their order.
pub(crate) type Request = Vec<Entry>;

/// Reads the rows.
pub(crate) fn parse(format: Format, body: &[u8]) -> Result<Request, Problem> {
    let mut gathering = Gathering::default();
    match format {
        Format::Csv => csv::gather(body, &mut gathering)?,
        _ => gather(&raw::object(body)?, &mut gathering)?,
    }
    gathering.finish()
}

/// Scores all rows.
pub(crate) async fn handle(context: &Context, request: Request) -> Response {
    let scored = score(context, &request).await;
    Response { predictions: scored.iter().map(|scored| scored.prediction.probability).collect() }
}

/// A probability a row.
#[derive(Serialize)]
pub(crate) struct Response {
    predictions: Vec<Probability>,
}

/// The body; `params`, and `parameters` of Vertex AI, are not looked at.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    dataframe_split: Option<&'a RawValue>,
    #[serde(borrow)]
    dataframe_records: Option<&'a RawValue>,
    #[serde(borrow)]
    instances: Option<&'a RawValue>,
    #[serde(borrow)]
    inputs: Option<&'a RawValue>,
}

fn gather(body: &Envelope<'_>, gathering: &mut Gathering) -> Result<(), Problem> {
    let forms = [
        ("/dataframe_split", body.dataframe_split),
        ("/dataframe_records", body.dataframe_records),
        ("/instances", body.instances),
        ("/inputs", body.inputs),
    ];
    let mut sent = forms.into_iter().filter_map(|(place, form)| Some((place, form?)));
    let named = "one of dataframe_split, dataframe_records, instances and inputs";
    let Some((place, form)) = sent.next() else {
        return Err(refused("", "missing", format!("{named} is required")));
    };
    if let Some((second, _)) = sent.next() {
        return Err(refused(second, "inconsistent", format!("stands beside {place}; send {named}")));
    }
    match place {
        "/dataframe_split" => gather_split(raw::object_part(place, form)?, gathering),
        "/inputs" if raw::first(form) == b'{' => gather_columns(form, gathering),
        _ => gather_list(place, form, gathering),
    }
}

/// Objects; beside dataframes also arrays of the eight codes.
fn gather_list(place: &str, list: &RawValue, gathering: &mut Gathering) -> Result<(), Problem> {
    raw::elements(place, list, |row, element| {
        let takes_codes = place != "/dataframe_records";
        match raw::first(element) {
            _ if gathering.is_full() => Ok(()),
            b'[' if takes_codes => gather_codes(&format!("{place}/{row}"), element, gathering),
            _ => gather_object(&format!("{place}/{row}"), element, gathering),
        }
    })
}

/// A table as pandas splits it; its index is not looked at.
#[derive(Deserialize)]
struct Split<'a> {
    #[serde(borrow)]
    columns: &'a RawValue,
    #[serde(borrow)]
    data: &'a RawValue,
}

fn gather_split(split: Split<'_>, gathering: &mut Gathering) -> Result<(), Problem> {
    let mut names = Vec::new();
    raw::elements("/dataframe_split/columns", split.columns, |index, name| {
        // One name too many is refused as any number of them.
        if index <= MOST_COLUMNS {
            names.push(raw::part("/dataframe_split/columns", name)?);
        }
        Ok(())
    })?;
    let columns = Columns::parse(names, "/dataframe_split/columns")?;
    raw::elements("/dataframe_split/data", split.data, |row, cells| {
        if gathering.is_full() {
            return Ok(());
        }
        let place = format!("/dataframe_split/data/{row}");
        let mut found = Vec::new();
        raw::elements(&place, cells, |index, cell| {
            // A row that is too long is refused for that.
            if index <= MOST_COLUMNS {
                found.push(raw::part(&place, cell));
            }
            Ok(())
        })?;
        columns.gather(found, &place, gathering)
    })
}

/// A table as an object of columns.
fn gather_columns(table: &RawValue, gathering: &mut Gathering) -> Result<(), Problem> {
    let (mut columns, mut rows) = (Table::new("/inputs"), None);
    raw::members("/inputs", table, |name, raw| {
        let (place, known, mut cells) = (pointer("/inputs", &name), columns::known(&name), Vec::new());
        let found = each_cell(&place, raw, |cell| {
            if known.is_some() {
                cells.push(Held::Json(cell));
            }
        })?;
        let expected = *rows.get_or_insert(found);
        if found != expected {
            let detail = format!("has {found} values where the column before has {expected}");
            return Err(refused(&place, "inconsistent", detail));
        }
        match known {
            Some(name) => columns.add(Column { name, place, cells })?,
            None => columns.note(&name),
        }
        Ok(())
    })?;
    columns.gather(rows.unwrap_or_default(), gathering)
}

/// Gives the cells of a column to `take`, and counts them.
fn each_cell<'a>(
    place: &str,
    cells: &'a RawValue,
    mut take: impl FnMut(&'a RawValue),
) -> Result<usize, Problem> {
    let mut rows = 0;
    raw::elements(place, cells, |row, cell| {
        if MOST_ROWS <= row {
            return Err(refused("/inputs", "too_long", format!("a column has more than {MOST_ROWS} values")));
        }
        rows += 1;
        take(cell);
        Ok(())
    })?;
    Ok(rows)
}
