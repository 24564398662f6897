//! The endpoints, one a file, with the same verbs in the same order: `Request`, `parse`, `handle`, `Response`.

pub(crate) mod batch_predict;
pub(crate) mod health;
pub(crate) mod health_live;
pub(crate) mod health_ready;
pub(crate) mod home;
pub(crate) mod model_info;
pub(crate) mod predict;

use churn::Refusal;
use http::Uri;

use crate::problem::{Fault, Problem, ValueError};

/// What is wrong with a body that is not JSON of the right shape. The decoder's own words name line and column; they
/// are cut, because they may quote the body.
fn malformed(error: &serde_json::Error) -> Problem {
    const LONGEST: usize = 200;
    Problem::Malformed { detail: error.to_string().chars().take(LONGEST).collect() }
}

/// The refusals of one customer, under `prefix` in the body.
fn value_errors(prefix: &str, refusals: Vec<Refusal>) -> impl Iterator<Item = ValueError> {
    refusals.into_iter().map(move |refusal| ValueError {
        pointer: format!("{prefix}/{}", refusal.field),
        fault: Fault::Field(refusal),
    })
}

/// Refuses every query parameter: what is misspelt must not be ignored.
fn no_parameters(uri: &Uri) -> Result<(), Problem> {
    let query = uri.query().unwrap_or_default();
    let names = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default());
    let errors: Vec<ValueError> = names.filter(|name| !name.is_empty()).map(unknown_parameter).collect();
    match errors.len() {
        0 => Ok(()),
        total => Err(Problem::Values { errors, total }),
    }
}

fn unknown_parameter(name: &str) -> ValueError {
    let detail = "this path takes no such parameter".into();
    ValueError { pointer: format!("?{name}"), fault: Fault::Request { code: "unknown_parameter", detail } }
}
