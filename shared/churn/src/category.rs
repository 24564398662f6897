//! Categories: enums with a fixed set of labels, whose codes are the labels' alphabetical order, from 0.
//!
//! This file knows how a category works and none by name: those stand in `customer`.

/// A field value that is one of a few labels.
pub trait Category: Copy + 'static {
    /// Every label, in alphabetical order; the code of a label is its index.
    const LABELS: &'static [&'static str];
    /// Every value, in the order of the labels.
    const ALL: &'static [Self];

    /// The label's index, from 0.
    fn code(self) -> u8;

    /// The value with exactly this label.
    fn parse(label: &str) -> Option<Self> {
        let index = Self::LABELS.iter().position(|known| *known == label)?;
        Some(Self::ALL[index])
    }

    /// The label.
    fn label(self) -> &'static str {
        Self::LABELS[usize::from(self.code())]
    }
}

/// Declares an enum whose variants are written in the alphabetical order of their labels.
macro_rules! category {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $label:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $(#[doc = concat!("`", $label, "`")] $variant),+
        }

        impl $crate::Category for $name {
            const LABELS: &'static [&'static str] = &[$($label),+];
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn code(self) -> u8 {
                self as u8
            }
        }
    };
}
pub(crate) use category;
