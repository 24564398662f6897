//! Bytes that were made to hurt: every answer is an error or a sound forest, and nothing takes more than its share.

use proptest::prelude::*;

use super::*;
use crate::MAX_BYTES;

#[test]
fn bytes_of_another_kind_are_refused() {
    for bytes in [&b""[..], b"hello", b"\x81\xa6format\xa5other", &[0xff; 64], &[0; 64]] {
        assert!(import(bytes, 2).is_err(), "{bytes:?}");
    }
    assert!(matches!(import(b"", 2), Err(OnnxError::NoGraph)));
    assert!(matches!(import(&vec![0; MAX_BYTES + 1], 2), Err(OnnxError::TooLarge { .. })));
}

#[test]
fn every_cut_is_an_error_or_a_sound_model() {
    let bytes = Parts::of(Link::Mean, Graph::Probability).bytes();
    for cut in 0..bytes.len() {
        let _ = import(&bytes[..cut], 2);
    }
}

#[test]
fn every_flipped_bit_is_an_error_or_a_sound_model() {
    for link in [Link::Mean, Link::Logistic { bias: 1.0 }] {
        let bytes = Parts::of(link, Graph::Probability).bytes();
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            if let Ok(imported) = import(&flipped, 2) {
                let probability = imported.into_forest([]).view().probability(&[1.0, 2.0]);
                assert!((0.0..=1.0).contains(&probability), "bit {bit}: {probability}");
            }
        }
    }
}

#[test]
fn parts_without_number_are_refused_before_they_are_decoded() {
    let mut parts = Parts::of(Link::Mean, Graph::Classifier);
    parts.nodes.resize(100_000, NodeProto::default());
    let error = import(&parts.bytes(), 2).expect_err("too many nodes").to_string();
    assert_eq!(error, "the model has 100000 nodes, expected at most 1000");
    let mut parts = Parts::of(Link::Mean, Graph::Classifier);
    parts.attributes.resize(100_000, AttributeProto::default());
    let error = import(&parts.bytes(), 2).expect_err("too many attributes").to_string();
    assert_eq!(error, "the model has 100000 attributes of a node, expected at most 100");
}

#[test]
fn groups_nested_without_end_are_refused_and_do_not_recurse_without_end() {
    // Field 99, wire type 3: a group begins, and never ends.
    let start: Vec<u8> = vec![0x9b, 0x06];
    assert!(matches!(import(&start.repeat(1_000_000), 2), Err(OnnxError::Malformed(_))));
}

#[test]
fn a_tree_may_be_deep_and_not_bottomless() {
    let bytes = |depth: u32| {
        export(&chain(depth), &NAMES, &BTreeMap::new(), Graph::Classifier).expect("every leaf fits")
    };
    let deep = import(&bytes(1_000), 2).unwrap().into_forest([]);
    assert_eq!(deep.columns().feature, chain(1_000).columns().feature);
    for depth in [1_001, 200_000] {
        let refused = import(&bytes(depth), 2).unwrap_err().to_string();
        assert!(refused.starts_with("tree 0 is deeper than 1000 levels"), "{refused}");
    }
}

/// One tree in which every left child is a leaf.
fn chain(depth: u32) -> Forest {
    let nodes = 2 * depth as usize + 1;
    let is_leaf = |node: usize| node % 2 == 1 || node + 1 == nodes;
    let child = |node: usize, step: u32| if is_leaf(node) { 0 } else { u32::try_from(node).unwrap() + step };
    let columns = Columns {
        root: vec![0],
        feature: (0..nodes).map(|node| if is_leaf(node) { LEAF } else { 0 }).collect(),
        threshold: vec![0.0; nodes],
        left: (0..nodes).map(|node| child(node, 1)).collect(),
        right: (0..nodes).map(|node| child(node, 2)).collect(),
        value: vec![0.5; nodes],
        cover: vec![1.0; nodes],
    };
    Forest::parse(columns, Link::Mean, 2).expect("the tree is sound")
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = import(&bytes, 2);
    }

    #[test]
    fn random_changes_never_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        logistic in any::<bool>(),
    ) {
        let link = if logistic { Link::Logistic { bias: 0.0 } } else { Link::Mean };
        let mut bytes = Parts::of(link, Graph::Probability).bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(imported) = import(&bytes, 2) {
            let probability = imported.into_forest([]).view().probability(&[1.0, 2.0]);
            prop_assert!((0.0..=1.0).contains(&probability));
        }
    }
}
