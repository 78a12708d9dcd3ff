//! A form as somebody filled it in, with what the API found wrong beside each field.

use callbook::dialect::console::ApiRefusal;
use maud::{Markup, html};

use crate::form::Pairs;

/// What was sent with a form, and why it was refused. Empty for a form that was not sent yet.
#[derive(Default)]
pub struct Draft<'a> {
    /// The word of the form, where a page has several.
    form: &'a str,
    sent: Pairs,
    refusal: Option<&'a ApiRefusal>,
}

impl<'a> Draft<'a> {
    /// Makes the draft of a form that was refused.
    pub fn refused(form: &'a str, sent: &Pairs, refusal: &'a ApiRefusal) -> Self {
        Self {
            form,
            sent: sent.clone(),
            refusal: Some(refusal),
        }
    }

    /// Returns the draft of one of the page's forms: this one, or an empty one if another form was sent.
    pub fn of(&self, form: &'a str) -> Self {
        match self.form == form {
            true => Self {
                form,
                sent: self.sent.clone(),
                refusal: self.refusal,
            },
            false => Self {
                form,
                ..Self::default()
            },
        }
    }

    /// Whether the form was sent and refused.
    pub fn is_refused(&self) -> bool {
        self.refusal.is_some()
    }

    /// Makes a field of text. `value` is what it has until somebody types something else.
    pub fn input(&self, name: &str, label: &str, kind: &str, value: &str) -> Markup {
        let value = match self.refusal {
            Some(_) => self.sent.get(name).unwrap_or_default(),
            None => value,
        };
        let (fault, id) = (self.fault(name), self.id(name));
        html! {
            label.field {
                span { (label) }
                input type=(kind) name=(name) value=(value)
                    aria-invalid=[fault.map(|_| "true")] aria-describedby=[fault.map(|_| &id)];
                @if let Some(fault) = fault { small.fault id=(id) { (fault) } }
            }
        }
    }

    /// Makes a choice of words, each the value and its name.
    pub fn choice(&self, name: &str, label: &str, words: &[(&str, &str)], value: &str) -> Markup {
        let value = self.sent.get(name).unwrap_or(value);
        let (fault, id) = (self.fault(name), self.id(name));
        html! {
            label.field {
                span { (label) }
                select name=(name) aria-invalid=[fault.map(|_| "true")] aria-describedby=[fault.map(|_| &id)] {
                    @for (word, name) in words {
                        option value=(word) selected[*word == value] { (name) }
                    }
                }
                @if let Some(fault) = fault { small.fault id=(id) { (fault) } }
            }
        }
    }

    /// Says why the form was refused, if it was: in general, and of fields other than `shown`, which say it themselves.
    pub fn told(&self, shown: &[&str]) -> Markup {
        let Some(refusal) = self.refusal else {
            return html! {};
        };
        let others = refusal.fields.iter();
        let others = others.filter(|(field, _)| !shown.contains(&field.as_str()));
        html! {
            div.alert role="alert" {
                p { (refusal.detail) }
                @for (field, message) in others { p { strong { (field) } ": " (message) } }
            }
        }
    }

    fn fault(&self, name: &str) -> Option<&'a str> {
        let mut fields = self.refusal?.fields.iter();
        let found = fields.find(|(field, _)| field == name);
        found.map(|(_, message)| message.as_str())
    }

    fn id(&self, name: &str) -> String {
        format!("fault-{}-{name}", self.form)
    }
}
