//! Plots of bars over time, drawn as SVG. The colours are the stylesheet's, which recognises those that are drawn here.
//!
//! The drawing is an image with a text. Above it lie links to the rows of each bar, for a pointer; the table beside the
//! plot has the same links for the keyboard and for screen readers.
#![expect(
    clippy::float_arithmetic,
    reason = "places on the screen; no amount is computed here"
)]

use maud::{Markup, PreEscaped, html};
use plotters::coord::Shift;
use plotters::prelude::*;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

const WIDTH: u32 = 960;
const HEIGHT: u32 = 260;

// The stylesheet gives each its real colour, by light and dark.
const NOW: RGBColor = RGBColor(1, 1, 1);
const BEFORE: RGBColor = RGBColor(2, 2, 2);
const GRID: RGBColor = RGBColor(3, 3, 3);
const TEXT: RGBColor = RGBColor(4, 4, 4);

/// One place of a plot.
pub struct Bar {
    /// What stands below it.
    pub label: String,
    pub value: Decimal,
    /// The value of the same place in the period before.
    pub before: Option<Decimal>,
    /// The path of its rows, if they are in a list.
    pub href: Option<String>,
    /// What it says in words.
    pub told: String,
}

/// Draws bars, with a line for the period before. `told` says in words what there is to see.
pub fn bars(told: &str, bars: &[Bar]) -> Markup {
    let mut svg = String::new();
    let slots = draw(&mut svg, bars).unwrap_or_default();
    let svg = svg.replacen(
        "<svg ",
        "<svg role=\"img\" aria-labelledby=\"plot-told\" ",
        1,
    );
    // The drawing has nothing of a client in it but labels, which the library escapes.
    html! {
        figure.plot {
            (PreEscaped(svg))
            svg.links aria-hidden="true" viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) {
                @for (bar, (from, to)) in bars.iter().zip(slots) {
                    @let place = html! {
                        rect x=(from) y="0" width=((to - from).max(1)) height=(HEIGHT) {
                            title { (bar.told) }
                        }
                    };
                    @match &bar.href {
                        Some(href) => { a href=(href) tabindex="-1" { (place) } }
                        None => { (place) }
                    }
                }
            }
            figcaption id="plot-told" { (told) }
        }
    }
}

/// Draws a plot, and returns from where to where each place of it lies.
fn draw(svg: &mut String, bars: &[Bar]) -> Result<Vec<(i32, i32)>, Box<dyn std::error::Error>> {
    let area = SVGBackend::with_string(svg, (WIDTH, HEIGHT)).into_drawing_area();
    let slots = draw_on(&area, bars)?;
    area.present()?;
    drop(area);
    Ok(slots)
}

fn draw_on(
    area: &DrawingArea<SVGBackend<'_>, Shift>,
    bars: &[Bar],
) -> Result<Vec<(i32, i32)>, Box<dyn std::error::Error>> {
    let of = |value: Decimal| value.to_f64().unwrap_or_default().max(0.0);
    let values = bars
        .iter()
        .flat_map(|bar| [Some(bar.value), bar.before])
        .flatten();
    let most = values.map(of).fold(0.0, f64::max);
    let most = if most > 0.0 { most * 1.08 } else { 1.0 };
    let count = i32::try_from(bars.len())?;
    let mut chart = ChartBuilder::on(area)
        .margin(8)
        .set_label_area_size(LabelAreaPosition::Left, 64)
        .set_label_area_size(LabelAreaPosition::Bottom, 28)
        .build_cartesian_2d(0.0..f64::from(count.max(1)), 0.0..most)?;
    let font = ("sans-serif", 13).into_font().color(&TEXT);
    let label = |x: &f64| {
        // The middle of a place is half way to the next.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a small place"
        )]
        let place = x.floor() as usize;
        let bar = bars.get(place);
        bar.map(|bar| bar.label.clone()).unwrap_or_default()
    };
    chart
        .configure_mesh()
        .disable_x_mesh()
        .disable_x_axis()
        .y_labels(5)
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(GRID)
        .y_label_style(font.clone())
        .y_label_formatter(&|value| short(*value))
        .draw()?;
    chart.draw_series(bars.iter().enumerate().map(|(place, bar)| {
        let left = f64::from(u32::try_from(place).unwrap_or_default());
        let corners = [(left + 0.14, 0.0), (left + 0.86, of(bar.value))];
        Rectangle::new(corners, NOW.filled())
    }))?;
    for (place, bar) in bars.iter().enumerate() {
        let left = f64::from(u32::try_from(place).unwrap_or_default());
        if let Some(before) = bar.before {
            let ends = vec![(left + 0.04, of(before)), (left + 0.96, of(before))];
            chart.draw_series([PathElement::new(ends, BEFORE.stroke_width(3))])?;
        }
    }
    let every = bars.len().div_ceil(16).max(1);
    let mut slots = Vec::new();
    for place in 0..bars.len() {
        let left = f64::from(u32::try_from(place).unwrap_or_default());
        let (from, bottom) = chart.backend_coord(&(left, 0.0));
        let (to, _) = chart.backend_coord(&(left + 1.0, 0.0));
        slots.push((from, to));
        if place % every == 0 {
            use plotters::style::text_anchor::{HPos, Pos, VPos};
            let style = font.clone().pos(Pos::new(HPos::Center, VPos::Top));
            let middle = ((from + to) / 2, bottom + 8);
            area.draw(&Text::new(label(&(left + 0.5)), middle, style))?;
        }
    }
    Ok(slots)
}

/// Writes a value of the axis in few characters.
fn short(value: f64) -> String {
    match value {
        value if value >= 1_000_000.0 => format!("{:.1}M", value / 1_000_000.0),
        value if value >= 10_000.0 => format!("{:.0}k", value / 1_000.0),
        value if value >= 1_000.0 => format!("{:.1}k", value / 1_000.0),
        value if value >= 10.0 || value == 0.0 => format!("{value:.0}"),
        value => format!("{value:.1}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(label: &str, value: i64) -> Bar {
        Bar {
            label: label.to_owned(),
            value: value.into(),
            before: Some(Decimal::ONE),
            href: Some("/console/calls".to_owned()),
            told: label.to_owned(),
        }
    }

    #[test]
    fn a_plot_has_a_link_for_each_bar_and_escapes_labels() {
        let plot = bars("Cost", &[bar("<script>", 5), bar("b", 0)]).into_string();
        assert_eq!(plot.matches("<a href=").count(), 2);
        assert!(!plot.contains("<script>"), "{plot}");
        assert!(
            !plot.contains("style="),
            "the policy allows no styles in place: {plot}"
        );
        assert!(plot.contains("role=\"img\""));
    }

    #[test]
    fn a_plot_of_nothing_is_drawn() {
        assert!(bars("Cost", &[]).into_string().contains("</svg>"));
    }
}
