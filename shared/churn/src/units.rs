//! Units: numbers that were checked once and carry their meaning in their type.

use std::fmt;

use serde::Serialize;

/// Whole months, 0..=1200.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Months(u16);

impl Months {
    /// The largest number of months: a hundred years.
    pub const MAX: f64 = 1200.0;

    /// `months` as a whole number in 0..=1200, else `None`.
    #[must_use]
    pub fn parse(months: f64) -> Option<Self> {
        let whole = months.fract() == 0.0 && (0.0..=Self::MAX).contains(&months);
        whole.then_some(Self(months as u16))
    }

    /// The number of months.
    #[must_use]
    pub fn get(self) -> u16 {
        self.0
    }
}

/// US dollars, finite and not negative.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Dollars(f64);

impl Dollars {
    /// `dollars` where it is finite and at least 0, else `None`.
    #[must_use]
    pub fn parse(dollars: f64) -> Option<Self> {
        (dollars.is_finite() && 0.0 <= dollars).then_some(Self(dollars))
    }

    /// The amount.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }

    /// The amount less `percent`, which is at most 100, in whole cents and at least one.
    pub(crate) fn less(self, percent: f64) -> Self {
        Self((self.0 * (100.0 - percent)).round().max(1.0) / 100.0)
    }
}

/// As people write it, in whole cents: `$1,069.20`.
impl fmt::Display for Dollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:.2}", self.0);
        let whole = text.len() - ".00".len();
        f.write_str("$")?;
        for (place, digit) in text.char_indices() {
            if 0 < place && place < whole && (whole - place).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

/// A probability in [0, 1].
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Probability(f64);

impl Probability {
    /// `probability` where it lies in [0, 1], else `None`; so NaN is `None`.
    #[must_use]
    pub fn parse(probability: f64) -> Option<Self> {
        (0.0..=1.0).contains(&probability).then_some(Self(probability))
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_whole_and_at_most_a_hundred_years() {
        assert_eq!(Months::parse(12.0).map(Months::get), Some(12));
        assert_eq!(Months::parse(1200.0).map(Months::get), Some(1200));
        for refused in [-1.0, 1201.0, 0.5, f64::NAN, f64::INFINITY] {
            assert_eq!(Months::parse(refused), None, "{refused}");
        }
    }

    #[test]
    fn dollars_are_finite_and_not_negative() {
        assert_eq!(Dollars::parse(29.85).map(Dollars::get), Some(29.85));
        for refused in [-0.01, f64::NAN, f64::INFINITY] {
            assert_eq!(Dollars::parse(refused), None, "{refused}");
        }
    }

    #[test]
    fn dollars_are_written_in_cents_with_separators() {
        for (dollars, expected) in [
            (0.0, "$0.00"),
            (89.1, "$89.10"),
            (999.999, "$1,000.00"),
            (1069.2, "$1,069.20"),
            (100_000.0, "$100,000.00"),
            (1_234_567.891, "$1,234,567.89"),
        ] {
            assert_eq!(Dollars::parse(dollars).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn a_price_is_cut_to_whole_cents_and_never_below_one() {
        for (dollars, percent, expected) in [
            (89.1, 10.0, 80.19),
            (70.35, 20.0, 56.28),
            (0.05, 10.0, 0.05),
            (0.01, 20.0, 0.01),
            (0.001, 10.0, 0.01),
        ] {
            assert_eq!(Dollars::parse(dollars).unwrap().less(percent).get(), expected, "{dollars}");
        }
    }

    #[test]
    fn a_probability_lies_in_the_unit_interval() {
        assert_eq!(Probability::parse(1.0).map(Probability::get), Some(1.0));
        for refused in [-1e-9, 1.0 + 1e-9, f64::NAN] {
            assert_eq!(Probability::parse(refused), None, "{refused}");
        }
    }
}
