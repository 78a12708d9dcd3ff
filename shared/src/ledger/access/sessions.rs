//! Tokens and their sessions (patterns 6 and 7). A token is kept by its hash; a session knows the one
//! refresh token that is in force, so one that is used twice gives itself away.

use serde::{Deserialize, Serialize};

use crate::ledger::keys;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::written_by as wrote;
use crate::ledger::table::item::{at, key, n, read, s, stored, text};
use crate::ledger::table::legacy::Transacted;
use crate::ledger::table::store::Ledger;
use crate::model::credential::SecretHash;
use crate::model::id::Guid;
use crate::model::time::Instant;
use crate::model::token::{Grant, Token, TokenKind, TokenPair};

/// How the renewal of a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewed {
    /// The new pair is in force and the old refresh token is dead.
    Done,
    /// Nothing is issued: the refresh token had been used before, or the session was over. Whoever holds
    /// one of its tokens holds nothing now.
    Over,
}

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

const NEW: &str = "attribute_not_exists(pk)";

impl Ledger {
    /// Begins a session with its first pair, in one transaction.
    ///
    /// # Errors
    /// The store's.
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
        let at = keys::session(&grant.account_id, &grant.session_id);
        let mut writes = vec![self.put(stored(at, "session", &session)?, NEW).write()?];
        writes.extend(self.token_writes(grant, pair)?);
        let Transacted::Refused(found) = self.transact(writes).await? else {
            return Ok(());
        };
        let ours = found
            .iter()
            .any(|(_, item)| item.as_ref().is_some_and(|item| wrote(item, guid)));
        if ours {
            Ok(())
        } else {
            Err(StoreError::Broken(
                "a new session or token is already taken".to_owned(),
            ))
        }
    }

    /// Whom a token of the kind speaks for and until when; `None` when there is no such token or its time
    /// is over. Whether its session still lives is [`Ledger::session_lives`]'s to say.
    ///
    /// # Errors
    /// The store's.
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

    /// Whether a session is there and was not revoked.
    ///
    /// # Errors
    /// The store's.
    pub async fn session_lives(&self, grant: &Grant) -> Result<bool, StoreError> {
        let session = keys::session(&grant.account_id, &grant.session_id);
        let item = self.get(session).await?;
        Ok(item.is_some_and(|item| !item.contains_key("revoked_at")))
    }

    /// Exchanges the refresh token that is in force for a new pair, in one transaction; any other refresh
    /// token of the session revokes it.
    ///
    /// # Errors
    /// The store's.
    pub async fn renew_session(
        &self,
        grant: &Grant,
        old: &Token,
        pair: &TokenPair,
        guid: Guid,
        now: Instant,
    ) -> Result<Renewed, StoreError> {
        let session = keys::session(&grant.account_id, &grant.session_id);
        let renewal = self
            .update(
                key(session.clone()),
                "SET refresh_sha256 = :new, guid = :guid, renewed_at = :now, expires_at = :end",
                "refresh_sha256 = :old AND attribute_not_exists(revoked_at)",
            )
            .value(":new", s(pair.refresh.hash().to_hex()))
            .value(":old", s(old.hash().to_hex()))
            .value(":guid", s(guid.to_string()))
            .value(":now", at(now))
            .value(":end", n(pair.refresh_until.seconds() + 1))
            .write()?;
        let mut writes = vec![renewal];
        writes.extend(self.token_writes(grant, pair)?);
        let Transacted::Refused(found) = self.transact(writes).await? else {
            return Ok(Renewed::Done);
        };
        let Some((_, item)) = found.into_iter().find(|(index, _)| *index == 0) else {
            return Err(StoreError::Broken(
                "a new token is already taken".to_owned(),
            ));
        };
        match item {
            Some(item) if wrote(&item, guid) => Ok(Renewed::Done),
            Some(item) if !item.contains_key("revoked_at") => {
                self.revoke_session(session, now).await?;
                Ok(Renewed::Over)
            }
            _ => Ok(Renewed::Over),
        }
    }

    /// Whether `token` is the refresh token in force of a session that lives; any other refresh token of
    /// the session revokes it.
    ///
    /// # Errors
    /// The store's.
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

    async fn revoke_session(&self, session: keys::Key, now: Instant) -> Result<(), StoreError> {
        let revocation = self
            .update(
                key(session),
                "SET revoked_at = if_not_exists(revoked_at, :now)",
                "attribute_exists(pk)",
            )
            .value(":now", at(now))
            .write()?;
        // Refused is a session that the table has forgotten: as dead as one that was revoked.
        self.transact(vec![revocation]).await.map(drop)
    }

    fn token_writes(
        &self,
        grant: &Grant,
        pair: &TokenPair,
    ) -> Result<[aws_sdk_dynamodb::types::TransactWriteItem; 2], StoreError> {
        let write = |kind, token: &Token, expires: Instant| {
            let item = TokenItem {
                kind,
                grant: grant.clone(),
                expires,
                expires_at: expires.seconds() + 1,
            };
            self.put(stored(keys::token(&token.hash()), "token", &item)?, NEW)
                .write()
        };
        Ok([
            write(TokenKind::Access, &pair.access, pair.access_until)?,
            write(TokenKind::Refresh, &pair.refresh, pair.refresh_until)?,
        ])
    }
}
