//! `churn` from outside.

mod bench;
mod gate;
mod onnx;
mod sample;
mod training;
mod verbs;
