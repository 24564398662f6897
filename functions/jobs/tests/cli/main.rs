//! `churn` from outside.

mod bench;
mod configurations;
mod faults;
mod gate;
mod onnx;
mod outputs;
mod sample;
mod training;
mod verbs;
