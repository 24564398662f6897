//! `churn` from outside.

mod bench;
mod gate;
mod training;
mod verbs;
