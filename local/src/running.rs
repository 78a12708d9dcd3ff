//! Which `callbook local` and `callbook database` run on this machine, so that other terminals find them.
//!
//! Each writes a file into a folder of its user and removes it at its end. The file holds the engine's access key,
//! and only the user can read it. A file that a killed process left is removed by the next one that looks.

use std::fs;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::engine::AccessKey;
use crate::folder;

/// The folder of the files, in the platform's data folder.
const FOLDER: &str = "running";

/// How long an engine of this machine may take to accept a connection.
const PATIENCE: Duration = Duration::from_secs(2);

/// A running engine, and what is served in front of it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Running {
    /// The URL of the engine.
    pub endpoint: String,
    /// The engine's table.
    pub table: String,
    key_id: String,
    key_secret: String,
    /// The URL of the endpoints, if they are served.
    pub base_url: Option<String>,
    /// The folder of its request log, if there is one.
    pub folder: Option<PathBuf>,
    /// Whether its data are in the platform's data folder.
    pub is_default: bool,
    /// The demo credentials, as `--credentials` writes them.
    #[serde(default)]
    pub demo: Value,
}

/// The file of a running engine, which is removed when this is dropped.
#[derive(Debug)]
pub struct Announcement(PathBuf);

impl Drop for Announcement {
    fn drop(&mut self) {
        // Another process removes it if this one cannot.
        let _removed = folder::remove_file(&self.0);
    }
}

impl Running {
    /// Describes an engine without anything in front of it.
    #[must_use]
    pub fn engine(endpoint: String, table: &str, key: &AccessKey) -> Self {
        Self {
            endpoint,
            table: table.to_owned(),
            key_id: key.id().to_owned(),
            key_secret: key.secret().to_owned(),
            base_url: None,
            folder: None,
            is_default: false,
            demo: Value::Null,
        }
    }

    /// Returns the engine's access key.
    #[must_use]
    pub fn key(&self) -> AccessKey {
        AccessKey::new(&self.key_id, &self.key_secret)
    }

    /// Writes the file by which other terminals of this user find the engine.
    ///
    /// # Errors
    /// Returns an error if the platform defines no data folder, or the file cannot be written.
    pub fn announce(&self) -> Result<Announcement> {
        let folder = folder()?;
        folder::create(&folder)?;
        let port = self.address().context("an engine has an address")?.port();
        let file = folder.join(format!("{port}.json"));
        folder::replace(&file, &serde_json::to_vec_pretty(self)?)?;
        Ok(Announcement(file))
    }

    /// Returns every engine of this user that accepts connections, the one in the default folder first.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let Some(files) = folder().ok().and_then(|folder| fs::read_dir(folder).ok()) else {
            return Vec::new();
        };
        let mut running = Vec::new();
        for file in files.flatten().map(|file| file.path()) {
            if file.extension().is_none_or(|ending| ending != "json") {
                continue;
            }
            let text = fs::read(&file).unwrap_or_default();
            let Ok(engine) = serde_json::from_slice::<Self>(&text) else {
                continue;
            };
            match engine.connect() {
                Ok(_) => running.push(engine),
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                    // Its process was killed.
                    let _removed = folder::remove_file(&file);
                }
                Err(_) => {}
            }
        }
        running.sort_by_key(|engine| (!engine.is_default, engine.endpoint.clone()));
        running
    }

    /// Says which one it is.
    #[must_use]
    pub fn shown(&self) -> String {
        let data = match &self.folder {
            Some(folder) if !self.is_default => format!(", {}", folder.display()),
            _ => String::new(),
        };
        match &self.base_url {
            Some(url) => format!("callbook local, {url}{data}"),
            None => format!("callbook database, {}{data}", self.endpoint),
        }
    }

    fn address(&self) -> Option<SocketAddr> {
        let address: SocketAddr = self.endpoint.strip_prefix("http://")?.parse().ok()?;
        // A file may say anything; only this machine is asked.
        matches!(address.ip(), IpAddr::V4(ip) if ip.is_loopback()).then_some(address)
    }

    fn connect(&self) -> io::Result<TcpStream> {
        let address = self.address().ok_or(ErrorKind::InvalidData)?;
        TcpStream::connect_timeout(&address, PATIENCE)
    }
}

fn folder() -> Result<PathBuf> {
    Ok(folder::data_folder(None)?.join(FOLDER))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(endpoint: &str) -> Running {
        let key = AccessKey::new("id", "secret");
        Running::engine(endpoint.to_owned(), "callbook", &key)
    }

    #[test]
    fn only_this_machine_is_asked() {
        assert!(running("http://127.0.0.1:7300").address().is_some());
        for endpoint in [
            "http://192.0.2.1:7300",
            "https://127.0.0.1:7300",
            "http://example.com:80",
            "127.0.0.1:7300",
        ] {
            assert!(running(endpoint).address().is_none(), "{endpoint}");
        }
    }
}
