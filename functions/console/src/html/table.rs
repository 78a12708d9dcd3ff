//! Tables: a caption, heads with their scope, and cells that scroll on a narrow screen.

use maud::{Markup, html};

/// A column of a table.
#[derive(Clone, Copy)]
pub struct TableColumn {
    pub name: &'static str,
    /// Whether its cells are numbers, aligned to the right.
    pub number: bool,
}

/// A column of texts.
pub const fn text(name: &'static str) -> TableColumn {
    TableColumn {
        name,
        number: false,
    }
}

/// A column of numbers.
pub const fn number(name: &'static str) -> TableColumn {
    TableColumn { name, number: true }
}

/// Makes a table. The first cell of a row is its head. `foot` is the row of totals.
pub fn table(
    caption: &str,
    columns: &[TableColumn],
    rows: &[Vec<Markup>],
    foot: Option<&[Markup]>,
) -> Markup {
    html! {
        // A region that scrolls must be reachable with the keyboard.
        div.scrolls tabindex="0" role="region" aria-label=(caption) {
            table {
                caption { (caption) }
                thead { tr {
                    @for column in columns {
                        th scope="col" class=(class(*column)) { (column.name) }
                    }
                } }
                tbody {
                    @for row in rows { (line(columns, row)) }
                }
                @if let Some(foot) = foot {
                    tfoot { (line(columns, foot)) }
                }
            }
        }
    }
}

fn line(columns: &[TableColumn], cells: &[Markup]) -> Markup {
    html! {
        tr {
            @for (place, (column, cell)) in columns.iter().zip(cells).enumerate() {
                @if place == 0 {
                    th scope="row" class=(class(*column)) { (cell) }
                } @else {
                    td class=(class(*column)) { (cell) }
                }
            }
        }
    }
}

fn class(column: TableColumn) -> &'static str {
    if column.number { "number" } else { "text" }
}

/// A list of names with values.
pub fn facts(facts: &[(&str, Markup)]) -> Markup {
    html! {
        dl.facts {
            @for (name, value) in facts {
                div { dt { (name) } dd { (value) } }
            }
        }
    }
}

/// What stands in place of rows that there are none of: why, and what to do next.
pub fn empty(why: &str, next: &Markup) -> Markup {
    html! { div.empty { p.why { (why) } p { (next) } } }
}
