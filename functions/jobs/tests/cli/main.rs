//! `churn` from outside.

mod bench;
mod gate;
mod onnx;
mod training;
mod verbs;
