//! A folder to work in, and the binary that works there.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

/// A configuration that trains in no time: one forest of 12 trees beside the yardstick.
pub(crate) const SMALL: &str = "[selection]
candidates = [\"logistic_regression\", \"random_forest\"]
folds = 3
repeats = 1
[forest]
trees = 12
max_depth = 5
min_samples_leaf = 20
[boosting]
trees = 25
max_depth = 3
learning_rate = 0.2
subsample = 0.6
column_sample_by_node = 0.5
";

/// A folder with a sample of 600 customers, and everything that a verb writes there.
pub(crate) struct Bench(pub(crate) TempDir);

impl Bench {
    pub(crate) fn new() -> Self {
        let bench = Self(TempDir::new().expect("a temporary folder"));
        bench.ok(&["sample", "--rows", "600", "--seed", "7", "-o", "c.csv"]);
        bench.write("small.toml", SMALL);
        bench.write("boosting.toml", &SMALL.replace("random_forest", "gradient_boosting"));
        bench
    }

    pub(crate) fn trained() -> Self {
        let bench = Self::new();
        bench.train("m", &[]);
        bench
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("the folder can be written");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.0.path())
            .expect("the folder can be read")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_churn"));
        command.args(arguments).current_dir(self.0.path()).output().expect("the binary runs")
    }

    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("stdout is text")
    }

    /// Expects exit status 2 and all of `expected` in the message.
    pub(crate) fn refused(&self, arguments: &[&str], expected: &[&str]) {
        let output = self.run(arguments);
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
        for expected in expected {
            assert!(text.contains(expected), "{arguments:?}: {text:?} says nothing of {expected:?}");
        }
    }

    pub(crate) fn train(&self, out: &str, more: &[&str]) -> String {
        let common = ["train", "--data", "c.csv", "--config", "small.toml", "--out", out];
        self.ok(&[&common, more].concat())
    }
}

/// Whether the customer of this id is in the hold-out.
pub(crate) fn held_out(id: &str) -> bool {
    let mut record = churn::Record::default();
    for field in churn::Field::ALL {
        let text = field.labels().first().map_or_else(|| "1".to_owned(), ToString::to_string);
        record.insert(field.name(), churn::Cell::Untyped(text.into()));
    }
    record.insert(churn::CUSTOMER_ID, churn::Cell::Untyped(id.to_owned().into()));
    churn::is_held_out(&churn::CustomerRecord::parse(&record).expect("a sound record"), 0.3)
}
