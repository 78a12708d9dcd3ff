//! `POST /auth/login`: tokens for a username and password (contracts/teletracker.md).

use callbook::dialect::teletracker::{self, field};
use callbook::dialect::{Answer, Dialect};
use callbook::edge::{App, Function};
use callbook::ids;
use callbook::problem::{Cause, Fault, Problem};
use callbook::request::fields::{Fields, switch};
use callbook::request::{Parameters, Request};
use serde::Serialize;

/// The function.
pub const FUNCTION: Function = Function {
    name: "auth-login",
    dialect: Some(Dialect::Teletracker),
    reads_numbers: false,
    handle: |app, request| Box::pin(handle(app, request)),
};

/// Begins a session, or with `auth_only` says that one could begin.
///
/// # Errors
/// Why not.
pub async fn handle(app: &App, request: &Request) -> Result<Answer, Problem> {
    let parameters = request.parameters().await?;
    let login = Login::read(&parameters)?;
    let (ledger, access, now) = (app.ledger()?, app.access(), request.received());
    let signed_in = access
        .log_in(ledger, request, login.username, login.password)
        .await?;
    let account = login.account;
    if account.is_none() && signed_in.must_name_account() {
        return Err(Problem::of(field::ACCOUNT_ID, Fault::Missing));
    }
    let caller = access.act(ledger, request, &signed_in, account).await?;
    access.count(ledger, &caller, now).await?;
    if login.verify_only {
        return Ok(teletracker::success(request.guid(), &Verified {}));
    }
    let pair = ids::token_pair(now)
        .ok_or_else(|| Problem::Internal(Cause::text("no entropy for a token")))?;
    let grant = signed_in.grant(&caller.account);
    ledger
        .open_session(&grant, &pair, request.guid(), now)
        .await?;
    Ok(teletracker::tokens(request.guid(), &pair))
}

/// The credential is good; there is nothing to add.
#[derive(Serialize)]
struct Verified {}

/// The parameters that say who it is.
struct Login<'a> {
    username: &'a str,
    password: &'a str,
    account: Option<&'a str>,
    verify_only: bool,
}

impl<'a> Login<'a> {
    fn read(parameters: &'a Parameters) -> Result<Self, Problem> {
        let mut fields = Fields::of(parameters);
        let username = fields.required(field::USERNAME, parameters.get(field::USERNAME), Ok);
        let password = fields.required(field::PASSWORD, parameters.get(field::PASSWORD), Ok);
        let account = parameters.get(field::ACCOUNT_ID);
        let account = fields.optional(field::ACCOUNT_ID, account, Ok);
        let verify_only =
            fields.optional(field::AUTH_ONLY, parameters.get(field::AUTH_ONLY), switch);
        let (username, password, account, verify_only) =
            fields.finish((username, password, account, verify_only))?;
        Ok(Self {
            username,
            password,
            account,
            verify_only: verify_only.unwrap_or(false),
        })
    }
}
