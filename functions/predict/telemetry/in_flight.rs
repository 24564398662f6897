//! A request from its arrival to the end of its answer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use http::{Method, StatusCode};
use uuid::Uuid;

use super::{Trace, access};
use crate::app::Shared;

/// What is told of a request whose client left before there was an answer: nginx's number for it.
const CLIENT_LEFT: u16 = 499;

/// One request that is being answered.
///
/// It stands in the request's context, and a stream that makes the answer holds a copy of that. When the last copy goes
/// the answer has ended, and the request is told of: once, however it ended.
#[derive(Debug)]
pub(crate) struct InFlight {
    pub(super) shared: Arc<Shared>,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) route: &'static str,
    pub(super) request_id: Uuid,
    pub(super) trace: Option<Trace>,
    start: Instant,
    end: Mutex<End>,
}

/// How it ended, as far as it is known.
#[derive(Clone, Copy, Debug, Default)]
struct End {
    status: Option<StatusCode>,
}

impl InFlight {
    /// A request of `route` has come.
    pub(crate) fn new(
        shared: &Arc<Shared>,
        (method, path, route): (&Method, &str, &'static str),
        (request_id, trace): (Uuid, Option<Trace>),
    ) -> Self {
        Self {
            shared: Arc::clone(shared),
            method: method.clone(),
            path: path.to_owned(),
            route,
            request_id,
            trace,
            start: Instant::now(),
            end: Mutex::default(),
        }
    }

    /// The answer's head is known.
    pub(crate) fn answered(&self, status: StatusCode) {
        self.end().status = Some(status);
    }

    fn end(&self) -> MutexGuard<'_, End> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let End { status } = *self.end();
        let status = match status {
            Some(status) => status.as_u16(),
            None if std::thread::panicking() => StatusCode::INTERNAL_SERVER_ERROR.as_u16(),
            None => CLIENT_LEFT,
        };
        access::write(self, status, self.start.elapsed());
    }
}
