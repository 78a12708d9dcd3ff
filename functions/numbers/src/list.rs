//! Lists of an account's or a property's numbers.

use callbook::dialect::Answer;
use callbook::dialect::fonedynamics;
use callbook::dialect::fonedynamics::list::Wanted;
use callbook::edge::App;
use callbook::model::number::RegisteredNumber;
use callbook::problem::Problem;
use callbook::request::Request;
use callbook::request::fields::Fields;
use callbook::request::page_token::ListQuestion;

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

/// Lists numbers.
///
/// # Errors
/// Why not.
pub(crate) async fn list(app: &App, request: &Request, of: Of<'_>) -> Result<Answer, Problem> {
    let (ledger, key) = (app.ledger()?, app.page_key()?);
    let caller = admit(app, request).await?;
    let account = &caller.account;
    let mut fields = Fields::new();
    if let Of::Account(sid) = of {
        caller.check_own(&mut fields, sid);
    }
    let filter = Filter::read(&mut fields, request.query());
    let asked = filter.as_ref().map(Filter::asked).unwrap_or_default();
    let question = ListQuestion {
        account: &account.id,
        path: request.path().as_str(),
        filters: &asked,
    };
    let wanted = Wanted::read(&mut fields, request.query(), key, &question);
    let (filter, wanted) = fields.finish((filter, wanted))?;
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
            && filter.takes(number.inventory.as_ref())
    });
    let name = |number: &RegisteredNumber| number.number.as_e164().to_owned();
    let page = wanted.cut(numbers, name, key, &question);
    let shown = page
        .rows
        .iter()
        .map(|number| NumberView::of(number, account));
    Ok(fonedynamics::success(&List {
        numbers: shown.collect(),
        total_count: page.total,
        next_page_token: page.next,
    }))
}
