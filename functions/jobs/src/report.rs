//! Pages for people: the data, and a training run. Plain data in, one self-contained HTML file out; nothing is computed
//! here but what a chart needs, and no file is known.
//!
//! A page runs no script and asks no host for anything; it says so to the browser in a policy of its own. Everything that
//! comes from a file is escaped by `maud`, and by `kuva` inside charts.

mod calibration;
mod candidates;
mod chart;
mod data;
mod decision;
mod drivers;
mod gains;
mod headline;
mod numbers;
mod page;
mod profile;
mod ranking;
mod reproduce;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

use maud::html;

use self::headline::headline;
use self::page::Section;
use crate::profile::Profile;

pub(crate) use self::data::{
    DecisionCosts, Judged, ModelSize, ReportData, ShapleyFeature, ShapleyGroup, ShapleySummary, Yardstick,
};
pub(crate) use self::headline::defeat;

/// The page of `churn train`. Its first line is [`headline`].
pub(crate) fn render(data: &ReportData) -> String {
    let mut sections = vec![
        Section { id: "summary", title: "In short", body: headline::summary(data) },
        Section { id: "ranking", title: "How well it ranks", body: ranking::body(data) },
        Section {
            id: "calibration",
            title: "Whether the percentages are right",
            body: calibration::body(data),
        },
        Section { id: "gains", title: "What calling reaches", body: gains::body(data) },
        Section { id: "decision", title: "Decisions and profit", body: decision::body(data) },
    ];
    if drivers::known(data) {
        sections.push(Section { id: "drivers", title: "What drives it", body: drivers::body(data) });
    }
    if !data.judged.slices.is_empty() {
        sections.push(Section { id: "groups", title: "Groups of customers", body: candidates::slices(data) });
    }
    if !data.card.candidates.is_empty() {
        sections.push(Section { id: "candidates", title: "What was tried", body: candidates::body(data) });
    }
    sections.extend(profile::sections(&data.profile));
    sections.push(Section { id: "reproduce", title: "How to make it again", body: reproduce::body(data) });
    let title = format!("Churn model {}", data.card.version);
    page::document(&title, &headline(data), &headline::facts(data), &sections)
}

/// The page of `churn profile`.
pub(crate) fn profile_page(profile: &Profile) -> String {
    let facts = html! { p { "Profile of " (profile.file) } };
    let headline = profile::headline(profile);
    page::document(&format!("Profile of {}", profile.file), &headline, &facts, &profile::sections(profile))
}
