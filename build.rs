//! The build: the champion in `model-artifacts/`, and a challenger that lies beside it, are checked and become static
//! columns of the binary.
//!
//! A champion that is missing stops the build, and so does a model that is damaged, foreign or without its card;
//! nothing is served by default.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use churn::{Artifact, ArtifactError, Card, CardError, Histogram, Reference, sha256_hex};
use thiserror::Error as ThisError;

const CHAMPION: &str = "model-artifacts/champion.msgpack";
const CHALLENGER: &str = "model-artifacts/challenger.msgpack";
const CHALLENGER_CARD: &str = "model-artifacts/challenger.card.json";

const MEND_CHAMPION: &str = "To mend it, bring back the committed model with `git checkout -- model-artifacts`, or train \
                             one and make it the champion: `cargo churn train --data FILE.csv`, then `cargo churn promote`";
const MEND_CHALLENGER: &str = "To mend it, train again with `cargo churn train --data FILE.csv`, or delete \
                               model-artifacts/challenger.msgpack: a build without a challenger serves the champion alone";

/// The expression that makes a model of its constants.
const SERVED: &str = "crate::ServedModel::new(churn::Model { forest: FOREST, decision: DECISION }, VERSION, SHA256, \
                      GOLDEN, REFERENCE, CARD)";

/// Why there is nothing to build in.
#[derive(Debug, ThisError)]
enum BuildError {
    #[error("{artifact} cannot be read")]
    NoArtifact { artifact: &'static str, source: io::Error },
    #[error("{artifact} cannot be served")]
    Artifact { artifact: &'static str, source: ArtifactError },
    #[error("{artifact} has no card: {path} cannot be read", path = path.display())]
    NoCard { artifact: &'static str, path: PathBuf, source: io::Error },
    #[error("{artifact} has no card of its own: {path} is not it", path = path.display())]
    Card { artifact: &'static str, path: PathBuf, source: CardError },
    #[error("the statics cannot be written")]
    Write(#[source] io::Error),
}

fn main() {
    // Folders, not files: a watched file that does not exist would build again every time.
    println!("cargo::rerun-if-changed=model-artifacts");
    println!("cargo::rerun-if-changed=functions/predict/web");
    let built = champion()
        .map_err(|error| explained(&error, MEND_CHAMPION))
        .and_then(|champion| challenger(&champion).map_err(|error| explained(&error, MEND_CHALLENGER)));
    if let Err(message) = built {
        println!("cargo::error={message}");
    }
}

/// Writes the champion's statics and gives its bytes.
fn champion() -> Result<Vec<u8>, BuildError> {
    let bytes = fs::read(CHAMPION).map_err(|source| BuildError::NoArtifact { artifact: CHAMPION, source })?;
    let in_history = |version| Path::new("model-artifacts/history").join(format!("{version}.card.json"));
    let source = checked(CHAMPION, &bytes, in_history)?;
    write("champion.rs", format!("{source}pub(crate) static MODEL: crate::ServedModel = {SERVED};\n"))?;
    Ok(bytes)
}

/// Writes the challenger's statics, or that there is none. One that was promoted and still lies there is none.
fn challenger(champion: &[u8]) -> Result<(), BuildError> {
    let found = match fs::read(CHALLENGER) {
        Ok(bytes) => Some(bytes).filter(|bytes| bytes != champion),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(source) => return Err(BuildError::NoArtifact { artifact: CHALLENGER, source }),
    };
    let (source, model) = match found {
        Some(bytes) => (checked(CHALLENGER, &bytes, |_| CHALLENGER_CARD.into())?, format!("Some({SERVED})")),
        None => (String::new(), "None".to_owned()),
    };
    write(
        "challenger.rs",
        format!("{source}pub(crate) static MODEL: Option<crate::ServedModel> = {model};\n"),
    )
}

/// The statics of the artifact, which must be sound and have a card of its own, which lies where `card_path` says for
/// its version.
fn checked(
    artifact: &'static str,
    bytes: &[u8],
    card_path: impl Fn(String) -> PathBuf,
) -> Result<String, BuildError> {
    let model = Artifact::decode(bytes).map_err(|source| BuildError::Artifact { artifact, source })?;
    let sha256 = sha256_hex(bytes);
    let path = card_path(Card::version_of(&sha256));
    let card = match fs::read_to_string(&path) {
        Ok(json) => {
            Card::parse(&json, &sha256).map_err(|source| BuildError::Card { artifact, path, source })?
        }
        Err(source) => return Err(BuildError::NoCard { artifact, path, source }),
    };
    Ok(statics(&model, &sha256, &card))
}

fn write(name: &str, source: String) -> Result<(), BuildError> {
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join(name);
    fs::write(out, source).map_err(BuildError::Write)
}

/// Rust source of everything that the function knows of a model; [`SERVED`] puts it together.
///
/// Text arrays were chosen over bytes with a checked cast: the 50,272 nodes of a champion of 300 trees take rustc 0.4 s
/// that way and 0.1 s the other, on one core, and text needs no further crate and no thought for alignment.
fn statics(artifact: &Artifact, sha256: &str, card: &Card) -> String {
    let mut source = artifact.forest.to_source("FOREST");
    let mut constant = |name: &str, kind: &str, value: String| {
        // Writing to a `String` cannot fail.
        let _ = writeln!(source, "const {name}: {kind} = {value};");
    };
    let decision = &artifact.decision;
    constant("SHA256", "&str", format!("{sha256:?}"));
    constant("VERSION", "&str", format!("{:?}", Card::version_of(sha256)));
    constant("CARD", "&str", format!("{:?}", card.to_json()));
    constant(
        "DECISION",
        "churn::Decision",
        format!(
            "churn::Decision {{ threshold: {:?}, medium: {:?}, high: {:?} }}",
            decision.threshold, decision.medium, decision.high
        ),
    );
    let golden = artifact.golden.iter().map(|row| {
        format!("churn::Golden {{ features: {:?}, probability: {:?} }}", row.features, row.probability)
    });
    constant("GOLDEN", "&[churn::Golden]", format!("&[{}]", golden.collect::<Vec<_>>().join(", ")));
    constant("REFERENCE", "churn::ReferenceView<'static>", reference(&artifact.reference));
    source
}

/// The edges of the reference histograms as a constant's value.
fn reference(reference: &Reference) -> String {
    let edges = |histogram: &Histogram| format!("churn::Edges(&{:?})", histogram.edges);
    let features: Vec<String> = reference.features.iter().map(edges).collect();
    let score = edges(&reference.score);
    format!("churn::ReferenceView {{ features: [{}], score: {score} }}", features.join(", "))
}

/// The error, its causes, and the command that mends it, in the one line that cargo prints.
fn explained(error: &BuildError, mend: &str) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let reason = error.to_string();
        // Some libraries print their cause themselves.
        if !text.ends_with(&reason) {
            text += &format!(": {reason}");
        }
        cause = error.source();
    }
    text + ". " + mend
}
