//! Forests as ONNX tree ensembles, written and read.
//!
//! ONNX is the format in which libraries hand trained models to one another. This crate writes a [`forest::Forest`] so
//! that any ONNX runtime scores it, and reads the tree ensembles that the converters of scikit-learn, LightGBM, XGBoost
//! and CatBoost write. It knows trees and numbers and nothing of customers, and it trusts no byte that it reads.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use forest::{Columns, Forest, LEAF, Link};
//! use onnx::{Graph, export, import};
//!
//! let columns = Columns {
//!     root: vec![0],
//!     feature: vec![0, LEAF, LEAF],
//!     threshold: vec![12.0, 0.0, 0.0],
//!     left: vec![1, 0, 0],
//!     right: vec![2, 0, 0],
//!     value: vec![0.0, 0.75, 0.25],
//!     cover: vec![100.0, 40.0, 60.0],
//! };
//! let forest = Forest::parse(columns.clone(), Link::Mean, 2)?;
//! let metadata = BTreeMap::from([("model_version".to_owned(), "1".to_owned())]);
//! let bytes = export(&forest, &["tenure", "price"], &metadata, Graph::Classifier)?;
//!
//! let imported = import(&bytes, 2)?;
//! assert_eq!(imported.metadata["model_version"], "1");
//! // ONNX holds no covers: they are counted again.
//! let rows: [&[f32]; 3] = [&[3.0, 70.0], &[24.0, 20.0], &[36.0, 45.0]];
//! let again = imported.into_forest(rows);
//! assert_eq!(again.columns(), &Columns { cover: vec![3.0, 1.0, 2.0], ..columns });
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod proto;

mod export;

mod ensemble;
mod error;
mod import;
mod path;
mod trees;

#[cfg(test)]
mod tests;

pub use error::OnnxError;
pub use export::{Graph, METADATA_FEATURES, export};
pub use import::{Imported, MAX_BYTES, import};
