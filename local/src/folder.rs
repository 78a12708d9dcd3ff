//! The data folder: its location, its files, and their permissions.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use callbook::ids;
use callbook::request::page_token::PageKey;
use directories::ProjectDirs;

/// The request log: one line of JSON for each request.
pub const REQUESTS: &str = "requests.log";

/// The demo account and its secrets.
pub const DEMO: &str = "demo.json";

/// Returns `chosen` as an absolute path, or the platform's data folder for this program.
///
/// # Errors
/// Returns an error if the platform defines no data folder for this user, or if `chosen` is relative and the
/// current folder is unknown.
pub fn data_folder(chosen: Option<PathBuf>) -> Result<PathBuf> {
    match chosen {
        Some(folder) => Ok(std::path::absolute(folder)?),
        None => Ok(ProjectDirs::from("", "", "callbook")
            .context("the platform defines no data folder for this user; choose one with --data")?
            .data_local_dir()
            .to_owned()),
    }
}

/// Creates a folder and its missing parents, accessible only to the owner.
///
/// A folder that exists keeps its permissions.
///
/// # Errors
/// Returns an error that names the folder if it cannot be created.
pub fn create(folder: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .with_context(|| format!("cannot create the folder {}", folder.display()))
}

/// Opens a file for appending and creates it if it is missing.
///
/// Afterwards only the owner can read the file, even if others could before.
///
/// # Errors
/// Returns an error that names the file if it cannot be written.
pub fn open_append(path: &Path) -> Result<File> {
    owner_only(OpenOptions::new().create(true).append(true))
        .open(path)
        .and_then(|file| restrict_to_owner(&file).map(|()| file))
        .with_context(|| format!("cannot write the file {}", path.display()))
}

/// Creates a file that only its owner can read.
///
/// # Errors
/// Returns an error if the file exists already or cannot be created.
pub fn create_file(path: &Path) -> io::Result<File> {
    owner_only(OpenOptions::new().create_new(true).write(true)).open(path)
}

/// Replaces a file atomically with one that only its owner can read.
///
/// A reader sees either the old contents or all of the new ones.
///
/// # Errors
/// Returns an error that names the file if it cannot be written.
pub fn replace(path: &Path, contents: &[u8]) -> Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let new = PathBuf::from(name);
    let write = || -> io::Result<()> {
        remove_file(&new)?;
        let mut file = create_file(&new)?;
        file.write_all(contents)?;
        file.sync_all()?;
        fs::rename(&new, path)
    };
    write().with_context(|| format!("cannot write the file {}", path.display()))
}

/// Returns the key that signs the folder's page tokens, and the secret it is derived from.
///
/// The first run creates the secret. Later runs read it, so that a page token outlives a restart.
///
/// # Errors
/// Returns an error if the secret cannot be read, is too short, or cannot be created.
pub fn page_key(folder: &Path) -> Result<(PageKey, String)> {
    let path = folder.join("page-token.key");
    let secret = match fs::read_to_string(&path) {
        Ok(secret) => secret.trim().to_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let secret = ids::secret()
                .context("cannot generate a secret: the system's random number generator failed")?;
            replace(&path, secret.as_bytes())?;
            secret
        }
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read the file {}", path.display()));
        }
    };
    let key = PageKey::new(&secret).with_context(|| {
        format!(
            "the secret in {} is too short; remove the file to generate a new one",
            path.display()
        )
    })?;
    Ok((key, secret))
}

/// Removes a file; succeeds if it does not exist.
///
/// # Errors
/// Returns an error if the file exists and cannot be removed.
pub fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Removes the permissions that another umask gave to group and others.
///
/// A file of another owner keeps its permissions.
#[cfg(unix)]
fn restrict_to_owner(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let found = file.metadata()?;
    let mut permissions = found.permissions();
    let mode = permissions.mode();
    // A device, such as /dev/stdout, keeps its permissions.
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
fn restrict_to_owner(_file: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn files_are_readable_only_by_their_owner_even_if_they_existed_before() {
        use std::os::unix::fs::PermissionsExt;
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("data");
        create(&folder).unwrap();
        let path = folder.join("secrets.json");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        replace(&path, b"new").unwrap();
        let log = folder.join("log");
        fs::write(&log, "").unwrap();
        fs::set_permissions(&log, fs::Permissions::from_mode(0o644)).unwrap();
        open_append(&log).unwrap();
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
