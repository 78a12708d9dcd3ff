//! `POST /auth/refresh`: a new pair of tokens for a refresh token, once (contracts/teletracker.md).

use callbook::dialect::teletracker::{self, field};
use callbook::dialect::{Answer, Dialect};
use callbook::edge::{App, Function};
use callbook::ids;
use callbook::ledger::{SessionRevoked, Update};
use callbook::model::token::Token;
use callbook::problem::{Cause, Problem};
use callbook::request::Request;
use callbook::request::fields::Fields;

/// The function.
pub const FUNCTION: Function = Function {
    name: "auth-refresh",
    dialect: Some(Dialect::Teletracker),
    reads_numbers: false,
    handle: |app, request| Box::pin(handle(app, request)),
};

/// Exchanges a refresh token; one that was used before ends its session instead.
///
/// # Errors
/// Why it was not exchanged.
pub async fn handle(app: &App, request: &Request) -> Result<Answer, Problem> {
    let parameters = request.parameters().await?;
    let mut fields = Fields::of(&parameters);
    let shown = parameters.get(field::REFRESH_TOKEN);
    let shown = fields.required(field::REFRESH_TOKEN, shown, Ok);
    let (shown, ()) = fields.finish((shown, Some(())))?;
    let old = Token::parse(shown).map_err(|_| Problem::UnknownCredential)?;
    let (ledger, access, now) = (app.ledger()?, app.access(), request.received());
    let grant = access.renewal(ledger, request, &old).await?;
    let pair = ids::token_pair(now)
        .ok_or_else(|| Problem::Internal(Cause::text("no entropy for a token")))?;
    let renewed = ledger
        .renew_session(&grant, &old, &pair, request.guid(), now)
        .await?;
    match renewed {
        Update::Updated(()) => Ok(teletracker::tokens(request.guid(), &pair)),
        Update::NotFound | Update::Refused(SessionRevoked) => Err(Problem::UnknownCredential),
    }
}
