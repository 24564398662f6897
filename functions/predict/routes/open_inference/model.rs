//! `GET /v2/models/churn_classifier`: the model's tensors.

use churn::FEATURE_COUNT;
use serde::Serialize;

use super::{FEATURES, NAME, PROBABILITY};
use crate::model::ServedModel;

/// Any number of rows.
const ANY: i64 = -1;

/// The tensors; instead of `features` a request may have one tensor a field, which this form cannot say.
pub(crate) fn handle(served: &ServedModel) -> Response {
    Response {
        name: NAME,
        versions: [served.version],
        platform: "churn",
        inputs: [Tensor { name: FEATURES, datatype: "FP32", shape: &[ANY, FEATURE_COUNT as i64] }],
        outputs: [Tensor { name: PROBABILITY, datatype: "FP64", shape: &[ANY] }],
    }
}

/// The model.
#[derive(Serialize)]
pub(crate) struct Response {
    name: &'static str,
    versions: [&'static str; 1],
    platform: &'static str,
    inputs: [Tensor; 1],
    outputs: [Tensor; 1],
}

#[derive(Serialize)]
struct Tensor {
    name: &'static str,
    datatype: &'static str,
    shape: &'static [i64],
}
