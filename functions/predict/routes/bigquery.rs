//! `POST /bigquery`: a BigQuery remote function. A call is the eleven fields by position, or one JSON object; a bad
//! call refuses the request with 400, which BigQuery does not send again.

use churn::{Cell, Field, Probability, Record};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::predict;
use crate::body::{Format, raw};
use crate::context::Context;
use crate::problem::Problem;
use crate::rows::columns::refused;
use crate::rows::{Entry, Gathering, score};
use crate::score::Scored;

/// Most bytes of the body.
pub(crate) const LIMIT: usize = 8 * 1024 * 1024;
/// What the body may be.
pub(crate) const FORMATS: &[Format] = &[Format::Json];

/// The customers of the calls, and what is answered of each.
pub(crate) struct Request {
    entries: Vec<Entry>,
    output: Output,
}

/// What a reply is.
#[derive(Clone, Copy)]
enum Output {
    Probability,
    Full,
}

/// Reads the calls.
pub(crate) fn parse(body: &[u8]) -> Result<Request, Problem> {
    let envelope: Envelope<'_> = raw::object(body)?;
    let output = output(envelope.user_defined_context)?;
    let missing = || refused("/calls", "missing", "is required: an array of calls".into());
    let mut gathering = Gathering::default();
    raw::elements("/calls", envelope.calls.ok_or_else(missing)?, |row, call| {
        if gathering.is_full() { Ok(()) } else { gather(row, call, &mut gathering) }
    })?;
    Ok(Request { entries: gathering.finish()?, output })
}

/// Scores all customers.
pub(crate) async fn handle<'a>(context: &'a Context, request: &'a Request) -> Response<'a> {
    let scored = score(context, &request.entries).await;
    let reply = |(entry, scored): (&'a Entry, Scored)| match request.output {
        Output::Probability => Reply::Probability(scored.prediction.probability),
        Output::Full => Reply::Full(Box::new(predict::Response::new(context, entry.customer_id(), &scored))),
    };
    Response { replies: request.entries.iter().zip(scored).map(reply).collect() }
}

/// As many replies as there were calls.
#[derive(Serialize)]
pub(crate) struct Response<'a> {
    replies: Vec<Reply<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Reply<'a> {
    Probability(Probability),
    Full(Box<predict::Response<'a>>),
}

/// The body; `requestId`, `caller` and `sessionUser` are not looked at.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(borrow)]
    user_defined_context: Option<&'a RawValue>,
    #[serde(borrow)]
    calls: Option<&'a RawValue>,
}

fn output(context: Option<&RawValue>) -> Result<Output, Problem> {
    #[derive(Deserialize)]
    struct Wanted<'a> {
        #[serde(borrow)]
        output: Option<&'a RawValue>,
    }
    let wanted: Option<Wanted<'_>> =
        context.map(|context| raw::object_part("/userDefinedContext", context)).transpose()?;
    let Some(output) = wanted.and_then(|wanted| wanted.output) else { return Ok(Output::Probability) };
    match raw::part("/userDefinedContext/output", output)? {
        Cell::Text(text) if text == "probability" => Ok(Output::Probability),
        Cell::Text(text) if text == "full" => Ok(Output::Full),
        _ => Err(refused(
            "/userDefinedContext/output",
            "out_of_range",
            "is probability (which it is where it is left out) or full".into(),
        )),
    }
}

/// One call: its arguments in an array, or the object itself.
fn gather(row: usize, call: &RawValue, gathering: &mut Gathering) -> Result<(), Problem> {
    let place = format!("/calls/{row}");
    if raw::first(call) == b'{' {
        return gather_object(&place, call, gathering);
    }
    let mut record = Record::default();
    let (mut found, mut only) = (0, None);
    raw::elements(&place, call, |index, argument| {
        found += 1;
        only = Some(argument);
        if let Some(field) = Field::ALL.get(index) {
            record.insert(field.name(), raw::part(&place, argument)?);
        }
        Ok(())
    })?;
    match (found, only) {
        (1, Some(argument)) if raw::first(argument) == b'{' => {
            return gather_object(&format!("{place}/0"), argument, gathering);
        }
        // What SQL's TO_JSON_STRING gives is a text with the object in it.
        (1, Some(argument)) if raw::first(argument) == b'"' => {
            let text: String = raw::part(&place, argument)?;
            let inner: Result<&RawValue, _> = serde_json::from_str(&text);
            if let Ok(inner) = inner
                && raw::first(inner) == b'{'
            {
                return gather_object(&format!("{place}/0"), inner, gathering);
            }
        }
        (Field::COUNT, _) => {
            record.untype_numbers();
            gathering.customer(&record, |field| format!("{place}/{}", position(field)));
            return Ok(());
        }
        _ => {}
    }
    let detail = format!("has {found} arguments; a call has the {} fields, or one JSON object", Field::COUNT);
    gathering.unreadable(place, &detail);
    Ok(())
}

fn gather_object(place: &str, raw: &RawValue, gathering: &mut Gathering) -> Result<(), Problem> {
    let mut record: Record<'_> = raw::part(place, raw)?;
    record.untype_numbers();
    gathering.customer(&record, |field| format!("{place}/{field}"));
    Ok(())
}

fn position(name: &str) -> usize {
    Field::ALL.iter().position(|field| field.name() == name).expect("only fields have positions")
}
