//! Which live call a caller's number belongs to (patterns 11 and 13).
//!
//! Each read is one page of at most 4 KB, however many calls to the number are live.

use serde::Deserialize;

use crate::ledger::keys;
use crate::ledger::numbers::owned::OwnerItem;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::{at, instant, read, text};
use crate::ledger::table::query::{Page, RangeQuery};
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::phone::PhoneNumber;
use crate::model::time::Instant;

/// How many live calls a page has at most. Each is below 330 bytes.
const CALLS: usize = 12;

/// How many copies of live calls a page has at most. Each is below 220 bytes.
const COPIES: usize = 16;

/// A live call to a number.
#[derive(Clone, Debug, Deserialize)]
pub struct LiveCall {
    /// The number it is placed from.
    pub calling: PhoneNumber,
    /// Since when.
    #[serde(rename = "started_at")]
    pub started: Instant,
    account_id: AccountId,
    #[serde(default)]
    carrier: bool,
}

/// The live calls between two numbers, of up to 12 accounts.
#[derive(Clone, Debug, Default)]
pub struct LivePair {
    calls: Vec<LiveCall>,
    /// Whether other accounts may have such calls too.
    more: bool,
}

/// Who owns the two numbers of a call.
#[derive(Clone, Debug, Default)]
pub struct Ownership {
    /// The owner of the calling number.
    pub(in crate::ledger) calling: Option<OwnerItem>,
    own_called: bool,
}

impl Ownership {
    /// Whether the called number is registered to the account that asks.
    #[must_use]
    pub fn owns_called(&self) -> bool {
        self.own_called
    }
}

impl LivePair {
    /// Whether one of the calls counts as proof: for a registered number that of its owner or a carrier's,
    /// for any other number each.
    fn proves(&self, owner: Option<&OwnerItem>) -> bool {
        self.calls.iter().any(|call| {
            owner.is_none_or(|owner| call.carrier || call.account_id == owner.account_id)
        })
    }
}

impl Ledger {
    /// The live calls from one number to another, of the first 12 accounts by their ids.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn live_pair(
        &self,
        calling: &PhoneNumber,
        called: &PhoneNumber,
        now: Instant,
    ) -> Result<LivePair, StoreError> {
        let (from, to) = keys::live_calls_from(calling);
        let query = self.query(keys::live_call_partition(called));
        let page = live_page(query.between(from, to).limit(CALLS), now).await?;
        let more = page.last.is_some();
        Ok(LivePair {
            calls: calls_of(page)?,
            more,
        })
    }

    /// Whether a live call proves that the caller is genuine. It reads the owner's own call only if more
    /// than 12 accounts have such calls.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn is_vouched_for(
        &self,
        pair: &LivePair,
        ownership: &Ownership,
        (calling, called): (&PhoneNumber, &PhoneNumber),
        now: Instant,
    ) -> Result<bool, StoreError> {
        let owner = ownership.calling.as_ref();
        if pair.proves(owner) {
            return Ok(true);
        }
        let Some(owner) = owner.filter(|_| pair.more) else {
            return Ok(false);
        };
        let key = keys::live_call(&owner.account_id, calling, called);
        let found = self.get(key).await?;
        let until = found.and_then(|item| instant(&item, "live_until"));
        Ok(until.is_some_and(|until| until > now))
    }

    /// The live calls to a number whose calling number begins or ends as the received digits do, the latest
    /// start first: at most 12 that begin so and 16 that end so.
    ///
    /// `received` has at least 7 digits, and no `+`.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn live_calls_like(
        &self,
        received: &str,
        called: &PhoneNumber,
        now: Instant,
    ) -> Result<Vec<LiveCall>, StoreError> {
        let page = |partition: String, (from, to): (String, String), most| {
            let query = self.query(partition).between(from, to);
            live_page(query.descending().limit(most), now)
        };
        let beginning = keys::live_calls_beginning(received);
        let beginning = page(keys::live_call_partition(called), beginning, CALLS);
        let ending = keys::live_calls_ending(received);
        let ending = page(keys::reversed_live_call_partition(called), ending, COPIES);
        let (beginning, ending) = futures_util::try_join!(beginning, ending)?;
        let mut calls = calls_of(beginning)?;
        calls.extend(calls_of(ending)?);
        calls.sort_by_key(|call| std::cmp::Reverse(call.started));
        Ok(calls)
    }

    /// Who owns the two numbers of a call that reaches `account`.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn ownership(
        &self,
        account: &AccountId,
        calling: Option<&PhoneNumber>,
        called: &PhoneNumber,
    ) -> Result<Ownership, StoreError> {
        let of_called = keys::number_owner(called);
        // A request may name one number twice, and DynamoDB refuses a batch that does.
        let of_calling = calling.filter(|calling| *calling != called);
        let mut wanted = vec![of_called.clone()];
        wanted.extend(of_calling.map(keys::number_owner));
        let mut ownership = Ownership::default();
        for item in self.items(wanted).await? {
            let is_called = text(&item, keys::PK) == Some(of_called.pk.as_str());
            let owner: OwnerItem = read(item)?;
            if is_called {
                ownership.own_called = owner.account_id == *account;
            }
            if !is_called || calling == Some(called) {
                ownership.calling = Some(owner);
            }
        }
        Ok(ownership)
    }
}

async fn live_page(query: RangeQuery, now: Instant) -> Result<Page, StoreError> {
    query
        .filter("live_until > :now")
        .value(":now", at(now))
        .page()
        .await
}

fn calls_of(page: Page) -> Result<Vec<LiveCall>, StoreError> {
    page.items.into_iter().map(read).collect()
}
