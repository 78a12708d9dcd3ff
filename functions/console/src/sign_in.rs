//! Signing in and out.

use callbook::access::KnownUser;
use callbook::dialect::{Answer, console as dialect};
use callbook::edge::Visit;
use callbook::problem::Problem;
use maud::html;

use crate::form::{Pairs, query};
use crate::guard;
use crate::layout::{self, document};
use crate::session::{self, Session};

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

/// Signs a user in: by name and password, as the demo user of `callbook local`, or for the account that a user of several
/// has chosen.
///
/// # Errors
/// Returns an error if DynamoDB does not answer in time.
pub async fn submit(visit: &Visit<'_>) -> Result<Answer, Problem> {
    let parameters = visit.request().body_parameters().await?;
    let pairs = parameters.pairs();
    let sent = Pairs::new(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let next = sent.get("next").and_then(guard::next);
    let next = next.unwrap_or("/console");
    let opened = match sent.get("proof") {
        Some(proof) => {
            let of = |name| sent.get(name).unwrap_or_default();
            let proven = (of("username"), proof);
            visit.session_for(proven, of("account")).await
        }
        None => match named(visit, &sent) {
            None => return Ok(incomplete(visit, next)),
            Some((name, password)) => match visit.known_user(name, password).await {
                Ok(user) => match user.accounts.as_slice() {
                    [only] => {
                        let proven = (user.name.as_str(), user.proof.as_str());
                        visit.session_for(proven, only.id.as_str()).await
                    }
                    _ => return Ok(dialect::page(choice(&user, next))),
                },
                Err(problem) => Err(problem),
            },
        },
    };
    match opened {
        Ok(pair) => {
            let session = Session::start(pair.access, pair.refresh)?;
            Ok(session.keep(visit, dialect::see(next)))
        }
        Err(problem) if problem.cause().is_some() => Err(problem),
        Err(problem @ Problem::UnknownCredential) => {
            let (_, message) = dialect::told(&problem);
            Ok(dialect::failed_page(
                problem,
                page(visit, next, Some(message)),
            ))
        }
        Err(problem) => Ok(layout::no_access(visit, None, problem)),
    }
}

/// Returns the name and the password that were typed, or the demo user's. `None` if one is missing.
fn named<'a>(visit: &Visit<'a>, sent: &'a Pairs) -> Option<(&'a str, &'a str)> {
    let demo = visit
        .demo()
        .filter(|_| sent.get("demo").is_some() && guard::is_for_this_machine(visit.request()));
    if let Some(demo) = demo {
        return Some((&demo.username, &demo.password));
    }
    // As it was typed: a password may begin or end with a space.
    let typed = sent.iter().find(|(name, _)| *name == "password");
    let (_, password) = typed?;
    Some((sent.get("username")?, password))
}

fn incomplete(visit: &Visit<'_>, next: &str) -> Answer {
    let html = page(visit, next, Some("Type a username and a password."));
    dialect::failed_page(Problem::UnknownCredential, html)
}

/// The page on which a user of several accounts chooses one.
fn choice(user: &KnownUser, next: &str) -> String {
    let body = html! {
        main.narrow id="main" {
            h1 { "Choose an account" }
            p.lead { strong { (user.name) } " may act for several." }
            form.accounts method="post" action="/console/sign-in" {
                input type="hidden" name="next" value=(next);
                input type="hidden" name="username" value=(user.name);
                input type="hidden" name="proof" value=(user.proof);
                ul {
                    @for account in &user.accounts {
                        li { button type="submit" name="account" value=(account.id.as_str()) { (account.name) " " small { (account.id.as_str()) } } }
                    }
                }
            }
            p { a href="/console/sign-in" { "Sign in as somebody else" } }
        }
    };
    document("Choose an account", &body).into_string()
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
                button.primary[visit.demo().is_none()] type="submit" { "Sign in" }
            }
        }
    };
    document("Sign in", &body).into_string()
}
