//! From method and path to a route.

use http::Method;
use include_dir::File;

use crate::gate::Entrance;
use crate::problem::Problem;
use crate::protocols::Endpoint;
use crate::routes::home;

/// Where a request goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Route {
    Predict,
    BatchPredict,
    Health,
    Live,
    Ready,
    ModelInfo,
    Docs,
    OpenApi,
    Protocol(Endpoint),
    Home,
    Asset(&'static File<'static>),
}

impl Route {
    fn of(path: &str) -> Option<Self> {
        Some(match path {
            "/" => Self::Home,
            "/predict" => Self::Predict,
            "/batch_predict" => Self::BatchPredict,
            "/health" => Self::Health,
            "/health/live" => Self::Live,
            "/health/ready" => Self::Ready,
            "/model_info" => Self::ModelInfo,
            "/docs" => Self::Docs,
            "/openapi.json" => Self::OpenApi,
            _ => match Endpoint::of(path) {
                Some(endpoint) => Self::Protocol(endpoint),
                None => Self::Asset(home::file(path.strip_prefix('/')?)?),
            },
        })
    }

    /// What the route asks of those who come.
    pub(crate) fn entrance(self) -> Entrance {
        match self {
            Self::Health | Self::Live | Self::Ready => Entrance::Probe,
            Self::Protocol(Endpoint::Ping) => Entrance::Probe,
            Self::Protocol(_) => Entrance::Guarded,
            Self::Docs | Self::OpenApi | Self::Home | Self::Asset(_) => Entrance::Public,
            Self::Predict | Self::BatchPredict | Self::ModelInfo => Entrance::Guarded,
        }
    }

    /// The methods of the route, as `Allow` lists them.
    fn methods(self) -> &'static str {
        match self {
            Self::Predict | Self::BatchPredict => "POST",
            Self::Protocol(endpoint) => endpoint.methods(),
            _ => "GET, HEAD",
        }
    }
}

/// The route of `path`, with or without a trailing slash, where `method` is one of its methods.
pub(crate) fn route(method: &Method, path: &str) -> Result<Route, Problem> {
    let path = match path.strip_suffix('/') {
        Some(shorter) if !shorter.is_empty() => shorter,
        _ => path,
    };
    let route = Route::of(path).ok_or(Problem::UnknownPath)?;
    let allow = route.methods();
    if allow.split(", ").any(|allowed| allowed == method.as_str()) {
        return Ok(route);
    }
    Err(Problem::Method { allow })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: Method, path: &str, expected: Result<&str, &str>) {
        let found = match route(&method, path) {
            Ok(route) => Ok(format!("{route:?}")),
            Err(problem) => Err(format!("{problem:?}")),
        };
        let starts = |found: &str, expected: &str| found.starts_with(expected);
        let equal = match (&found, expected) {
            (Ok(found), Ok(expected)) | (Err(found), Err(expected)) => starts(found, expected),
            _ => false,
        };
        assert!(equal, "{method} {path}: {found:?}");
    }

    #[test]
    fn every_path_takes_its_methods_with_or_without_a_trailing_slash() {
        check(Method::POST, "/predict", Ok("Predict"));
        check(Method::POST, "/predict/", Ok("Predict"));
        check(Method::POST, "/batch_predict", Ok("BatchPredict"));
        check(Method::GET, "/health", Ok("Health"));
        check(Method::HEAD, "/health/live", Ok("Live"));
        check(Method::GET, "/health/ready/", Ok("Ready"));
        check(Method::GET, "/model_info", Ok("ModelInfo"));
        check(Method::GET, "/docs/", Ok("Docs"));
        check(Method::GET, "/openapi.json", Ok("OpenApi"));
        check(Method::GET, "/docs/rapidoc-min.js", Ok("Asset"));
        check(Method::GET, "/", Ok("Home"));
        check(Method::GET, "/style.css", Ok("Asset"));
    }

    #[test]
    fn unknown_paths_and_methods_are_told_apart() {
        check(Method::GET, "/predict", Err("Method { allow: \"POST\" }"));
        check(Method::POST, "/health", Err("Method { allow: \"GET, HEAD\" }"));
        check(Method::GET, "/index.html/..", Err("UnknownPath"));
        check(Method::GET, "//", Ok("Home"));
        check(Method::GET, "/healthz", Err("UnknownPath"));
        check(Method::GET, "", Err("UnknownPath"));
        check(Method::GET, "*", Err("UnknownPath"));
    }
}
