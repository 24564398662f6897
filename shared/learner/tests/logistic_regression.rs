//! Logistic regression: that it finds the minimum of its loss, and what it makes of numbers and codes.

use learner::{
    Classifier, Dataset, Learner, LearnerError, LogisticModel, LogisticRegressionParameters, Threads,
};
use ndarray::{Array2, array};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// A number, a category of three codes, and a constant.
fn dataset(rows: usize, seed: u64) -> Dataset {
    let mut rng = Pcg64::seed_from_u64(seed);
    let x = Array2::from_shape_fn((rows, 3), |(_, feature)| match feature {
        0 => rng.random_range(0.0..50.0_f32),
        1 => rng.random_range(0..3_u8).into(),
        _ => 4.0,
    });
    let churned = (0..rows).map(|row| rng.random_bool(truth(x[[row, 0]], x[[row, 1]]))).collect();
    Dataset::parse(x, churned).expect("the data is sound")
}

fn truth(number: f32, code: f32) -> f64 {
    1.0 / (1.0 + libm::exp(-(f64::from(number) / 20.0 - 1.0 - f64::from(code == 2.0))))
}

fn fit(l2: f64, dataset: &Dataset) -> LogisticModel {
    let learner = LogisticRegressionParameters { l2, categories: vec![0, 3, 0] }
        .check()
        .expect("the parameters are sound");
    learner.fit(dataset, Threads::new(1), &|_| ()).expect("a model comes out")
}

#[test]
fn it_comes_near_the_true_probabilities() {
    let model = fit(0.1, &dataset(20_000, 1));
    let found = model.predict_proba(array![[0.0, 0.0, 4.0], [40.0, 1.0, 4.0], [25.0, 2.0, 4.0]].view());
    for (found, expected) in found.iter().zip([truth(0.0, 0.0), truth(40.0, 1.0), truth(25.0, 2.0)]) {
        assert!((found - expected).abs() < 0.02, "{found} and {expected}");
    }
    assert_eq!(model.coefficients()[4], 0.0, "a constant says nothing");
}

#[test]
fn the_gradient_of_the_penalised_loss_is_zero() {
    let (data, l2) = (dataset(700, 2), 3.0);
    let model = fit(l2, &data);
    let p = model.predict_proba(data.x().view());
    let residual: Vec<f64> = p.iter().zip(data.churned()).map(|(p, &y)| p - f64::from(y)).collect();
    assert!(residual.iter().sum::<f64>().abs() < 1e-6, "the intercept is not penalised");
    for code in 0..3 {
        let of_code = |(row, r): (usize, &f64)| if data.x()[[row, 1]] == code as f32 { *r } else { 0.0 };
        let slope: f64 = residual.iter().enumerate().map(of_code).sum();
        assert!((slope + l2 * model.coefficients()[1 + code]).abs() < 1e-6, "code {code}");
    }
}

#[test]
fn a_larger_penalty_gives_smaller_coefficients() {
    let data = dataset(700, 3);
    let size = |l2| fit(l2, &data).coefficients().iter().map(|c| c * c).sum::<f64>();
    assert!(size(100.0) < size(1.0) && size(1.0) < size(0.01));
}

#[test]
fn separable_rows_still_have_a_minimum() {
    let x = Array2::from_shape_fn((100, 3), |(row, feature)| if feature == 0 { row as f32 } else { 0.0 });
    let data = Dataset::parse(x, (0..100).map(|row| 50 <= row).collect()).unwrap();
    let p = fit(1e-6, &data).predict_proba(data.x().view());
    assert!(p[0] < 1e-6 && 1.0 - 1e-6 < p[99], "{} {}", p[0], p[99]);
}

#[test]
fn what_cannot_be_fitted_is_refused() {
    for l2 in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(LogisticRegressionParameters { l2, categories: vec![] }.check().is_err(), "{l2}");
    }
    let learner = LogisticRegressionParameters { l2: 1.0, categories: vec![0] }.check().unwrap();
    let result = learner.fit(&dataset(50, 4), Threads::new(1), &|_| ());
    assert_eq!(result, Err(LearnerError::Categories { expected: 3, found: 1 }));
}

#[test]
fn codes_that_add_up_to_the_intercept_need_a_penalty_that_can_be_seen() {
    // 1e-300 beside counts of rows is lost in rounding.
    let learner = LogisticRegressionParameters { l2: 1e-300, categories: vec![0, 3, 0] }.check().unwrap();
    assert_eq!(learner.fit(&dataset(700, 5), Threads::new(1), &|_| ()), Err(LearnerError::Singular));
}
