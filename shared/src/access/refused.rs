//! Notes refused requests for the people of the account (pattern 84 of the ledger's keys).
//!
//! Only a request whose secret was right has an account. A flood of junk costs a bounded number of writes: requests
//! that are refused in the same way are added up in the process and written at most once in [`PAUSE`], a request
//! writes one entry at most, and a credential that is refused in more than [`WAYS`] ways within an hour has one
//! entry for all others.
//!
//! What was added up and not written yet is written with a later refused request. It is lost if the process ends
//! before one, so the counts are the least that there were.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::model::account::AccountId;
use crate::model::id::CredentialId;
use crate::model::refused_request::RefusedRequest;
use crate::model::time::Instant;

/// The least time between two writes of one entry by a process.
const PAUSE: Duration = Duration::from_secs(10);

/// The most ways of being refused that a process tells apart for a credential within an hour.
const WAYS: usize = 20;

/// The most entries that a process adds up.
const MOST: usize = 1_000;

/// What tells an entry from others: account, credential, hour and signature.
type Key = (AccountId, CredentialId, i64, String);

/// The refused requests that a process adds up.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<HashMap<Key, Tally>>);

/// One entry, as far as this process has counted.
#[derive(Debug)]
struct Tally {
    /// What was not written yet. Its count is 0 if everything was.
    pending: RefusedRequest,
    /// When it was written last.
    written: Option<Instant>,
}

impl Tally {
    fn is_due(&self, now: Instant) -> bool {
        let written = self.written;
        self.pending.count > 0 && written.is_none_or(|written| written.plus(PAUSE) <= now)
    }
}

impl Refusals {
    /// Adds a refused request, and returns the entry that is to be written now, if one is: its own, or else the one
    /// that has waited longest.
    pub(super) fn add(
        &self,
        account: &AccountId,
        refused: RefusedRequest,
        now: Instant,
    ) -> Option<(AccountId, RefusedRequest)> {
        let mut tallies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let hour = hour_of(now);
        if tallies.len() >= MOST {
            // What was written, or belongs to an hour long ago, can go.
            tallies.retain(|(_, _, of, _), tally| *of == hour && tally.pending.count > 0);
        }
        let key = |refused: &RefusedRequest| {
            let credential = refused.credential_id.clone();
            (account.clone(), credential, hour, refused.signature())
        };
        let (mut own, mut refused) = (key(&refused), refused);
        if !tallies.contains_key(&own) {
            let ways = tallies.keys().filter(|(of, credential, in_hour, _)| {
                (of, credential, in_hour) == (&own.0, &own.1, &own.2)
            });
            if ways.count() >= WAYS {
                refused = refused.among_others(WAYS);
                own = key(&refused);
            }
        }
        if tallies.len() < MOST || tallies.contains_key(&own) {
            let tally = tallies.entry(own.clone()).or_insert_with(|| Tally {
                pending: RefusedRequest {
                    count: 0,
                    ..refused.clone()
                },
                written: None,
            });
            let (count, first_at) = match tally.pending.count {
                0 => (0, refused.first_at),
                count => (count, tally.pending.first_at),
            };
            tally.pending = RefusedRequest {
                count: count.saturating_add(1),
                first_at,
                ..refused
            };
        }
        let due = |(_, tally): &(&Key, &Tally)| tally.is_due(now);
        let is_own = tallies.get(&own).is_some_and(|tally| tally.is_due(now));
        let next = match is_own {
            true => own,
            false => {
                let waits = tallies.iter().filter(due);
                let longest = waits.min_by_key(|(_, tally)| tally.pending.last_at)?;
                longest.0.clone()
            }
        };
        let tally = tallies.get_mut(&next)?;
        let pending = tally.pending.clone();
        tally.pending.count = 0;
        tally.written = Some(now);
        Some((next.0, pending))
    }
}

fn hour_of(moment: Instant) -> i64 {
    moment.seconds().div_euclid(3_600)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_795_253_400_000;

    fn account() -> AccountId {
        AccountId::parse("12345678").unwrap()
    }

    fn refused(error: &str, second: i64) -> RefusedRequest {
        let moment = Instant::from_millis(START + second * 1_000);
        RefusedRequest {
            credential_id: CredentialId::parse("cred_0123456789abcdef").unwrap(),
            label: String::new(),
            vendor_id: None,
            dialect: "tld".to_owned(),
            function: "inbound-billable".to_owned(),
            method: "POST".to_owned(),
            route: "/api/ingress/calls/inbound/billable".to_owned(),
            status: 400,
            error: error.to_owned(),
            error_code: None,
            fields: Vec::new(),
            reason: error.to_owned(),
            guid: format!("{error} {second}"),
            count: 1,
            first_at: moment,
            last_at: moment,
        }
    }

    /// What is written for a request, as error, count, and the seconds of the first and the last.
    fn add(refusals: &Refusals, error: &str, second: i64) -> Option<(String, u64, i64, i64)> {
        let refused = refused(error, second);
        let now = refused.last_at;
        let (_, entry) = refusals.add(&account(), refused, now)?;
        let second = |moment: Instant| (moment.millis() - START) / 1_000;
        let (first, last) = (second(entry.first_at), second(entry.last_at));
        Some((entry.error, entry.count, first, last))
    }

    fn written(error: &str, count: u64, first: i64, last: i64) -> Option<(String, u64, i64, i64)> {
        Some((error.to_owned(), count, first, last))
    }

    #[test]
    fn the_same_refusal_is_written_once_in_ten_seconds_with_all_that_were_added_up() {
        let refusals = Refusals::default();
        assert_eq!(add(&refusals, "a", 0), written("a", 1, 0, 0));
        for second in 1..10 {
            assert_eq!(add(&refusals, "a", second), None);
        }
        assert_eq!(add(&refusals, "a", 10), written("a", 10, 1, 10));
        assert_eq!(add(&refusals, "a", 19), None);
        assert_eq!(add(&refusals, "a", 40), written("a", 2, 19, 40));
    }

    #[test]
    fn a_request_writes_one_entry_and_what_has_waited_longest_follows() {
        let refusals = Refusals::default();
        for error in ["a", "b", "c"] {
            assert_eq!(add(&refusals, error, 0), written(error, 1, 0, 0));
        }
        for (error, second) in [("b", 1), ("a", 2)] {
            assert_eq!(add(&refusals, error, second), None);
        }
        assert_eq!(add(&refusals, "c", 12), written("c", 1, 12, 12));
        assert_eq!(add(&refusals, "c", 13), written("b", 1, 1, 1));
        assert_eq!(add(&refusals, "c", 14), written("a", 1, 2, 2));
        assert_eq!(add(&refusals, "c", 15), None);
        assert_eq!(add(&refusals, "c", 22), written("c", 4, 13, 22));
    }

    #[test]
    fn a_credential_has_one_entry_for_whatever_exceeds_twenty_ways() {
        let refusals = Refusals::default();
        for way in 0..WAYS {
            let error = way.to_string();
            assert_eq!(add(&refusals, &error, 0), written(&error, 1, 0, 0));
        }
        assert_eq!(add(&refusals, "more", 0), written("others", 1, 0, 0));
        for way in 0..500 {
            assert_eq!(add(&refusals, &format!("more {way}"), 1), None);
        }
        assert_eq!(
            add(&refusals, "one more", 10),
            written("others", 501, 1, 10)
        );
        assert_eq!(add(&refusals, "0", 10), written("0", 1, 10, 10));
        let other = RefusedRequest {
            credential_id: CredentialId::parse("cred_00000000000000ff").unwrap(),
            ..refused("new", 1)
        };
        let now = other.last_at;
        let (_, entry) = refusals.add(&account(), other, now).unwrap();
        assert_eq!(entry.error, "new", "of another credential");
    }

    #[test]
    fn an_hour_has_entries_of_its_own_and_memory_has_an_end() {
        let refusals = Refusals::default();
        assert_eq!(add(&refusals, "a", 0), written("a", 1, 0, 0));
        assert_eq!(add(&refusals, "a", 5), None);
        let later = 3_600;
        assert_eq!(add(&refusals, "a", later), written("a", 1, later, later));
        assert_eq!(add(&refusals, "a", later + 1), written("a", 1, 5, 5));
        for hour in 2..200 {
            for way in 0..WAYS {
                add(&refusals, &way.to_string(), hour * 3_600);
            }
        }
        assert!(refusals.0.lock().unwrap().len() <= MOST);
    }
}
