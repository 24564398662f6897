//! A forest of binary decision trees, held as columns.
//!
//! This crate knows trees and numbers and nothing of customers: how a forest is laid out, when it is sound, what it
//! answers for one row, and how it is written as Rust statics that a binary can hold without decoding anything.
//!
//! ```
//! use forest::{Columns, Forest, LEAF, Link};
//!
//! // One tree: `x[0] <= 12` goes left to 0.8, everything else goes right to 0.1.
//! let columns = Columns {
//!     root: vec![0],
//!     feature: vec![0, LEAF, LEAF],
//!     threshold: vec![12.0, 0.0, 0.0],
//!     left: vec![1, 0, 0],
//!     right: vec![2, 0, 0],
//!     value: vec![0.0, 0.8, 0.1],
//!     cover: vec![100.0, 40.0, 60.0],
//! };
//! let forest = Forest::parse(columns, Link::Mean, 1)?;
//! assert_eq!(forest.view().probability(&[3.0]), 0.8);
//! assert_eq!(forest.view().probability(&[24.0]), 0.1);
//! # Ok::<(), forest::ForestError>(())
//! ```

mod columns;
mod covers;
mod layout;
mod link;
mod shapley;
mod soundness;
mod source;
mod view;

pub use columns::{Columns, Forest, LEAF};
pub use link::Link;
pub use shapley::{Contributions, MAX_SHAPLEY_FEATURES};
pub use soundness::ForestError;
pub use view::ForestView;
