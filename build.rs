//! The build: the champion in `model-artifacts/` is checked and becomes static columns of the binary.
//!
//! A model that is missing, damaged, foreign or without its card stops the build; nothing is served by default.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use churn::{Artifact, ArtifactError, Card, CardError, Histogram, Reference, sha256_hex};
use thiserror::Error as ThisError;

const ARTIFACT: &str = "model-artifacts/champion.msgpack";

/// Why there is nothing to build in.
#[derive(Debug, ThisError)]
enum BuildError {
    #[error("{ARTIFACT} cannot be read")]
    NoArtifact(#[source] io::Error),
    #[error("{ARTIFACT} cannot be served")]
    Artifact(#[source] ArtifactError),
    #[error("{ARTIFACT} has no card: {path} cannot be read", path = path.display())]
    NoCard { path: PathBuf, source: io::Error },
    #[error("{ARTIFACT} has no card of its own: {path} is not it", path = path.display())]
    Card { path: PathBuf, source: CardError },
    #[error("the statics cannot be written")]
    Write(#[source] io::Error),
}

fn main() {
    // Folders, not files: a watched file that does not exist would build again every time.
    println!("cargo::rerun-if-changed=model-artifacts");
    println!("cargo::rerun-if-changed=functions/predict/web");
    if let Err(error) = build() {
        println!("cargo::error={}", explained(&error));
    }
}

fn build() -> Result<(), BuildError> {
    let bytes = fs::read(ARTIFACT).map_err(BuildError::NoArtifact)?;
    let artifact = Artifact::decode(&bytes).map_err(BuildError::Artifact)?;
    let sha256 = sha256_hex(&bytes);
    let card = read_card(&sha256)?;
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("champion.rs");
    fs::write(out, statics(&artifact, &sha256, &card)).map_err(BuildError::Write)
}

/// The card of the artifact with this hash, kept in the history.
fn read_card(sha256: &str) -> Result<Card, BuildError> {
    let path = Path::new("model-artifacts/history").join(format!("{}.card.json", Card::version_of(sha256)));
    let json =
        fs::read_to_string(&path).map_err(|source| BuildError::NoCard { path: path.clone(), source })?;
    Card::parse(&json, sha256).map_err(|source| BuildError::Card { path, source })
}

/// Rust source of everything that the function knows of its model.
///
/// Text arrays were chosen over bytes with a checked cast: the 50,272 nodes of a champion of 300 trees take rustc 0.7 s
/// that way and 0.1 s the other, on one core, and text needs no further crate and no thought for alignment.
fn statics(artifact: &Artifact, sha256: &str, card: &Card) -> String {
    let mut source = artifact.forest.to_source("FOREST");
    let mut constant = |name: &str, kind: &str, value: String| {
        // Writing to a `String` cannot fail.
        let _ = writeln!(source, "pub(crate) const {name}: {kind} = {value};");
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
fn explained(error: &BuildError) -> String {
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
    text + ". To mend it, bring back the committed model with `git checkout -- model-artifacts`, or train one and make \
            it the champion: `cargo churn train --data FILE.csv`, then `cargo churn promote`"
}
