//! Parts of the pages that list rows: the form of their filters, and the way to other pages.

use maud::{Markup, html};

use super::field;
use super::text::moment;
use crate::form::Pairs;
use crate::range::Days;
use crate::screen::Screen;

/// Makes the form that narrows a list. It keeps the days of the page, and what `kept` has.
pub fn search(path: &str, days: Option<&Days>, kept: &Pairs, fields: &Markup) -> Markup {
    let days = days.map(Days::as_chosen).unwrap_or_default();
    html! {
        form.filters method="get" action=(path) {
            (field::hidden(days.iter()))
            (field::hidden(kept.iter()))
            (fields)
            button type="submit" { "Search" }
            a href=(path) { "Reset" }
        }
    }
}

/// Says that a list lacks what the account kept no longer, if its range begins before that.
pub fn cut(what: &str, kept_since: Option<&str>) -> Markup {
    html! {
        @if let Some(since) = kept_since {
            p.note { "The account keeps " (what) " since " (moment(Some(since))) " only. Those from before may be missing here." }
        }
    }
}

/// Links the first page of a list, unless this is it, and the next one.
pub fn pages(screen: &Screen<'_>, path: &str, next: Option<&str>) -> Markup {
    let is_later = screen.query.get("cursor").is_some();
    html! {
        @if next.is_some() || is_later {
            nav.pages aria-label="Pages" {
                @if is_later { a href=(screen.query.with(&[("cursor", "")]).at(path)) { "First page" } }
                @if let Some(next) = next { a href=(screen.query.with(&[("cursor", next)]).at(path)) { "Next page" } }
            }
        }
    }
}
