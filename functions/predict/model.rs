//! The model that is served: the statics that the build wrote, or a fixture of the tests.

use churn::{Card, Golden, Model, ReferenceView};
use once_cell::sync::OnceCell;

/// The statics of the champion, checked by the build script.
#[expect(clippy::unreadable_literal, reason = "generated numbers")]
mod statics {
    include!(concat!(env!("OUT_DIR"), "/champion.rs"));
}

/// A model and what is told of it.
#[derive(Debug)]
pub struct ServedModel {
    /// The scorer.
    pub model: Model<'static>,
    /// The first digits of the artifact's SHA-256.
    pub version: &'static str,
    /// SHA-256 of the artifact.
    pub sha256: &'static str,
    /// Rows whose probabilities are known.
    pub golden: &'static [Golden],
    /// Where predictions are counted, for drift to be seen.
    pub reference: ReferenceView<'static>,
    card_json: &'static str,
    card: OnceCell<Card>,
}

impl ServedModel {
    /// A model and its card, which is decoded when it is first asked for.
    #[must_use]
    pub const fn new(
        model: Model<'static>,
        version: &'static str,
        sha256: &'static str,
        golden: &'static [Golden],
        reference: ReferenceView<'static>,
        card_json: &'static str,
    ) -> Self {
        Self { model, version, sha256, golden, reference, card_json, card: OnceCell::new() }
    }

    /// The model's card.
    ///
    /// # Panics
    /// Where the card is not this model's; the build script has checked the champion's.
    pub fn card(&self) -> &Card {
        self.card
            .get_or_init(|| Card::parse(self.card_json, self.sha256).expect("the build has checked the card"))
    }
}

/// The models of this process.
#[derive(Clone, Copy, Debug)]
pub struct Models {
    /// The model that answers.
    pub champion: &'static ServedModel,
}

/// The models that were compiled in.
#[must_use]
pub fn compiled() -> Models {
    Models { champion: champion() }
}

/// The champion that was compiled in.
#[must_use]
pub fn champion() -> &'static ServedModel {
    static CHAMPION: ServedModel = ServedModel::new(
        Model { forest: statics::FOREST, decision: statics::DECISION },
        statics::VERSION,
        statics::SHA256,
        statics::GOLDEN,
        statics::REFERENCE,
        statics::CARD,
    );
    &CHAMPION
}
