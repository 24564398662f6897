//! What is written is read back: the same trees, the same probabilities.

use proptest::prelude::*;

use super::*;

/// A tree of up to `depth` levels, in preorder, from a stream of numbers that decide its shape.
fn grow(columns: &mut Columns, depth: u32, draws: &mut impl Iterator<Item = (u8, f32, f64)>) -> u32 {
    let at = u32::try_from(columns.nodes()).expect("few nodes");
    let (feature, threshold, value) = draws.next().expect("draws without end");
    let is_leaf = depth == 0 || 6 < feature;
    columns.feature.push(if is_leaf { LEAF } else { feature % 3 });
    columns.threshold.push(if is_leaf { 0.0 } else { threshold });
    columns.value.push(if is_leaf { value } else { 0.0 });
    columns.left.push(0);
    columns.right.push(0);
    columns.cover.push(1.0);
    if !is_leaf {
        columns.left[at as usize] = grow(columns, depth - 1, draws);
        columns.right[at as usize] = grow(columns, depth - 1, draws);
    }
    at
}

fn forest_of(trees: usize, draws: &[(u8, f32, f64)], link: Link) -> Forest {
    let mut draws = draws.iter().copied().cycle();
    let mut columns = Columns::default();
    for _ in 0..trees {
        let root = grow(&mut columns, 5, &mut draws);
        columns.root.push(root);
    }
    if link != Link::Mean {
        columns.value.iter_mut().for_each(|value| *value = *value * 4.0 - 2.0);
    }
    Forest::parse(columns, link, 3).expect("the trees are sound")
}

fn threshold() -> impl Strategy<Value = f32> {
    prop_oneof![-5_f32..5.0, any::<f32>().prop_filter("finite", |number| number.is_finite())]
}

proptest! {
    #[test]
    fn a_forest_reads_back_with_the_same_trees_and_probabilities(
        trees in 1_usize..20,
        draws in prop::collection::vec((0_u8..10, threshold(), 0.0_f64..=1.0), 1..60),
        rows in prop::collection::vec([threshold(), threshold(), threshold()], 1..20),
        logistic in any::<bool>(),
        graph in prop_oneof![Just(Graph::Classifier), Just(Graph::Probability)],
    ) {
        let link = if logistic { Link::Logistic { bias: -0.75 } } else { Link::Mean };
        let forest = forest_of(trees, &draws, link);
        let bytes = export(&forest, &["a", "b", "c"], &BTreeMap::new(), graph).unwrap();
        prop_assert_eq!(&export(&forest, &["a", "b", "c"], &BTreeMap::new(), graph).unwrap(), &bytes);
        let again = import(&bytes, 3).expect("what is written is read").into_forest([]);
        let shape = |forest: &Forest| {
            let c = forest.columns().clone();
            (c.root, c.feature, c.threshold, c.left, c.right)
        };
        prop_assert_eq!(shape(&again), shape(&forest));
        for row in rows {
            let (found, expected) = (again.view().probability(&row), forest.view().probability(&row));
            prop_assert!((found - expected).abs() < 1e-6, "{} and {}", found, expected);
        }
    }
}

#[test]
fn metadata_and_producer_are_carried() {
    let metadata = BTreeMap::from([("model_version".to_owned(), "3be2".to_owned())]);
    let imported =
        import(&export(&forest(Link::Mean), &NAMES, &metadata, Graph::Classifier).unwrap(), 2).unwrap();
    assert_eq!(imported.producer, concat!("churn ", env!("CARGO_PKG_VERSION")));
    assert_eq!(imported.metadata["model_version"], "3be2");
    assert_eq!(imported.metadata[crate::METADATA_FEATURES], "tenure,price");
}

#[test]
fn nodes_out_of_preorder_are_written_in_preorder() {
    let mut columns = forest(Link::Mean).columns().clone();
    // The second tree first, and the children of the first exchanged in place.
    columns.root = vec![3, 0];
    columns.feature = vec![LEAF, 1, LEAF, 0, LEAF, LEAF];
    columns.threshold = vec![0.0, 1.0, 0.0, 12.0, 0.0, 0.0];
    columns.left = vec![0, 5, 0, 2, 0, 0];
    columns.right = vec![0, 4, 0, 1, 0, 0];
    columns.value = vec![0.5, 0.0, 0.75, 0.0, 0.0, 0.25];
    let shuffled = Forest::parse(columns, Link::Mean, 2).unwrap();
    let bytes = |forest: &Forest| export(forest, &NAMES, &BTreeMap::new(), Graph::Classifier).unwrap();
    assert_eq!(bytes(&shuffled), bytes(&forest(Link::Mean)));
}

#[test]
fn a_leaf_that_no_f32_holds_is_refused_with_its_tree() {
    let mut columns = forest(Link::Logistic { bias: 0.0 }).columns().clone();
    let leaf = (0..columns.nodes()).rev().find(|&node| columns.feature[node] == LEAF).unwrap();
    columns.value[leaf] = 1e300;
    let huge = Forest::parse(columns, Link::Logistic { bias: 0.0 }, 2).unwrap();
    let refused = export(&huge, &NAMES, &BTreeMap::new(), Graph::Classifier).unwrap_err().to_string();
    assert!(refused.starts_with("a leaf of tree ") && refused.contains("no 32-bit float"), "{refused}");
}
