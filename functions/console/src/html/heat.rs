//! A table of hours and weekdays whose cells are shaded by their value.

use maud::{Markup, html};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// The weekdays as the API names them, and for people.
pub const WEEKDAYS: [(&str, &str); 7] = [
    ("monday", "Mon"),
    ("tuesday", "Tue"),
    ("wednesday", "Wed"),
    ("thursday", "Thu"),
    ("friday", "Fri"),
    ("saturday", "Sat"),
    ("sunday", "Sun"),
];

/// A cell: its value, how it is written, and the path of its rows.
pub struct Cell {
    pub value: Option<Decimal>,
    pub shown: String,
    pub href: String,
}

/// How many shades there are, besides none.
const SHADES: u32 = 6;

/// Makes the table. `cell` answers for an hour (`00` to `23`) and a weekday.
pub fn map(caption: &str, cell: impl Fn(&str, &str) -> Cell) -> Markup {
    let hours: Vec<String> = (0..24).map(|hour| format!("{hour:02}")).collect();
    let cells: Vec<Vec<Cell>> = hours
        .iter()
        .map(|hour| WEEKDAYS.iter().map(|(day, _)| cell(hour, day)).collect())
        .collect();
    let values = cells.iter().flatten().filter_map(|cell| cell.value);
    let most = values.max().unwrap_or_default();
    html! {
        div.scrolls tabindex="0" role="region" aria-label=(caption) {
            table.heat {
                caption { (caption) }
                thead { tr {
                    th scope="col" { "Hour" }
                    @for (_, name) in WEEKDAYS { th scope="col" { (name) } }
                } }
                tbody {
                    @for (hour, row) in hours.iter().zip(&cells) {
                        tr {
                            th scope="row" { (hour) }
                            @for cell in row {
                                td class=(shade(cell.value, most)) {
                                    a href=(cell.href) { (cell.shown) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn shade(value: Option<Decimal>, most: Decimal) -> String {
    let share = value.and_then(|value| (value * Decimal::from(SHADES)).checked_div(most));
    let shade = share.and_then(|share| share.ceil().to_u32());
    format!("shade{}", shade.unwrap_or_default().min(SHADES))
}
