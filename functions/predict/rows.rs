//! The rows of a request in a foreign protocol: customers, or rows that the caller coded. Every door reads its own
//! format; what it found is gathered and scored here.

pub(crate) mod columns;
pub(crate) mod csv;

use churn::{Cell, CustomerRecord, FEATURE_COUNT, FEATURES, Features, Record, Refusal, codes, parse_codes};
use serde_json::value::RawValue;

use crate::body::raw;
use crate::context::Context;
use crate::problem::{Fault, Problem, ValueError};
use crate::score::{Amount, Row, Scored, Scoring};
use crate::split::Sides;

/// Rows that are scored before other requests get their turn.
const TURN: usize = 64;

/// One sound row.
#[derive(Debug)]
pub(crate) enum Entry {
    Customer(CustomerRecord),
    Coded(Features),
}

impl Entry {
    fn row(&self) -> Row<'_> {
        match self {
            Self::Customer(record) => Row::of(record),
            Self::Coded(features) => Row::coded(*features),
        }
    }

    /// The customer's id, where he has one.
    pub(crate) fn customer_id(&self) -> Option<&str> {
        self.row().customer_id
    }
}

/// Scores all rows, each by the model that its customer gets.
pub(crate) async fn score(context: &Context, entries: &[Entry]) -> Vec<Scored> {
    score_all(Scoring::new(context, Amount::Rows(entries.len())), entries).await
}

/// Scores all rows by one model.
pub(crate) async fn score_by(context: &Context, entries: &[Entry], sides: Sides) -> Vec<Scored> {
    score_all(Scoring::settled(context, Amount::Rows(entries.len()), sides), entries).await
}

/// Between two turns the runtime may serve others.
async fn score_all(mut scoring: Scoring, entries: &[Entry]) -> Vec<Scored> {
    let mut scored = Vec::with_capacity(entries.len());
    for entry in entries {
        scored.push(scoring.score(entry.row()));
        if scored.len() % TURN == 0 {
            tokio::task::yield_now().await;
        }
    }
    scoring.finish();
    scored
}

/// Rows as they come in: sound ones are kept until the first error, errors until there are enough.
#[derive(Debug, Default)]
pub(crate) struct Gathering {
    entries: Vec<Entry>,
    errors: Vec<ValueError>,
    count: usize,
}

impl Gathering {
    /// The index of the next row, from 0.
    pub(crate) fn next(&self) -> usize {
        self.count
    }

    /// A customer. `pointer` leads to the field of this name.
    pub(crate) fn customer(&mut self, record: &Record<'_>, pointer: impl Fn(&str) -> String) {
        let parsed = CustomerRecord::parse(record).map(Entry::Customer);
        self.put(parsed, pointer);
    }

    /// A coded row.
    pub(crate) fn coded(&mut self, codes: &[f64; FEATURE_COUNT], pointer: impl Fn(&str) -> String) {
        self.put(parse_codes(codes).map(Entry::Coded), pointer);
    }

    /// A coded row where it is one, else a customer.
    pub(crate) fn either(&mut self, record: &Record<'_>, pointer: impl Fn(&str) -> String) {
        match codes(record) {
            Some(codes) => self.coded(&codes, pointer),
            None => self.customer(record, pointer),
        }
    }

    /// A row that cannot be told into fields.
    pub(crate) fn unreadable(&mut self, pointer: String, detail: &str) {
        let detail = format!("row {}: {detail}", self.count);
        self.fail([ValueError::request(pointer, "wrong_type", detail)]);
    }

    fn put(&mut self, parsed: Result<Entry, Vec<Refusal>>, pointer: impl Fn(&str) -> String) {
        match parsed {
            Ok(entry) => {
                if self.errors.is_empty() {
                    self.entries.push(entry);
                }
                self.count += 1;
            }
            Err(refusals) => {
                let row = self.count;
                self.fail(refusals.into_iter().map(|refusal| {
                    // A pointer into an array of values says nothing of fields, so the words do.
                    let detail = format!("row {row}, {}: {}", refusal.field, refusal.detail);
                    ValueError {
                        pointer: pointer(refusal.field),
                        fault: Fault::Field(Refusal { detail, ..refusal }),
                    }
                }));
            }
        }
    }

    fn fail(&mut self, errors: impl IntoIterator<Item = ValueError>) {
        let room = Problem::MOST_ERRORS - self.errors.len();
        self.errors.extend(errors.into_iter().take(room));
        // They are not answered any more.
        self.entries = Vec::new();
        self.count += 1;
    }

    /// Whether further rows change nothing.
    pub(crate) fn is_full(&self) -> bool {
        Problem::MOST_ERRORS <= self.errors.len()
    }

    /// All rows, or everything that is wrong with them.
    pub(crate) fn finish(self) -> Result<Vec<Entry>, Problem> {
        if self.errors.is_empty() { Ok(self.entries) } else { Err(Problem::Values { errors: self.errors }) }
    }
}

/// The pointer to the member `name` of `place` (RFC 6901). A name may be as long as a body, so a long one is cut.
pub(crate) fn pointer(place: &str, name: &str) -> String {
    let name: String = name.chars().take(100).collect();
    format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// A JSON object as a row: a customer, or his coded features by name.
pub(crate) fn gather_object(place: &str, raw: &RawValue, gathering: &mut Gathering) -> Result<(), Problem> {
    let record: Record<'_> = raw::part(place, raw)?;
    gathering.either(&record, |field| format!("{place}/{field}"));
    Ok(())
}

/// A JSON array of eight numbers as a coded row.
pub(crate) fn gather_codes(place: &str, raw: &RawValue, gathering: &mut Gathering) -> Result<(), Problem> {
    let mut codes = [f64::NAN; FEATURE_COUNT];
    let mut found = 0;
    raw::elements(place, raw, |index, raw| {
        found += 1;
        if let Some(code) = codes.get_mut(index)
            && let Cell::Number(number) = raw::part(place, raw)?
        {
            *code = number;
        }
        Ok(())
    })?;
    if found == FEATURE_COUNT {
        gathering.coded(&codes, |field| format!("{place}/{}", feature_index(field)));
    } else {
        let detail = format!("has {found} values; a coded row has {FEATURE_COUNT}: {}", feature_names());
        gathering.unreadable(place.to_owned(), &detail);
    }
    Ok(())
}

/// The place of a feature among the features.
pub(crate) fn feature_index(name: &str) -> usize {
    FEATURES.iter().position(|feature| feature.name() == name).expect("only features are coded")
}

/// The features in their order.
pub(crate) fn feature_names() -> String {
    FEATURES.map(churn::Field::name).join(", ")
}
