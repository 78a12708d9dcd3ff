//! Secrets that are brought along: read from a file, and checked.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use callbook::ids;
use callbook::ledger::Ledger;
use callbook::model::credential::{ChosenSecret, Credential, CredentialKind, Salt};

use super::view::NO_ENTROPY;

/// The longest file, in bytes: much longer than any secret.
const LONGEST_FILE: u64 = 64 * 1_024;

/// Reads a secret for a credential of the kind from a file, or from the standard input for `-`. A line break at
/// the end is no part of it.
///
/// # Errors
/// Returns an error if the file cannot be read, or if the secret is weak, too long, or cannot be sent. The error
/// does not quote it.
pub fn read(source: &Path, kind: CredentialKind, name: Option<&str>) -> Result<ChosenSecret> {
    let (bytes, place) = if source == Path::new("-") {
        let bytes = limited(io::stdin().lock()).context("cannot read the standard input")?;
        (bytes, "the standard input".to_owned())
    } else {
        let place = source.display().to_string();
        let bytes = File::open(source).and_then(limited);
        (
            bytes.with_context(|| format!("cannot read {place}"))?,
            place,
        )
    };
    let text = String::from_utf8(bytes);
    let text = text.ok().with_context(|| {
        format!("the secret in {place} is not text in UTF-8; give the secret alone, on one line")
    })?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    ChosenSecret::parse(kind, name, line).with_context(|| format!("{place} cannot be used"))
}

fn limited(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(LONGEST_FILE).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Checks that no credential whose secret was generated has the same key or token.
///
/// # Errors
/// Returns an error if there is one, or DynamoDB does not answer in time.
pub async fn check_unused(
    ledger: &Ledger,
    kind: CredentialKind,
    name: &str,
    secret: &ChosenSecret,
) -> Result<()> {
    if let Some(fast_name) = kind.fast_name(name, secret.reveal()) {
        let found = ledger.credential(kind, &fast_name).await?;
        ensure!(found.is_none(), taken(kind));
    }
    Ok(())
}

/// Says that a key or a token has a credential already.
#[must_use]
pub fn taken(kind: CredentialKind) -> String {
    let what = match kind {
        CredentialKind::Fonedynamics => "token",
        _ => "key",
    };
    format!(
        "this {what} is taken; a {what} is never reused, not even after its credential was revoked"
    )
}

/// Returns the salt for a secret that is to be good beside the one of now: that one's, if it has any.
///
/// # Errors
/// Returns an error if the system's random number generator fails.
pub fn salt_beside(credential: &Credential) -> Result<Salt> {
    match credential.salt() {
        Salt::DECOY => ids::salt().context(NO_ENTROPY),
        salt => Ok(salt),
    }
}
