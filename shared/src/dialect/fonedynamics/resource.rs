//! What the functions of Fone Dynamics' resources share: reading a request, finding what its path names,
//! creating something once.

use super::field;
use crate::access::{Context, Presented, Unauthenticated};
use crate::dialect::Answer;
use crate::ledger::{Creation, ExistsDifferent, IdempotentRequest};
use crate::model::credential::Product;
use crate::model::property::{Property, PropertySid};
use crate::model::text::IdempotencyKey;
use crate::problem::{Fault, Problem};
use crate::request::Parameters;

/// Authenticates a request by its account's sid and a token, authorizes it for `product`, and reads its
/// parameters: of the query string and, for the methods `with_body`, of the body. A body that cannot be
/// read is refused before the store is asked who it is.
///
/// # Errors
/// Returns `MissingCredential` or `UnknownCredential`; what is wrong with the body; what the credential may
/// not do; or an error if DynamoDB does not answer in time.
pub async fn receive<'a>(
    unauthenticated: Unauthenticated<'a>,
    product: Product,
    with_body: &[&str],
) -> Result<(Context<'a>, Parameters), Problem> {
    let request = unauthenticated.request();
    let presented = Presented::account_token(request)?;
    let parameters = match with_body.contains(&request.method()) {
        true => request.parameters().await?,
        false => request.query().clone(),
    };
    let authenticated = unauthenticated.authenticate(&presented).await?;
    let context = authenticated.authorize(product)?.own_account().await?;
    Ok((context, parameters))
}

impl Context<'_> {
    /// Checks that the account that a path names by its sid is the request's own.
    ///
    /// # Errors
    /// Returns `NotFound` if it is another one.
    pub fn owns(&self, sid: &str) -> Result<(), Fault> {
        match self.account().sid.as_str() == sid {
            true => Ok(()),
            false => Err(Fault::NotFound),
        }
    }

    /// The account's property that a path names by its sid.
    ///
    /// # Errors
    /// Returns `NotFound` for `PropertySid` if the account has no such property, or an error if DynamoDB does
    /// not answer in time.
    pub async fn property(&self, sid: &str) -> Result<Property, Problem> {
        let found = match PropertySid::parse(sid) {
            Ok(sid) => self.ledger().property(&self.account().id, &sid).await?,
            Err(_) => None,
        };
        found.ok_or_else(|| Problem::not_found(field::PROPERTY_SID))
    }

    /// A request to create one of `kind` that acts once, if the client gave an idempotency key. `said` is what
    /// the request says of it: the same key with something else said is refused.
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

/// Answers a request to create something: with what it created, or with what the same idempotency key
/// created before.
///
/// # Errors
/// Returns `IdempotencyKeyReused` if the key came before with other parameters.
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
