//! `POST /v2/models/churn_classifier/infer`: tensors in, probabilities out.
//!
//! Either one tensor `features` of coded rows, or one tensor a field. Numbers may come in JSON, or in binary behind it.

mod tensor;

use churn::Probability;
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use self::tensor::Tensor;
use super::{FEATURES, NAME, PROBABILITY};
use crate::body::{Format, raw};
use crate::context::Context;
use crate::problem::Problem;
use crate::rows::columns::{Table, refused};
use crate::rows::{Entry, Gathering, score_by};
use crate::split::Sides;

/// Most bytes of the body.
pub(crate) const LIMIT: usize = 8 * 1024 * 1024;
/// What the body may be; what it is, the length of its JSON says.
pub(crate) const FORMATS: &[Format] = &[Format::Json, Format::Octets];
/// The header that says so.
const HEADER_LENGTH: &str = "inference-header-content-length";
/// Most inputs: a customer has twelve fields.
const MOST_INPUTS: usize = 16;

/// The rows, in their order, and how the caller calls his request.
pub(crate) struct Request {
    id: Option<String>,
    entries: Vec<Entry>,
}

/// The length of the JSON before binary tensors, where the headers give one.
pub(crate) fn header_length(headers: &HeaderMap) -> Result<Option<usize>, Problem> {
    let Some(value) = headers.get(HEADER_LENGTH) else { return Ok(None) };
    let length = value.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let malformed =
        || Problem::Malformed { detail: "Inference-Header-Content-Length is not a number of bytes".into() };
    length.and_then(|text| text.parse().ok()).map(Some).ok_or_else(malformed)
}

/// Reads the rows.
pub(crate) fn parse(body: &[u8], header_length: Option<usize>) -> Result<Request, Problem> {
    let Some((json, binary)) = body.split_at_checked(header_length.unwrap_or(body.len())) else {
        let detail = "Inference-Header-Content-Length is more than the body's length".into();
        return Err(Problem::Malformed { detail });
    };
    Format::Json.check(json)?;
    let envelope: Envelope<'_> = raw::object(json)?;
    envelope.outputs.map_or(Ok(()), check_outputs)?;
    let missing = || refused("/inputs", "missing", format!("{FEATURES}, or one tensor a field, is required"));
    let tensors = tensor::all(envelope.inputs.ok_or_else(missing)?, binary)?;
    let mut gathering = Gathering::default();
    gather(&tensors, &mut gathering)?;
    Ok(Request { id: envelope.id, entries: gathering.finish()? })
}

/// Scores all rows by one model.
pub(crate) async fn handle(context: &Context, request: Request, sides: Sides) -> Response {
    let scored = score_by(context, &request.entries, sides).await;
    let data: Vec<Probability> = scored.iter().map(|scored| scored.prediction.probability).collect();
    Response {
        model_name: NAME,
        model_version: sides.served.version,
        id: request.id,
        outputs: [Output { name: PROBABILITY, datatype: "FP64", shape: [data.len()], data }],
    }
}

/// The probabilities, in JSON whatever was asked for: its numbers read back to the same bits.
#[derive(Serialize)]
pub(crate) struct Response {
    model_name: &'static str,
    model_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    outputs: [Output; 1],
}

#[derive(Serialize)]
struct Output {
    name: &'static str,
    datatype: &'static str,
    shape: [usize; 1],
    data: Vec<Probability>,
}

/// The body's JSON; `parameters`, such as `binary_data_output`, are not looked at.
#[derive(Deserialize)]
struct Envelope<'a> {
    id: Option<String>,
    #[serde(borrow)]
    inputs: Option<&'a RawValue>,
    #[serde(borrow)]
    outputs: Option<&'a RawValue>,
}

/// An output that is asked for.
#[derive(Deserialize)]
struct Wanted {
    name: String,
}

fn check_outputs(outputs: &RawValue) -> Result<(), Problem> {
    raw::elements("/outputs", outputs, |index, output| {
        let place = format!("/outputs/{index}");
        let wanted: Wanted = raw::object_part(&place, output)?;
        if wanted.name != PROBABILITY {
            return Err(refused(&place, "out_of_range", format!("the one output is {PROBABILITY}")));
        }
        if index != 0 {
            return Err(refused(&place, "duplicate_key", "is asked for more than once".into()));
        }
        Ok(())
    })
}

fn gather(tensors: &[Tensor<'_>], gathering: &mut Gathering) -> Result<(), Problem> {
    match tensors {
        [] => Err(refused("/inputs", "missing", "holds no tensor".into())),
        [features] if features.name == FEATURES => features.gather_codes(gathering),
        fields => {
            let mut table = Table::new("/inputs");
            for field in fields {
                table.add(field.column()?)?;
            }
            table.gather(fields[0].rows, gathering)
        }
    }
}
