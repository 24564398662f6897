//! Stratified folds: every fold has the labels in about the proportion of the whole.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;

use crate::LearnerError;

/// The test rows of each of `folds` folds, rising; together they are every row once.
///
/// # Errors
/// Fewer than 2 folds, or more than there are rows of the rarer label.
pub fn stratified_folds(churned: &[bool], folds: usize, seed: u64) -> Result<Vec<Vec<usize>>, LearnerError> {
    let of_label =
        |label: bool| (0..churned.len()).filter(move |&row| churned[row] == label).collect::<Vec<_>>();
    let mut classes = [of_label(true), of_label(false)];
    let rarer = classes.iter().map(Vec::len).min().unwrap_or(0);
    if !(2..=rarer).contains(&folds) {
        return Err(LearnerError::Folds { expected: rarer, found: folds });
    }
    let mut rng = Pcg64::seed_from_u64(seed);
    classes.iter_mut().for_each(|rows| rows.shuffle(&mut rng));
    let mut test = vec![Vec::new(); folds];
    for (place, &row) in classes.iter().flatten().enumerate() {
        test[place % folds].push(row);
    }
    test.iter_mut().for_each(|rows| rows.sort_unstable());
    Ok(test)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_share_rows_and_labels_evenly() {
        let churned: Vec<bool> = (0..103).map(|row| row % 4 == 0).collect();
        let folds = stratified_folds(&churned, 5, 42).unwrap();
        let mut all = folds.concat();
        all.sort_unstable();
        assert_eq!(all, (0..103).collect::<Vec<_>>());
        for fold in &folds {
            assert!((20..=21).contains(&fold.len()), "{} rows", fold.len());
            let positive = fold.iter().filter(|&&row| churned[row]).count();
            assert!((5..=6).contains(&positive), "{positive} churned");
        }
        assert_eq!(folds, stratified_folds(&churned, 5, 42).unwrap());
        assert_ne!(folds, stratified_folds(&churned, 5, 43).unwrap());
    }

    #[test]
    fn folds_that_cannot_hold_both_labels_are_refused() {
        let churned = [true, true, true, false, false];
        assert!(stratified_folds(&churned, 2, 0).is_ok());
        assert_eq!(stratified_folds(&churned, 3, 0), Err(LearnerError::Folds { expected: 2, found: 3 }));
        assert_eq!(stratified_folds(&churned, 1, 0), Err(LearnerError::Folds { expected: 2, found: 1 }));
    }
}
