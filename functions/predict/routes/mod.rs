//! The endpoints, one a file, with the same verbs in the same order: `Request`, `parse`, `handle`, `Response`;
//! those that take no body begin with `handle`.

pub(crate) mod batch_predict;
pub(crate) mod batch_stream;
pub(crate) mod bigquery;
pub(crate) mod docs;
pub(crate) mod health;
pub(crate) mod health_live;
pub(crate) mod health_ready;
pub(crate) mod home;
pub(crate) mod invocations;
pub(crate) mod metrics;
pub(crate) mod model_info;
pub(crate) mod open_inference;
pub(crate) mod outcomes;
pub(crate) mod ping;
pub(crate) mod predict;
pub(crate) mod version;

use churn::Refusal;

use crate::problem::{Fault, ValueError};

/// The refusals of one customer, under `prefix` in the body.
fn value_errors(prefix: &str, refusals: Vec<Refusal>) -> impl Iterator<Item = ValueError> {
    refusals.into_iter().map(move |refusal| ValueError {
        pointer: format!("{prefix}/{}", refusal.field),
        fault: Fault::Field(refusal),
    })
}
