//! MLflow over REST: what a training run leaves on a tracking server, and which version its registry calls champion.
//!
//! The walk: [`client`] speaks HTTP; [`experiment`], [`run`], [`artifacts`] and [`registry`] each know one kind of
//! thing on the server; [`model`] is the folder that MLflow loads; [`publish`] is the sequence after a training run and
//! [`champion`] the one after a promotion. The server is a hostile place: every answer has a limit of size and time and
//! is checked, nothing that it says is executed or trusted, no redirect is followed, and every file is read back.

mod artifacts;
mod champion;
mod client;
mod error;
mod experiment;
mod model;
mod publish;
mod registry;
mod run;
mod settings;
mod tls;

use clap::Args;

pub(crate) use self::champion::crown;
pub(crate) use self::client::Server;
pub(crate) use self::error::{Fault, MlflowError, SettingError};
pub(crate) use self::publish::{CandidateRun, Candidates, Publication, publish};
pub(crate) use self::run::Metric;

/// The registered model, and by that name what `models:/` URIs begin with.
const MODEL: &str = "churn_classifier";
/// The experiment that all training runs stand in.
const EXPERIMENT: &str = "churn_prediction";
/// Tag of runs and of model versions: SHA-256 of the artifact. By it a repeated command finds what is there already.
const ARTIFACT_SHA256: &str = "artifact_sha256";

/// Where the MLflow server is. Verbs flatten it into arguments of the same name, so it makes no group of its own.
#[derive(Args)]
#[group(skip)]
pub(crate) struct Arguments {
    /// MLflow server, http:// or https://; without one nothing of MLflow is tried.
    #[arg(long = "mlflow", value_name = "URI", env = "MLFLOW_TRACKING_URI", hide_env_values = true)]
    uri: Option<String>,
}

impl Arguments {
    /// The server, where one is named; an empty name is none.
    ///
    /// # Errors
    /// Where the URI or a variable of the environment cannot be used. The server is not asked yet.
    pub(crate) fn server(&self) -> Result<Option<Server>, SettingError> {
        let uri = self.uri.as_deref().map(str::trim).filter(|uri| !uri.is_empty());
        uri.map(|uri| Server::new(uri, settings::Settings::from_environment()?)).transpose()
    }
}
