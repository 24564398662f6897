//! From method and path to a route.

use http::Method;
use include_dir::File;

use crate::gate::Entrance;
use crate::problem::Problem;
use crate::protocols::Endpoint;
use crate::routes::home;

/// The pattern of every path that has no route.
pub(crate) const UNKNOWN: &str = "unknown";

/// Where a request goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Route {
    Predict,
    BatchPredict,
    Outcomes,
    Metrics,
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
            "/outcomes" => Self::Outcomes,
            "/metrics" => Self::Metrics,
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
    fn entrance(self) -> Entrance {
        match self {
            Self::Health | Self::Live | Self::Ready => Entrance::Probe,
            Self::Protocol(endpoint) => endpoint.entrance(),
            Self::Docs | Self::OpenApi | Self::Home | Self::Asset(_) => Entrance::Public,
            Self::Predict | Self::BatchPredict | Self::Outcomes | Self::Metrics | Self::ModelInfo => {
                Entrance::Guarded
            }
        }
    }

    /// The path that all requests of the route have, as metrics name it.
    fn pattern(self) -> &'static str {
        match self {
            Self::Home => "/",
            Self::Predict => "/predict",
            Self::BatchPredict => "/batch_predict",
            Self::Outcomes => "/outcomes",
            Self::Metrics => "/metrics",
            Self::Health => "/health",
            Self::Live => "/health/live",
            Self::Ready => "/health/ready",
            Self::ModelInfo => "/model_info",
            Self::Docs => "/docs",
            Self::OpenApi => "/openapi.json",
            Self::Protocol(endpoint) => endpoint.pattern(),
            Self::Asset(_) => "/{asset}",
        }
    }

    /// The methods of the route, as `Allow` lists them.
    fn methods(self) -> &'static str {
        match self {
            Self::Predict | Self::BatchPredict | Self::Outcomes => "POST",
            Self::Protocol(endpoint) => endpoint.methods(),
            _ => "GET, HEAD",
        }
    }
}

/// The route of `path`, with or without a trailing slash, where `method` is one of its methods.
pub(crate) fn route(method: &Method, path: &str) -> Result<Route, Problem> {
    let route = Route::of(without_slash(path)).ok_or(Problem::UnknownPath)?;
    let allow = route.methods();
    if allow.split(", ").any(|allowed| allowed == method.as_str()) {
        return Ok(route);
    }
    Err(Problem::Method { allow })
}

/// What `path` asks of those who come, whatever the method; what does not exist asks for all that can be asked.
pub(crate) fn entrance(path: &str) -> Entrance {
    Route::of(without_slash(path)).map_or(Entrance::Guarded, Route::entrance)
}

/// The pattern of `path`'s route, whatever the method; never the path itself, which anybody may choose.
pub(crate) fn pattern(path: &str) -> &'static str {
    Route::of(without_slash(path)).map_or(UNKNOWN, Route::pattern)
}

fn without_slash(path: &str) -> &str {
    match path.strip_suffix('/') {
        Some(shorter) if !shorter.is_empty() => shorter,
        _ => path,
    }
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
    fn a_pattern_is_never_the_path_that_somebody_made_up() {
        for (path, expected) in [
            ("/predict/", "/predict"),
            ("/", "/"),
            ("/style.css", "/{asset}"),
            ("/predict/7590-VHVEG", "unknown"),
            ("", "unknown"),
        ] {
            assert_eq!(pattern(path), expected, "{path}");
        }
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
