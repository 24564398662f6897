//! The page around everything: one file without scripts that asks no other host for anything, and the few parts that all
//! sections are made of.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::chart::Colour;

const STYLE: &str = include_str!("style.css");

/// A whole page. `headline` is its first line; `facts` stand under it.
pub(super) fn document(title: &str, headline: &str, facts: &Markup, sections: &[Section]) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header { h1 { (unbroken(headline)) } (facts) }
                nav aria-label="Sections" {
                    @for section in sections { a href=(format!("#{}", section.id)) { (section.title) } }
                }
                main {
                    @for section in sections {
                        section id=(section.id) { h2 { (section.title) } (section.body) }
                    }
                }
            }
        }
    };
    page.into_string()
}

/// `text` with its percent signs held to their numbers, for large letters.
fn unbroken(text: &str) -> String {
    text.replace(" %", "\u{a0}%")
}

/// A part of the page with a title of its own.
pub(super) struct Section {
    /// Its anchor; letters and hyphens.
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) body: Markup,
}

/// A chart with all that belongs to it.
pub(super) struct Figure<'a> {
    pub(super) title: &'a str,
    /// Colours and what they stand for; empty where there is one and the title says it.
    pub(super) legend: &'a [(Colour, &'a str)],
    pub(super) chart: Markup,
    /// What is to be seen, in a sentence.
    pub(super) caption: Markup,
    /// The same as figures.
    pub(super) table: Markup,
}

impl Figure<'_> {
    pub(super) fn render(&self) -> Markup {
        html! {
            figure {
                h3 { (self.title) }
                @if !self.legend.is_empty() {
                    ul.legend {
                        @for (colour, name) in self.legend {
                            li { span.swatch style=(format!("background: {}", colour.css())) {} (name) }
                        }
                    }
                }
                (self.chart)
                figcaption { (self.caption) }
                details { summary { "As a table" span.hidden { ": " (self.title) } } (self.table) }
            }
        }
    }
}

/// Figures side by side where there is room.
pub(super) fn side_by_side(figures: &[Markup]) -> Markup {
    html! { div.figures { @for figure in figures { (figure) } } }
}

/// A cell of a table: words stand left, figures right.
pub(super) enum Cell {
    Words(String),
    Figure(String),
}

impl Cell {
    pub(super) fn words(text: impl Into<String>) -> Self {
        Self::Words(text.into())
    }

    pub(super) fn figure(text: impl Into<String>) -> Self {
        Self::Figure(text.into())
    }
}

/// A table that scrolls by itself where the page is too narrow. The first cell of a row is its head; `heads` are aligned
/// as the first row's cells.
pub(super) fn table(label: &str, heads: &[&str], rows: Vec<Vec<Cell>>) -> Markup {
    let right = |column: usize| matches!(rows.first().and_then(|row| row.get(column)), Some(Cell::Figure(_)));
    html! {
        div.scroll tabindex="0" role="region" aria-label=(label) {
            table {
                thead { tr { @for (column, head) in heads.iter().enumerate() {
                    th scope="col" class=[right(column).then_some("figure")] { (head) }
                } } }
                tbody { @for row in &rows { tr { @for (column, cell) in row.iter().enumerate() { (table_cell(column, cell)) } } } }
            }
        }
    }
}

fn table_cell(column: usize, cell: &Cell) -> Markup {
    match (column, cell) {
        (0, Cell::Words(text)) => html! { th scope="row" { (text) } },
        (0, Cell::Figure(text)) => html! { th scope="row" class="figure" { (text) } },
        (_, Cell::Words(text)) => html! { td { (text) } },
        (_, Cell::Figure(text)) => html! { td class="figure" { (text) } },
    }
}

/// Facts as pairs of a name and a value.
pub(super) fn facts(pairs: &[(&str, String)]) -> Markup {
    html! { dl { @for (name, value) in pairs { dt { (name) } dd { (value) } } } }
}
