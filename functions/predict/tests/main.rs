//! The function from outside: its answers, its champion, its binary.

mod api;
mod challenger;
mod champion;
mod fixture;
mod gate;
mod server;
