//! `POST /batch_predict`: many customers in one JSON body. One bad row refuses the whole batch, and every fault of
//! every row is listed.

use std::fmt;

use churn::{CustomerRecord, Record, RiskLevel, Skipped};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::{predict, value_errors};
use crate::body::Format;
use crate::context::Context;
use crate::problem::{Fault, Problem, ValueError};
use crate::score::{Amount, Row, Scoring};

/// Most bytes of the body.
pub(crate) const LIMIT: usize = 8 * 1024 * 1024;
/// What the body may be; the last two are streams, which `batch_stream` answers.
pub(crate) const FORMATS: &[Format] = &[Format::Json, Format::MessagePack, Format::Ndjson, Format::Csv];
/// Customers that are scored before other requests get their turn.
const TURN: usize = 64;

/// The customers, in their order.
pub(crate) type Request = Vec<CustomerRecord>;

/// Reads the customers.
pub(crate) fn parse(format: Format, body: &[u8]) -> Result<Request, Problem> {
    let batch: Batch = format.decode(body)?;
    let fault = |code, detail: &str| {
        let fault = Fault::Request { code, detail: detail.into() };
        Err(Problem::Values { errors: vec![ValueError { pointer: "/customers".into(), fault }] })
    };
    match batch.customers {
        _ if batch.repeated => {
            fault("duplicate_key", "is given more than once; which value is meant is unclear")
        }
        None => fault("missing", "is required: an array of customers"),
        Some(Rows { sound, errors }) if errors.is_empty() => Ok(sound),
        Some(Rows { errors, .. }) => Err(Problem::Values { errors }),
    }
}

/// Scores all customers; between two turns the runtime may serve others.
pub(crate) async fn handle<'a>(context: &'a Context, request: &'a Request) -> Response<'a> {
    let mut predictions = Vec::with_capacity(request.len());
    let mut scoring = Scoring::new(context, Amount::Rows(request.len()));
    for record in request {
        let scored = scoring.score(Row::of(record));
        predictions.push(predict::Response::new(context, record.customer_id.as_deref(), &scored));
        if predictions.len() % TURN == 0 {
            tokio::task::yield_now().await;
        }
    }
    scoring.finish();
    Response {
        total_customers: predictions.len(),
        high_risk_count: predictions
            .iter()
            .filter(|prediction| prediction.risk_level == RiskLevel::High)
            .count(),
        predictions,
        model_version: context.shared.models.champion.version,
    }
}

/// The predictions, in the order of the customers.
#[derive(Serialize)]
pub(crate) struct Response<'a> {
    predictions: Vec<predict::Response<'a>>,
    total_customers: usize,
    high_risk_count: usize,
    model_version: &'static str,
}

/// The body: `{"customers": [...]}`, other members ignored.
#[derive(Default)]
struct Batch {
    customers: Option<Rows>,
    repeated: bool,
}

/// The rows, each parsed as it comes, so that only sound customers and the first errors are kept.
#[derive(Default)]
struct Rows {
    sound: Vec<CustomerRecord>,
    errors: Vec<ValueError>,
}

impl Rows {
    fn push(&mut self, row: usize, record: &Record<'_>) {
        match CustomerRecord::parse(record) {
            Ok(customer) if self.errors.is_empty() => self.sound.push(customer),
            Ok(_) => {}
            Err(refusals) => {
                let room = Problem::MOST_ERRORS - self.errors.len();
                self.errors.extend(value_errors(&format!("/customers/{row}"), refusals).take(room));
            }
        }
    }
}

impl<'de> Deserialize<'de> for Batch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BatchVisitor;
        impl<'de> Visitor<'de> for BatchVisitor {
            type Value = Batch;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with an array `customers`")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Batch, A::Error> {
                let mut batch = Batch::default();
                while let Some(key) = map.next_key::<Key>()? {
                    match key {
                        Key::Customers => {
                            batch.repeated = batch.customers.replace(map.next_value()?).is_some()
                        }
                        Key::Other => {
                            map.next_value::<Skipped>()?;
                        }
                    }
                }
                Ok(batch)
            }
        }
        deserializer.deserialize_map(BatchVisitor)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Key {
    Customers,
    #[serde(other)]
    Other,
}

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RowsVisitor;
        impl<'de> Visitor<'de> for RowsVisitor {
            type Value = Rows;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of customers")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Rows, A::Error> {
                let mut rows = Rows::default();
                let mut row = 0;
                while rows.errors.len() < Problem::MOST_ERRORS {
                    let Some(record) = sequence.next_element::<Record<'de>>()? else { return Ok(rows) };
                    rows.push(row, &record);
                    row += 1;
                }
                // No more errors are listed, so the rest need not be judged.
                while sequence.next_element::<Skipped>()?.is_some() {}
                Ok(rows)
            }
        }
        deserializer.deserialize_seq(RowsVisitor)
    }
}
