//! `/console`: pages for people, made of what Callbook's own API answers (`docs/console.md`).
//!
//! A visit passes through [`session`] (who is it), [`views`] (which page), and [`screen`] (what the page may ask), and
//! becomes HTML in [`layout`]. A sum on a page is the API's own, and so is every right.

mod api;
mod assets;
mod form;
mod guard;
mod html;
mod layout;
mod navigation;
mod range;
mod reference;
mod rows;
mod screen;
mod session;
mod sign_in;
mod stop;
mod views;

use callbook::dialect::{Answer, Dialect, console as dialect};
use callbook::edge::{Function, PageHandler, Visit};
use callbook::problem::Problem;

use screen::Screen;
use stop::Stop;

// What browsers send is read here; the fuzzer tries it.
pub use form::Pairs;
pub use guard::next;
pub use range::Days;
pub use session::Session;

/// The `console` function.
pub const FUNCTION: Function<PageHandler> = Function {
    name: "console",
    dialect: Some(Dialect::Console),
    handler: PageHandler(|visit| Box::pin(handle(visit))),
};

/// Answers with a page, or does what a form asks for and answers where to look at it.
///
/// # Errors
/// Returns a problem without a page only if DynamoDB does not answer in time.
pub async fn handle(visit: Visit<'_>) -> Result<Answer, Problem> {
    let request = visit.request();
    let path = request.path().as_str();
    let place = path.strip_prefix("/console").unwrap_or_default();
    let place = place.trim_matches('/');
    let posts = request.method() == "POST";
    if let Some(asset) = place.strip_prefix("assets/") {
        return assets::answer(asset).ok_or(Problem::NotFound);
    }
    if posts && !guard::is_same_origin(request) {
        return Ok(layout::refused_form(&visit));
    }
    match (posts, place) {
        (true, "sign-in") => return sign_in::submit(&visit).await,
        (false, "sign-in") => return Ok(sign_in::form(&visit)),
        (true, "sign-out") => return sign_in::sign_out(&visit).await,
        _ => {}
    }
    let Some(session) = Session::of(&visit) else {
        return Ok(sign_in::first(&visit));
    };
    match Screen::open(&visit, session.clone()).await {
        Ok(screen) => Ok(answer(&screen, place, posts).await),
        Err(Problem::UnknownCredential) => Ok(session::forget(&visit, sign_in::first(&visit))),
        Err(problem) if problem.cause().is_some() => Err(problem),
        Err(problem) => Ok(layout::no_access(&visit, Some(&session), problem)),
    }
}

async fn answer(screen: &Screen<'_>, place: &str, posts: bool) -> Answer {
    let shown = match posts {
        true => views::act(screen, place).await,
        false => views::show(screen, place).await,
    };
    let answer = shown.unwrap_or_else(|stop| match stop {
        Stop::Problem(problem) => layout::failed(screen, problem),
        Stop::Refused(refusal) => layout::refused(screen, refusal),
        Stop::Form => layout::refused_form(screen.visit()),
        Stop::Elsewhere(path) => dialect::see(&path),
    });
    screen.kept(answer)
}
