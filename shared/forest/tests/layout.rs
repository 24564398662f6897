//! The layout that scores says what the columns say, bit for bit, however many trees there are and however they lean.

use forest::{Columns, Forest, LEAF, Link};
use proptest::prelude::*;

const FEATURES: u8 = 4;

/// A node of a random tree: a feature, a threshold in eighths, a leaf value, and which child is grown first.
type Draw = (u8, u8, f64, bool);

/// Grows a subtree in preorder and gives its root.
fn grow(columns: &mut Columns, depth: u32, draws: &mut impl Iterator<Item = Draw>) -> u32 {
    let (feature, threshold, value, left_first) = draws.next().unwrap_or((0, 0, 0.5, true));
    let node = columns.nodes();
    let branch = 0 < depth && threshold < 200;
    columns.feature.push(if branch { feature % FEATURES } else { LEAF });
    columns.threshold.push(if branch { f32::from(threshold % 8) / 8.0 } else { 0.0 });
    columns.value.push(if branch { 0.0 } else { value });
    columns.cover.push(1.0);
    columns.left.push(0);
    columns.right.push(0);
    if branch {
        let children = [grow(columns, depth - 1, draws), grow(columns, depth - 1, draws)];
        (columns.left[node], columns.right[node]) =
            if left_first { (children[0], children[1]) } else { (children[1], children[0]) };
    }
    node as u32
}

/// The contract's own words: left where `x <= threshold`, the sum in tree order.
fn by_the_columns(columns: &Columns, link: Link, row: &[f32]) -> f64 {
    let mut sum = 0.0;
    for &root in &columns.root {
        let mut node = root as usize;
        while columns.feature[node] != LEAF {
            let left = row[usize::from(columns.feature[node])] <= columns.threshold[node];
            node = if left { columns.left[node] } else { columns.right[node] } as usize;
        }
        sum += columns.value[node];
    }
    link.probability(sum, columns.root.len())
}

proptest! {
    #[test]
    fn the_layout_scores_as_the_columns_do(
        trees in 1_usize..20,
        draws in prop::collection::vec((any::<u8>(), any::<u8>(), 0.0_f64..=1.0, any::<bool>()), 1..400),
        rows in prop::collection::vec(prop::array::uniform4(0_u8..10), 1..20),
    ) {
        let mut columns = Columns::default();
        let mut draws = draws.into_iter().cycle().take(1_000);
        for tree in 0..trees {
            let root = grow(&mut columns, (tree as u32 * 5) % 9, &mut draws);
            columns.root.push(root);
        }
        for link in [Link::Mean, Link::Logistic { bias: -0.25 }] {
            let forest = Forest::parse(columns.clone(), link, usize::from(FEATURES)).unwrap();
            for row in &rows {
                // On thresholds and between them, and past every one.
                let row = row.map(|eighths| f32::from(eighths) / 8.0 - 0.0625 * f32::from(eighths % 2));
                let found = forest.view().probability(&row);
                prop_assert_eq!(found.to_bits(), by_the_columns(&columns, link, &row).to_bits());
                let last = trees - 1;
                let alone = Columns { root: vec![columns.root[last]], ..columns.clone() };
                prop_assert_eq!(forest.view().leaf_value(last, &row), by_the_columns(&alone, Link::Mean, &row));
            }
        }
    }
}
