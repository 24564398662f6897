//! Gradient boosting: what it learns, that constraints hold everywhere, and that only data, parameters and seed decide.

use evaluation::{Scored, log_loss, roc_auc};
use forest::{LEAF, Link};
use learner::{
    Classifier, Dataset, GradientBoostingParameters, Learner, LearnerError, Monotone, Threads, TreeModel,
};
use ndarray::{Array2, Axis};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// `rows` x 3: log-odds that fall with feature 0, rise with feature 1, and wave with feature 2.
fn dataset(rows: usize, seed: u64) -> Dataset {
    let mut rng = Pcg64::seed_from_u64(seed);
    let x = Array2::from_shape_fn((rows, 3), |_| rng.random_range(-1.0..1.0_f32));
    let churned = (0..rows)
        .map(|row| rng.random_bool(truth(x.row(row).as_slice().expect("rows are contiguous"))))
        .collect();
    Dataset::parse(x, churned).expect("the data is sound")
}

fn truth(x: &[f32]) -> f64 {
    let wave = if x[2].abs() < 0.5 { 1.0 } else { -1.0 };
    1.0 / (1.0 + libm::exp(f64::from(1.5 * x[0]) - f64::from(x[1]) - wave))
}

fn small() -> GradientBoostingParameters {
    GradientBoostingParameters {
        trees: 60,
        max_depth: 3,
        learning_rate: 0.1,
        column_sample: 1.0,
        column_sample_by_node: 1.0,
        ..Default::default()
    }
}

fn fit(parameters: GradientBoostingParameters, dataset: &Dataset) -> TreeModel {
    parameters
        .check()
        .expect("the parameters are sound")
        .fit(dataset, Threads::new(2), &|_| ())
        .expect("a model comes out")
}

fn scores(model: &TreeModel, dataset: &Dataset) -> Vec<f64> {
    model.predict_proba(dataset.x().view()).to_vec()
}

#[test]
fn it_ranks_fresh_rows_nearly_as_well_as_the_true_risk_and_with_true_probabilities() {
    let (train, fresh) = (dataset(5000, 1), dataset(5000, 2));
    let best: Vec<f64> = fresh.x().axis_iter(Axis(0)).map(|x| truth(x.as_slice().unwrap())).collect();
    let found = scores(&fit(small(), &train), &fresh);
    let [best, found] = [&best, &found].map(|p| Scored::parse(p, fresh.churned()).unwrap());
    assert!(roc_auc(&best).unwrap() - 0.01 < roc_auc(&found).unwrap());
    assert!(log_loss(&found) < log_loss(&best) + 0.01);
}

#[test]
fn one_full_step_of_one_stump_is_newtons() {
    // 4 of 10 churn where x is 0 and 8 of 10 where x is 1: p = 0.6, h = 0.24 a row, lambda = 2.
    let x = Array2::from_shape_fn((20, 1), |(row, _)| f32::from(u8::from(10 <= row)));
    let churned = (0..20).map(|row| row % 10 < if row < 10 { 4 } else { 8 }).collect();
    let parameters = GradientBoostingParameters {
        trees: 1,
        max_depth: 1,
        learning_rate: 1.0,
        subsample: 1.0,
        l2: 2.0,
        min_child_weight: 2.3,
        ..small()
    };
    let data = Dataset::parse(x, churned).unwrap();
    let model = fit(parameters.clone(), &data);
    let columns = model.forest().columns();
    let step = 2.0 / (2.4 + 2.0);
    for (value, expected) in columns.value.iter().zip([0.0, -step, step]) {
        assert!((value - expected).abs() < 1e-12, "{:?}", columns.value);
    }
    let Link::Logistic { bias } = model.forest().link() else { panic!("boosting is of link logistic") };
    assert!((bias - libm::log(1.5)).abs() < 1e-12);
    assert_eq!(columns.cover, [20.0, 10.0, 10.0]);
    let heavy = fit(GradientBoostingParameters { min_child_weight: 2.5, ..parameters }, &data);
    assert_eq!(heavy.forest().view().nodes(), 1, "10 rows of 0.24 do not make a child of 2.5");
}

#[test]
fn more_trees_fit_better_and_each_parameter_has_its_effect() {
    let data = dataset(1500, 3);
    let loss = |parameters| {
        let p = scores(&fit(parameters, &data), &data);
        log_loss(&Scored::parse(&p, data.churned()).unwrap())
    };
    let usual = loss(small());
    assert!(loss(GradientBoostingParameters { trees: 120, ..small() }) < usual);
    assert!(usual < loss(GradientBoostingParameters { l2: 100.0, ..small() }));
    assert!(usual < loss(GradientBoostingParameters { min_child_weight: 200.0, ..small() }));
    assert!(usual < loss(GradientBoostingParameters { learning_rate: 0.01, ..small() }));
    assert!(usual < loss(GradientBoostingParameters { max_depth: 1, ..small() }));
}

#[test]
fn a_tree_uses_no_more_features_than_it_draws() {
    let parameters = GradientBoostingParameters { column_sample: 0.4, ..small() };
    let model = fit(parameters, &dataset(1500, 4));
    let columns = model.forest().columns();
    let mut used = std::collections::BTreeSet::new();
    let ends = columns.root.iter().skip(1).map(|&root| root as usize).chain([columns.nodes()]);
    for (&root, end) in columns.root.iter().zip(ends) {
        let mut of_tree: Vec<u8> = columns.feature[root as usize..end].to_vec();
        of_tree.retain(|&feature| feature != LEAF);
        of_tree.sort_unstable();
        of_tree.dedup();
        assert!(of_tree.len() <= 1, "0.4 of 3 features is one: {of_tree:?}");
        used.extend(of_tree);
    }
    assert_eq!(used.len(), 3, "different trees draw different features");
}

#[test]
fn a_subsample_is_the_cover_of_the_root() {
    let data = dataset(2000, 5);
    for (subsample, expected) in [(1.0, 2000.0), (0.5, 1000.0)] {
        let model = fit(GradientBoostingParameters { subsample, ..small() }, &data);
        for &root in &model.forest().columns().root {
            assert!((model.forest().columns().cover[root as usize] - expected).abs() < 150.0);
        }
    }
}

#[test]
fn the_number_of_threads_and_the_run_change_nothing_and_the_seed_does() {
    let data = dataset(500, 6);
    let learner = small().check().unwrap();
    let one = learner.fit(&data, Threads::new(1), &|_| ()).unwrap();
    assert_eq!(learner.fit(&data, Threads::new(2), &|_| ()).unwrap(), one);
    assert_ne!(fit(GradientBoostingParameters { seed: 43, ..small() }, &data), one);
}

#[test]
fn parameters_outside_their_range_are_named() {
    let check = |parameters: GradientBoostingParameters, expected: &str| {
        assert_eq!(parameters.check().expect_err(expected).to_string(), expected);
    };
    check(GradientBoostingParameters { trees: 0, ..small() }, "trees is 0, expected 1 to 10,000");
    check(GradientBoostingParameters { max_depth: 65, ..small() }, "max_depth is 65, expected 1 to 64");
    let share = |value| GradientBoostingParameters { subsample: value, ..small() };
    check(share(0.0), "subsample is 0, expected above 0, at most 1");
    check(share(1.5), "subsample is 1.5, expected above 0, at most 1");
    check(share(f64::NAN), "subsample is NaN, expected above 0, at most 1");
    check(GradientBoostingParameters { l2: -1.0, ..small() }, "l2 is -1, expected at least 0");
    let parameters = GradientBoostingParameters { monotone: vec![Monotone::Rising], ..small() };
    let error = parameters.check().unwrap().fit(&dataset(50, 7), Threads::new(1), &|_| ());
    assert_eq!(error, Err(LearnerError::Constraints { expected: 3, found: 1 }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Data that pulls against the constraints: rising where predictions may only fall, and the other way round.
    #[test]
    fn constraints_hold_on_every_step_of_a_grid(
        seed in any::<u64>(), depth in 1..6_u32, l2 in 0.0..5.0, column_sample in 0.3..1.0_f64,
    ) {
        let parameters = GradientBoostingParameters {
            trees: 25,
            max_depth: depth,
            learning_rate: 0.5,
            min_child_weight: 0.0,
            l2,
            column_sample,
            monotone: vec![Monotone::Rising, Monotone::Falling, Monotone::Free],
            seed,
            ..small()
        };
        let model = fit(parameters, &dataset(300, seed));
        let grid: Vec<f32> = (-12..=12).map(|step| step as f32 / 11.0).collect();
        let p = |a: f32, b: f32, c: f32| model.forest().view().probability(&[a, b, c]);
        for &other in &grid {
            for &free in &grid {
                for pair in grid.windows(2) {
                    prop_assert!(p(pair[0], other, free) <= p(pair[1], other, free));
                    prop_assert!(p(other, pair[1], free) <= p(other, pair[0], free));
                }
            }
        }
    }
}
