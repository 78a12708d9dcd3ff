//! Tokens and their sessions (patterns 6 and 7). A token is kept by its hash; a session knows the one
//! refresh token that is in force, so one that is used twice gives itself away.

use serde::{Deserialize, Serialize};

use crate::ledger::keys;
use crate::ledger::outcome::Update;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{at, instant, n, read, s, stored, text, written_by};
use crate::ledger::table::store::Ledger;
use crate::ledger::table::transaction::{ABSENT, Committed, PRESENT, Transaction};
use crate::model::credential::SecretHash;
use crate::model::id::Guid;
use crate::model::time::Instant;
use crate::model::token::{Grant, Token, TokenKind, TokenPair};

/// Refusal: the session was revoked, before or by this request, because its refresh token was used twice.
/// None of its tokens is worth anything any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionRevoked;

#[derive(Serialize, Deserialize)]
struct TokenItem {
    kind: TokenKind,
    #[serde(flatten)]
    grant: Grant,
    expires: Instant,
    /// `expires` in seconds, for the table's own clean-up.
    expires_at: i64,
}

#[derive(Serialize)]
struct SessionItem<'a> {
    #[serde(flatten)]
    grant: &'a Grant,
    refresh_sha256: SecretHash,
    /// The request that put the refresh token in force: a retry that lost its answer knows its own work.
    guid: String,
    created_at: Instant,
    expires_at: i64,
}

/// The writes of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Session,
    Token,
}

impl Ledger {
    /// Opens a session with its first pair of tokens, in one transaction.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn open_session(
        &self,
        grant: &Grant,
        pair: &TokenPair,
        guid: Guid,
        now: Instant,
    ) -> Result<(), StoreError> {
        let session = SessionItem {
            grant,
            refresh_sha256: pair.refresh.hash(),
            guid: guid.to_string(),
            created_at: now,
            expires_at: pair.refresh_until.seconds() + 1,
        };
        let key = keys::session(&grant.account_id, &grant.session_id);
        let mut transaction = Transaction::new();
        transaction.put(Tag::Session, stored(key, "session", &session)?, ABSENT);
        put_tokens(&mut transaction, grant, pair)?;
        match self.commit(transaction).await? {
            Committed::Done => Ok(()),
            Committed::Refused(refusals) => match refusals.item(Tag::Session) {
                // An earlier try got through and its answer was lost.
                Some(found) if written_by(found, guid) => Ok(()),
                _ => Err(StoreError::Broken(
                    "a new session or token is already taken".to_owned(),
                )),
            },
        }
    }

    /// What a token of the kind grants, and until when; `None` if there is no such token or it has expired.
    /// Its session may be over: see [`Ledger::session_opened`].
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn token(
        &self,
        token: &Token,
        kind: TokenKind,
        now: Instant,
    ) -> Result<Option<(Grant, Instant)>, StoreError> {
        let Some(item) = self.get(keys::token(&token.hash())).await? else {
            return Ok(None);
        };
        let found: TokenItem = read(item)?;
        let good = found.kind == kind && now < found.expires;
        Ok(good.then_some((found.grant, found.expires)))
    }

    /// When a session was opened; `None` if it does not exist or was revoked.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn session_opened(&self, grant: &Grant) -> Result<Option<Instant>, StoreError> {
        let session = keys::session(&grant.account_id, &grant.session_id);
        let item = self.get(session).await?;
        let item = item.filter(|item| !item.contains_key("revoked_at"));
        Ok(item.and_then(|item| instant(&item, "created_at")))
    }

    /// Renews a session: exchanges its refresh token in force for a new pair, in one transaction. Any other
    /// refresh token of the session revokes it. So does this one if the session was opened before `from`.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn renew_session(
        &self,
        (grant, from): (&Grant, Option<Instant>),
        old: &Token,
        pair: &TokenPair,
        guid: Guid,
        now: Instant,
    ) -> Result<Update<(), SessionRevoked>, StoreError> {
        let session = keys::session(&grant.account_id, &grant.session_id);
        let in_force = "refresh_sha256 = :old AND attribute_not_exists(revoked_at)";
        let condition = match from {
            Some(_) => format!("{in_force} AND created_at >= :from"),
            None => in_force.to_owned(),
        };
        let mut transaction = Transaction::new();
        transaction
            .update(
                Tag::Session,
                session.clone(),
                "SET refresh_sha256 = :new, guid = :guid, renewed_at = :now, expires_at = :end",
                condition,
            )
            .values(from.map(|from| (":from", at(from))))
            .value(":new", s(pair.refresh.hash().to_hex()))
            .value(":old", s(old.hash().to_hex()))
            .value(":guid", s(guid.to_string()))
            .value(":now", at(now))
            .value(":end", n(pair.refresh_until.seconds() + 1));
        put_tokens(&mut transaction, grant, pair)?;
        let Committed::Refused(refusals) = self.commit(transaction).await? else {
            return Ok(Update::Updated(()));
        };
        if !refusals.contains(Tag::Session) {
            return Err(StoreError::Broken(
                "a new token is already taken".to_owned(),
            ));
        }
        Ok(match refusals.item(Tag::Session) {
            // An earlier try got through and its answer was lost.
            Some(found) if written_by(found, guid) => Update::Updated(()),
            Some(found) => {
                if !found.contains_key("revoked_at") {
                    self.revoke_session(session, now).await?;
                }
                Update::Refused(SessionRevoked)
            }
            None => Update::NotFound,
        })
    }

    /// Whether `token` is the refresh token in force of a session that is not over. Any other refresh token
    /// of the session revokes it.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn refresh_in_force(
        &self,
        grant: &Grant,
        token: &Token,
        now: Instant,
    ) -> Result<bool, StoreError> {
        let session = keys::session(&grant.account_id, &grant.session_id);
        let item = self.get(session.clone()).await?;
        let Some(item) = item.filter(|item| !item.contains_key("revoked_at")) else {
            return Ok(false);
        };
        if text(&item, "refresh_sha256") == Some(&token.hash().to_hex()) {
            return Ok(true);
        }
        self.revoke_session(session, now).await?;
        Ok(false)
    }

    /// Ends a session: none of its tokens is worth anything any more.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Contended`] if it may be tried again.
    pub async fn end_session(&self, grant: &Grant, now: Instant) -> Result<(), StoreError> {
        let session = keys::session(&grant.account_id, &grant.session_id);
        self.revoke_session(session, now).await
    }

    async fn revoke_session(&self, session: keys::Key, now: Instant) -> Result<(), StoreError> {
        let revoke = "SET revoked_at = if_not_exists(revoked_at, :now)";
        let mut transaction = Transaction::new();
        transaction
            .update(Tag::Session, session, revoke, PRESENT)
            .value(":now", at(now));
        // If it is refused, the session has expired and is gone, which is as good as revoked.
        self.commit(transaction).await.map(drop)
    }
}

/// Adds the writes of a pair of tokens.
fn put_tokens(
    transaction: &mut Transaction<Tag>,
    grant: &Grant,
    pair: &TokenPair,
) -> Result<(), StoreError> {
    for (kind, token, expires) in [
        (TokenKind::Access, &pair.access, pair.access_until),
        (TokenKind::Refresh, &pair.refresh, pair.refresh_until),
    ] {
        let item = TokenItem {
            kind,
            grant: grant.clone(),
            expires,
            expires_at: expires.seconds() + 1,
        };
        let item = stored(keys::token(&token.hash()), "token", &item)?;
        transaction.put(Tag::Token, item, ABSENT);
    }
    Ok(())
}
