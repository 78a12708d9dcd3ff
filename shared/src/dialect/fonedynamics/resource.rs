//! Shared steps of Fone Dynamics' resources: receive a request, find its resource, create once.

use super::field;
use crate::access::{Context, Presented, Unauthenticated};
use crate::dialect::Answer;
use crate::ledger::{Creation, ExistsDifferent, IdempotentRequest};
use crate::model::credential::Product;
use crate::model::field::Field;
use crate::model::property::{Property, PropertySid};
use crate::model::text::IdempotencyKey;
use crate::problem::{Fault, Problem};
use crate::request::{Parameters, Reader};

/// Authenticates and authorizes a request, and reads its parameters.
///
/// The credential is an account's sid and a token. The parameters are those of the query string and,
/// for the methods `with_body`, of the body. An unreadable body is refused before the store is asked
/// for the credential.
///
/// # Errors
/// Returns `MissingCredential`, `UnknownCredential`, a problem of the body, the refusals of
/// [`Authenticated::authorize`](crate::access::Authenticated::authorize), or an error if DynamoDB does
/// not answer in time.
pub async fn receive<'a>(
    unauthenticated: Unauthenticated<'a>,
    product: Product,
    with_body: &[&str],
) -> Result<(Context<'a>, Parameters), Problem> {
    let request = unauthenticated.request();
    let presented = Presented::account_token(request)?;
    let parameters = match with_body.contains(&request.method()) {
        true => unauthenticated.read_from(&presented, request.parameters().await)?,
        false => request.query().clone(),
    };
    let authenticated = unauthenticated.authenticate(&presented).await?;
    let context = authenticated.authorize(product)?.own_account().await?;
    Ok((context, parameters))
}

/// Parameters that the vendor documents and this product does not serve, in lower case.
const NOT_SERVED: [&str; 6] = [
    "prompts_keys",
    "sendsmsfrom",
    "sendsmsto",
    "sendemailfrom",
    "sendemailto",
    "integrationsenabled",
];

/// Adds a fault for each parameter that is none of the fields, by the name that was sent.
pub fn only(reader: &mut Reader<'_>, fields: &[Field]) {
    reader.only_or(fields, |name| {
        match NOT_SERVED.contains(&name.to_ascii_lowercase().as_str()) {
            true => Fault::invalid("not supported by this deployment"),
            false => Fault::unknown(),
        }
    });
}

/// Checks that every parameter is one of the fields, for a request that reads none of them. A typed client
/// repeats what the path says.
///
/// # Errors
/// Returns `Invalid` with every other parameter.
pub fn check(parameters: &Parameters, fields: &[Field]) -> Result<(), Problem> {
    let mut reader = Reader::new(parameters);
    only(&mut reader, fields);
    std::mem::take(reader.faults()).check()
}

impl Context<'_> {
    /// Checks that the account sid in a path is that of the request's account.
    ///
    /// # Errors
    /// Returns `NotFound` for any other account.
    pub fn owns(&self, sid: &str) -> Result<(), Fault> {
        match self.account().sid.as_str() == sid {
            true => Ok(()),
            false => Err(Fault::NotFound),
        }
    }

    /// Returns the account's property with the sid from a path.
    ///
    /// # Errors
    /// Returns `Invalid` for `PropertySid` if the account has no such property, or an error if
    /// DynamoDB does not answer in time.
    pub async fn property(&self, sid: &str) -> Result<Property, Problem> {
        let found = match PropertySid::parse(sid) {
            Ok(sid) => self.ledger().property(&self.account().id, &sid).await?,
            Err(_) => None,
        };
        found.ok_or_else(|| Problem::not_found(field::PROPERTY_SID))
    }

    /// Makes an idempotent request to create a resource of `kind`, if the client sent an idempotency
    /// key.
    ///
    /// `said` holds the resource's parameters. The same key with other parameters is refused.
    #[must_use]
    pub fn idempotent(
        &self,
        kind: &str,
        key: Option<&IdempotencyKey>,
        said: &[&str],
    ) -> Option<IdempotentRequest> {
        let (credential, guid, now) = (self.credential(), self.guid(), self.now());
        key.map(|key| IdempotentRequest::to_create(kind, said, credential, key, guid, now))
    }
}

/// Answers with the created resource, or with the one that the same idempotency key created before.
///
/// # Errors
/// Returns `IdempotencyKeyReused` if the key was used with other parameters.
pub fn created<T>(
    creation: Creation<T, ExistsDifferent>,
    show: impl Fn(&T) -> Answer,
) -> Result<Answer, Problem> {
    match creation {
        Creation::Created(new) => Ok(show(&new)),
        Creation::Exists(earlier) => Ok(replayed(show(&earlier))),
        Creation::Refused(ExistsDifferent) => Err(Problem::IdempotencyKeyReused),
    }
}

fn replayed(mut answer: Answer) -> Answer {
    answer.replayed = true;
    answer
        .headers
        .push(("idempotent-replayed", "true".to_owned()));
    answer
}
