//! Notices (pattern 83): what is told of without an item of its own, once.
//!
//! A notice is written if it is not there, and the stream tells of it. Its name says what it is about and in which
//! hour or for which end, so the same thing is told once, and nobody can make more of them than there are
//! credentials and hours.

use std::time::Duration;

use serde::Deserialize;

use crate::ledger::keys;
use crate::ledger::table::condition::ABSENT;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{at, n, s, version};
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::credential::Status;
use crate::model::time::Instant;

/// For how long a notice is kept, so that it is not told again.
const KEPT: Duration = Duration::from_secs(40 * 86_400);

/// How many days before its end a credential is told of, the last first.
const ENDS_SOON: [u32; 2] = [1, 14];

const DAY: Duration = Duration::from_secs(86_400);

/// The kinds of notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub enum NoticeKind {
    /// A credential with the right secret was refused.
    #[serde(rename = "refused")]
    CredentialRefused,
    /// A credential ends soon.
    #[serde(rename = "expiring")]
    CredentialExpiring,
    /// A credential reached a limit.
    #[serde(rename = "limit")]
    LimitReached,
}

impl NoticeKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::CredentialRefused => "refused",
            Self::CredentialExpiring => "expiring",
            Self::LimitReached => "limit",
        }
    }
}

/// A notice.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Notice {
    /// What it tells.
    pub kind: NoticeKind,
    /// The credential that it is about.
    pub credential_id: String,
    /// What people call that credential.
    pub label: String,
    /// Why it was refused, which limit it reached, or in how many days it ends.
    pub detail: String,
    /// What makes it another one than the notice before: an hour, or an end.
    pub window: String,
    /// When the credential ends, if it does.
    #[serde(default, rename = "ends")]
    pub expires: Option<Instant>,
    /// When it was noticed.
    pub noticed_at: Instant,
}

impl Ledger {
    /// Notes something once.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn notice(&self, account: &AccountId, notice: &Notice) -> Result<(), StoreError> {
        let name = format!(
            "{}#{id}#{}",
            notice.kind.as_str(),
            notice.window,
            id = notice.credential_id
        );
        let key = keys::notice(account, &name);
        let expires = notice.noticed_at.plus(KEPT).seconds();
        let set = "SET #type = :type, v = :v, kind = :kind, credential_id = :id, label = :label, \
                   detail = :detail, #window = :window, noticed_at = :at, expires_at = :expires";
        let set = match notice.expires {
            Some(_) => format!("{set}, ends = :ends"),
            None => set.to_owned(),
        };
        let mut update = self
            .update_item(key, set, ABSENT)
            .name("#type", "type")
            .name("#window", "window")
            .value(":type", s("notice"))
            .value(":v", version())
            .value(":kind", s(notice.kind.as_str()))
            .value(":id", s(notice.credential_id.as_str()))
            .value(":label", s(notice.label.as_str()))
            .value(":detail", s(notice.detail.as_str()))
            .value(":window", s(notice.window.as_str()))
            .value(":at", at(notice.noticed_at))
            .value(":expires", n(expires));
        if let Some(ends) = notice.expires {
            update = update.value(":ends", at(ends));
        }
        update.send().await.map(drop)
    }

    /// Notes the credentials of all accounts that end within [`ENDS_SOON`] days, and returns how many there are.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time; another call goes on.
    pub async fn note_expiring(&self, now: Instant) -> Result<usize, StoreError> {
        let mut found = 0;
        for account in self.accounts().await? {
            for credential in self.credentials(&account.id).await? {
                let ends = credential.expires.filter(|ends| *ends > now);
                let Some(ends) = ends.filter(|_| credential.status == Status::Active) else {
                    continue;
                };
                let mut soon = ENDS_SOON.into_iter();
                let Some(days) = soon.find(|days| ends <= now.plus(DAY * *days)) else {
                    continue;
                };
                found += 1;
                let notice = Notice {
                    kind: NoticeKind::CredentialExpiring,
                    credential_id: credential.id.as_str().to_owned(),
                    label: credential.label,
                    detail: match days {
                        1 => "1 day".to_owned(),
                        days => format!("{days} days"),
                    },
                    window: format!("{}#{days}", ends.millis()),
                    expires: Some(ends),
                    noticed_at: now,
                };
                self.notice(&account.id, &notice).await?;
            }
        }
        Ok(found)
    }
}
