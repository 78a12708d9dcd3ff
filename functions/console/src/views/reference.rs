//! *API*: the reference, with lines that run against this instance.

use maud::{Markup, html};
use serde_json::Value;

use crate::form::{Pairs, query, segment};
use crate::html::table::{self, text};
use crate::layout::{Same, ShownPage};
use crate::reference::{self, CHAPTERS, Chapter, Documented, Operation, Parameter};
use crate::screen::Screen;
use crate::stop::Stop;
use callbook::problem::Problem;

/// The longest answer that is shown, in characters.
const LONGEST: usize = 20_000;

/// Makes the page of all chapters.
pub fn show(screen: &Screen<'_>) -> ShownPage {
    let base = screen.base_url();
    let body = html! {
        p.lead { "Every endpoint of this instance, at " code { (base) } ". An existing integration works once its host is replaced by this one." }
        @for chapter in CHAPTERS.iter() {
            section.chapter {
                h2 { a href=(href(chapter)) { (title(chapter)) } }
                ul.operations {
                    @for operation in &chapter.operations {
                        li {
                            code { span.method { (operation.method) } " " (operation.path) }
                            " " a href=(format!("{}#{}", href(chapter), operation.id)) { (operation.summary) }
                        }
                    }
                }
            }
        }
    };
    ShownPage {
        follows: false,
        title: "API".to_owned(),
        days: None,
        body,
        csv: None,
        same: Same {
            api: Vec::new(),
            command: Some("callbook demo".to_owned()),
        },
    }
}

fn href(chapter: &Chapter) -> String {
    format!("/console/api/{}", segment(&chapter.name))
}

fn title(chapter: &Chapter) -> &str {
    match chapter.description.as_str() {
        "" => &chapter.name,
        description => description,
    }
}

/// Makes the page of a chapter. With `run` in the query, an operation that only reads is asked, and its answer shown.
///
/// # Errors
/// Returns what stands in its place.
pub async fn chapter(screen: &Screen<'_>, name: &str) -> Result<ShownPage, Stop> {
    let mut chapters = CHAPTERS.iter();
    let chapter = chapters.find(|chapter| chapter.name == name);
    let chapter = chapter.ok_or(Stop::Problem(Problem::NotFound))?;
    let asked = screen.query.get("run");
    let asked = asked.and_then(|id| reference::operation(chapter, id));
    let answer = match asked.filter(|operation| operation.is_asked_by_link()) {
        Some(operation) => Some((operation.id.as_str(), run(screen, operation).await?)),
        None => None,
    };
    let body = html! {
        p { a href="/console/api" { "All endpoints" } }
        @for operation in &chapter.operations {
            (entry(screen, chapter, operation, answer.as_ref()))
        }
    };
    Ok(ShownPage {
        follows: false,
        title: title(chapter).to_owned(),
        days: None,
        body,
        csv: None,
        same: Same::default(),
    })
}

async fn run(screen: &Screen<'_>, operation: &Operation) -> Result<String, Stop> {
    let pairs = pairs(screen, operation);
    let answer: Value = screen.get(&operation.path, &pairs).await?;
    let text = serde_json::to_string_pretty(&answer).unwrap_or_default();
    Ok(match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}\n…", text.get(..end).unwrap_or_default()),
        None => text,
    })
}

/// The query of an example: what is required, with days of now.
fn pairs(screen: &Screen<'_>, operation: &Operation) -> Pairs {
    let days = screen.days("7d");
    let query = operation.parameters.iter();
    let query = query.filter(|parameter| parameter.place == "query");
    let value = |parameter: &Parameter| {
        let value = match parameter.name.as_str() {
            "from" | "start_date" => days.from.to_string(),
            "to" | "end_date" => days.to.to_string(),
            "by" | "limit" => parameter.example.clone()?,
            _ if parameter.required => parameter
                .example
                .clone()
                .unwrap_or_else(|| "VALUE".to_owned()),
            _ => return None,
        };
        Some((parameter.name.clone(), value))
    };
    Pairs::new(query.filter_map(value))
}

fn entry(
    screen: &Screen<'_>,
    chapter: &Chapter,
    operation: &Operation,
    answer: Option<&(&str, String)>,
) -> Markup {
    let run = query(&[("run", &*operation.id)]);
    let shown = answer.filter(|(id, _)| *id == operation.id);
    html! {
        section.operation id=(operation.id) {
            h2 { (operation.summary) }
            p { code.route { span.method { (operation.method) } " " (operation.path) } }
            @for paragraph in operation.description.split("\n\n").filter(|text| !text.is_empty()) { p { (in_words(paragraph)) } }
            h3 { "Example" }
            pre.shell tabindex="0" { code { (line(screen, operation)) } }
            @if operation.is_asked_by_link() {
                p { a.button href=(format!("{}?{run}#{}", href(chapter), operation.id)) { "Run" span.unseen { " " (operation.summary) } } }
            }
            @if let Some((_, text)) = shown {
                h3 { "Answer" }
                pre.answer tabindex="0" { code { (text) } }
            }
            @if !operation.parameters.is_empty() { (parameters(operation)) }
            (answers(&operation.answers))
        }
    }
}

/// A text with its `code` marked up.
fn in_words(text: &str) -> Markup {
    html! {
        @for (place, part) in text.split('`').enumerate() {
            @if place % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

fn parameters(operation: &Operation) -> Markup {
    let columns = [
        text("Parameter"),
        text("In"),
        text("Needed"),
        text("What it is"),
    ];
    let rows: Vec<_> = operation
        .parameters
        .iter()
        .map(|parameter| {
            vec![
                html! { code { (parameter.name) } },
                html! { (parameter.place) },
                html! { @if parameter.required { "yes" } @else { "no" } },
                html! {
                    (in_words(&parameter.description))
                    @if !parameter.values.is_empty() { " " code { (parameter.values) } }
                },
            ]
        })
        .collect();
    let caption = format!("Parameters of {}", operation.id);
    table::table(&caption, &columns, &rows, None)
}

fn answers(answers: &[Documented]) -> Markup {
    html! {
        details {
            summary { "Answers" }
            dl.answers {
                @for answer in answers {
                    div {
                        dt { code { (answer.status) } " " (answer.description) }
                        @if let Some(example) = answer.example.as_ref().filter(|_| answer.status.starts_with('2')) {
                            dd { pre tabindex="0" { code { (serde_json::to_string_pretty(example).unwrap_or_default()) } } }
                        }
                    }
                }
            }
        }
    }
}

/// A line for a terminal. A secret is a word in capitals, to be replaced.
fn line(screen: &Screen<'_>, operation: &Operation) -> String {
    let mut parts = vec!["curl -sS".to_owned()];
    let parameters = operation.parameters.iter();
    let in_path = parameters.filter(|parameter| parameter.place == "path");
    let path = in_path.fold(operation.path.clone(), |path, parameter| {
        let value = parameter.example.clone();
        let value = value.unwrap_or_else(|| parameter.name.to_uppercase());
        path.replace(&format!("{{{}}}", parameter.name), &value)
    });
    let base = screen.base_url();
    let pairs = pairs(screen, operation).encoded();
    let rest = match pairs.is_empty() {
        true => String::new(),
        false => format!("?{pairs}"),
    };
    if operation.method != "GET" {
        parts.push(format!("-X {}", operation.method));
    }
    parts.push(format!("'{base}{path}{rest}'"));
    parts.extend(operation.security.iter().map(|way| credential(screen, way)));
    if let Some((media, example)) = &operation.body {
        parts.push(format!("-H 'content-type: {media}'"));
        let body = example.as_ref().map(|example| as_body(media, example));
        parts.push(format!(
            "-d '{}'",
            body.unwrap_or_default().replace('\'', "'\\''")
        ));
    }
    parts.join(" \\\n  ")
}

fn as_body(media: &str, example: &Value) -> String {
    match example {
        Value::Object(members) if media == "application/x-www-form-urlencoded" => {
            let pairs: Vec<_> = members
                .iter()
                .map(|(name, value)| (name.as_str(), reference::text(value)))
                .collect();
            let pairs: Vec<_> = pairs
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            query(&pairs)
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// How a request says who sends it.
fn credential(screen: &Screen<'_>, way: &str) -> String {
    let user = &screen.me.username;
    match way {
        "callbookUser" | "teletrackerUser" => format!("-u {user}"),
        "fonedynamicsToken" => "-u ACCOUNT_SID:TOKEN".to_owned(),
        "trestleKey" => "-H 'x-api-key: KEY'".to_owned(),
        "tldIdHeader" => "-H 'tld-api-id: API_ID'".to_owned(),
        "tldKeyHeader" => "-H 'tld-api-key: API_KEY'".to_owned(),
        "truecnamUsername" => "-d username=USERNAME".to_owned(),
        "truecnamPassword" => "-d password=PASSWORD".to_owned(),
        _ => "-H 'authorization: Bearer TOKEN'".to_owned(),
    }
}
