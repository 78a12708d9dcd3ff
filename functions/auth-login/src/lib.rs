//! `POST /auth/login`: issues tokens for a username and password (contracts/teletracker.md).

use callbook::access::{Presented, Unauthenticated};
use callbook::dialect::teletracker::{self, field};
use callbook::dialect::{Answer, Dialect};
use callbook::edge::{Function, LedgerHandler};
use callbook::ids;
use callbook::problem::{Cause, Fault, Problem};
use callbook::request::reader::switch;
use callbook::request::{Parameters, Reader};
use serde::Serialize;

/// The `auth-login` function.
pub const FUNCTION: Function<LedgerHandler> = Function {
    name: "auth-login",
    dialect: Some(Dialect::Teletracker),
    handler: LedgerHandler(|request| Box::pin(handle(request))),
};

/// Starts a session. With `auth_only`, only checks that one could be started.
///
/// # Errors
/// Returns the refusals of access control, `Invalid` with every field at fault, or an error if DynamoDB
/// does not answer in time.
pub async fn handle(unauthenticated: Unauthenticated<'_>) -> Result<Answer, Problem> {
    let parameters = unauthenticated.request().parameters().await?;
    let login = Login::read(&parameters)?;
    let presented = Presented::login(login.username, login.password);
    let authenticated = unauthenticated.authenticate(&presented).await?;
    let authorized = authenticated.authorize_sign_in()?;
    if login.account.is_none() && authorized.must_name_account() {
        return Err(Problem::of(field::ACCOUNT_ID, Fault::Missing));
    }
    let context = authorized.account(login.account).await?;
    context.throttle().await?;
    let (guid, now) = (context.guid(), context.now());
    if login.verify_only {
        return Ok(teletracker::success(guid, &Verified {}));
    }
    let pair = ids::token_pair(now)
        .ok_or_else(|| Problem::Internal(Cause::text("the system has no entropy for a token")))?;
    let session = context.principal().new_session();
    context
        .ledger()
        .open_session(&session, &pair, guid, now)
        .await?;
    Ok(teletracker::tokens(guid, &pair))
}

/// The empty answer to a successful check.
#[derive(Serialize)]
struct Verified {}

/// The parameters of a login.
struct Login<'a> {
    username: &'a str,
    password: &'a str,
    account: Option<&'a str>,
    verify_only: bool,
}

impl<'a> Login<'a> {
    fn read(parameters: &'a Parameters) -> Result<Self, Problem> {
        let mut reader = Reader::new(parameters);
        let username = reader.required(field::USERNAME, Ok);
        let password = reader.required(field::PASSWORD, Ok);
        let account = reader.optional(field::ACCOUNT_ID, Ok);
        let verify_only = reader.optional(field::AUTH_ONLY, switch);
        let (username, password, account, verify_only) =
            reader.finish((username, password, account, verify_only))?;
        Ok(Self {
            username,
            password,
            account,
            verify_only: verify_only.unwrap_or(false),
        })
    }
}
