//! `GET /callbook/v1/me`: who is signed in, and for which account (contracts/callbook.md).

use callbook::access::Unauthenticated;
use callbook::dialect::callbook::{self as dialect, resource};
use callbook::dialect::{Answer, Dialect};
use callbook::edge::{Function, LedgerHandler};
use callbook::model::credential::Role;
use callbook::problem::Problem;
use serde::Serialize;

/// The `me` function.
pub const FUNCTION: Function<LedgerHandler> = Function {
    name: "me",
    dialect: Some(Dialect::Callbook),
    handler: LedgerHandler(|request| Box::pin(handle(request))),
};

/// Answers who is signed in.
///
/// # Errors
/// Returns the refusals of access control, `Invalid` for any parameter, or an error if DynamoDB does not
/// answer in time.
pub async fn handle(unauthenticated: Unauthenticated<'_>) -> Result<Answer, Problem> {
    let (context, _body) = resource::receive(unauthenticated).await?;
    resource::nothing(context.request())?;
    context.throttle().await?;
    let (user, account) = (context.credential(), context.account());
    Ok(dialect::success(&Me {
        credential_id: user.id.as_str(),
        username: &user.name,
        label: &user.label,
        role: user.role().map(Role::as_str),
        account_id: account.id.as_str(),
        account_name: &account.name,
        timezone: account.zone.name(),
        currency: account.currency.as_str(),
    }))
}

#[derive(Serialize)]
struct Me<'a> {
    credential_id: &'a str,
    username: &'a str,
    label: &'a str,
    role: Option<&'static str>,
    account_id: &'a str,
    account_name: &'a str,
    timezone: &'a str,
    currency: &'a str,
}
