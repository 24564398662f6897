//! The file of scores: one row a customer, with reasons and rank where they are asked for.

use churn::{Model, Prediction, transform};

use super::calls::{Call, CallList};
use crate::output;
use crate::progress::Progress;
use crate::source::Row;

const COLUMNS: [&str; 5] =
    ["customer_id", "churn_probability", "churn_prediction", "risk_level", "model_version"];
/// As many reasons as one can take in during a call.
const REASONS: [&str; 3] = ["reason_1", "reason_2", "reason_3"];
const RANKED: [&str; 2] = ["rank", "expected_profit"];

/// A customer and what the model says of him.
pub(super) struct Scored<'a> {
    row: &'a Row,
    pub(super) prediction: Prediction,
}

impl<'a> Scored<'a> {
    pub(super) fn of(row: &'a Row, model: Model<'_>) -> Self {
        Self { row, prediction: model.predict(&transform(&row.record.customer)) }
    }
}

/// Everything that is written.
pub(super) struct Sheet<'a> {
    pub(super) version: String,
    /// The model that gives reasons, where they are asked for.
    pub(super) explainer: Option<Model<'a>>,
    pub(super) lines: Lines<'a>,
}

/// Who is written.
pub(super) enum Lines<'a> {
    /// Every customer, in the order of the file.
    All(Vec<Scored<'a>>),
    /// Those to call, in the order of their ranks.
    Calls(CallList<'a>),
}

impl Sheet<'_> {
    /// The file. Numbers are written in the shortest form that reads back to the same bits.
    pub(super) fn to_csv(&self) -> Vec<u8> {
        let reasons = self.explainer.map_or(&[][..], |_| &REASONS);
        output::csv(|writer| match &self.lines {
            Lines::All(lines) => {
                writer.write_record(COLUMNS.iter().chain(reasons))?;
                let progress = self.progress(lines.len());
                lines.iter().try_for_each(|scored| {
                    progress.advance(1);
                    writer.write_record(self.cells(scored))
                })
            }
            Lines::Calls(CallList { calls, .. }) => {
                writer.write_record(COLUMNS.iter().chain(reasons).chain(&RANKED))?;
                let progress = self.progress(calls.len());
                (1_u64..).zip(calls).try_for_each(|(rank, Call { scored, expected_profit })| {
                    progress.advance(1);
                    let ranked = [rank.to_string(), expected_profit.to_string()];
                    writer.write_record(self.cells(scored).into_iter().chain(ranked))
                })
            }
        })
    }

    /// Progress of writing, which takes long only where reasons are worked out.
    fn progress(&self, lines: usize) -> Progress {
        Progress::new(if self.explainer.is_some() { "reasons" } else { "rows" }, lines as u64)
    }

    fn cells(&self, Scored { row, prediction }: &Scored<'_>) -> Vec<String> {
        let mut cells = vec![
            row.record.customer_id.clone().unwrap_or_default(),
            prediction.probability.get().to_string(),
            prediction.label().to_owned(),
            prediction.risk.label().to_owned(),
            self.version.clone(),
        ];
        if let Some(model) = self.explainer {
            let mut reasons = model.explain(&row.record.customer).reasons.into_iter();
            cells.extend(REASONS.map(|_| reasons.next().unwrap_or_default()));
        }
        cells
    }
}
