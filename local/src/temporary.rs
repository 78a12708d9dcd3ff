//! The folder of a run that keeps nothing, and the folders that runs before it left behind.
//!
//! A run that is killed cannot remove its folder. Each run holds a lock in its folder, which the operating
//! system releases however the process ends, so the next run knows which folders nobody uses and removes them.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use callbook::ids;

use crate::folder;

/// What the names of these folders begin with; a guid follows.
const PREFIX: &str = "callbook-";

/// The file in each that its run holds a lock on.
const LOCK: &str = "run.lock";

/// A folder with a name of its own among the system's temporary files.
#[derive(Debug)]
pub struct TemporaryFolder {
    path: PathBuf,
    _lock: File,
}

impl TemporaryFolder {
    /// Creates a folder that only its owner can read, and removes those of killed runs of the same user.
    ///
    /// # Errors
    /// Returns an error that names the folder if it cannot be created. A folder of another run that cannot be
    /// removed is left.
    pub fn create() -> Result<Self> {
        Self::create_in(&std::env::temp_dir())
    }

    fn create_in(parent: &Path) -> Result<Self> {
        let folder = loop {
            let path = parent.join(format!("{PREFIX}{}", ids::guid()));
            folder::create(&path)?;
            let lock = folder::open_append(&path.join(LOCK))?;
            lock.lock()
                .with_context(|| format!("cannot lock the folder {}", path.display()))?;
            // Another run may have taken it for a killed run's before it was locked.
            if path.join(LOCK).exists() {
                break Self { path, _lock: lock };
            }
        };
        folder.remove_abandoned(parent);
        Ok(folder)
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Removes the folder with all that is in it.
    ///
    /// # Errors
    /// Returns an error if it cannot be removed.
    pub fn remove(self) -> Result<()> {
        fs::remove_dir_all(&self.path)
            .with_context(|| format!("cannot remove the folder {}", self.path.display()))
    }

    fn remove_abandoned(&self, parent: &Path) {
        let Ok(entries) = fs::read_dir(parent) else {
            return;
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path != self.path && is_named_so(&path) && self.has_the_owner_of(&path) {
                remove_if_abandoned(&path);
            }
        }
    }

    /// Whether `path` is a folder, and no link to one, of the same user.
    fn has_the_owner_of(&self, path: &Path) -> bool {
        let (Ok(own), Ok(other)) = (fs::metadata(&self.path), fs::symlink_metadata(path)) else {
            return false;
        };
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            other.is_dir() && own.uid() == other.uid()
        }
        #[cfg(not(unix))]
        {
            own.is_dir() && other.is_dir()
        }
    }
}

fn is_named_so(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    // A guid has 36 characters.
    name.and_then(|name| name.strip_prefix(PREFIX))
        .is_some_and(|guid| guid.len() == 36)
}

/// Removes a folder whose lock nobody holds. The lock is held meanwhile, so that a run that has just created
/// the folder waits, and finds it gone.
fn remove_if_abandoned(path: &Path) {
    let Ok(lock) = File::open(path.join(LOCK)) else {
        return;
    };
    match lock.try_lock() {
        // One that cannot be removed is tried again by the next run.
        Ok(()) => drop(fs::remove_dir_all(path)),
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_a_killed_run_is_removed_by_the_next_and_no_other_is() {
        let parent = tempfile::tempdir().unwrap();
        let killed = TemporaryFolder::create_in(parent.path()).unwrap();
        let running = TemporaryFolder::create_in(parent.path()).unwrap();
        let foreign = parent.path().join("callbook-notes");
        fs::create_dir(&foreign).unwrap();
        fs::write(foreign.join(LOCK), "").unwrap();
        assert!(killed.path().exists(), "it runs");
        let left = killed.path().to_owned();
        fs::write(left.join(folder::REQUESTS), "{}").unwrap();
        // Dropping the lock is what the end of a process does.
        drop(killed);
        let next = TemporaryFolder::create_in(parent.path()).unwrap();
        assert!(!left.exists());
        assert!(running.path().exists() && next.path().exists() && foreign.exists());
        let path = running.path().to_owned();
        running.remove().unwrap();
        assert!(!path.exists());
    }
}
