//! The function: a request comes in, an answer goes out. It knows no socket and no cloud.
//!
//! The walk of a prediction: `router` finds the route, `routes::predict` parses and validates the customer, crate
//! `churn` transforms and scores him, the route writes the answer. `problem` turns every error into one shape of body.

mod access;
mod app;
mod body;
mod config;
mod context;
mod gate;
mod ids;
mod in_flight;
mod lambda;
mod linger;
mod model;
#[cfg(test)]
mod openapi;
mod problem;
mod protocols;
mod rate;
mod records;
mod response;
mod router;
mod routes;
mod rows;
mod score;
mod server;
mod split;
mod telemetry;

pub use app::App;
pub use config::{Config, ConfigError, MetricLines, PredictionLog, Secret, Shadow};
pub use context::Sources;
pub use lambda::{is_lambda, run as run_on_lambda};
pub use model::{Models, ServedModel, champion, compiled};
pub use response::{Body, CutOff};
pub use server::{healthcheck, serve};
pub use telemetry::{Log, start as start_telemetry};
