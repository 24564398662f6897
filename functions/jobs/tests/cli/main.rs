//! `churn` from outside.

mod bench;
mod gate;
mod onnx;
mod sample;
mod score;
mod training;
mod verbs;
