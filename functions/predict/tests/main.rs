//! The function from outside: its answers, its champion, its binary.

mod api;
mod bodies;
mod champion;
mod explanation;
mod fixture;
mod openapi;
mod server;
mod stream;
