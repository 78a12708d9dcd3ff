//! `callbook export all` and `callbook restore`: a whole ledger as files, and back.

pub mod export;
mod manifest;
pub mod restore;

/// What the files have, and what to know of it.
const NOTES: [&str; 5] = [
    "secrets of credentials are in the files as hashes; clients go on with the secrets that they have",
    "secrets that sign webhooks are in the files as they are: keep the files as you keep the table",
    "times of expiry are kept, and what is over is left out",
    "marks of how far the table's own stream is followed are left out",
    "log lines, and events and deliveries of more than 30 days ago, are in no table",
];
