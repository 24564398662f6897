//! The doors that speak protocols which people already have: BigQuery remote functions, and MLflow scoring
//! (with SageMaker and Vertex AI). Paths, methods, and which route answers.

use bytes::Bytes;
use http::{Request, Response};

use crate::body::{Parameters, Sent};
use crate::context::Context;
use crate::problem::Problem;
use crate::response::{Body, json};
use crate::routes::bigquery;

/// One endpoint of these protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    BigQuery,
}

impl Endpoint {
    /// The endpoint of `path`, which has no slash at its end.
    pub(crate) fn of(path: &str) -> Option<Self> {
        Some(match path {
            "/bigquery" => Self::BigQuery,
            _ => return None,
        })
    }

    /// The methods of the endpoint, as `Allow` lists them.
    pub(crate) fn methods(self) -> &'static str {
        match self {
            Self::BigQuery => "POST",
        }
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
    Parameters::parse(request.uri(), &[])?;
    Ok(match endpoint {
        Endpoint::BigQuery => {
            let body = Sent::new(request, bigquery::FORMATS)?.text(bigquery::LIMIT).await?;
            json(&bigquery::handle(context, bigquery::parse(&body)?).await)
        }
    })
}
