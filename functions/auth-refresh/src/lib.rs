//! `POST /auth/refresh`: exchanges a refresh token for a new pair, once (contracts/teletracker.md).

use callbook::access::Unauthenticated;
use callbook::dialect::teletracker::{self, field};
use callbook::dialect::{Answer, Dialect};
use callbook::edge::{Function, LedgerHandler};
use callbook::ids;
use callbook::model::token::Token;
use callbook::problem::{Cause, Problem};
use callbook::request::Reader;

/// The `auth-refresh` function.
pub const FUNCTION: Function<LedgerHandler> = Function {
    name: "auth-refresh",
    dialect: Some(Dialect::Teletracker),
    handler: LedgerHandler(|request| Box::pin(handle(request))),
};

/// Exchanges a refresh token. A token that was used before ends its session instead.
///
/// # Errors
/// Returns `Invalid` with every field at fault, the refusals of [`Unauthenticated::renewal`], or an
/// error if DynamoDB does not answer in time.
pub async fn handle(unauthenticated: Unauthenticated<'_>) -> Result<Answer, Problem> {
    let request = unauthenticated.request();
    let parameters = request.parameters().await?;
    let mut reader = Reader::new(&parameters);
    let shown = reader.required(field::REFRESH_TOKEN, Ok);
    let (shown,) = reader.finish((shown,))?;
    let old = Token::parse(shown).map_err(|_| Problem::UnknownCredential)?;
    let renewal = unauthenticated.renewal(old).await?;
    let pair = ids::token_pair(request.received())
        .ok_or_else(|| Problem::Internal(Cause::text("the system has no entropy for a token")))?;
    renewal.exchange(&pair).await?;
    Ok(teletracker::tokens(request.guid(), &pair))
}
