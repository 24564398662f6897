//! The function from outside: its answers, its champion, its binary.

mod api;
mod champion;
mod fixture;
mod protocols;
mod server;
