//! Shared steps of the API's resources: receive a request, read it, read a page of a list.

use super::field;
use crate::access::{Context, Presented, Unauthenticated};
use crate::ledger::IdempotentRequest;
use crate::model::account::Account;
use crate::model::credential::Product;
use crate::model::field::Field;
use crate::model::retention::Kept;
use crate::model::text::IdempotencyKey;
use crate::model::time::{Instant, InvalidRange, Range, RangeEnd, Zone};
use crate::problem::{Fault, Problem};
use crate::request::page_token::{Cursor, Pager};
use crate::request::{JsonObject, JsonReader, Reader, Request, RowsBody};

/// The default of `limit`.
const PAGE: usize = 50;

/// The maximum of `limit`.
const MOST: usize = 200;

/// Authenticates and authorizes a request, and reads its body.
///
/// The credential is a user's, or an access token of one. An unreadable body is refused before the store
/// is asked for the credential. `GET` takes no body: what is sent with it is ignored.
///
/// # Errors
/// Returns `MissingCredential`, `UnknownCredential`, a problem of the body, the refusals of
/// [`Authenticated::authorize`](crate::access::Authenticated::authorize), or an error if DynamoDB does
/// not answer in time.
pub async fn receive(
    unauthenticated: Unauthenticated<'_>,
) -> Result<(Context<'_>, JsonObject), Problem> {
    let request = unauthenticated.request();
    let presented = Presented::user(request)?;
    let body = match request.method() {
        "GET" => JsonObject::new(),
        _ => unauthenticated.read_from(&presented, request.json_body())?,
    };
    let authenticated = unauthenticated.authenticate(&presented).await?;
    let authorized = authenticated.authorize(Product::Callbook)?;
    Ok((authorized.own_account().await?, body))
}

/// Receives a question with a body of many rows, as [`receive`] does. It only reads, so a viewer may ask it
/// although it is a `POST`.
///
/// # Errors
/// As [`receive`]; a body larger than `largest` bytes is `BodyTooLarge`.
pub async fn receive_rows(
    unauthenticated: Unauthenticated<'_>,
    largest: usize,
) -> Result<(Context<'_>, RowsBody), Problem> {
    let request = unauthenticated.request();
    let presented = Presented::user(request)?;
    let body = unauthenticated.read_from(&presented, request.rows_body(largest))?;
    let authenticated = unauthenticated.authenticate(&presented).await?;
    let authorized = authenticated.authorize_to_read(Product::Callbook)?;
    Ok((authorized.own_account().await?, body))
}

/// Says from when on an account keeps what a list of `range` has, where the range begins earlier.
#[must_use]
pub fn kept_since(kept: &Kept, range: Range, account: &Account, now: Instant) -> Option<String> {
    let since = kept.cut(range.from, now)?;
    Some(since.rfc3339(&account.zone))
}

/// Checks that a request has no parameters in its query string.
///
/// # Errors
/// Returns `Invalid` with each parameter that was sent.
pub fn nothing(request: &Request) -> Result<(), Problem> {
    let mut reader = query(request, &[]);
    std::mem::take(reader.faults()).check()
}

/// Reads the query string of a request that takes these parameters. Any other is at fault.
#[must_use]
pub fn query<'a>(request: &'a Request, fields: &[Field]) -> Reader<'a> {
    let mut reader = Reader::new(request.query());
    reader.only(fields);
    reader
}

/// Reads the JSON body of a request that takes these members. Any other, and any parameter in the query
/// string, is at fault.
#[must_use]
pub fn body<'a>(request: &Request, object: &'a JsonObject, fields: &[Field]) -> JsonReader<'a> {
    let mut reader = JsonReader::new(object);
    reader.only(fields);
    reader.no_query(request);
    reader
}

/// Reads the range of a list: days in the account's zone, both inclusive, or instants, the end exclusive.
pub fn range(reader: &mut Reader<'_>, zone: &Zone) -> Option<Range> {
    let end_of = |text: &str| RangeEnd::parse(text).map_err(Fault::invalid);
    let from = reader.required(field::FROM, end_of);
    let to = reader.required(field::TO, end_of);
    match Range::new(from?, to?, zone) {
        Ok(range) => Some(range),
        Err(error) => {
            let field = match error {
                InvalidRange::Backwards => field::TO,
                InvalidRange::TooLong => field::FROM,
            };
            reader.fault(field, Fault::invalid(error));
            None
        }
    }
}

/// The page of a list that a request asks for.
pub struct ListPage<'a> {
    pager: Pager<'a>,
    /// The maximum number of rows.
    pub limit: usize,
    /// Where the page begins; `None` for the first page.
    pub cursor: Option<Cursor>,
}

impl<'a> ListPage<'a> {
    /// The parameters of every list.
    pub const FIELDS: [Field; 2] = [field::LIMIT, field::CURSOR];

    /// Reads the page parameters. Returns `None` if one of them is at fault.
    pub fn read(reader: &mut Reader<'_>, pager: Pager<'a>) -> Option<Self> {
        let limit = reader.optional(field::LIMIT, |text| {
            let limit = text.parse().ok();
            limit
                .filter(|limit| (1..=MOST).contains(limit))
                .ok_or_else(|| Fault::invalid(format!("expected a whole number from 1 to {MOST}")))
        });
        let cursor = reader.optional(field::CURSOR, |token| pager.open(field::CURSOR, token));
        Some(Self {
            limit: limit?.unwrap_or(PAGE),
            cursor: cursor?,
            pager,
        })
    }

    /// Returns the token of the page that begins at `cursor`.
    #[must_use]
    pub fn next(&self, cursor: Option<&Cursor>) -> Option<String> {
        cursor.map(|cursor| self.pager.sign(cursor))
    }
}

impl Context<'_> {
    /// Makes an idempotent request, if the client sent an idempotency key.
    ///
    /// `said` holds the request's parameters. The same key with another method, path or parameters is
    /// refused.
    #[must_use]
    pub fn once(&self, key: Option<&IdempotencyKey>, said: &[&str]) -> Option<IdempotentRequest> {
        let request = self.request();
        let said = [&[request.method(), request.path().as_str()], said].concat();
        let (credential, guid, now) = (self.credential(), self.guid(), self.now());
        key.map(|key| IdempotentRequest::to_create("callbook", &said, credential, key, guid, now))
    }
}
