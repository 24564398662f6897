//! The one handler: a request goes to its route, and every error becomes an answer.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::header::X_CONTENT_TYPE_OPTIONS;
use http::{HeaderValue, Method, Request, Response};

use crate::body::{Format, Parameters, Sent};
use crate::config::Config;
use crate::context::{Context, Sources};
use crate::gate::{Entered, Gate};
use crate::model::Models;
use crate::problem::Problem;
use crate::protocols;
use crate::response::{Body, compressed, json, without_body};
use crate::router::{self, Route};
use crate::routes::{
    batch_predict, batch_stream, docs, health, health_live, health_ready, home, model_info, predict,
};
use crate::telemetry;

/// The function. One lives as long as its process.
#[derive(Clone, Debug)]
pub struct App(Arc<Shared>);

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) models: Models,
    pub(crate) config: Config,
    pub(crate) sources: Sources,
    pub(crate) gate: Gate,
}

impl App {
    /// A function that serves `models`.
    #[must_use]
    pub fn new(models: Models, config: Config, sources: Sources) -> Self {
        let gate = Gate::new(&config, &sources);
        Self(Arc::new(Shared { models, config, sources, gate }))
    }

    /// Answers one request. Every error is an answer too, so this cannot fail.
    pub async fn handle<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Unpin + Send + 'static,
    {
        let start = Instant::now();
        let context = Context::new(&self.0, request.headers());
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let takes_gzip = compressed::is_asked_for(request.headers());
        let mut entered = Entered::default();
        let route = protocols::own_path(&self.0.config, &method, uri.path())
            .and_then(|path| router::route(&method, path));
        let answered = match self.0.gate.enter(route, request.headers(), &mut entered) {
            Ok(route) => answer(route, request, &context).await,
            Err(problem) => Err(problem),
        };
        let mut response = answered.unwrap_or_else(|problem| problem.into_response(context.request_id));
        if takes_gzip {
            response = compressed::gzip(response);
        }
        response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if method == Method::HEAD {
            without_body(&mut response);
        }
        response = entered.leave(response);
        telemetry::access(&method, uri.path(), response.status(), start.elapsed(), context.request_id);
        response
    }
}

async fn answer<B>(route: Route, request: Request<B>, context: &Context) -> Result<Response<Body>, Problem>
where
    B: http_body::Body<Data = Bytes> + Unpin + Send + 'static,
{
    Ok(match route {
        Route::Predict => {
            let parameters = Parameters::parse(request.uri(), &["explain"])?;
            let sent = Sent::new(request, predict::FORMATS)?;
            let format = sent.format;
            let request = predict::parse(format, &sent.text(predict::LIMIT).await?, &parameters)?;
            format.response(&predict::handle(context, &request))
        }
        Route::BatchPredict => {
            Parameters::parse(request.uri(), &[])?;
            let sent = Sent::new(request, batch_predict::FORMATS)?;
            let format = sent.format;
            if matches!(format, Format::Ndjson | Format::Csv) {
                return batch_stream::handle(context, sent).await;
            }
            let request = batch_predict::parse(format, &sent.text(batch_predict::LIMIT).await?)?;
            format.response(&batch_predict::handle(context, &request).await)
        }
        Route::Health => json(&health::handle(context)),
        Route::Live => json(&health_live::handle()),
        Route::Ready => json(&health_ready::handle(context)?),
        Route::Protocol(endpoint) => {
            protocols::answer(endpoint, request, context).await.map_err(Problem::of_protocol)?
        }
        Route::ModelInfo => json(&model_info::handle(context)),
        Route::Home if home::asks_for_json(request.headers()) => json(&home::handle(context)),
        Route::Home => home::page(),
        Route::Docs => docs::handle(request.uri().path()),
        Route::OpenApi => docs::document(),
        Route::Asset(file) => home::asset(file, request.headers()),
    })
}
