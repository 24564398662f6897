//! `POST /batch_predict` with NDJSON or CSV: rows in, rows out, in constant memory. A bad row becomes an error row in
//! its place.
//!
//! The answer is made while it is sent: nothing is read from a client who does not read what he is sent. Rows count
//! from 1; blank lines and the header of a CSV file are no rows.

mod csv;
mod ndjson;

use bytes::Bytes;
use churn::{CustomerRecord, Refusal};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};

use self::csv::Csv;
use self::ndjson::Ndjson;
use super::{predict, value_errors};
use crate::body::{Format, Sent};
use crate::context::Context;
use crate::problem::{Fault, Problem, ValueError};
use crate::response::{Body, CutOff, with_type};
use crate::score::{Amount, Row, Scoring};

/// Bytes of the body that are taken at once: a line of 3 bytes may ask for an error row of 1,600.
const TURN: usize = 2 * 1024;
/// A piece of the answer is sent when it has this many bytes; one turn more may be in it.
const ENOUGH: usize = 32 * 1024;
/// Longest line or record, in bytes.
const LONGEST: usize = 64 * 1024;

/// The rows of either format.
enum Request {
    Ndjson(Ndjson),
    Csv(Box<Csv>),
}

impl Request {
    /// Hands on every row that `piece` ends; the last one of the body needs no end of its own.
    fn take(&mut self, piece: &[u8], ends: Ends, each: &mut dyn FnMut(Parsed)) {
        match self {
            Self::Ndjson(rows) => rows.take(piece, ends, each),
            Self::Csv(rows) => rows.take(piece, ends, each),
        }
    }
}

/// Whether a piece of the body is the last one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    Here,
    Later,
}

/// What one row says.
enum Parsed {
    Customer(CustomerRecord),
    Errors(Vec<ValueError>),
}

impl Parsed {
    fn of(record: &churn::Record<'_>) -> Self {
        match CustomerRecord::parse(record) {
            Ok(customer) => Self::Customer(customer),
            Err(refusals) => Self::refused(refusals),
        }
    }

    fn refused(refusals: Vec<Refusal>) -> Self {
        Self::Errors(value_errors("", refusals).collect())
    }

    /// The row as a whole is at fault.
    fn unreadable(code: &'static str, detail: String) -> Self {
        Self::Errors(vec![ValueError { pointer: String::new(), fault: Fault::Request { code, detail } }])
    }
}

/// Reads far enough to refuse by a problem what would be no stream at all, and answers with a stream.
pub(crate) async fn handle<B>(context: &Context, mut sent: Sent<B>) -> Result<http::Response<Body>, Problem>
where
    B: http_body::Body<Data = Bytes> + Unpin + Send + 'static,
{
    let format = sent.format;
    let (rows, head, rest) = match format {
        Format::Csv => {
            let (csv, rest) = Csv::open(&mut sent).await?;
            (Request::Csv(Box::new(csv)), csv::HEADER, rest)
        }
        _ => (Request::Ndjson(Ndjson::default()), &b""[..], sent.piece().await?.unwrap_or_default()),
    };
    let scoring = Scoring::new(context, Amount::Stream);
    let work = Work { context: context.clone(), sent, rest, rows, scoring, head, row: 0 };
    let stream = futures_util::stream::unfold(Some(work), |work| async move {
        let mut work = work?;
        match work.step().await {
            Ok((out, Ends::Later)) => Some((Ok(Frame::data(out)), Some(work))),
            Ok((out, Ends::Here)) => {
                work.scoring.finish();
                Some((Ok(Frame::data(out)), None))
            }
            Err(problem) => Some((Err(work.cut_off(&problem)), None)),
        }
    });
    Ok(with_type(format.media_type(), StreamBody::new(stream).boxed_unsync()))
}

/// A piece that waits to be sent, without the room that it did not need.
fn kept(out: Vec<u8>) -> Bytes {
    if out.len() < ENOUGH / 2 { Bytes::copy_from_slice(&out) } else { out.into() }
}

/// What stands between two pieces of the answer.
struct Work<B> {
    context: Context,
    sent: Sent<B>,
    /// What was read of the body and is not used up.
    rest: Bytes,
    rows: Request,
    scoring: Scoring,
    /// What the answer begins with, until it was sent.
    head: &'static [u8],
    /// Rows that were answered.
    row: u64,
}

impl<B> Work<B>
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    /// The answer to the rows that end in the next bytes of the body: a bounded piece of it, or its end.
    async fn step(&mut self) -> Result<(Bytes, Ends), Problem> {
        // Others get their turn, and what was written before goes out.
        tokio::task::yield_now().await;
        let mut out = Vec::with_capacity(ENOUGH + ENOUGH / 8);
        out.extend_from_slice(std::mem::take(&mut self.head));
        loop {
            if self.rest.is_empty() {
                match self.sent.piece().await? {
                    Some(piece) => self.rest = piece,
                    None => {
                        self.take(&[], Ends::Here, &mut out);
                        return Ok((kept(out), Ends::Here));
                    }
                }
            }
            let turn = self.rest.split_to(TURN.min(self.rest.len()));
            self.take(&turn, Ends::Later, &mut out);
            if ENOUGH <= out.len() || (self.rest.is_empty() && !out.is_empty()) {
                return Ok((kept(out), Ends::Later));
            }
        }
    }

    /// Says everywhere that the stream did not end as it should.
    fn cut_off(self, problem: &Problem) -> CutOff {
        let cut_off = problem.as_cut_off(self.context.request_id);
        tracing::warn!(
            request_id = %self.context.request_id,
            reason = problem.code(),
            rows = self.row,
            "a stream is cut off"
        );
        self.context.in_flight.refused(problem.code());
        self.context.in_flight.answered(cut_off.status);
        self.scoring.finish();
        cut_off
    }

    /// Answers every row that `piece` ends.
    fn take(&mut self, piece: &[u8], ends: Ends, out: &mut Vec<u8>) {
        let Self { context, sent, rows, scoring, row, .. } = self;
        rows.take(piece, ends, &mut |parsed| {
            *row += 1;
            match (sent.format, &parsed) {
                (Format::Csv, Parsed::Customer(record)) => {
                    csv::prediction(out, *row, record, &scoring.score(Row::of(record)));
                }
                (Format::Csv, Parsed::Errors(errors)) => csv::errors(out, *row, errors),
                (_, Parsed::Customer(record)) => {
                    let scored = scoring.score(Row::of(record));
                    let customer_id = record.customer_id.as_deref();
                    ndjson::prediction(out, &predict::Response::new(context, customer_id, &scored));
                }
                (_, Parsed::Errors(errors)) => ndjson::errors(out, *row, errors),
            }
        });
    }
}
