//! Figures for groups of customers: a model that is good for all may be bad for some.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{ConfusionMatrix, EvaluationError, Interval, Scored, roc_auc, roc_auc_interval, wilson};

/// The figures of the rows of one group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slice {
    /// What the rows were grouped by, such as `Contract`.
    pub name: String,
    /// What the rows of this group have in common, such as `Two year`.
    pub value: String,
    /// Number of rows, at least 1.
    pub rows: u64,
    /// Rows that churned.
    pub churned: u64,
    /// Share of the rows that churned, in [0, 1].
    pub churn_rate: f64,
    /// 95 % interval of the churn rate, by [`wilson`].
    pub churn_rate_interval: Interval,
    /// Mean probability, in [0, 1]; near the churn rate where the model is calibrated for the group.
    pub mean_probability: f64,
    /// [`roc_auc`]; `None` where all rows have the same outcome.
    pub roc_auc: Option<f64>,
    /// [`roc_auc_interval`]; `None` where fewer than two rows have one of the outcomes.
    pub roc_auc_interval: Option<Interval>,
    /// [`ConfusionMatrix::recall`] at the threshold of decisions; `None` where nobody churned.
    pub recall: Option<f64>,
}

/// The figures of each group of rows that share a label, in the order of the labels' text. `name` says what the labels
/// are; decisions are `threshold <= probability`.
///
/// # Errors
/// Where there is not one label a row.
pub fn slices<L: AsRef<str>>(
    scored: &Scored<'_>,
    name: &str,
    labels: &[L],
    threshold: f64,
) -> Result<Vec<Slice>, EvaluationError> {
    if labels.len() != scored.rows() {
        return Err(EvaluationError::UnequalLabels { expected: scored.rows(), found: labels.len() });
    }
    let mut groups: BTreeMap<&str, (Vec<f64>, Vec<bool>)> = BTreeMap::new();
    for ((p, churned), label) in scored.iter().zip(labels) {
        let (probability, outcomes) = groups.entry(label.as_ref()).or_default();
        probability.push(p);
        outcomes.push(churned);
    }
    let of = |(value, (probability, churned)): (&str, (Vec<f64>, Vec<bool>))| {
        Ok(slice(&Scored::parse(&probability, &churned)?, name, value, threshold))
    };
    groups.into_iter().map(of).collect()
}

fn slice(scored: &Scored<'_>, name: &str, value: &str, threshold: f64) -> Slice {
    let (rows, churned) = (scored.rows() as u64, scored.churned() as u64);
    Slice {
        name: name.to_owned(),
        value: value.to_owned(),
        rows,
        churned,
        churn_rate: churned as f64 / rows as f64,
        churn_rate_interval: wilson(churned, rows),
        mean_probability: scored.iter().map(|(p, _)| p).sum::<f64>() / rows as f64,
        roc_auc: roc_auc(scored).ok(),
        roc_auc_interval: roc_auc_interval(scored).ok().flatten(),
        recall: ConfusionMatrix::at(scored, threshold).recall(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const P: [f64; 8] = [0.9, 0.2, 0.8, 0.3, 0.6, 0.7, 0.1, 0.4];
    const CHURNED: [bool; 8] = [true, false, true, false, true, false, false, false];
    const LABELS: [&str; 8] = ["b", "a", "b", "a", "b", "b", "a", "b"];

    #[test]
    fn each_group_has_the_figures_of_its_own_rows() {
        let found = slices(&Scored::parse(&P, &CHURNED).unwrap(), "Contract", &LABELS, 0.65).unwrap();
        assert_eq!(found.iter().map(|slice| slice.value.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        let own = Scored::parse(&[0.9, 0.8, 0.6, 0.7, 0.4], &[true, true, true, false, false]).unwrap();
        let b = &found[1];
        assert_eq!((b.name.as_str(), b.rows, b.churned, b.churn_rate), ("Contract", 5, 3, 0.6));
        assert_eq!(b.churn_rate_interval, wilson(3, 5));
        assert!((b.mean_probability - 0.68).abs() < 1e-15);
        assert_eq!((b.roc_auc, b.recall), (Some(roc_auc(&own).unwrap()), Some(2.0 / 3.0)));
        assert_eq!(b.roc_auc_interval, roc_auc_interval(&own).unwrap());
        assert!(b.roc_auc_interval.is_some());
    }

    #[test]
    fn a_group_of_one_outcome_has_no_ranking() {
        let found = slices(&Scored::parse(&P, &CHURNED).unwrap(), "Contract", &LABELS, 0.5).unwrap();
        let a = &found[0];
        assert_eq!((a.rows, a.churned, a.churn_rate), (3, 0, 0.0));
        assert_eq!((a.roc_auc, a.roc_auc_interval, a.recall), (None, None, None));
        let text = serde_json::to_string(&found).unwrap();
        assert_eq!(serde_json::from_str::<Vec<Slice>>(&text).unwrap(), found);
    }

    #[test]
    fn every_row_needs_a_label() {
        let refused = slices(&Scored::parse(&P, &CHURNED).unwrap(), "Contract", &["a"], 0.5);
        assert_eq!(refused.expect_err("one label").to_string(), "1 labels for 8 rows");
    }
}
