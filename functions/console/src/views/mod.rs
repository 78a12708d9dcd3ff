//! The views: one room each. A view is in the navigation, and has an arm in [`show`]; one with forms has arms in [`act`].

mod call;
mod calls;
mod cost;
mod costs;
mod entries;
mod explore;
mod hours;
mod invoice;
mod links;
mod measures;
mod queue;
mod reference;
mod requests;
mod today;
mod vendors;

use callbook::dialect::Answer;
use callbook::problem::Problem;

use crate::layout;
use crate::screen::Screen;
use crate::stop::Stop;

/// Answers with the page of a view, or with its rows as CSV.
///
/// # Errors
/// Returns what stands in the page's place.
pub async fn show(screen: &Screen<'_>, place: &str) -> Result<Answer, Stop> {
    let parts: Vec<&str> = place.split('/').collect();
    let shown = match parts.as_slice() {
        [""] => return Err(Stop::Elsewhere("/console/today".to_owned())),
        ["today"] => today::show(screen).await?,
        ["today.csv"] => return today::csv(screen).await,
        ["explore"] => explore::show(screen).await?,
        ["explore.csv"] => return explore::csv(screen).await,
        ["hours"] => hours::show(screen).await?,
        ["hours.csv"] => return hours::csv(screen).await,
        ["calls"] => calls::show(screen).await?,
        ["calls.csv"] => return calls::csv(screen).await,
        ["calls", sid] => call::show(screen, sid).await?,
        ["costs"] => costs::show(screen).await?,
        ["costs.csv"] => return costs::csv(screen).await,
        ["costs", id] => cost::show(screen, id).await?,
        ["invoice"] => invoice::show(screen).await?,
        ["vendors"] => vendors::show(screen).await?,
        ["vendors.csv"] => return vendors::csv(screen).await,
        ["vendors", id] => vendors::one::show(screen, id).await?,
        ["queue"] => queue::show(screen).await?,
        ["queue.csv"] => return queue::csv(screen).await,
        ["queue", "webhooks", id] => queue::webhook(screen, id).await?,
        ["requests"] => requests::show(screen).await?,
        ["requests.csv"] => return requests::csv(screen).await,
        ["api"] => reference::show(screen),
        ["api", chapter] => reference::chapter(screen, chapter).await?,
        _ => return Err(Stop::Problem(Problem::NotFound)),
    };
    Ok(layout::page(screen, place, &shown))
}

/// Does what a form asks for.
///
/// # Errors
/// Returns what stands in the page's place, or where to go on.
pub async fn act(screen: &Screen<'_>, place: &str) -> Result<Answer, Stop> {
    let parts: Vec<&str> = place.split('/').collect();
    let largest = (parts.first() == Some(&"invoice")).then_some(invoice::LARGEST_FORM);
    let form = screen.form(largest).await?;
    match parts.as_slice() {
        ["costs", id, what @ ("void" | "match" | "unpin" | "adjust")] => {
            cost::act(screen, id, what, &form).await
        }
        ["vendors"] => vendors::edit::create(screen, &form).await,
        ["vendors", id, what @ ("change" | "terms")] => {
            vendors::edit::act(screen, id, what, &form).await
        }
        ["invoice"] => invoice::check(screen, &form).await,
        ["invoice", "disputed.csv"] => invoice::disputed(&form),
        ["queue", "webhooks", id, what @ "test"] | ["queue", "deliveries", id, what @ "resend"] => {
            queue::act(screen, what, id, &form).await
        }
        _ => Err(Stop::Problem(Problem::NotFound)),
    }
}
