//! Given folds: which rows are tested together, so that two libraries can be judged on the same splits.

use std::path::Path;

use crate::error::JobError;

/// The test rows of each fold as positions among `fitted`, the rows of the data file that may be fitted on.
///
/// The file is JSON, `[[row, ...], ...]`, rows of the data file from 0. A row may stand in several folds.
pub(super) fn read(path: &Path, fitted: &[usize], rows: usize) -> Result<Vec<Vec<usize>>, JobError> {
    let text =
        std::fs::read_to_string(path).map_err(|source| JobError::Read { path: path.into(), source })?;
    let failed = |detail: String| JobError::Folds { path: path.into(), detail };
    let folds: Vec<Vec<usize>> = serde_json::from_str(&text)
        .map_err(|error| failed(format!("expected [[row, ...], ...]: {error}")))?;
    if folds.is_empty() {
        return Err(failed("there is no fold".into()));
    }
    let position = |fold: usize, row: usize| {
        fitted.binary_search(&row).map_err(|_| {
            let why = if row < rows {
                "is held out; --holdout 0 holds out none"
            } else {
                "is not in the data file"
            };
            failed(format!("row {row} of fold {fold} {why}"))
        })
    };
    let positions =
        |(fold, test): (usize, Vec<usize>)| test.into_iter().map(|row| position(fold, row)).collect();
    folds.into_iter().enumerate().map(positions).collect()
}
