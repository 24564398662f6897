//! The Open Inference Protocol, version 2 of KServe and Triton: one endpoint a file, and what they share.

pub(crate) mod infer;
pub(crate) mod model;
pub(crate) mod model_ready;
pub(crate) mod server;
pub(crate) mod server_live;
pub(crate) mod server_ready;

use super::model_info::NAME;
use crate::context::Context;
use crate::problem::Problem;
use crate::split::Sides;

/// The tensor of coded rows.
const FEATURES: &str = "features";
/// The tensor of answers.
const PROBABILITY: &str = "churn_probability";

/// A path below that of the model.
#[derive(Debug)]
pub(crate) struct ModelPath<'p> {
    version: Option<&'p str>,
    /// What is asked of the model; nothing where it is the model itself.
    pub(crate) action: &'p str,
}

impl<'p> ModelPath<'p> {
    /// `None` where the path is not that of the model, whatever follows.
    pub(crate) fn parse(path: &'p str) -> Option<Self> {
        let path = path.strip_suffix('/').unwrap_or(path);
        let rest = path.strip_prefix("/v2/models/")?.strip_prefix(NAME)?;
        let parts: Vec<&str> = rest.split('/').collect();
        let (version, action) = match parts[..] {
            [""] => (None, ""),
            ["", action] => (None, action),
            ["", "versions", version] => (Some(version), ""),
            ["", "versions", version, action] => (Some(version), action),
            _ => return None,
        };
        Some(Self { version, action })
    }
}

/// Who answers at `path`: the model of the version that it names, else the champion. Either answers every row alone:
/// an answer here names one version for all of its rows, and coded rows have no customer whom a split could keep on his
/// side.
pub(crate) fn sides(context: &Context, path: &str) -> Result<Sides, Problem> {
    let models = context.shared.models;
    match ModelPath::parse(path).and_then(|path| path.version) {
        Some(version) => Sides::of_version(models, version)
            .ok_or_else(|| Problem::UnknownVersion { served: models.versions() }),
        None => Ok(Sides::champion(models)),
    }
}
