//! What the forms of vendors ask for. What the API refuses is said at its field.

use callbook::dialect::{Answer, console as dialect};
use serde_json::{Value, json};

use super::forms::{CHANGE, NEW, TERMS, href};
use super::one;
use super::vendor::VENDORS;
use crate::form::{Pairs, segment};
use crate::html::draft::Draft;
use crate::layout;
use crate::screen::Screen;
use crate::stop::Stop;

/// Adds a vendor, and goes to its page.
///
/// # Errors
/// Returns what stands in the page's place.
pub async fn create(screen: &Screen<'_>, form: &Pairs) -> Result<Answer, Stop> {
    let body = texts(form, &["vendor_id", "name", "status"]);
    match screen.send("POST", VENDORS, form, &body).await? {
        Ok(_created) => {
            let id = form.get("vendor_id").unwrap_or_default();
            Ok(dialect::see(&href(id)))
        }
        Err(refusal) => {
            let draft = Draft::refused(NEW, form, &refusal);
            let shown = super::page(screen, &draft).await?;
            Ok(layout::page_of_refused(screen, "vendors", &shown, refusal))
        }
    }
}

/// Changes a vendor, or sets terms, and goes back to its page.
///
/// # Errors
/// Returns what stands in the page's place.
pub async fn act(screen: &Screen<'_>, id: &str, what: &str, form: &Pairs) -> Result<Answer, Stop> {
    let path = format!("{VENDORS}/{}", segment(id));
    let (method, path, what, body) = match what {
        TERMS => {
            let mut body = texts(form, &["from", "price"]);
            for name in ["minimum_seconds", "duplicate_days"] {
                set(&mut body, name, count(form.get(name)));
            }
            ("PUT", format!("{path}/terms"), TERMS, body)
        }
        _ => ("PATCH", path, CHANGE, texts(form, &["name", "status"])),
    };
    match screen.send(method, &path, form, &body).await? {
        Ok(_changed) => Ok(dialect::see(&Screen::back(form, &href(id)))),
        Err(refusal) => {
            let draft = Draft::refused(what, form, &refusal);
            let shown = one::page(screen, id, &draft).await?;
            let place = format!("vendors/{id}");
            Ok(layout::page_of_refused(screen, &place, &shown, refusal))
        }
    }
}

/// Makes the body of a request of texts. One that was left empty is sent empty, so that the API says what it expects.
fn texts(form: &Pairs, names: &[&str]) -> Value {
    let mut body = json!({});
    for name in names {
        set(&mut body, name, form.get(name).unwrap_or_default().into());
    }
    body
}

fn set(body: &mut Value, name: &str, value: Value) {
    if let Some(members) = body.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

/// Reads a whole number; anything else is left to the API, which says what it expects.
fn count(text: Option<&str>) -> Value {
    match text {
        None => Value::Null,
        Some(text) => text
            .parse::<u64>()
            .map_or_else(|_| text.into(), Value::from),
    }
}
