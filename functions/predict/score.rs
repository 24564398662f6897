//! The core behind every door: rows of features in, predictions out. A door only reads its own format and writes it.

use churn::{Customer, CustomerRecord, Features, Prediction, transform};
use uuid::Uuid;

use crate::context::Context;
use crate::ids::Ids;
use crate::model::ServedModel;
use crate::split::{Sides, sides};
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
    /// What the other model says, where it scores too: for the log alone.
    pub(crate) shadow: Option<Shadowed>,
}

/// What the model says that does not answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shadowed {
    pub(crate) served: &'static ServedModel,
    pub(crate) variant: &'static str,
    pub(crate) prediction: Prediction,
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
    ids: Ids,
    ledger: Ledger,
    /// Who answers every row, where that was settled before the first.
    settled: Option<Sides>,
}

impl Scoring {
    pub(crate) fn new(context: &Context, amount: Amount) -> Self {
        let (ids, ledger) = (Ids::new(amount), Ledger::new(context, amount));
        Self { context: context.clone(), ids, ledger, settled: None }
    }

    /// The same with `sides` for every row: no row is split.
    pub(crate) fn settled(context: &Context, amount: Amount, sides: Sides) -> Self {
        Self { settled: Some(sides), ..Self::new(context, amount) }
    }

    /// Scores one row.
    pub(crate) fn score(&mut self, row: Row<'_>) -> Scored {
        let prediction_id = self.ids.next(&self.context);
        let Sides { served, variant, shadow } =
            self.settled.unwrap_or_else(|| sides(&self.context, row.customer_id, prediction_id));
        // What nobody would read is not computed.
        let shadow = shadow.filter(|_| self.ledger.is_written()).map(|(served, variant)| Shadowed {
            served,
            variant,
            prediction: served.model.predict(&row.features),
        });
        let prediction = served.model.predict(&row.features);
        let scored = Scored { prediction_id, prediction, served, variant, shadow };
        self.ledger.enter(&row, &scored);
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

#[cfg(test)]
mod tests {
    use churn::{Decision, Edges, FEATURE_COUNT, Model, ReferenceView};
    use forest::{ForestView, Link};
    use http::Request;

    use super::*;
    use crate::config::{Config, PredictionLog, Shadow};
    use crate::{App, Models, Sources};

    /// A model that says 0.25 of everybody, and one that says 0.75.
    static QUARTER: ServedModel = constant(&[0.25]);
    static THREE_QUARTERS: ServedModel = constant(&[0.75]);

    /// A node that is a leaf, as the forest's crate packs it.
    const A_LEAF: u64 = (f32::INFINITY.to_bits() as u64) << 32;

    const fn constant(value: &'static [f64]) -> ServedModel {
        let forest = ForestView::new(Link::Mean, &[0], &[A_LEAF], value, &[1.0]);
        let reference = ReferenceView { features: [Edges(&[]); FEATURE_COUNT], score: Edges(&[]) };
        ServedModel::new(Model { forest, decision: Decision::at(0.5) }, "", "", &[], reference, "")
    }

    /// Variant, probability and shadow of a row of this customer.
    fn check(
        config: Config,
        purpose: &'static str,
        customer_id: Option<&str>,
        expected: (&str, f64, Option<f64>),
    ) {
        let models = Models { champion: &QUARTER, challenger: Some(&THREE_QUARTERS) };
        let app = App::new(models, config, Sources::real());
        let request = Request::post("/predict").header("x-churn-purpose", purpose).body(()).unwrap();
        let context = Context::new(app.shared(), &request);
        let row = Row { features: Features::default(), customer: None, customer_id };
        let scored = score(&context, [row].into_iter())[0];
        let shadow = scored.shadow.map(|shadow| shadow.prediction.probability.get());
        assert_eq!((scored.variant, scored.prediction.probability.get(), shadow), expected);
    }

    fn config(challenger_percent: f64, shadow: Shadow) -> Config {
        Config { challenger_percent, shadow, ..Config::default() }
    }

    #[test]
    fn the_shadow_is_the_model_that_does_not_answer() {
        check(config(0.0, Shadow::Off), "", Some("id"), ("champion", 0.25, None));
        check(config(0.0, Shadow::On), "", Some("id"), ("champion", 0.25, Some(0.75)));
        check(config(100.0, Shadow::Off), "", Some("id"), ("challenger", 0.75, None));
        check(config(100.0, Shadow::On), "", None, ("challenger", 0.75, Some(0.25)));
    }

    #[test]
    fn no_shadow_is_computed_where_nothing_is_written() {
        let off = Config { prediction_log: PredictionLog::Off, ..config(0.0, Shadow::On) };
        check(off, "", Some("id"), ("champion", 0.25, None));
        let counts = Config { prediction_log: PredictionLog::Counts, ..config(0.0, Shadow::On) };
        check(counts, "", Some("id"), ("champion", 0.25, Some(0.75)));
    }

    #[test]
    fn a_trial_gets_the_champion_alone() {
        check(config(100.0, Shadow::On), "what-if", Some("id"), ("champion", 0.25, None));
        check(config(100.0, Shadow::On), "what-if", None, ("champion", 0.25, None));
    }
}
