//! The page around a view: navigation, who is signed in, range and time zone, and how to get the same elsewhere.

use callbook::dialect::Answer;
use callbook::dialect::console::{self as dialect, ApiRefusal};
use callbook::edge::Visit;
use callbook::problem::Problem;
use maud::{DOCTYPE, Markup, html};

use crate::assets::{SCRIPT_NAME, STYLE_NAME};
use crate::html::field;
use crate::navigation::NAVIGATION;
use crate::range::{Days, PRESETS};
use crate::screen::Screen;
use crate::session::Session;

/// How many seconds a page that follows waits until it looks again: a refused request is noted within ten.
pub const FOLLOW_SECONDS: u32 = 10;

/// What a view shows.
pub struct ShownPage {
    pub title: String,
    /// Whether a browser looks again every few seconds. The script does; without it, the page is loaded again.
    pub follows: bool,
    /// The days that it is about. `None` if it is not about a range.
    pub days: Option<Days>,
    pub body: Markup,
    /// The path of the same rows as CSV.
    pub csv: Option<String>,
    pub same: Same,
}

/// Where else the same is to be had.
#[derive(Default)]
pub struct Same {
    /// Paths of the API, with their query strings.
    pub api: Vec<String>,
    /// A line for the `callbook` command.
    pub command: Option<String>,
}

/// Makes the page of a view.
pub fn page(screen: &Screen<'_>, place: &str, shown: &ShownPage) -> Answer {
    dialect::page(rendered(screen, place, shown))
}

/// Makes the page of a view whose form was refused, and which says so at the form.
pub fn page_of_refused(
    screen: &Screen<'_>,
    place: &str,
    shown: &ShownPage,
    refusal: ApiRefusal,
) -> Answer {
    dialect::refused_page(refusal, rendered(screen, place, shown))
}

fn rendered(screen: &Screen<'_>, place: &str, shown: &ShownPage) -> String {
    let body = html! {
        div.heading {
            h1 { (shown.title) }
            p.zone { "Times in " strong { (screen.me.timezone) } }
        }
        @if let Some(days) = &shown.days { (range(screen, days)) }
        (shown.body)
        (elsewhere(screen, shown))
    };
    let head = html! {
        @if shown.follows { noscript { meta http-equiv="refresh" content=(FOLLOW_SECONDS); } }
    };
    let body = frame(screen, place, &body);
    document_with(&shown.title, &head, &body).into_string()
}

/// Makes the page for a problem.
pub fn failed(screen: &Screen<'_>, problem: Problem) -> Answer {
    let (title, told) = dialect::told(&problem);
    let body = html! {
        h1 { (title) }
        p { (told) }
        p { "Request " code { (screen.visit().guid()) } }
        p { a href="/console" { "To the beginning" } }
    };
    let html = document(title, &frame(screen, "", &body)).into_string();
    dialect::failed_page(problem, html)
}

/// Makes the page for what the API refused.
pub fn refused(screen: &Screen<'_>, refusal: ApiRefusal) -> Answer {
    let body = html! {
        h1 { "Not done" }
        p role="alert" { (refusal.detail) }
        @if !refusal.fields.is_empty() {
            ul { @for (field, message) in &refusal.fields { li { strong { (field) } ": " (message) } } }
        }
        p { "Go back and change what is wrong. Request " code { (screen.visit().guid()) } }
    };
    let html = document("Not done", &frame(screen, "", &body)).into_string();
    dialect::refused_page(refusal, html)
}

/// Makes the page for a user who may not see the console, or not now: why, and whom to ask.
pub fn no_access(visit: &Visit<'_>, session: Option<&Session>, problem: Problem) -> Answer {
    let (title, told) = dialect::told(&problem);
    let body = html! {
        main.narrow id="main" {
            h1 { (title) }
            p role="alert" { (told) }
            @if let Problem::ProductNotAllowed = &problem {
                p { "An admin gives a user access with " code { "callbook credential update ID --account ACCOUNT --product callbook/1" } "." }
            }
            p { "Request " code { (visit.guid()) } }
            @match session {
                Some(session) => {
                    form method="post" action="/console/sign-out" {
                        input type="hidden" name="form" value=(session.form_token(visit));
                        button type="submit" { "Sign out" }
                    }
                }
                None => { p { a href="/console/sign-in" { "Sign in as somebody else" } } }
            }
        }
    };
    dialect::failed_page(problem, document(title, &body).into_string())
}

/// Makes the page for a form that no page of the session made.
pub fn refused_form(visit: &Visit<'_>) -> Answer {
    let body = html! {
        main.narrow id="main" {
            h1 { "Not done" }
            p role="alert" { "This form was not sent by a page of your session. Load the page again, and send it from there." }
            p { "Request " code { (visit.guid()) } }
            p { a href="/console" { "To the console" } }
        }
    };
    dialect::foreign_form(document("Not done", &body).into_string())
}

/// Makes a document of HTML.
pub fn document(title: &str, body: &Markup) -> Markup {
    document_with(title, &html! {}, body)
}

/// Makes a document of HTML with more in its head.
fn document_with(title: &str, head: &Markup, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Callbook" }
                (head)
                link rel="stylesheet" href=(format!("/console/assets/{}", *STYLE_NAME));
                link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%232b5c8a'/%3E%3Cpath d='M5 4v8M8 6v6M11 8v4' stroke='%23fff' stroke-width='2'/%3E%3C/svg%3E";
                script src=(format!("/console/assets/{}", *SCRIPT_NAME)) defer {}
            }
            body { (body) }
        }
    }
}

fn frame(screen: &Screen<'_>, place: &str, main: &Markup) -> Markup {
    let me = &screen.me;
    let here = place.split('/').next().unwrap_or_default();
    html! {
        a.skip href="#main" { "Skip to the content" }
        header.top {
            a.brand href="/console" { "Callbook" }
            nav aria-label="Views" {
                ul {
                    @for (path, name) in NAVIGATION {
                        li {
                            a href=(format!("/console/{path}")) aria-current=[(*path == here).then_some("page")] { (name) }
                        }
                    }
                }
            }
            div.who {
                span.account { (me.account_name) " " small { (me.account_id) } }
                span { (me.label) " " small { (me.role.as_deref().unwrap_or("user")) } }
                form method="post" action="/console/sign-out" {
                    input type="hidden" name="form" value=(screen.form_token());
                    button.quiet type="submit" { "Sign out" }
                }
            }
        }
        main id="main" tabindex="-1" { (main) }
    }
}

fn range(screen: &Screen<'_>, days: &Days) -> Markup {
    let path = screen.visit().request().path().as_str();
    let rest = screen
        .query
        .with(&[("from", ""), ("to", ""), ("range", ""), ("cursor", "")]);
    html! {
        section.range aria-label="Range" {
            ul {
                @for (word, name) in PRESETS {
                    li {
                        a href=(rest.with(&[("range", word)]).at(path)) aria-current=[(days.preset == Some(word)).then_some("true")] { (name) }
                    }
                }
            }
            form method="get" action=(path) {
                (field::hidden(rest.iter()))
                (field::input("from", "From", "date", &days.from.to_string()))
                (field::input("to", "to", "date", &days.to.to_string()))
                button type="submit" { "Show" }
            }
        }
    }
}

fn elsewhere(screen: &Screen<'_>, shown: &ShownPage) -> Markup {
    let Same { api, command } = &shown.same;
    let base = screen.base_url();
    let user = quoted(&screen.me.username);
    html! {
        footer.elsewhere {
            @if let Some(csv) = &shown.csv { a.button href=(csv) { "As CSV" } }
            @if !api.is_empty() || command.is_some() {
                details {
                    summary { "The same on the command line" }
                    @for path in api {
                        (line(&format!("curl -u {user} '{base}{path}'")))
                    }
                    @if let Some(command) = command { (line(command)) }
                }
            }
        }
    }
}

/// Quotes a text for a shell, unless it is plain.
fn quoted(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._@-".contains(&byte);
    match text.bytes().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// A line to paste into a terminal.
fn line(text: &str) -> Markup {
    html! { div.line { code { (text) } button.quiet type="button" data-copy=(text) hidden { "Copy" } } }
}
