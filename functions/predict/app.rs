//! The one handler: a request goes to its route, and every error becomes an answer.

use std::time::Instant;

use bytes::Bytes;
use http::header::X_CONTENT_TYPE_OPTIONS;
use http::{HeaderValue, Method, Request, Response};

use crate::body::read_json;
use crate::context::{Context, Sources};
use crate::model::ServedModel;
use crate::problem::Problem;
use crate::response::{Body, json, without_body};
use crate::router::{self, Route};
use crate::routes::{batch_predict, health, health_live, health_ready, home, model_info, predict};
use crate::telemetry;

/// The function. One lives as long as its process.
#[derive(Debug)]
pub struct App {
    model: ServedModel,
    sources: Sources,
}

impl App {
    /// A function that serves `model`.
    #[must_use]
    pub fn new(model: ServedModel, sources: Sources) -> Self {
        Self { model, sources }
    }

    /// Answers one request. Every error is an answer too, so this cannot fail.
    pub async fn handle<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Unpin,
    {
        let start = Instant::now();
        let context = Context::new(&self.model, self.sources);
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let mut response = match answer(request, &context).await {
            Ok(response) => response,
            Err(problem) => problem.into_response(context.request_id),
        };
        response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if method == Method::HEAD {
            without_body(&mut response);
        }
        telemetry::access(&method, uri.path(), response.status(), start.elapsed(), context.request_id);
        response
    }
}

async fn answer<B>(request: Request<B>, context: &Context<'_>) -> Result<Response<Body>, Problem>
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    Ok(match router::route(request.method(), request.uri().path())? {
        Route::Predict => {
            let request = predict::parse(&read_json(request, predict::LIMIT).await?)?;
            json(&predict::handle(context, request))
        }
        Route::BatchPredict => {
            let request = batch_predict::parse(&read_json(request, batch_predict::LIMIT).await?)?;
            json(&batch_predict::handle(context, request).await)
        }
        Route::Health => json(&health::handle(context)),
        Route::Live => json(&health_live::handle()),
        Route::Ready => json(&health_ready::handle(context)?),
        Route::ModelInfo => json(&model_info::handle(context)),
        Route::Home if home::asks_for_json(request.headers()) => json(&home::handle(context)),
        Route::Home => home::page(),
        Route::Asset(file) => home::asset(file),
    })
}
