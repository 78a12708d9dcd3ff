//! Signing in and out.

use callbook::dialect::{Answer, console as dialect};
use callbook::edge::{InnerRequest, Visit};
use callbook::model::token::Token;
use callbook::problem::Problem;
use maud::html;
use serde::Deserialize;

use crate::api;
use crate::form::{Pairs, query};
use crate::guard;
use crate::html::field;
use crate::layout::{self, document};
use crate::session::{self, Session};

const LOGIN: &str = "/auth/login";

/// Sends a browser without a session to the sign-in page, which comes back to the page that was asked for.
pub fn first(visit: &Visit<'_>) -> Answer {
    let request = visit.request();
    let pairs = request.query().pairs();
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let path = Pairs::new(pairs).at(request.path().as_str());
    let wanted = (request.method() == "GET").then_some(path.as_str());
    let next = wanted.and_then(guard::next).unwrap_or_default();
    let next = if next == "/console" { "" } else { next };
    match query(&[("next", next)]) {
        query if query.is_empty() => dialect::see("/console/sign-in"),
        query => dialect::see(&format!("/console/sign-in?{query}")),
    }
}

/// Answers with the sign-in page.
pub fn form(visit: &Visit<'_>) -> Answer {
    let pairs = visit.request().query().pairs();
    let mut named = pairs.filter(|(name, _)| *name == "next");
    let next = named.next().map(|(_, next)| next.to_owned());
    dialect::page(page(visit, next.as_deref().unwrap_or_default(), None))
}

/// Signs a user in. With `demo`, the demo user of `callbook local`.
///
/// # Errors
/// Returns an error if DynamoDB does not answer in time.
pub async fn submit(visit: &Visit<'_>) -> Result<Answer, Problem> {
    let parameters = visit.request().body_parameters().await?;
    let pairs = parameters.pairs();
    let sent = Pairs::new(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let next = sent.get("next").and_then(guard::next);
    let demo = visit
        .demo()
        .filter(|_| sent.get("demo").is_some() && guard::is_for_this_machine(visit.request()));
    let credential = match demo {
        Some(demo) => vec![
            ("username", demo.username.as_str()),
            ("password", demo.password.as_str()),
        ],
        None => {
            // As it was typed: a password may begin or end with a space.
            let typed = |name| sent.iter().find(|(found, _)| *found == name);
            let value = |name| typed(name).map(|(_, value)| value).unwrap_or_default();
            vec![
                ("username", value("username").trim()),
                ("password", value("password")),
                ("account_id", value("account").trim()),
            ]
        }
    };
    let question = InnerRequest {
        method: "POST",
        path: LOGIN.to_owned(),
        body: Some(("application/x-www-form-urlencoded", query(&credential))),
        ..InnerRequest::default()
    };
    let next = next.unwrap_or("/console");
    let told = match visit.ask(&api::function_of(LOGIN)?, question).await {
        Ok(Ok(body)) => {
            let session = started(&body)?;
            return Ok(session.keep(visit, dialect::see(next)));
        }
        Ok(Err(_incomplete)) => return Ok(incomplete(visit, next)),
        Err(problem) if problem.cause().is_some() => return Err(problem),
        Err(problem) => problem,
    };
    let (_, message) = dialect::told(&told);
    Ok(dialect::failed_page(told, page(visit, next, Some(message))))
}

fn incomplete(visit: &Visit<'_>, next: &str) -> Answer {
    let message = "Type a username and a password. An integrator also names its account.";
    let html = page(visit, next, Some(message));
    dialect::failed_page(Problem::UnknownCredential, html)
}

/// Ends the session of the browser.
///
/// # Errors
/// Returns an error if DynamoDB does not answer in time.
pub async fn sign_out(visit: &Visit<'_>) -> Result<Answer, Problem> {
    let away = dialect::see("/console/sign-in");
    let Some(session) = Session::of(visit) else {
        return Ok(session::forget(visit, away));
    };
    let parameters = visit.request().body_parameters().await?;
    let token = session.form_token(visit);
    let sent = parameters.pairs().find(|(name, _)| *name == "form");
    if sent.is_none_or(|(_, sent)| sent != token) {
        return Ok(layout::refused_form(visit));
    }
    visit.sign_out(&session.access, &session.refresh).await?;
    Ok(session::forget(visit, away))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tokens {
    token: String,
    refresh_token: String,
}

fn started(body: &str) -> Result<Session, Problem> {
    let tokens = serde_json::from_str(body).map_err(|error| dialect::unreadable(&error));
    let Tokens {
        token: access,
        refresh_token,
    } = tokens?;
    let token = |text: &str| Token::parse(text).map_err(|_| Problem::UnknownCredential);
    Session::start(token(&access)?, token(&refresh_token)?)
}

fn page(visit: &Visit<'_>, next: &str, message: Option<&str>) -> String {
    let next = guard::next(next).unwrap_or("/console");
    let body = html! {
        main.narrow id="main" {
            h1 { "Callbook" }
            p.lead { "Calls and what they cost." }
            @if let Some(message) = message { p.alert role="alert" { (message) } }
            @if visit.demo().is_some() {
                form.demo method="post" action="/console/sign-in" {
                    input type="hidden" name="next" value=(next);
                    button.primary type="submit" name="demo" value="1" { "Look around as the demo user" }
                }
            }
            form.sign-in method="post" action="/console/sign-in" {
                input type="hidden" name="next" value=(next);
                label.field { span { "Username" } input name="username" autocomplete="username" autocapitalize="none" required; }
                label.field { span { "Password" } input type="password" name="password" autocomplete="current-password" required; }
                details {
                    summary { "Another account than your own" }
                    (field::input("account", "Account id", "text", ""))
                }
                button.primary[visit.demo().is_none()] type="submit" { "Sign in" }
            }
        }
    };
    document("Sign in", &body).into_string()
}
