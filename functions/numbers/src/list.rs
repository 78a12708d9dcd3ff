//! Lists of an account's or a property's numbers.

use callbook::access::Context;
use callbook::dialect::Answer;
use callbook::dialect::fonedynamics::list::PageRequest;
use callbook::dialect::fonedynamics::{self, field, resource};
use callbook::problem::Problem;
use callbook::request::Reader;
use callbook::request::page_token::{PageKey, Pager};

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

/// Lists numbers.
///
/// # Errors
/// Returns a problem of the parameters or of the limits; `NotFound` for a sid that is not the account's; or
/// an error if DynamoDB does not answer in time.
pub(crate) async fn list(
    context: &Context<'_>,
    key: &PageKey,
    of: Of<'_>,
) -> Result<Answer, Problem> {
    let (request, account) = (context.request(), context.account());
    let mut reader = Reader::new(request.query());
    resource::only(
        &mut reader,
        &[&Filter::FIELDS[..], &PageRequest::FIELDS].concat(),
    );
    if let Of::Account(sid) = of {
        reader.in_path(field::ACCOUNT_SID, sid, |sid| context.owns(sid));
    }
    let filter = Filter::read(&mut reader);
    let pager = Pager::new(key, &account.id, request.path(), &filter)?;
    let page = PageRequest::read(&mut reader, pager);
    let (filter, page) = reader.finish((filter, page))?;
    let property = match of {
        Of::Account(_) => None,
        Of::Property(sid) => Some(context.property(sid).await?),
    };
    context.throttle().await?;
    let mut numbers = context.ledger().numbers(&account.id).await?;
    let property = property.as_ref().map(|property| &property.sid);
    numbers.retain(|number| {
        property.is_none_or(|sid| number.property_sid() == Some(sid))
            && filter.takes(number.inventory.as_ref())
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
