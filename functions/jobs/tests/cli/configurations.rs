//! What a configuration may ask for, and how a slip in it is told.

use crate::bench::Bench;

/// Expects that a training with this configuration is refused at once, with `expected` in the message.
fn check(bench: &Bench, config: &str, expected: &str) {
    bench.write("x.toml", config);
    bench.refused(&["train", "--data", "c.csv", "--config", "x.toml", "--out", "n"], &["x.toml", expected]);
    assert!(!bench.path("n").exists(), "nothing was written");
}

#[test]
fn a_search_without_limit_is_refused_before_its_candidates_are_made() {
    let bench = Bench::new();
    let list = |count: u32| format!("{:?}", (1..=count).collect::<Vec<_>>());
    let grid = format!(
        "[boosting]\ntrees = {}\nl2 = {}\nmin_child_weight = {}\n",
        list(3000),
        list(3000),
        list(3000)
    );
    check(
        &bench,
        &grid,
        "[boosting] has 216,000,000,000 combinations; 10,000 candidates are the most in all",
    );
    check(
        &bench,
        "[selection]\nrepeats = 1000000000\n",
        "[selection] repeats is 1000000000, expected 1 to 1,000",
    );
    check(&bench, "[selection]\nfolds = 101\n", "[selection] folds is 101, expected 2 to 100");
    let product = format!("[selection]\nfolds = 100\nrepeats = 1000\n[forest]\ntrees = {}\n", list(9));
    check(&bench, &product, "100 folds x 1000 repeats are ");
}

#[test]
fn rules_of_the_gate_and_figures_of_the_campaign_have_bounds() {
    let bench = Bench::new();
    for (config, expected) in [
        ("[gate]\nroc_auc_floor = nan\n", "[gate] roc_auc_floor is NaN, expected 0 to 1"),
        ("[gate]\nroc_auc_floor = 5\n", "[gate] roc_auc_floor is 5, expected 0 to 1"),
        ("[gate]\nlabel_shift = inf\n", "[gate] label_shift is inf, expected 0 to 1"),
        ("[gate]\nlabel_shift = -1\n", "[gate] label_shift is -1, expected 0 to 1"),
        ("[gate]\nrows = 0\n", "[gate] rows is 0, expected at least 1"),
        ("[gate]\npsi = nan\n", "[gate] psi is NaN, expected a finite number of at least 0"),
        ("[gate]\nshare_of_rows = 2\n", "[gate] share_of_rows is 2, expected 0 to 1"),
    ] {
        check(&bench, config, expected);
    }
    let campaign = |config: &str, expected: &str| {
        bench.write("x.toml", config);
        bench.refused(&["train", "--data", "c.csv", "--config", "x.toml", "--out", "n"], &[expected]);
    };
    campaign("[campaign]\nalpha = 1e300\n", "alpha is 1e300, expected a number from 0.001 to 1,000");
    campaign("[campaign]\nlifetime_value = 1e308\n", "above the offer, at most 1,000,000,000");
}

#[test]
fn a_value_of_another_type_is_named_with_its_section_and_what_is_taken() {
    let bench = Bench::new();
    let whole = "a whole number from 0 to 4,294,967,295, or a list of them";
    for (config, place) in [
        ("[forest]\ntrees = \"many\"\n", "line 2, [forest]: `trees = \"many\"`: "),
        ("[forest]\ntrees = -1\n", "line 2, [forest]: `trees = -1`: "),
        ("[selection]\n[boosting]\ntrees = [1, 300.5]\n", "line 3, [boosting]: `trees = [1, 300.5]`: "),
    ] {
        check(&bench, config, place);
        check(&bench, config, whole);
    }
    check(&bench, "[boosting]\nl2 = \"x\"\n", "a number, or a list of them");
    check(&bench, "[forest]\ntrees = 0\n", "x.toml: [forest] trees is 0, expected 1 to 10,000");
}

#[test]
fn a_long_line_is_not_repeated() {
    let bench = Bench::new();
    bench.write("x.toml", &format!("[forest]\ntrees = \"{}\"\n", "x".repeat(400_000)));
    let output = bench.run(&["train", "--data", "c.csv", "--config", "x.toml", "--out", "n"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stderr.len() < 1_000, "{} bytes", output.stderr.len());
}
