//! The call list: whom to call with a given number of calls, by the profit that is expected of each.

use evaluation::Campaign;
use serde_json::{Value, json};

use super::sheet::Scored;
use crate::format::count;

/// What everyone who calls by a ranking must know.
const NOTE: &str = "Those at highest risk are not always the best to call (Ascarza 2018): leave a random part of the list \
    uncalled, and compare the two, to measure what calling does.";

/// The customers to call, best first.
pub(super) struct CallList<'a> {
    budget: u64,
    /// How many customers have an expected profit above 0.
    profitable: usize,
    pub(super) calls: Vec<Call<'a>>,
}

/// One customer to call; his rank is his place in the list.
pub(super) struct Call<'a> {
    pub(super) scored: Scored<'a>,
    /// Of this call, by the means of the campaign's distributions; above 0.
    pub(super) expected_profit: f64,
}

impl<'a> CallList<'a> {
    /// The `budget` customers of highest expected profit, equal ones in the order of the file. A call that is expected to
    /// lose money is on no list.
    pub(super) fn of(scored: Vec<Scored<'a>>, campaign: &Campaign, budget: u64) -> Self {
        let profit = |scored: &Scored<'_>| campaign.profit_of(scored.prediction.probability.get());
        let mut calls: Vec<Call<'a>> = scored
            .into_iter()
            .map(|scored| Call { expected_profit: profit(&scored), scored })
            .filter(|call| 0.0 < call.expected_profit)
            .collect();
        calls.sort_by(|a, b| b.expected_profit.total_cmp(&a.expected_profit));
        let profitable = calls.len();
        calls.truncate(usize::try_from(budget).unwrap_or(usize::MAX));
        Self { budget, profitable, calls }
    }

    fn expected_profit(&self) -> f64 {
        self.calls.iter().map(|call| call.expected_profit).sum()
    }

    /// The list in words.
    pub(super) fn told(&self) -> String {
        let (listed, profitable) = (count(self.calls.len() as u64), count(self.profitable as u64));
        let short = if (self.calls.len() as u64) < self.budget {
            format!(", though {} were asked for", count(self.budget))
        } else {
            String::new()
        };
        format!(
            "listed {listed} of them to call{short}: {profitable} have an expected profit above 0\n\
             expected profit of these calls: {:.2}\n{NOTE}\n",
            self.expected_profit()
        )
    }

    /// The list for machines.
    pub(super) fn to_json(&self) -> Value {
        json!({
            "budget": self.budget, "listed": self.calls.len(), "profitable": self.profitable,
            "expected_profit": self.expected_profit(), "note": NOTE,
        })
    }
}
