//! Whether the total that a customer paid is what his months and his monthly charges make.
//!
//! It is never exact: prices change and rounding is the biller's. A file in which it is far off has mixed up columns or
//! units.

use serde::Serialize;

use super::statistics::{pearson, quantile};
use crate::source::Row;

/// `TotalCharges` beside `tenure` x `MonthlyCharges`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Consistency {
    /// Rows with a tenure above 0, which the figures below are of.
    pub(crate) rows: u64,
    /// Rows with tenure 0 and a total above 0.
    pub(crate) paid_before_the_first_month: u64,
    /// Pearson's correlation of the total and the product; absent where one is constant.
    pub(crate) pearson: Option<f64>,
    /// How the ratio of total to product is spread; absent where there are no rows.
    pub(crate) ratio: Option<Ratio>,
}

/// Total divided by product.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Ratio {
    /// 5 % quantile.
    pub(crate) q05: f64,
    /// Median.
    pub(crate) median: f64,
    /// 95 % quantile.
    pub(crate) q95: f64,
    /// Share of rows, in [0, 1], whose total is at most 10 % of the product away from it.
    pub(crate) within_10_percent: f64,
    /// Rows whose total is less than half the product or more than twice it.
    pub(crate) beyond_factor_2: u64,
}

impl Consistency {
    pub(super) fn of(rows: &[Row]) -> Self {
        let customers = || rows.iter().map(|row| &row.record.customer);
        let paid = |early: &&churn::Customer| early.tenure.get() == 0 && 0.0 < early.total_charges.get();
        let pair = |customer: &churn::Customer| {
            let product = f64::from(customer.tenure.get()) * customer.monthly_charges.get();
            (customer.total_charges.get(), product)
        };
        let (totals, products): (Vec<f64>, Vec<f64>) =
            customers().filter(|customer| 0 < customer.tenure.get()).map(pair).unzip();
        Self {
            rows: totals.len() as u64,
            paid_before_the_first_month: customers().filter(paid).count() as u64,
            pearson: pearson(&totals, &products),
            ratio: Ratio::of(&totals, &products),
        }
    }
}

impl Ratio {
    fn of(totals: &[f64], products: &[f64]) -> Option<Self> {
        let mut ratios: Vec<f64> =
            totals.iter().zip(products).map(|(total, product)| total / product).collect();
        ratios.sort_by(f64::total_cmp);
        let near = ratios.iter().filter(|ratio| (*ratio - 1.0).abs() <= 0.1).count();
        (!ratios.is_empty()).then(|| Self {
            q05: quantile(&ratios, 0.05),
            median: quantile(&ratios, 0.5),
            q95: quantile(&ratios, 0.95),
            within_10_percent: near as f64 / ratios.len() as f64,
            beyond_factor_2: ratios.iter().filter(|ratio| !(0.5..=2.0).contains(*ratio)).count() as u64,
        })
    }
}
