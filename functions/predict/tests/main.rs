//! The function from outside: its answers, its champion, its binary.

mod api;
mod bodies;
mod challenger;
mod champion;
mod explanation;
mod fixture;
mod gate;
mod metrics;
mod openapi;
mod outcomes;
mod protocols;
mod server;
mod stalled;
mod stream;
mod telemetry;
