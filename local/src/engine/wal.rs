//! The write-ahead log of the database file: whether it still holds what it held when the process ended.
//!
//! A commit is acknowledged when it is in the log, and the log is merged into the database file later. The
//! database reads a log up to its first fault and says nothing of what lies behind, and it takes a missing log
//! for an empty one. Either would start the ledger with less than was acknowledged.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rusqlite::Connection;

use crate::folder;

/// The file that exists while an engine uses the database, and after its process was killed.
const OPEN: &str = "callbook.open";

/// How long to wait for another connection's write lock.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// Sizes of the log's header and of the header before each page, in bytes.
const HEADER: usize = 32;
const FRAME: usize = 24;

/// Says that an engine uses the database, until it is dropped.
#[derive(Debug)]
pub struct OpenMark(PathBuf);

impl OpenMark {
    /// Marks a database as open, after a first write, so that its log is never empty while it is.
    ///
    /// # Errors
    /// Returns an error if the database or the mark cannot be written.
    pub fn set(database: &Path) -> Result<Self> {
        Connection::open(database)
            .and_then(|connection| {
                connection.busy_timeout(LOCK_TIMEOUT)?;
                connection.execute_batch(
                    "CREATE TABLE IF NOT EXISTS callbook_runs (id INTEGER PRIMARY KEY, run INTEGER); \
                     INSERT OR REPLACE INTO callbook_runs VALUES (1, random())",
                )
            })
            .context("cannot write the database")?;
        let mark = mark(database);
        folder::open_append(&mark)?;
        Ok(Self(mark))
    }
}

impl Drop for OpenMark {
    fn drop(&mut self) {
        // One that is left is explained by the next start.
        let _removed = folder::remove_file(&self.0);
    }
}

fn mark(database: &Path) -> PathBuf {
    database.with_file_name(OPEN)
}

/// Checks that the log of a database whose last engine was killed is there and complete.
///
/// # Errors
/// Returns an error that says what is missing and what to do.
pub fn check(database: &Path) -> Result<()> {
    let open = mark(database);
    if !open.exists() {
        return Ok(());
    }
    let log = beside(database, "-wal");
    let bytes = match fs::read(&log) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read the file {}", log.display()));
        }
    };
    let index = fs::read(beside(database, "-shm")).unwrap_or_default();
    let Some(fault) = fault(&bytes, &index) else {
        return Ok(());
    };
    bail!(
        "{} {fault}, so what was recorded last before the previous run was killed is missing; \
         restore the file together with {} from where they came from, or remove {} to start with what is left",
        log.display(),
        database.display(),
        open.display()
    )
}

fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// What is wrong with a log, given its index, or `None`.
///
/// The last frames of a log may be torn by a power cut: they belong to a commit that was not acknowledged. But no
/// commit can be complete behind a torn one.
fn fault(log: &[u8], index: &[u8]) -> Option<String> {
    if log.is_empty() {
        return Some("is missing or empty".to_owned());
    }
    let Some(log) = Log::read(log) else {
        return Some("has a damaged header".to_owned());
    };
    let valid = log.valid();
    if log.commits_from(valid) > 0 {
        return Some(format!("is damaged behind {valid} pages"));
    }
    match indexed(index, log.salts) {
        Some(known) if known > valid => Some(format!("has {valid} of {known} pages")),
        _ => None,
    }
}

/// How many frames the index of a log knows; `None` if it is no index of the log with these salts.
///
/// The index is in the byte order of the machine. It survives a kill, but not a restart of the machine.
fn indexed(index: &[u8], salts: [u32; 2]) -> Option<usize> {
    let word = |at: usize| index.get(at..at + 4)?.try_into().ok();
    let number = |at| word(at).map(u32::from_ne_bytes);
    let salt = |at| word(at).map(u32::from_be_bytes);
    let (first, second) = (salt(32)?, salt(36)?);
    ([first, second] == salts)
        .then(|| number(16))?
        .and_then(|frames| usize::try_from(frames).ok())
}

struct Log<'a> {
    frames: Vec<&'a [u8]>,
    salts: [u32; 2],
    sums: [u32; 2],
    big_endian: bool,
}

impl<'a> Log<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let header = bytes.get(..HEADER)?;
        let magic = big(header, 0)?;
        if magic & !1 != 0x377f_0682 {
            return None;
        }
        let big_endian = magic & 1 == 1;
        let sums = sum(header.get(..24)?, [0, 0], big_endian);
        let page = usize::try_from(big(header, 8)?).ok()?;
        if page == 0 || sums != [big(header, 24)?, big(header, 28)?] {
            return None;
        }
        Some(Self {
            frames: bytes.get(HEADER..)?.chunks_exact(FRAME + page).collect(),
            salts: [big(header, 16)?, big(header, 20)?],
            sums,
            big_endian,
        })
    }

    fn is_current(&self, frame: &[u8]) -> bool {
        [big(frame, 8), big(frame, 12)] == self.salts.map(Some)
    }

    /// The number of frames up to the first fault.
    fn valid(&self) -> usize {
        let mut sums = self.sums;
        let mut valid = 0;
        for frame in &self.frames {
            let (Some(start), Some(page)) = (frame.get(..8), frame.get(FRAME..)) else {
                break;
            };
            sums = sum(page, sum(start, sums, self.big_endian), self.big_endian);
            if !self.is_current(frame) || [big(frame, 16), big(frame, 20)] != sums.map(Some) {
                break;
            }
            valid += 1;
        }
        valid
    }

    /// The number of commits that this log has behind `valid` frames. A log that began anew has older frames
    /// with other salts there.
    fn commits_from(&self, valid: usize) -> usize {
        let rest = self.frames.iter().skip(valid);
        rest.filter(|frame| self.is_current(frame) && big(frame, 4).is_some_and(|size| size > 0))
            .count()
    }
}

fn big(bytes: &[u8], at: usize) -> Option<u32> {
    let word = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(u32::from_be_bytes(word))
}

/// SQLite's checksum of a log, over pairs of words.
fn sum(bytes: &[u8], from: [u32; 2], big_endian: bool) -> [u32; 2] {
    let word = |bytes: &[u8]| {
        let bytes = bytes.try_into().unwrap_or_default();
        match big_endian {
            true => u32::from_be_bytes(bytes),
            false => u32::from_le_bytes(bytes),
        }
    };
    let [mut one, mut two] = from;
    for pair in bytes.chunks_exact(8) {
        let (first, second) = pair.split_at(4);
        one = one.wrapping_add(word(first)).wrapping_add(two);
        two = two.wrapping_add(word(second)).wrapping_add(one);
    }
    [one, two]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with a database whose process was killed after some commits.
    fn killed() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let database = Connection::open(at("live.db")).unwrap();
        database
            .execute_batch("PRAGMA journal_mode=WAL; CREATE TABLE costs (id INTEGER, note TEXT)")
            .unwrap();
        // A log that began anew, with older pages behind its own.
        for n in 0..40 {
            if n == 20 {
                database
                    .query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(()))
                    .unwrap();
            }
            database
                .execute("INSERT INTO costs VALUES (?1, hex(randomblob(300)))", [n])
                .unwrap();
        }
        for ending in ["", "-wal", "-shm"] {
            fs::copy(
                at(&format!("live.db{ending}")),
                at(&format!("callbook.db{ending}")),
            )
            .unwrap();
        }
        fs::write(at(OPEN), "").unwrap();
        folder
    }

    fn checked(folder: &Path, change: impl FnOnce(&Path)) -> Result<()> {
        let database = folder.join("callbook.db");
        change(&beside(&database, "-wal"));
        check(&database)
    }

    #[test]
    fn a_complete_log_passes_and_any_other_is_an_error() {
        let folder = killed();
        checked(folder.path(), |_| {}).unwrap();
        let change = |log: &Path, change: &dyn Fn(&mut Vec<u8>)| {
            let mut bytes = fs::read(log).unwrap();
            change(&mut bytes);
            fs::write(log, bytes).unwrap();
        };
        type Damage = &'static dyn Fn(&mut Vec<u8>);
        let damages: [(&str, Damage); 4] = [
            ("damaged header", &|bytes| bytes[20] ^= 1),
            ("damaged behind", &|bytes| bytes[HEADER + FRAME + 99] ^= 1),
            ("missing or empty", &Vec::clear),
            (" of ", &|bytes| bytes.truncate(HEADER + FRAME + 4096)),
        ];
        for (reason, damage) in damages {
            let folder = killed();
            let error = checked(folder.path(), |log| change(log, damage)).unwrap_err();
            let error = format!("{error:#}");
            assert!(error.contains(reason), "{reason}: {error}");
            assert!(error.contains(OPEN), "it says what to do: {error}");
        }
        let folder = killed();
        let missing = checked(folder.path(), |log| fs::remove_file(log).unwrap());
        assert!(format!("{:#}", missing.unwrap_err()).contains("missing"));
        fs::remove_file(folder.path().join(OPEN)).unwrap();
        checked(folder.path(), |_| {}).unwrap();
    }

    #[test]
    fn a_torn_last_commit_passes_after_a_restart_of_the_machine() {
        let folder = killed();
        let torn = checked(folder.path(), |log| {
            let bytes = fs::read(log).unwrap();
            let log_of = Log::read(&bytes).unwrap();
            let end = HEADER + log_of.valid() * (FRAME + 4096) - 100;
            let mut bytes = bytes.clone();
            // The rest of the last frame was not written.
            bytes.truncate(end);
            fs::write(log, bytes).unwrap();
            fs::remove_file(log.with_file_name("callbook.db-shm")).unwrap();
        });
        torn.unwrap();
    }
}
