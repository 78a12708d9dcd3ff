//! The access key of an engine: who has it may read and write the whole ledger.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use aws_sdk_dynamodb::config::Credentials;
use callbook::ids;

use crate::folder;

/// The file of a data folder's access key. It is a profile file, which AWS tools can read.
const FILE: &str = "engine.credentials";

const ID: &str = "aws_access_key_id";
const SECRET: &str = "aws_secret_access_key";

/// The access key that the clients of one engine sign their requests with.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKey {
    id: String,
    secret: String,
}

impl AccessKey {
    /// Makes a new key with a secret of 256 random bits.
    ///
    /// # Errors
    /// Returns an error if the system has no entropy.
    pub fn generate() -> Result<Self> {
        Ok(Self {
            id: ids::credential_name(),
            secret: ids::secret()
                .context("cannot generate a secret: the system's random number generator failed")?,
        })
    }

    /// A key that was printed, such as one that a client exports.
    #[must_use]
    pub fn new(id: &str, secret: &str) -> Self {
        Self {
            id: id.to_owned(),
            secret: secret.to_owned(),
        }
    }

    /// Returns the key of a data folder, and creates it in the first run.
    ///
    /// Only the owner can read its file, even if others could before. Later runs read it, so that terminals
    /// which have the key may go on after a restart.
    ///
    /// # Errors
    /// Returns an error that names the file if it cannot be read or written, or holds no key.
    pub fn of_folder(data: &Path) -> Result<Self> {
        if let Some(key) = Self::read(data)? {
            let _restricted = folder::open_append(&Self::file(data))?;
            return Ok(key);
        }
        let key = Self::generate()?;
        folder::replace(&Self::file(data), key.to_profile().as_bytes())?;
        Ok(key)
    }

    /// Returns the key of a data folder, or `None` if no engine has used the folder yet.
    ///
    /// # Errors
    /// Returns an error that names the file if it cannot be read or holds no key.
    pub fn read(data: &Path) -> Result<Option<Self>> {
        let file = Self::file(data);
        match fs::read_to_string(&file) {
            Ok(text) => Self::of_profile(&text).map(Some).with_context(|| {
                format!(
                    "the file {} holds no access key; remove it to generate a new one",
                    file.display()
                )
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => {
                Err(error).with_context(|| format!("cannot read the file {}", file.display()))
            }
        }
    }

    fn file(data: &Path) -> PathBuf {
        data.join(FILE)
    }

    fn to_profile(&self) -> String {
        let Self { id, secret } = self;
        format!("[default]\n{ID} = {id}\n{SECRET} = {secret}\n")
    }

    fn of_profile(text: &str) -> Option<Self> {
        let value = |name: &str| {
            let mut pairs = text.lines().filter_map(|line| line.split_once('='));
            let found = pairs.find(|(found, _)| found.trim() == name);
            found.map(|(_, value)| value.trim().to_owned())
        };
        let key = Self {
            id: value(ID)?,
            secret: value(SECRET)?,
        };
        (!key.id.is_empty() && key.secret.len() >= 32).then_some(key)
    }

    /// The public half.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The secret half.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// The key as the SDK takes it.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        Credentials::new(&self.id, &self.secret, None, None, "embedded engine")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_a_folder_stays_and_its_file_is_the_owners() {
        let folder = tempfile::tempdir().unwrap();
        assert!(AccessKey::read(folder.path()).unwrap().is_none());
        let first = AccessKey::of_folder(folder.path()).unwrap();
        let file = folder.path().join(FILE);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |file: &Path| fs::metadata(file).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&file), 0o600);
            fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
            assert!(AccessKey::of_folder(folder.path()).unwrap() == first);
            assert_eq!(mode(&file), 0o600, "others could read it");
        }
        assert!(AccessKey::read(folder.path()).unwrap() == Some(first.clone()));
        fs::write(&file, "[default]\n").unwrap();
        let error = AccessKey::of_folder(folder.path()).err().unwrap();
        assert!(format!("{error:#}").contains(FILE), "{error:#}");
        assert!(AccessKey::generate().unwrap() != first);
    }
}
