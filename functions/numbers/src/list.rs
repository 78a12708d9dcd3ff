//! Lists of an account's or a property's numbers.

use callbook::dialect::Answer;
use callbook::dialect::fonedynamics::list::PageRequest;
use callbook::dialect::fonedynamics::{self, field};
use callbook::edge::App;
use callbook::problem::Problem;
use callbook::request::page_token::Pager;
use callbook::request::{Reader, Request};

use crate::admit;
use crate::filter::Filter;
use crate::wire::{List, NumberView};

/// Whose numbers, by the sid in the path.
#[derive(Clone, Copy)]
pub(crate) enum Of<'a> {
    /// Those of a property.
    Property(&'a str),
    /// All of the account's.
    Account(&'a str),
}

/// Lists the numbers of an account or of a property.
///
/// # Errors
/// Returns `Invalid` for parameters at fault or an unknown sid, `Unavailable` if the table cannot be reached
/// in time, and the refusals of access.
pub(crate) async fn list(app: &App, request: &Request, of: Of<'_>) -> Result<Answer, Problem> {
    let (ledger, key) = (app.ledger()?, app.page_key()?);
    let caller = admit(app, request).await?;
    let account = &caller.account;
    let mut reader = Reader::new(request.query());
    if let Of::Account(sid) = of {
        reader.in_path(field::ACCOUNT_SID, sid, |sid| caller.owns(sid));
    }
    let filter = Filter::read(&mut reader);
    let pager = Pager::new(key, &account.id, request.path(), &filter)?;
    let page = PageRequest::read(&mut reader, pager);
    let (filter, page) = reader.finish((filter, page))?;
    let property = match of {
        Of::Account(_) => None,
        Of::Property(sid) => Some(caller.property(ledger, sid).await?),
    };
    app.access()
        .count(ledger, &caller, request.received())
        .await?;
    let mut numbers = ledger.numbers(&account.id).await?;
    let property = property.as_ref().map(|property| &property.sid);
    numbers.retain(|number| {
        property.is_none_or(|sid| number.property_sid() == Some(sid))
            && filter.takes(number.stock.as_ref())
    });
    let page = page.page(numbers, |number| number.number.as_e164().to_owned());
    let shown = page
        .rows
        .iter()
        .map(|number| NumberView::of(number, account));
    Ok(fonedynamics::success(&List {
        numbers: shown.collect(),
        total_count: page.total,
        next_page_token: page.next_token,
    }))
}
