//! The domain: what a customer is, which eight numbers the model sees of him, and what a model answers.
//!
//! Training, offline scoring, the build script and the served function all go through this crate, so a customer means
//! the same to each of them. It reads no file and opens no socket.
//!
//! ```
//! use churn::{CustomerRecord, Record, transform};
//!
//! let body = r#"{"SeniorCitizen":0,"tenure":2,"MonthlyCharges":70.7,"TotalCharges":"151.65",
//!     "InternetService":"Fiber optic","OnlineSecurity":"No","TechSupport":"No","StreamingTV":"No",
//!     "Contract":"Month-to-month","PaymentMethod":"Electronic check","PaperlessBilling":"Yes"}"#;
//! let record: Record = serde_json::from_str(body)?;
//! let CustomerRecord { customer, .. } = CustomerRecord::parse(&record).map_err(|errors| errors[0].clone())?;
//! assert_eq!(transform(&customer), [2.0, 70.7, 151.65, 0.0, 1.0, 0.0, 2.0, 1.0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod artifact;
mod card;
mod category;
mod coded;
mod customer;
mod explanation;
mod holdout;
mod levers;
mod model;
mod reader;
mod record;
mod reference;
mod refusal;
mod schema;
mod seen;
mod suggestion;
mod transform;
mod units;

pub use artifact::{Artifact, ArtifactError, Parameter, Provenance, VERSION_DIGITS, sha256_hex};
pub use card::{
    CandidateFacts, Card, CardError, CardMetrics, CrossValidation, DataFacts, FeatureImportance, Judged,
    JudgedRows, Yardstick,
};
pub use category::Category;
pub use coded::{codes, parse_codes};
pub use customer::{
    CUSTOMER_ID, CUSTOMER_ID_MAX, Contract, Customer, CustomerRecord, Field, InternetService, Kind,
    PaymentMethod, ServiceOption, Value, YesNo,
};
pub use explanation::{Contribution, Explanation};
pub use holdout::is_held_out;
pub use levers::{Change, Lever, Levers};
pub use model::{Decision, Golden, GoldenMismatch, Model, Prediction, RiskLevel};
pub use record::{Cell, Record, Skipped};
pub use reference::{Edges, Histogram, Reference, ReferenceView};
pub use refusal::{Code, Refusal};
pub use schema::{FeatureSchema, Schema};
pub use seen::{CustomerIds, Met, Seen, Sketch};
pub use suggestion::nearest;
pub use transform::{EFFECTS, Effect, FEATURE_COUNT, FEATURES, Features, transform};
pub use units::{Dollars, Months, Probability};
