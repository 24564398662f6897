//! The doors that speak protocols which people already have: BigQuery remote functions, MLflow scoring (with SageMaker
//! and Vertex AI), and the Open Inference Protocol. Paths, methods, and which route answers.

use bytes::Bytes;
use http::{Method, Request, Response};

use crate::body::Sent;
use crate::config::Config;
use crate::context::{Context, sent_parameters};
use crate::gate::Entrance;
use crate::problem::Problem;
use crate::response::{Body, json, text};
use crate::routes::open_inference::{infer, model, model_ready, server, server_live, server_ready};
use crate::routes::{bigquery, invocations, open_inference, ping, version};

/// One endpoint of these protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    BigQuery,
    Invocations,
    Ping,
    Version,
    ServerLive,
    ServerReady,
    Server,
    Model,
    ModelReady,
    Infer,
}

impl Endpoint {
    /// The endpoint of `path`, which has no slash at its end.
    pub(crate) fn of(path: &str) -> Option<Self> {
        Some(match path {
            "/bigquery" => Self::BigQuery,
            "/invocations" => Self::Invocations,
            "/ping" => Self::Ping,
            "/version" => Self::Version,
            "/v2" => Self::Server,
            "/v2/health/live" => Self::ServerLive,
            "/v2/health/ready" => Self::ServerReady,
            _ => match open_inference::ModelPath::parse(path)?.action {
                "" => Self::Model,
                "ready" => Self::ModelReady,
                "infer" => Self::Infer,
                _ => return None,
            },
        })
    }

    /// What the endpoint asks of those who come: probes ask for nothing.
    pub(crate) fn entrance(self) -> Entrance {
        match self {
            Self::Ping | Self::ServerLive | Self::ServerReady => Entrance::Probe,
            _ => Entrance::Guarded,
        }
    }

    /// The path of all its requests, as metrics name it.
    pub(crate) fn pattern(self) -> &'static str {
        match self {
            Self::BigQuery => "/bigquery",
            Self::Invocations => "/invocations",
            Self::Ping => "/ping",
            Self::Version => "/version",
            Self::ServerLive => "/v2/health/live",
            Self::ServerReady => "/v2/health/ready",
            Self::Server => "/v2",
            Self::Model => "/v2/models/{model}",
            Self::ModelReady => "/v2/models/{model}/ready",
            Self::Infer => "/v2/models/{model}/infer",
        }
    }

    /// The methods of the endpoint, as `Allow` lists them.
    pub(crate) fn methods(self) -> &'static str {
        match self {
            Self::BigQuery | Self::Invocations | Self::Infer => "POST",
            _ => "GET, HEAD",
        }
    }
}

/// Our own path for `path`: Vertex AI gives the MLflow routes paths of its choice, which go before ours. Both may be
/// one path; the method chooses then.
pub(crate) fn own_path<'a>(config: &Config, method: &Method, path: &'a str) -> Result<&'a str, Problem> {
    let trimmed = |path: &'a str| path.strip_suffix('/').unwrap_or(path);
    let is = |route: &Option<String>| {
        route.as_deref().is_some_and(|route| route.strip_suffix('/').unwrap_or(route) == trimmed(path))
    };
    let is_read = method == Method::GET || method == Method::HEAD;
    match (is(&config.predict_route), is(&config.health_route)) {
        (true, true) if !is_read && method != Method::POST => {
            Err(Problem::Method { allow: "GET, HEAD, POST" })
        }
        (_, true) if is_read => Ok("/ping"),
        (true, _) => Ok("/invocations"),
        (false, true) => Ok("/ping"),
        (false, false) => Ok(path),
    }
}

/// Answers a request to one of the endpoints.
pub(crate) async fn answer<B>(
    endpoint: Endpoint,
    request: Request<B>,
    context: &Context,
) -> Result<Response<Body>, Problem>
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    // What is only read takes any parameter: probes and caches add their own.
    if request.method() == Method::POST {
        sent_parameters(&request, &[])?;
    }
    let path = request.uri().path().to_owned();
    Ok(match endpoint {
        Endpoint::BigQuery => {
            let body = Sent::new(request, bigquery::FORMATS)?.text(bigquery::LIMIT).await?;
            json(&bigquery::handle(context, &bigquery::parse(&body)?).await)
        }
        Endpoint::Invocations => {
            let sent = Sent::new(request, invocations::FORMATS)?;
            let format = sent.format;
            let request = invocations::parse(format, &sent.text(invocations::LIMIT).await?)?;
            json(&invocations::handle(context, request).await)
        }
        Endpoint::Ping => json(&ping::handle(context)?),
        Endpoint::Version => text(version::handle()),
        Endpoint::ServerLive => json(&server_live::handle()),
        Endpoint::ServerReady => json(&server_ready::handle(context)?),
        Endpoint::Server => json(&server::handle()),
        Endpoint::Model => {
            open_inference::sides(context, &path)?;
            json(&model::handle(context))
        }
        Endpoint::ModelReady => {
            open_inference::sides(context, &path)?;
            json(&model_ready::handle(context)?)
        }
        Endpoint::Infer => {
            let sides = open_inference::sides(context, &path)?;
            let sent = Sent::new(request, infer::FORMATS)?;
            let header = infer::header_length(&sent.headers)?;
            let body = sent.bytes(infer::LIMIT).await?;
            json(&infer::handle(context, infer::parse(&body, header)?, sides).await)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_has_its_path() {
        let check =
            |path: &str, expected: Option<Endpoint>| assert_eq!(Endpoint::of(path), expected, "{path}");
        check("/bigquery", Some(Endpoint::BigQuery));
        check("/v2", Some(Endpoint::Server));
        check("/v2/models/churn_classifier", Some(Endpoint::Model));
        check("/v2/models/churn_classifier/ready", Some(Endpoint::ModelReady));
        check("/v2/models/churn_classifier/infer", Some(Endpoint::Infer));
        check("/v2/models/churn_classifier/versions/7", Some(Endpoint::Model));
        check("/v2/models/churn_classifier/versions/7/infer", Some(Endpoint::Infer));
        check("/v2/models/churn_classifier/versions", None);
        check("/v2/models/churn_classifier/versions/7/8/infer", None);
        check("/v2/models/churn_classifier/ready/ready", None);
        check("/v2/models/another/infer", None);
        check("/v2/models", None);
        check("/v2/health", None);
    }

    #[test]
    fn paths_of_the_platform_go_before_our_own() {
        let config = |predict: &str, health: &str| Config {
            predict_route: Some(predict.into()),
            health_route: Some(health.into()),
            ..Config::default()
        };
        let check = |config: &Config, method: Method, path: &str, expected: Result<&str, &str>| {
            let found = own_path(config, &method, path);
            let found = found.as_ref().map_err(|problem| match problem {
                Problem::Method { allow } => *allow,
                other => panic!("{other:?}"),
            });
            assert_eq!(found.copied(), expected, "{method} {path}");
        };
        let two = config("/predict", "/is/alive/");
        check(&two, Method::POST, "/predict", Ok("/invocations"));
        check(&two, Method::POST, "/predict/", Ok("/invocations"));
        check(&two, Method::GET, "/predict", Ok("/invocations"));
        check(&two, Method::GET, "/is/alive", Ok("/ping"));
        check(&two, Method::POST, "/is/alive", Ok("/ping"));
        check(&two, Method::POST, "/batch_predict", Ok("/batch_predict"));
        let one = config("/both", "/both");
        check(&one, Method::POST, "/both", Ok("/invocations"));
        check(&one, Method::GET, "/both", Ok("/ping"));
        check(&one, Method::HEAD, "/both/", Ok("/ping"));
        check(&one, Method::DELETE, "/both", Err("GET, HEAD, POST"));
        check(&Config::default(), Method::GET, "/", Ok("/"));
    }
}
