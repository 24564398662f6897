//! `GET /v2/models/churn_classifier`: the model's tensors.

use churn::FEATURE_COUNT;
use serde::Serialize;

use super::{FEATURES, NAME, PROBABILITY};
use crate::context::Context;

/// Any number of rows.
const ANY: i64 = -1;

/// The tensors; instead of `features` a request may have one tensor a field, which this form cannot say.
pub(crate) fn handle(context: &Context) -> Response {
    Response {
        name: NAME,
        versions: context.shared.models.versions(),
        platform: "churn",
        inputs: [Tensor { name: FEATURES, datatype: "FP32", shape: &[ANY, FEATURE_COUNT as i64] }],
        outputs: [Tensor { name: PROBABILITY, datatype: "FP64", shape: &[ANY] }],
    }
}

/// The model.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = OipModel))]
pub(crate) struct Response {
    /// The model's name.
    name: &'static str,
    /// The versions that are served: the champion's, and behind it the challenger's where there is one.
    versions: Vec<&'static str>,
    /// What runs it.
    platform: &'static str,
    /// What it reads.
    inputs: [Tensor; 1],
    /// What it answers.
    outputs: [Tensor; 1],
}

/// A tensor; -1 is any number of rows.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = OipTensor))]
pub(crate) struct Tensor {
    /// Its name.
    name: &'static str,
    /// The type of its values.
    datatype: &'static str,
    /// Its sizes.
    shape: &'static [i64],
}
