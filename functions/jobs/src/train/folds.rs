//! Given folds: which rows are tested together, so that two libraries can be judged on the same splits.

use std::collections::HashSet;
use std::path::Path;

use crate::error::JobError;

/// The test rows of each fold as positions among `fitted`, the rows of the data file that may be fitted on.
///
/// The file is JSON, `[[row, ...], ...]`, rows of the data file from 0. A row may stand in several folds, which
/// repeat each other, and in each of them once.
pub(super) fn read(path: &Path, fitted: &[usize], rows: usize) -> Result<Vec<Vec<usize>>, JobError> {
    let text =
        std::fs::read_to_string(path).map_err(|source| JobError::Read { path: path.into(), source })?;
    let failed = |detail: String| JobError::Folds { path: path.into(), detail };
    let folds: Vec<Vec<usize>> = serde_json::from_str(&text)
        .map_err(|error| failed(format!("expected [[row, ...], ...]: {error}")))?;
    if folds.is_empty() {
        return Err(failed("there is no fold".into()));
    }
    let positions = |(fold, test): (usize, &Vec<usize>)| {
        positions(test, fitted, rows).map_err(|fault| failed(format!("fold {fold}: {fault}")))
    };
    folds.iter().enumerate().map(positions).collect()
}

/// The rows of one fold as positions among `fitted`, or what is wrong with them.
fn positions(test: &[usize], fitted: &[usize], rows: usize) -> Result<Vec<usize>, String> {
    if test.is_empty() {
        return Err("there is no row".into());
    }
    // Twice in one fold, a row would count twice in its figures.
    let mut seen = HashSet::new();
    if let Some(row) = test.iter().find(|row| !seen.insert(**row)) {
        return Err(format!("row {row} stands there twice"));
    }
    let position = |row: &usize| {
        fitted.binary_search(row).map_err(|_| {
            let held_out = "is held out; --holdout 0 holds out none";
            format!("row {row} {}", if *row < rows { held_out } else { "is not in the data file" })
        })
    };
    test.iter().map(position).collect()
}
