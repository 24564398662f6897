//! The query: only parameters that the route knows, each once. What is misspelt must not be ignored.

use http::Uri;

use crate::problem::{Fault, Problem, ValueError};

/// The parameters of one request.
#[derive(Debug, Default)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Takes those that are `known`.
    pub(crate) fn parse(uri: &Uri, known: &[&str]) -> Result<Self, Problem> {
        let query = uri.query().unwrap_or_default();
        let (mut taken, mut errors): (Vec<(String, String)>, _) = (Vec::new(), Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()).take(Problem::MOST_ERRORS) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if !known.contains(&name) {
                errors.push(fault(name, "unknown_parameter", "this path takes no such parameter"));
            } else if taken.iter().any(|(taken, _)| taken == name) {
                errors.push(fault(name, "duplicate_key", "is given more than once"));
            } else {
                taken.push((name.to_owned(), value.to_owned()));
            }
        }
        if errors.is_empty() { Ok(Self(taken)) } else { Err(Problem::Values { errors }) }
    }

    /// Whether the parameter `name` is `true`; it may be `false` or absent.
    pub(crate) fn is_true(&self, name: &str) -> Result<bool, Problem> {
        match self.0.iter().find(|(taken, _)| taken == name).map(|(_, value)| value.as_str()) {
            Some("true") => Ok(true),
            None | Some("false") => Ok(false),
            Some(_) => Err(Problem::Values { errors: vec![fault(name, "wrong_type", "is true or false")] }),
        }
    }
}

fn fault(name: &str, code: &'static str, detail: &str) -> ValueError {
    ValueError { pointer: format!("?{name}"), fault: Fault::Request { code, detail: detail.into() } }
}
