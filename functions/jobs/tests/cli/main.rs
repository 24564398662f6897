//! `churn` from outside.

mod bench;
mod gate;
mod onnx;
mod profile;
mod sample;
mod score;
mod training;
mod verbs;
