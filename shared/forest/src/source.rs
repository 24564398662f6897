//! The forest as Rust source: its layout, one static array a part, for a build script to write.
//!
//! One array a part compiles several times faster than one literal a node. `{:?}` of a float is the shortest text that
//! reads back to the same bits, and thresholds stand as bits in their nodes: the statics score as the artifact does.

use std::fmt::{Debug, Write as _};

use crate::{Forest, Link};

impl Forest {
    /// Rust source of `pub(crate) static {name}: forest::ForestView<'static>` and of its arrays.
    ///
    /// `name` is an upper-case identifier; the arrays are called `{name}_ROOT` and so on.
    #[must_use]
    pub fn to_source(&self, name: &str) -> String {
        let mut source = String::new();
        let layout = self.layout();
        column(&mut source, name, "ROOT", "u32", &layout.root);
        column(&mut source, name, "NODE", "u64", &layout.node);
        column(&mut source, name, "VALUE", "f64", &layout.value);
        column(&mut source, name, "COVER", "f32", &layout.cover);
        let link = match self.link() {
            Link::Mean => "forest::Link::Mean".to_owned(),
            Link::Logistic { bias } => format!("forest::Link::Logistic {{ bias: {bias:?} }}"),
        };
        let _ = writeln!(
            source,
            "pub(crate) static {name}: forest::ForestView<'static> = forest::ForestView::new({link}, &{name}_ROOT, \
             &{name}_NODE, &{name}_VALUE, &{name}_COVER);"
        );
        source
    }
}

/// Appends one array. Writing to a `String` cannot fail, so the results are dropped.
fn column<T: Debug>(source: &mut String, name: &str, column: &str, element: &str, entries: &[T]) {
    let _ = write!(source, "static {name}_{column}: [{element}; {}] = [", entries.len());
    for entry in entries {
        let _ = write!(source, "{entry:?},");
    }
    source.push_str("];\n");
}

#[cfg(test)]
mod tests {
    use crate::{Columns, Forest, LEAF, Link};

    #[test]
    fn each_part_is_one_static_array_and_floats_keep_their_bits() {
        let columns = Columns {
            root: vec![0],
            feature: vec![0, LEAF, LEAF],
            threshold: vec![0.75, 0.0, 0.0],
            left: vec![1, 0, 0],
            right: vec![2, 0, 0],
            value: vec![0.0, 1.0 / 3.0, f64::MIN_POSITIVE],
            cover: vec![3.0, 2.0, 1.0],
        };
        let forest = Forest::parse(columns, Link::Logistic { bias: -0.1 }, 1).expect("the columns are sound");
        let expected = "static M_ROOT: [u32; 1] = [0,];\n\
            static M_NODE: [u64; 3] = [4557642822898942464,9187343239835811840,9187343239835811840,];\n\
            static M_VALUE: [f64; 3] = [0.0,0.3333333333333333,2.2250738585072014e-308,];\n\
            static M_COVER: [f32; 3] = [3.0,2.0,1.0,];\n\
            pub(crate) static M: forest::ForestView<'static> = forest::ForestView::new(\
            forest::Link::Logistic { bias: -0.1 }, &M_ROOT, &M_NODE, &M_VALUE, &M_COVER);\n";
        assert_eq!(forest.to_source("M"), expected);
    }
}
