//! The random forest: what it learns, what bounds it keeps, and that only data, parameters and seed decide.

use evaluation::{Scored, roc_auc};
use forest::LEAF;
use learner::{
    Classifier, Dataset, Learner, LearnerError, MaxFeatures, RandomForestParameters, Threads, TreeModel,
    cross_validate, permutation_importance, stratified_folds,
};
use ndarray::Array2;
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// `rows` x 4: a risk that falls with feature 0 and jumps with feature 1; features 2 (noise) and 3 (constant) say nothing.
fn dataset(rows: usize, seed: u64) -> Dataset {
    let mut rng = Pcg64::seed_from_u64(seed);
    let x = Array2::from_shape_fn((rows, 4), |(_, feature)| match feature {
        0 => rng.random_range(0..72_u8).into(),
        1 => rng.random_range(0..3_u8).into(),
        2 => rng.random_range(0.0..1.0_f32),
        _ => 7.0,
    });
    let risk = |row: usize| 0.8 - f64::from(x[[row, 0]]) / 120.0 - 0.15 * f64::from(x[[row, 1]]);
    let churned = (0..rows).map(|row| rng.random_bool(risk(row).clamp(0.02, 0.98))).collect();
    Dataset::parse(x, churned).expect("the data is sound")
}

fn small() -> RandomForestParameters {
    RandomForestParameters { trees: 30, max_depth: 6, min_samples_leaf: 10, ..Default::default() }
}

fn fit(parameters: RandomForestParameters, dataset: &Dataset, threads: usize) -> TreeModel {
    let learner = parameters.check().expect("the parameters are sound");
    learner.fit(dataset, Threads::new(threads), &|_| ()).expect("a forest fits any dataset")
}

fn auc(model: &TreeModel, dataset: &Dataset) -> f64 {
    let probability = model.predict_proba(dataset.x().view()).to_vec();
    let scored = Scored::parse(&probability, dataset.churned()).expect("a forest gives probabilities");
    roc_auc(&scored).expect("both labels occur")
}

#[test]
fn it_ranks_fresh_rows_nearly_as_well_as_the_true_risk() {
    let (train, fresh) = (dataset(3000, 1), dataset(3000, 2));
    let truth: Vec<f64> = fresh
        .x()
        .rows()
        .into_iter()
        .map(|row| (0.8 - f64::from(row[0]) / 120.0 - 0.15 * f64::from(row[1])).clamp(0.0, 1.0))
        .collect();
    let best = roc_auc(&Scored::parse(&truth, fresh.churned()).unwrap()).unwrap();
    let found = auc(&fit(small(), &train, 2), &fresh);
    assert!(best - 0.02 < found, "AUC {found}, the true risk has {best}");
}

#[test]
fn the_number_of_threads_and_the_run_change_nothing_and_the_seed_does() {
    let data = dataset(500, 3);
    let one = fit(small(), &data, 1);
    for threads in [1, 2, 5, 64] {
        assert_eq!(fit(small(), &data, threads), one, "{threads} threads");
    }
    assert_ne!(fit(RandomForestParameters { seed: 43, ..small() }, &data, 1), one);
}

#[test]
fn depth_leaf_size_and_features_keep_their_bounds() {
    let data = dataset(800, 4);
    for (max_depth, min_samples_leaf) in [(1, 1), (3, 50), (12, 5)] {
        let model = fit(RandomForestParameters { max_depth, min_samples_leaf, ..small() }, &data, 2);
        let forest = model.forest();
        assert!(forest.view().depth() <= max_depth as usize, "{} deep", forest.view().depth());
        let columns = forest.columns();
        for node in 0..columns.nodes() {
            assert_ne!(columns.feature[node], 3, "the constant feature was split");
            // Rows drawn repeatedly weigh more, so the cover is at least the number of distinct rows.
            assert!(min_samples_leaf as f32 <= columns.cover[node]);
        }
    }
}

#[test]
fn covers_add_up_and_leaves_are_the_rates_of_their_rows() {
    let data = dataset(400, 5);
    let model = fit(small(), &data, 1);
    let forest = model.forest();
    let columns = forest.columns();
    for root in &columns.root {
        assert_eq!(columns.cover[*root as usize], 400.0, "every bootstrap sample has as many draws as rows");
    }
    for node in (0..columns.nodes()).filter(|&node| columns.feature[node] != LEAF) {
        let (left, right) = (columns.left[node] as usize, columns.right[node] as usize);
        assert_eq!(columns.cover[left] + columns.cover[right], columns.cover[node]);
    }
}

#[test]
fn nodes_go_on_past_constant_features_until_one_varies() {
    // Nine constant features and one that decides: with one feature a node, every root must still find it.
    let x = Array2::from_shape_fn((100, 10), |(row, feature)| if feature == 4 { row as f32 } else { 1.0 });
    let data = Dataset::parse(x, (0..100).map(|row| row < 50).collect()).unwrap();
    let model = fit(RandomForestParameters { max_features: MaxFeatures::Count(1), ..small() }, &data, 1);
    let forest = model.forest();
    for &root in &forest.columns().root {
        assert_eq!(forest.columns().feature[root as usize], 4);
    }
}

#[test]
fn importances_are_shares_and_go_to_the_features_that_say_something() {
    let model = fit(small(), &dataset(2000, 9), 2);
    let importance = model.importance();
    assert!((importance.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{importance:?}");
    assert_eq!(importance[3], 0.0, "a constant feature gains nothing");
    assert!(importance[1].max(importance[2]) < importance[0] / 2.0, "{importance:?}");

    let fresh = dataset(4000, 12);
    let shuffled = permutation_importance(&model, &fresh, 5, 1, Threads::new(2)).unwrap();
    assert_eq!(shuffled, permutation_importance(&model, &fresh, 5, 1, Threads::new(1)).unwrap());
    let [first, second, noise, constant] = [0, 1, 2, 3].map(|feature| shuffled[feature].mean);
    assert!(0.02 < second && second < first, "{shuffled:?}");
    assert!(noise.abs() < 0.01 && constant == 0.0, "{shuffled:?}");
    assert!(0.0 < shuffled[0].deviation && shuffled[0].deviation < 0.02, "{shuffled:?}");
}

#[test]
fn the_out_of_bag_score_is_that_of_fresh_rows() {
    let (train, fresh) = (dataset(3000, 10), dataset(20_000, 11));
    let learner = small().check().unwrap();
    let model = learner.fit(&train, Threads::new(2), &|_| ()).unwrap();
    let found = learner.out_of_bag_score(&train, &model).unwrap();
    let expected = auc(&model, &fresh);
    assert!((found - expected).abs() < 0.025, "{found} out of bag, {expected} on fresh rows");
    assert!(found + 0.03 < auc(&model, &train), "rows that were fitted on flatter");
}

#[test]
fn parameters_outside_their_range_are_named() {
    let check = |parameters: RandomForestParameters, expected: &str| {
        assert_eq!(parameters.check().expect_err(expected).to_string(), expected);
    };
    check(RandomForestParameters { trees: 0, ..small() }, "trees is 0, expected 1 to 10,000");
    check(RandomForestParameters { max_depth: 65, ..small() }, "max_depth is 65, expected 1 to 64");
    check(
        RandomForestParameters { min_samples_leaf: 0, ..small() },
        "min_samples_leaf is 0, expected at least 1",
    );
    let none = RandomForestParameters { max_features: MaxFeatures::Count(0), ..small() };
    check(none, "max_features is 0, expected at least 1");
}

#[test]
fn cross_validation_scores_every_row_by_a_forest_that_did_not_see_it() {
    // Labels are noise: a forest that saw its test rows would rank them far above chance.
    let mut rng = Pcg64::seed_from_u64(6);
    let x = Array2::from_shape_fn((600, 3), |_| rng.random_range(0.0..1.0_f32));
    let churned: Vec<bool> = (0..600).map(|_| rng.random_bool(0.4)).collect();
    let data = Dataset::parse(x, churned).unwrap();
    let learner = RandomForestParameters { min_samples_leaf: 1, max_depth: 20, ..small() }.check().unwrap();
    let folds = stratified_folds(data.churned(), 5, 7).unwrap();
    let scores =
        &cross_validate(std::slice::from_ref(&learner), &data, &folds, Threads::new(2), &|_| ()).unwrap()[0];
    let mean = scores.iter().map(|fold| fold.roc_auc).sum::<f64>() / 5.0;
    assert!((0.4..0.6).contains(&mean), "AUC {mean} on noise");
    assert!(
        0.95 < auc(&learner.fit(&data, Threads::new(2), &|_| ()).unwrap(), &data),
        "it does learn noise by heart"
    );
    let mut rows: Vec<usize> = scores.iter().flat_map(|fold| fold.rows.clone()).collect();
    rows.sort_unstable();
    assert_eq!(rows, (0..600).collect::<Vec<_>>());
}

#[test]
fn a_fold_of_one_class_cannot_be_judged() {
    let data = dataset(100, 8);
    let stayed: Vec<usize> = (0..100).filter(|&row| !data.churned()[row]).take(5).collect();
    let learner = small().check().unwrap();
    let result = cross_validate(&[learner], &data, &[stayed], Threads::new(1), &|_| ());
    assert!(matches!(result, Err(LearnerError::Evaluation { fold: 0, .. })), "{result:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn any_finite_data_gives_a_sound_forest_and_probabilities(
        values in prop::collection::vec(prop::num::f32::NORMAL | prop::num::f32::ZERO | prop::num::f32::SUBNORMAL, 60),
        labels in prop::collection::vec(any::<bool>(), 30),
    ) {
        let x = Array2::from_shape_vec((30, 2), values).unwrap();
        let Ok(data) = Dataset::parse(x, labels) else { return Ok(()) };
        let parameters = RandomForestParameters { trees: 5, min_samples_leaf: 1, ..small() };
        for probability in fit(parameters, &data, 1).predict_proba(data.x().view()) {
            prop_assert!((0.0..=1.0).contains(&probability));
        }
    }
}
