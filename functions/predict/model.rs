//! The models that are served: the statics that the build wrote, or fixtures of the tests.

use churn::{Card, Golden, Model, ReferenceView};
use once_cell::sync::OnceCell;

use crate::config::{Config, ConfigError, Shadow};

/// What the build script wrote of the models that it has checked.
mod statics {
    #[expect(clippy::unreadable_literal, reason = "generated numbers")]
    pub(super) mod champion {
        include!(concat!(env!("OUT_DIR"), "/champion.rs"));
    }
    #[allow(clippy::unreadable_literal, reason = "generated numbers, or none where there is no challenger")]
    pub(super) mod challenger {
        include!(concat!(env!("OUT_DIR"), "/challenger.rs"));
    }
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
    /// The model that may answer some customers in its place, or score beside it.
    pub challenger: Option<&'static ServedModel>,
}

impl Models {
    /// The versions that are served, the champion's first.
    pub(crate) fn versions(&self) -> Vec<&'static str> {
        [Some(self.champion), self.challenger].into_iter().flatten().map(|served| served.version).collect()
    }

    /// Whether `config` asks for no more than there is.
    ///
    /// # Errors
    /// The first variable that wants a challenger where there is none.
    pub fn check(&self, config: &Config) -> Result<(), ConfigError> {
        let missing = |variable, expected, found| Err(ConfigError { variable, expected, found });
        if self.challenger.is_some() {
            return Ok(());
        }
        if 0.0 < config.challenger_percent {
            let expected = "0 or nothing: no challenger was compiled in";
            return missing("CHALLENGER_PERCENT", expected, config.challenger_percent.to_string());
        }
        match config.shadow {
            Shadow::On => missing("SHADOW", "off or nothing: no challenger was compiled in", "on".into()),
            Shadow::Off => Ok(()),
        }
    }
}

/// The models that were compiled in.
#[must_use]
pub fn compiled() -> Models {
    Models { champion: champion(), challenger: statics::challenger::MODEL.as_ref() }
}

/// The champion that was compiled in.
#[must_use]
pub fn champion() -> &'static ServedModel {
    &statics::champion::MODEL
}
