//! The core behind every door: rows of features in, predictions out. A door only reads its own format and writes it.

use churn::{Customer, CustomerRecord, Features, Prediction, transform};
use uuid::Uuid;

use crate::context::Context;
use crate::model::ServedModel;
use crate::telemetry::Ledger;

/// One row, as a door hands it over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    /// What the model reads.
    pub(crate) features: Features,
    /// The customer; absent where a door takes coded features.
    pub(crate) customer: Option<&'a Customer>,
    /// His id, where he has one.
    pub(crate) customer_id: Option<&'a str>,
}

impl<'a> Row<'a> {
    pub(crate) fn of(record: &'a CustomerRecord) -> Self {
        Self {
            features: transform(&record.customer),
            customer: Some(&record.customer),
            customer_id: record.customer_id.as_deref(),
        }
    }

    pub(crate) fn coded(features: Features) -> Self {
        Self { features, customer: None, customer_id: None }
    }
}

/// What the core says of one row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scored {
    pub(crate) prediction_id: Uuid,
    pub(crate) prediction: Prediction,
    /// The model that answered.
    pub(crate) served: &'static ServedModel,
    pub(crate) variant: &'static str,
}

/// How many rows a request brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Amount {
    /// So many.
    Rows(usize),
    /// Nobody knows yet.
    Stream,
}

/// The scoring of one request: rows go in one by one, `finish` tells what is logged of all of them.
#[derive(Debug)]
pub(crate) struct Scoring {
    context: Context,
    ledger: Ledger,
}

impl Scoring {
    pub(crate) fn new(context: &Context, amount: Amount) -> Self {
        Self { context: context.clone(), ledger: Ledger::new(context, amount) }
    }

    /// Scores one row.
    pub(crate) fn score(&mut self, row: Row<'_>) -> Scored {
        let served = self.context.shared.models.champion;
        let scored = Scored {
            prediction_id: self.context.prediction_id(),
            prediction: served.model.predict(&row.features),
            served,
            variant: "champion",
        };
        self.ledger.enter(&row, &scored, None);
        scored
    }

    /// The request's last row was scored: the ledger is closed.
    pub(crate) fn finish(self) {}
}

/// Scores all `rows` of one request.
pub(crate) fn score<'a>(context: &Context, rows: impl ExactSizeIterator<Item = Row<'a>>) -> Vec<Scored> {
    let mut scoring = Scoring::new(context, Amount::Rows(rows.len()));
    let scored = rows.map(|row| scoring.score(row)).collect();
    scoring.finish();
    scored
}
