//! Selection: every candidate judged on the same folds, and the one that wins.

use churn::{CandidateFacts, CrossValidation, Parameter, Yardstick};
use evaluation::{FoldDifference, Scored, cheapest_threshold, fold_difference};
use learner::{Candidate, Dataset, FoldScores, MaxFeatures, Monotone, Threads, cross_validate};
use std::collections::BTreeMap;

use crate::config::Prefer;
use crate::error::JobError;

/// Candidates and their scores on the folds.
pub(super) struct Selection {
    judged: Vec<Judged>,
    selected: usize,
    /// Share of the rows that a fold is tested on.
    test_share: f64,
}

struct Judged {
    candidate: Candidate,
    folds: Vec<FoldScores>,
}

/// Rows scored by models that did not see them.
pub(super) struct OutOfFold {
    pub(super) rows: Vec<usize>,
    pub(super) selected: Vec<f64>,
    pub(super) yardstick: Option<Vec<f64>>,
}

impl Selection {
    /// Cross-validates `candidates` on folds of `dataset` with these test rows, and selects one that can ship.
    pub(super) fn of(
        candidates: Vec<Candidate>,
        dataset: &Dataset,
        test: &[Vec<usize>],
        prefer: Prefer,
        threads: Threads,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Self, JobError> {
        let scores = cross_validate(&candidates, dataset, test, threads, progress)?;
        let judged = candidates.into_iter().zip(scores).map(|(candidate, folds)| Judged { candidate, folds });
        let tested: usize = test.iter().map(Vec::len).sum();
        let test_share = tested as f64 / (test.len() * dataset.rows()) as f64;
        let mut selection = Self { judged: judged.collect(), selected: 0, test_share };
        selection.selected = selection.winner(prefer)?;
        Ok(selection)
    }

    fn winner(&self, prefer: Prefer) -> Result<usize, JobError> {
        let shippable = (0..self.judged.len()).filter(|&index| self.judged[index].can_ship());
        let by_auc =
            |&a: &usize, &b: &usize| self.judged[a].mean().total_cmp(&self.judged[b].mean()).then(b.cmp(&a));
        let best = shippable.clone().max_by(by_auc).ok_or(JobError::NothingCanShip)?;
        let is_near = |&index: &usize| {
            // A single fold tells no standard error, so nothing is known to be near.
            let difference = self.difference(best, index);
            difference.is_some_and(|difference| -difference.standard_error <= difference.mean)
        };
        Ok(match prefer {
            Prefer::Best => best,
            Prefer::Smallest => shippable
                .filter(|index| *index == best || is_near(index))
                .min_by(|&a, &b| self.judged[a].nodes().total_cmp(&self.judged[b].nodes()))
                .unwrap_or(best),
        })
    }

    /// The ROC-AUC of candidate `b` less that of `a`, over the folds.
    fn difference(&self, a: usize, b: usize) -> Option<FoldDifference> {
        fold_difference(&self.judged[a].roc_auc(), &self.judged[b].roc_auc(), self.test_share)
    }

    /// The candidate that was selected.
    pub(super) fn selected(&self) -> &Candidate {
        &self.judged[self.selected].candidate
    }

    /// Every candidate with its folds, and whether it is the selected one.
    pub(super) fn candidates(&self) -> impl Iterator<Item = (&Candidate, &[FoldScores], bool)> {
        let judged = self.judged.iter().enumerate();
        judged.map(|(index, judged)| (&judged.candidate, &judged.folds[..], index == self.selected))
    }

    /// The selected candidate's figures over the folds.
    pub(super) fn cross_validation(&self) -> CrossValidation {
        self.judged[self.selected].summary()
    }

    /// Rows that some fold tests, rising, and their probabilities by models of the selected candidate and of the best
    /// logistic regression that did not see them, each by the first fold that tests it.
    pub(super) fn out_of_fold(&self) -> OutOfFold {
        let of = |index: usize| {
            let mut probability = BTreeMap::new();
            for fold in &self.judged[index].folds {
                for (&row, &p) in fold.rows.iter().zip(&fold.probability) {
                    probability.entry(row).or_insert(p);
                }
            }
            probability
        };
        let selected = of(self.selected);
        OutOfFold {
            rows: selected.keys().copied().collect(),
            selected: selected.into_values().collect(),
            yardstick: self.best_yardstick().map(|index| of(index).into_values().collect()),
        }
    }

    /// The best logistic regression.
    pub(super) fn yardstick_candidate(&self) -> Option<&Candidate> {
        self.best_yardstick().map(|index| &self.judged[index].candidate)
    }

    fn best_yardstick(&self) -> Option<usize> {
        let yardsticks = (0..self.judged.len()).filter(|&index| !self.judged[index].can_ship());
        yardsticks.max_by(|&a, &b| self.judged[a].mean().total_cmp(&self.judged[b].mean()))
    }

    /// The threshold that costs least on the validation rows, each scored by models that did not see it.
    pub(super) fn cheapest_threshold(
        &self,
        churned: &[bool],
        costs: &evaluation::Costs,
    ) -> Result<f64, JobError> {
        let folds = &self.judged[self.selected].folds;
        let probability: Vec<f64> = folds.iter().flat_map(|fold| fold.probability.iter().copied()).collect();
        let churned: Vec<bool> = folds.iter().flat_map(|fold| &fold.rows).map(|&row| churned[row]).collect();
        Scored::parse(&probability, &churned)
            .map(|scored| cheapest_threshold(&scored, costs))
            .map_err(|source| JobError::Evaluation { rows: "validation rows", source })
    }

    /// What the card says of all candidates, the best first.
    pub(super) fn facts(&self) -> Vec<CandidateFacts> {
        let fact = |(index, judged): (usize, &Judged)| CandidateFacts {
            model_type: judged.candidate.kind().into(),
            parameters: parameters(&judged.candidate),
            cross_validation: judged.summary(),
            nodes: judged.nodes(),
            difference: (index != self.selected).then(|| self.difference(self.selected, index)).flatten(),
            selected: index == self.selected,
        };
        let mut facts: Vec<CandidateFacts> = self.judged.iter().enumerate().map(fact).collect();
        facts.sort_by(|a, b| b.cross_validation.roc_auc_mean.total_cmp(&a.cross_validation.roc_auc_mean));
        facts
    }

    /// The best logistic regression beside the selected model.
    pub(super) fn yardstick(&self) -> Option<Yardstick> {
        let index = self.best_yardstick()?;
        let difference = self.difference(self.selected, index);
        let is_better = difference.is_some_and(|difference| 0.0 < difference.interval.low);
        Some(Yardstick { roc_auc_mean: self.judged[index].mean(), difference, is_better })
    }
}

impl Judged {
    /// Ensembles of trees can ship; a linear model has no place in the artifact.
    fn can_ship(&self) -> bool {
        !matches!(self.candidate, Candidate::LogisticRegression(_))
    }

    fn roc_auc(&self) -> Vec<f64> {
        self.folds.iter().map(|fold| fold.roc_auc).collect()
    }

    fn mean(&self) -> f64 {
        self.summary().roc_auc_mean
    }

    fn nodes(&self) -> f64 {
        self.folds.iter().map(|fold| fold.nodes as f64).sum::<f64>() / self.folds.len() as f64
    }

    fn summary(&self) -> CrossValidation {
        let count = self.folds.len() as f64;
        let mean = self.folds.iter().map(|fold| fold.roc_auc).sum::<f64>() / count;
        let squares: f64 = self.folds.iter().map(|fold| (fold.roc_auc - mean) * (fold.roc_auc - mean)).sum();
        CrossValidation {
            folds: self.folds.len() as u64,
            roc_auc_mean: mean,
            roc_auc_sd: (squares / (count - 1.0).max(1.0)).sqrt(),
        }
    }
}

/// The value of `[boosting] monotone` that gives these constraints.
fn monotone(constraints: &[Monotone]) -> &'static str {
    if constraints.iter().all(|of| *of == Monotone::Free) { "off" } else { "on" }
}

/// Hyperparameters by the names that they have in the configuration.
pub(super) fn parameters(candidate: &Candidate) -> BTreeMap<String, Parameter> {
    let count = |value: u32| Parameter::Count(value.into());
    let named: Vec<(&str, Parameter)> = match candidate {
        Candidate::LogisticRegression(learner) => vec![("l2", Parameter::Number(learner.parameters().l2))],
        Candidate::RandomForest(learner) => {
            let parameters = learner.parameters();
            let max_features = match parameters.max_features {
                MaxFeatures::Sqrt => Parameter::Name("sqrt".into()),
                MaxFeatures::Count(count) => Parameter::Count(count.into()),
            };
            vec![
                ("trees", count(parameters.trees)),
                ("max_depth", count(parameters.max_depth)),
                ("min_samples_leaf", count(parameters.min_samples_leaf)),
                ("max_features", max_features),
            ]
        }
        Candidate::GradientBoosting(learner) => {
            let parameters = learner.parameters();
            vec![
                ("trees", count(parameters.trees)),
                ("max_depth", count(parameters.max_depth)),
                ("learning_rate", Parameter::Number(parameters.learning_rate)),
                ("subsample", Parameter::Number(parameters.subsample)),
                ("column_sample", Parameter::Number(parameters.column_sample)),
                ("column_sample_by_node", Parameter::Number(parameters.column_sample_by_node)),
                ("l2", Parameter::Number(parameters.l2)),
                ("min_child_weight", Parameter::Number(parameters.min_child_weight)),
                ("monotone", Parameter::Name(monotone(&parameters.monotone).into())),
            ]
        }
    };
    named.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
