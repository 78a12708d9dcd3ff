//! The digest by which the version before knew a row of an import again.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::ledger::table::item::Item;

/// The attributes of a call that a row of an import could give it. Later requests could overwrite all of
/// them but the id.
pub(super) const DETAILS: [&str; 6] = [
    "ended_at",
    "duration_seconds",
    "disposition",
    "cost",
    "date_billed",
    "notes",
];

/// Which of [`DETAILS`] an imported call still has as its row gave them, by the digest of the row: of all
/// subsets with that digest, the largest. `None` if there is none, because a detail of the row was
/// overwritten.
pub(super) fn details_of_row(call: &Item, digest: &str) -> Option<Vec<&'static str>> {
    let present: Vec<&'static str> = DETAILS
        .into_iter()
        .filter(|name| call.contains_key(*name))
        .collect();
    let subsets = 1_u32.checked_shl(u32::try_from(present.len()).ok()?)?;
    // The largest number has all of them.
    (0..subsets).rev().find_map(|subset| {
        let kept: Vec<&'static str> = present
            .iter()
            .enumerate()
            .filter(|(at, _)| subset >> at & 1 == 1)
            .map(|(_, name)| *name)
            .collect();
        (digest_of(call, &kept) == digest).then_some(kept)
    })
}

fn digest_of(call: &Item, kept: &[&str]) -> String {
    let values: BTreeMap<&str, &str> = kept
        .iter()
        .chain(&["external_id"])
        .filter_map(|name| {
            let value = call.get(*name)?;
            let value = value.as_s().or_else(|_| value.as_n()).ok()?;
            Some((*name, value.as_str()))
        })
        .collect();
    let mut hash = Sha256::new();
    for (name, value) in values {
        hash.update(format!("{name}:{}:{value};", value.len()));
    }
    let half: Vec<u8> = hash.finalize().into_iter().take(16).collect();
    hex::encode(half)
}
