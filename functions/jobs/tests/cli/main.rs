//! `churn` from outside.

mod bench;
mod configurations;
mod faults;
mod gate;
mod onnx;
mod outputs;
mod profile;
mod sample;
mod score;
mod training;
mod verbs;
