//! Charts: data to an SVG whose colours are variables of the page. Crate kuva draws; what is added here is one look for
//! all charts, and what a page needs of an SVG: a view box, a role, a text alternative.

use std::sync::Arc;

use kuva::prelude::{BarPlot, Layout, LinePlot, Plot, ScatterPlot, render_to_svg};
use kuva::render::annotations::ReferenceLine;
use kuva::render::layout::{AxisLabelOverlap, TickFormat};
use kuva::render::theme::Theme;
use maud::{Markup, PreEscaped, html};

/// Drawn for a narrow column, so that letters stay readable on a phone; a wide page enlarges it.
const WIDTH: f64 = 380.0;
const HEIGHT: f64 = 270.0;
/// Room to the right of a drawing: the last number of an axis may stand half outside.
const MARGIN: f64 = 14.0;
/// Longest label of a bar, in characters: a longer one would leave too little room for the bars and the axis. It is cut in
/// the drawing alone; the table has all of it.
const LONGEST_LABEL: usize = 26;

/// A colour of the page's palette.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colour {
    /// What the chart is about.
    First,
    /// What it is held against.
    Second,
    /// What is only there for orientation.
    Quiet,
}

impl Colour {
    /// The variable of `style.css`.
    pub(super) fn css(self) -> &'static str {
        match self {
            Self::First => "var(--first)",
            Self::Second => "var(--second)",
            Self::Quiet => "var(--quiet)",
        }
    }
}

/// How the numbers of an axis are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ticks {
    Plain,
    /// A share of [0, 1], in percent.
    Percent,
}

/// One axis: its title with the unit, its ends where the data must not choose them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis<'a> {
    pub(super) title: &'a str,
    pub(super) ends: Option<(f64, f64)>,
    pub(super) ticks: Ticks,
}

impl<'a> Axis<'a> {
    /// An axis from 0 % to 100 %.
    pub(super) fn share(title: &'a str) -> Self {
        Self { title, ends: Some((0.0, 1.0)), ticks: Ticks::Percent }
    }

    /// An axis whose ends follow the data.
    pub(super) fn free(title: &'a str, ticks: Ticks) -> Self {
        Self { title, ends: None, ticks }
    }
}

/// Both axes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axes<'a> {
    pub(super) x: Axis<'a>,
    pub(super) y: Axis<'a>,
}

/// A curve.
pub(super) struct Line<'a> {
    pub(super) points: &'a [[f64; 2]],
    pub(super) colour: Colour,
}

/// A bar to the right, with an interval where there is one.
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) value: f64,
    pub(super) interval: Option<(f64, f64)>,
}

/// Curves; quiet ones are dashed. `mark` is a place on the x axis that matters.
pub(super) fn lines(alternative: &str, axes: Axes<'_>, lines: &[Line<'_>], mark: Option<f64>) -> Markup {
    let plots: Vec<Plot> = lines.iter().map(|line| plot_of(line).into()).collect();
    let mut layout = layout(&plots, axes);
    if let Some(x) = mark {
        let line = ReferenceLine::vertical(x).with_color(Colour::Second.css()).with_stroke_width(1.5);
        layout = layout.with_reference_line(line);
    }
    finish(alternative, plots, layout)
}

fn plot_of(line: &Line<'_>) -> LinePlot {
    let plot =
        LinePlot::new().with_data(line.points.iter().map(|&[x, y]| (x, y))).with_color(line.colour.css());
    match line.colour {
        Colour::Quiet => plot.with_dashed().with_stroke_width(1.5),
        Colour::First | Colour::Second => plot.with_stroke_width(2.0),
    }
}

/// Points with intervals upwards and downwards, before the diagonal.
pub(super) fn points(alternative: &str, axes: Axes<'_>, points: &[([f64; 2], (f64, f64))]) -> Markup {
    let diagonal = Line { points: &[[0.0, 0.0], [1.0, 1.0]], colour: Colour::Quiet };
    let scatter = ScatterPlot::new()
        .with_data(points.iter().map(|&([x, y], _)| (x, y)))
        .with_y_err_asymmetric(points.iter().map(|&([_, y], (low, high))| reach(y, (low, high))))
        .with_color(Colour::First.css())
        .with_size(4.0);
    let plots = vec![plot_of(&diagonal).into(), scatter.into()];
    let layout = layout(&plots, axes);
    finish(alternative, plots, layout)
}

/// Columns upwards, of one colour each or stacked; every column has a label and as many values as there are colours.
pub(super) fn columns(
    alternative: &str,
    axes: Axes<'_>,
    columns: &[(String, Vec<f64>)],
    colours: &[Colour],
) -> Markup {
    let mut plot = BarPlot::new().with_stacked();
    for (label, values) in columns {
        plot =
            plot.with_group(label, values.iter().zip(colours).map(|(&value, colour)| (value, colour.css())));
    }
    let plots = vec![plot.into()];
    let layout = layout(&plots, axes);
    finish(alternative, plots, layout)
}

/// Bars to the right, the first on top.
pub(super) fn bars(alternative: &str, x: Axis<'_>, bars: &[Bar]) -> Markup {
    let bottom_up = || bars.iter().rev();
    let mut plot = BarPlot::new()
        .with_horizontal(true)
        .with_colored_bars(bottom_up().map(|bar| (cut(&bar.label), bar.value, Colour::First.css())));
    if bars.iter().any(|bar| bar.interval.is_some()) {
        let reaches = bottom_up().map(|bar| bar.interval.map_or((0.0, 0.0), |ends| reach(bar.value, ends)));
        plot = plot.with_asymmetric_error(reaches).with_error_color("var(--ink)");
    }
    let plots = vec![plot.into()];
    let y = Axis::free("", Ticks::Plain);
    let layout = layout(&plots, Axes { x, y }).with_ticks(4).with_height(62.0 + 26.0 * bars.len() as f64);
    finish(alternative, plots, layout)
}

fn cut(label: &str) -> String {
    match label.char_indices().nth(LONGEST_LABEL) {
        Some(_) => label.chars().take(LONGEST_LABEL - 1).chain(['…']).collect(),
        None => label.to_owned(),
    }
}

/// The ends of an interval as distances from `value`.
fn reach(value: f64, (low, high): (f64, f64)) -> (f64, f64) {
    ((value - low).max(0.0), (high - value).max(0.0))
}

fn layout(plots: &[Plot], axes: Axes<'_>) -> Layout {
    let theme = Theme {
        background: "none".into(),
        axis_color: Colour::Quiet.css().into(),
        grid_color: "var(--line)".into(),
        tick_color: Colour::Quiet.css().into(),
        text_color: "var(--ink)".into(),
        font_family: Some("inherit".into()),
        ..Theme::light()
    };
    let mut layout = Layout::auto_from_plots(plots)
        .with_theme(theme)
        .with_width(WIDTH)
        .with_height(HEIGHT)
        .with_label_size(14)
        .with_tick_size(13)
        .with_x_tick_format(format(axes.x.ticks))
        .with_y_tick_format(format(axes.y.ticks))
        .with_x_label_overlap(AxisLabelOverlap::Thin)
        .with_x_label(axes.x.title);
    if !axes.y.title.is_empty() {
        layout = layout.with_y_label(axes.y.title);
    }
    if let Some((low, high)) = axes.x.ends {
        layout = layout.with_x_axis_min(low).with_x_axis_max(high);
    }
    if let Some((low, high)) = axes.y.ends {
        layout = layout.with_y_axis_min(low).with_y_axis_max(high);
    }
    layout
}

fn format(ticks: Ticks) -> TickFormat {
    match ticks {
        Ticks::Plain => TickFormat::Auto,
        // Half a percent is the finest step that a chart of this size shows.
        Ticks::Percent => TickFormat::Custom(Arc::new(|share| {
            let percent = (share * 1000.0).round() / 10.0;
            format!("{percent} %")
        })),
    }
}

/// Draws, and makes it a part of a page. Ids in drawings are unique in this process, so that many fit one page.
fn finish(alternative: &str, plots: Vec<Plot>, layout: Layout) -> Markup {
    let svg = render_to_svg(plots, layout);
    let (head, rest) = svg.split_once('>').expect("an SVG has a root element");
    let size = |name: &str| -> f64 {
        let value = head.split_once(&format!(" {name}=\"")).and_then(|(_, rest)| rest.split_once('"'));
        value.and_then(|(value, _)| value.parse().ok()).expect("the root of an SVG has a width and a height")
    };
    let view = format!("0 0 {} {}", size("width") + MARGIN, size("height"));
    let body = rest.strip_suffix("</svg>").expect("an SVG ends with its root");
    html! {
        svg viewBox=(view) role="img" aria-label=(alternative) fill="var(--ink)" { (PreEscaped(body)) }
    }
}
