//! The data folder: who may read it, and what lies in it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use callbook::ids;
use callbook::request::page_token::PageKey;
use directories::ProjectDirs;

/// The log of requests, one JSON line each.
pub const REQUESTS: &str = "requests.log";

/// The demo accounts and their secrets.
pub const DEMO: &str = "demo.json";

/// `chosen` as an absolute path, else the platform's folder for the data of this program.
///
/// # Errors
/// The platform has no such folder for this user, or there is no current folder.
pub fn data(chosen: Option<PathBuf>) -> Result<PathBuf> {
    match chosen {
        Some(folder) => Ok(std::path::absolute(folder)?),
        None => Ok(ProjectDirs::from("", "", "callbook")
            .context("this user has no data folder; choose one with --data")?
            .data_local_dir()
            .to_owned()),
    }
}

/// Makes a folder, and those above it, that only its owner can enter; one that exists stays as it is.
///
/// # Errors
/// Names the folder that cannot be made.
pub fn make(folder: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .with_context(|| format!("the folder {} cannot be made", folder.display()))
}

/// Opens a file for appending, making it where it is missing; nobody but its owner can read it from then
/// on, if others could before.
///
/// # Errors
/// Names the file that cannot be written.
pub fn append(path: &Path) -> Result<File> {
    private(OpenOptions::new().create(true).append(true))
        .open(path)
        .and_then(|file| close_to_others(&file).map(|()| file))
        .with_context(|| format!("the file {} cannot be written", path.display()))
}

/// Makes a file that nobody but its owner can read.
///
/// # Errors
/// There is one already, or it cannot be made.
pub fn create(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().create_new(true).write(true)).open(path)
}

/// Replaces a file by one that nobody but its owner can read; a reader finds the old one or the whole
/// new one.
///
/// # Errors
/// Names the file that cannot be written.
pub fn replace(path: &Path, contents: &[u8]) -> Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let new = PathBuf::from(name);
    let write = || -> io::Result<()> {
        remove(&new)?;
        let mut file = create(&new)?;
        file.write_all(contents)?;
        file.sync_all()?;
        fs::rename(&new, path)
    };
    write().with_context(|| format!("the file {} cannot be written", path.display()))
}

/// What a folder's page tokens are signed with, made with the first run, so that a token outlives a
/// restart: the key, and the text that it is made of.
///
/// # Errors
/// The key can be neither read nor made.
pub fn page_key(folder: &Path) -> Result<(PageKey, String)> {
    let path = folder.join("page-token.key");
    let secret = match fs::read_to_string(&path) {
        Ok(secret) => secret.trim().to_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let secret = ids::secret().context("this machine has no entropy for a secret")?;
            replace(&path, secret.as_bytes())?;
            secret
        }
        Err(error) => {
            return Err(error).with_context(|| format!("{} cannot be read", path.display()));
        }
    };
    let key = PageKey::new(&secret)
        .with_context(|| format!("{} is too short; remove it for a new one", path.display()))?;
    Ok((key, secret))
}

/// Removes a file that may not be there.
///
/// # Errors
/// It is there and stays there.
pub fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Takes away what another umask gave to others; a file of somebody else's stays as its owner wants it.
#[cfg(unix)]
fn close_to_others(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let found = file.metadata()?;
    let mut permissions = found.permissions();
    let mode = permissions.mode();
    // A device that somebody named is everybody's.
    if !found.is_file() || mode & 0o077 == 0 {
        return Ok(());
    }
    permissions.set_mode(mode & 0o700);
    match file.set_permissions(permissions) {
        Err(error) if error.kind() != io::ErrorKind::PermissionDenied => Err(error),
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn close_to_others(_file: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn what_is_written_is_its_owners_alone_even_over_a_file_that_was_not() {
        use std::os::unix::fs::PermissionsExt;
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("data");
        make(&folder).unwrap();
        let path = folder.join("secrets.json");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        replace(&path, b"new").unwrap();
        let log = folder.join("log");
        fs::write(&log, "").unwrap();
        fs::set_permissions(&log, fs::Permissions::from_mode(0o644)).unwrap();
        append(&log).unwrap();
        for (name, mode) in [("", 0o700), ("secrets.json", 0o600), ("log", 0o600)] {
            let found = fs::metadata(folder.join(name))
                .unwrap()
                .permissions()
                .mode()
                & 0o777;
            assert_eq!(found, mode, "{name}");
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    }
}
