//! The one handler: a request goes to its route, and every error becomes an answer.

use std::sync::Arc;

use bytes::Bytes;
use http::header::X_CONTENT_TYPE_OPTIONS;
use http::{HeaderValue, Method, Request, Response};

use crate::body::{Format, Sent};
use crate::config::Config;
use crate::context::{Context, Sources, sent_parameters};
use crate::gate::{Entered, Entrance, Gate};
use crate::model::Models;
use crate::problem::Problem;
use crate::protocols;
use crate::response::{Body, accepted, compressed, json, whole, with_type, without_body};
use crate::router::{self, Route};
use crate::routes::{
    batch_predict, batch_stream, docs, health, health_live, health_ready, home, metrics, model_info,
    outcomes, predict,
};
use crate::telemetry::{Log, Metrics, Pseudonyms, TRACEPARENT, passed_on};

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
    pub(crate) pseudonyms: Option<Pseudonyms>,
    pub(crate) log: Log,
    pub(crate) metrics: Metrics,
}

impl App {
    /// A function that serves `models` and whose log nobody reads.
    #[must_use]
    pub fn new(models: Models, config: Config, sources: Sources) -> Self {
        Self::logging(models, config, sources, Log::nowhere())
    }

    /// A function that serves `models` and writes its lines to `log`.
    #[must_use]
    pub fn logging(models: Models, config: Config, sources: Sources, log: Log) -> Self {
        let gate = Gate::new(&config, &sources);
        let pseudonyms = config.customer_id_key.as_ref().map(Pseudonyms::new);
        let metrics = Metrics::new(models.champion, &log);
        Self(Arc::new(Shared { models, config, sources, gate, pseudonyms, log, metrics }))
    }

    /// What the requests of this function share.
    #[cfg(test)]
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.0
    }

    /// Answers one request. Every error is an answer too, so this cannot fail.
    pub async fn handle<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Unpin + Send + 'static,
    {
        let context = Context::new(&self.0, &request);
        let (is_head, traceparent) = (request.method() == Method::HEAD, passed_on(request.headers()));
        let takes_gzip = compressed::is_asked_for(request.headers());
        let mut entered = Entered::default();
        let path = protocols::own_path(&self.0.config, request.method(), request.uri().path());
        let entrance = path.as_ref().map_or(Entrance::Guarded, |path| router::entrance(path));
        let route = path.and_then(|path| router::route(request.method(), path));
        let answered = match self.0.gate.enter((entrance, route), request.headers(), &mut entered) {
            Ok(route) => answer(route, request, &context).await,
            Err(problem) => Err(problem),
        };
        let mut response = answered.unwrap_or_else(|problem| {
            context.in_flight.refused(problem.code());
            problem.into_response(context.request_id)
        });
        if takes_gzip {
            response = compressed::gzip(response);
        }
        response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if let Some(traceparent) = traceparent {
            response.headers_mut().insert(TRACEPARENT, traceparent);
        }
        if is_head {
            without_body(&mut response);
        }
        response = entered.leave(response);
        context.in_flight.answered(response.status());
        response
    }
}

async fn answer<B>(route: Route, request: Request<B>, context: &Context) -> Result<Response<Body>, Problem>
where
    B: http_body::Body<Data = Bytes> + Unpin + Send + 'static,
{
    Ok(match route {
        Route::Predict => {
            let parameters = sent_parameters(&request, &["explain"])?;
            let sent = Sent::new(request, predict::FORMATS)?;
            let format = sent.format;
            let request = predict::parse(format, &sent.text(predict::LIMIT).await?, &parameters)?;
            format.response(&predict::handle(context, &request))
        }
        Route::BatchPredict => {
            sent_parameters(&request, &[])?;
            let sent = Sent::new(request, batch_predict::FORMATS)?;
            let format = sent.format;
            if matches!(format, Format::Ndjson | Format::Csv) {
                return batch_stream::handle(context, sent).await;
            }
            let request = batch_predict::parse(format, &sent.text(batch_predict::LIMIT).await?)?;
            format.response(&batch_predict::handle(context, &request).await)
        }
        Route::Outcomes => {
            sent_parameters(&request, &[])?;
            let sent = Sent::new(request, outcomes::FORMATS)?;
            let headers = sent.headers.clone();
            let request = outcomes::parse(context, &headers, &sent.text(outcomes::LIMIT).await?)?;
            accepted(&outcomes::handle(context, request)?)
        }
        Route::Metrics => with_type(metrics::MEDIA_TYPE, whole(metrics::handle(context).into())),
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

#[cfg(test)]
mod tests {
    use std::io::Read;

    use http::StatusCode;

    use super::*;
    use crate::model::compiled;

    #[test]
    fn a_request_is_in_flight_as_long_as_a_stream_holds_its_context() {
        let (mut reader, writer) = std::io::pipe().expect("a pipe");
        let app = App::logging(compiled(), Config::default(), Sources::real(), Log::to(writer.into()));
        let in_flight = |app: &App, count: usize| {
            let text = app.0.metrics.text();
            assert!(text.contains(&format!("churn_requests_in_flight {count}\n")), "{text}");
        };
        let context = Context::new(&app.0, &Request::post("/batch_predict").body(()).expect("a request"));
        let streamed = context.clone();
        context.in_flight.answered(StatusCode::OK);
        drop(context);
        in_flight(&app, 1);
        drop(streamed);
        in_flight(&app, 0);
        drop(app);
        let mut lines = String::new();
        reader.read_to_string(&mut lines).expect("text");
        assert_eq!(lines.matches("POST /batch_predict 200").count(), 1, "{lines}");
    }
}
