//! The forest's columns, as they stand in an artifact, and the checked forest that owns them.

use serde::{Deserialize, Serialize};

use crate::layout::Layout;
use crate::{ForestError, ForestView, Link, soundness};

/// In column `feature`: this node is a leaf.
pub const LEAF: u8 = u8::MAX;

/// All nodes of all trees, one entry a node in every column but `root`. Unchecked: [`Forest::parse`] checks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// Node index of each tree's root, in tree order; the only column with one entry a tree.
    pub root: Vec<u32>,
    /// Index of the feature that the node asks for, or [`LEAF`].
    pub feature: Vec<u8>,
    /// Go left where `x <= threshold`; 0 at a leaf.
    pub threshold: Vec<f32>,
    /// Node index of the left child; 0 at a leaf.
    pub left: Vec<u32>,
    /// Node index of the right child; 0 at a leaf.
    pub right: Vec<u32>,
    /// What a leaf adds to the sum: a probability for [`Link::Mean`], log-odds for [`Link::Logistic`]; 0 elsewhere.
    pub value: Vec<f64>,
    /// Weight of the training rows that reached the node, > 0; Shapley values weigh the two ways by it.
    pub cover: Vec<f32>,
}

impl Columns {
    /// Number of nodes.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.feature.len()
    }

    /// Adds the trees of `other` behind those that are here.
    ///
    /// # Panics
    /// Where the nodes together pass `u32::MAX`.
    pub fn append(&mut self, other: &Self) {
        let offset = u32::try_from(self.nodes()).expect("a forest has fewer than 2^32 nodes");
        self.root.extend(other.root.iter().map(|root| root + offset));
        let child = |(index, feature): (&u32, &u8)| if *feature == LEAF { 0 } else { index + offset };
        self.left.extend(other.left.iter().zip(&other.feature).map(child));
        self.right.extend(other.right.iter().zip(&other.feature).map(child));
        self.feature.extend(&other.feature);
        self.threshold.extend(&other.threshold);
        self.value.extend(&other.value);
        self.cover.extend(&other.cover);
    }
}

/// A sound forest: every child exists, every node is reached exactly once, every number is finite.
#[derive(Clone, Debug, PartialEq)]
pub struct Forest {
    columns: Columns,
    layout: Layout,
    link: Link,
}

impl Forest {
    /// Checks `columns` as trees over rows of `features` numbers.
    ///
    /// # Errors
    /// The first unsoundness found, with the node where it stands.
    pub fn parse(columns: Columns, link: Link, features: usize) -> Result<Self, ForestError> {
        soundness::check(&columns, link, features)?;
        let layout = Layout::of(&columns)?;
        Ok(Self { columns, layout, link })
    }

    /// The columns, for writing.
    #[must_use]
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// The same, laid out for scoring.
    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The link from leaf values to a probability.
    #[must_use]
    pub fn link(&self) -> Link {
        self.link
    }

    /// A borrowed view, which scores.
    #[must_use]
    pub fn view(&self) -> ForestView<'_> {
        let Layout { root, node, value, cover } = &self.layout;
        ForestView::new(self.link, root, node, value, cover)
    }

    /// The same forest with other covers, one a node in the order of the columns.
    pub(crate) fn with_covers(mut self, cover: Vec<f32>) -> Self {
        self.columns.cover = cover;
        self.layout = Layout::of(&self.columns).expect("trees keep their size");
        self
    }
}
