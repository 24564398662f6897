//! `churn` from outside.

mod bench;
mod training;
mod verbs;
