//! What a tree is grown for: how rows add up, how well one leaf value fits them, and which value that is.
//!
//! Two criteria share one grower: gini for the trees of a forest, the second-order loss for those of boosting.

/// Sums over a set of rows.
pub(crate) trait Tally: Copy + Default {
    /// Adds the rows of `other`.
    fn add(&mut self, other: Self);
    /// Without the rows of `other`, which are among these.
    fn minus(self, other: Self) -> Self;
    /// Rows, each counted once however often it was drawn.
    fn rows(&self) -> u32;
    /// Their weight as Shapley values weigh the two ways at a node: draws of a bootstrap sample, or rows.
    fn cover(&self) -> f32;
}

/// What makes a split good.
pub(crate) trait Criterion {
    /// What is counted.
    type Tally: Tally;

    /// The tally of one row.
    fn of(&self, row: u32) -> Self::Tally;
    /// The value of a leaf of these rows that nothing bounds.
    fn value(&self, rows: &Self::Tally) -> f64;
    /// How well a leaf of `value` fits these rows; a split is as good as its two sides together.
    fn fit(&self, rows: &Self::Tally, value: f64) -> f64;
    /// Whether these rows are enough for one side of a split.
    fn admits(&self, side: &Self::Tally) -> bool;
    /// Whether no split of these rows is worth looking for.
    fn is_done(&self, rows: &Self::Tally) -> bool;
    /// Whether a split is worth it that betters the fit by `gain`.
    fn is_worth(&self, gain: f64) -> bool;
}

/// Gini impurity over bootstrap samples (Breiman et al. 1984). Its tallies are integers, so its sums are exact.
pub(crate) struct Gini<'a> {
    /// Of each row: twice how often it was drawn, plus 1 where it churned.
    drawn: &'a [u8],
    min_samples_leaf: u32,
}

impl<'a> Gini<'a> {
    /// How often a row may be drawn; that it is drawn more often has a probability under 1e-200.
    pub(crate) const MOST_DRAWS: u8 = 127;

    pub(crate) fn new(drawn: &'a [u8], min_samples_leaf: u32) -> Self {
        Self { drawn, min_samples_leaf }
    }
}

/// Counts of rows and draws.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Draws {
    rows: u32,
    drawn: u32,
    churned: u32,
}

impl Tally for Draws {
    #[inline]
    fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.drawn += other.drawn;
        self.churned += other.churned;
    }

    #[inline]
    fn minus(self, other: Self) -> Self {
        Self {
            rows: self.rows - other.rows,
            drawn: self.drawn - other.drawn,
            churned: self.churned - other.churned,
        }
    }

    fn rows(&self) -> u32 {
        self.rows
    }

    fn cover(&self) -> f32 {
        self.drawn as f32
    }
}

impl Criterion for Gini<'_> {
    type Tally = Draws;

    #[inline]
    fn of(&self, row: u32) -> Draws {
        let (drawn, churned) =
            (u32::from(self.drawn[row as usize] >> 1), u32::from(self.drawn[row as usize] & 1));
        Draws { rows: 1, drawn, churned: drawn * churned }
    }

    /// Share of the draws that churned, in [0, 1].
    fn value(&self, rows: &Draws) -> f64 {
        f64::from(rows.churned) / f64::from(rows.drawn)
    }

    /// Draws times (1 - gini impurity): the sum of squared class counts over the count.
    #[inline]
    fn fit(&self, rows: &Draws, _: f64) -> f64 {
        let (drawn, churned) = (f64::from(rows.drawn), f64::from(rows.churned));
        let stayed = drawn - churned;
        (churned * churned + stayed * stayed) / drawn
    }

    #[inline]
    fn admits(&self, side: &Draws) -> bool {
        self.min_samples_leaf <= side.rows
    }

    fn is_done(&self, rows: &Draws) -> bool {
        rows.rows < 2 * self.min_samples_leaf || rows.churned == 0 || rows.churned == rows.drawn
    }

    /// Any split: further down it may pay (scikit-learn's rule).
    fn is_worth(&self, _: f64) -> bool {
        true
    }
}

/// The second-order approximation of a loss (Friedman 2001; Chen and Guestrin 2016, equations 5 to 7).
pub(crate) struct Newton<'a> {
    /// Of each row its gradient g and its hessian h, which is above 0.
    pub(crate) slopes: &'a [[f64; 2]],
    /// The penalty on squared leaf values, lambda.
    pub(crate) l2: f64,
    /// The least sum of hessians on each side.
    pub(crate) min_child_weight: f64,
}

/// Sums of gradients and hessians, G and H.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Slopes {
    rows: u32,
    gradient: f64,
    hessian: f64,
}

impl Tally for Slopes {
    #[inline]
    fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.gradient += other.gradient;
        self.hessian += other.hessian;
    }

    #[inline]
    fn minus(self, other: Self) -> Self {
        Self {
            rows: self.rows - other.rows,
            gradient: self.gradient - other.gradient,
            hessian: self.hessian - other.hessian,
        }
    }

    fn rows(&self) -> u32 {
        self.rows
    }

    fn cover(&self) -> f32 {
        self.rows as f32
    }
}

impl Criterion for Newton<'_> {
    type Tally = Slopes;

    #[inline]
    fn of(&self, row: u32) -> Slopes {
        let [gradient, hessian] = self.slopes[row as usize];
        Slopes { rows: 1, gradient, hessian }
    }

    /// w = -G / (H + lambda).
    #[inline]
    fn value(&self, rows: &Slopes) -> f64 {
        -rows.gradient / (rows.hessian + self.l2)
    }

    /// What a leaf of value w takes off twice the loss: -(2 G w + (H + lambda) w^2).
    #[inline]
    fn fit(&self, rows: &Slopes, value: f64) -> f64 {
        -(2.0 * rows.gradient + (rows.hessian + self.l2) * value) * value
    }

    #[inline]
    fn admits(&self, side: &Slopes) -> bool {
        self.min_child_weight <= side.hessian
    }

    fn is_done(&self, rows: &Slopes) -> bool {
        rows.rows < 2
    }

    /// More than what sums of f64 leave over.
    fn is_worth(&self, gain: f64) -> bool {
        1e-9 < gain
    }
}
