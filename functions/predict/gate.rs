//! The way in, before a byte of the body is read: who calls.

use http::HeaderMap;

use crate::access::Keys;
use crate::config::Config;
use crate::problem::Problem;
use crate::router::Route;

/// What a route asks of those who come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entrance {
    /// Nothing: a probe must always be answered, or the platform would end the function for that.
    Probe,
    /// Nothing: what a browser opens before anybody can give a key.
    Public,
    /// A key where keys are set.
    Guarded,
}

/// All that stands between a request and its route.
#[derive(Debug)]
pub(crate) struct Gate {
    keys: Keys,
}

impl Gate {
    pub(crate) fn new(config: &Config) -> Self {
        Self { keys: Keys::new(config.api_keys.clone()) }
    }

    /// The route where the request may go there. What the router refuses is refused only after the key: who has none
    /// learns nothing of the paths.
    pub(crate) fn enter(&self, route: Result<Route, Problem>, headers: &HeaderMap) -> Result<Route, Problem> {
        let entrance = route.as_ref().map_or(Entrance::Guarded, |route| route.entrance());
        if entrance == Entrance::Guarded {
            self.keys.caller(headers)?;
        }
        route
    }
}
