//! Fields of forms, each with its label.

use maud::{Markup, html};

use crate::screen::Screen;

/// A field of text. `kind` is the type of the input.
pub fn input(name: &str, label: &str, kind: &str, value: &str) -> Markup {
    html! {
        label.field {
            span { (label) }
            input type=(kind) name=(name) value=(value);
        }
    }
}

/// A field that has to be filled in.
pub fn required(name: &str, label: &str, kind: &str, value: &str) -> Markup {
    html! {
        label.field {
            span { (label) }
            input type=(kind) name=(name) value=(value) required;
        }
    }
}

/// A choice of words: each the value and its name. The first of them may be empty, for any.
pub fn choice(name: &str, label: &str, words: &[(&str, &str)], chosen: &str) -> Markup {
    html! {
        label.field {
            span { (label) }
            select name=(name) {
                @for (value, name) in words {
                    option value=(value) selected[*value == chosen] { (name) }
                }
            }
        }
    }
}

/// A form that changes something: it is bound to the session, does nothing twice, and says where to go on.
pub fn acting(screen: &Screen<'_>, action: &str, back: &str, fields: &Markup) -> Markup {
    html! {
        form.acting method="post" action=(action) {
            input type="hidden" name="form" value=(screen.form_token());
            input type="hidden" name="once" value=(screen.once());
            input type="hidden" name="back" value=(back);
            (fields)
        }
    }
}

/// The filters of a page as hidden fields, for a form that adds to them.
pub fn hidden<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Markup {
    html! {
        @for (name, value) in pairs {
            input type="hidden" name=(name) value=(value);
        }
    }
}
