//! The embedded DynamoDB engine: the wire protocol over a file or over memory, on the loopback interface.
//!
//! The engine keeps a write-ahead log and synchronises it with every commit, so what was answered is
//! there after a kill or a power cut. It never expires an item by itself: see [`Engine::sweep_hourly`].

mod file;
mod items;
mod stream;

use std::collections::HashMap;
use std::fmt;
use std::fs::{File, TryLockError};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryPartition;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{Credentials, Region};
use aws_sdk_dynamodb::types::AttributeValue;
use callbook::ids;
use callbook::ledger::Ledger;
use dynoxide::Database;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::folder;

/// The table's name wherever the engine is ours.
pub const TABLE: &str = "callbook";

/// The engine takes any credentials; a client must have some all the same.
pub const ANY_CREDENTIAL: &str = "local";

/// The engine has no regions; a client must name one all the same.
pub const ANY_REGION: &str = "us-east-1";

const SWEEP: Duration = Duration::from_secs(3600);

/// How long a client waits for an engine on this machine. It is as slow as the machine is busy, and giving
/// up early would only make a busy machine look like a broken store.
const CLIENT_PATIENCE: Duration = Duration::from_secs(60);

/// How long a client that has sent half a request may hold up the end.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where the engine keeps what it is told.
#[derive(Clone, Debug)]
pub enum Storage {
    /// Nowhere: it is gone with the engine.
    Memory,
    /// In this folder, which is made where it is missing and is one engine's at a time.
    Folder(PathBuf),
}

/// Why an engine of this process does not serve, which nothing about AWS can mend.
#[derive(Debug)]
pub struct Trouble(String);

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A running engine.
pub struct Engine {
    address: SocketAddr,
    database: Database,
    /// The database, where it is a file.
    file: Option<PathBuf>,
    stop: oneshot::Sender<()>,
    server: JoinHandle<Result<(), String>>,
    sweeper: Option<JoinHandle<()>>,
    /// Released by the operating system, however the process ends.
    _lock: Option<File>,
}

impl Engine {
    /// Starts the engine on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// The folder cannot be written, or another process uses it.
    pub async fn start(storage: Storage) -> Result<Self> {
        Self::start_on(storage, 0).await
    }

    /// Starts the engine on a port of 127.0.0.1; 0 is a free one.
    ///
    /// # Errors
    /// As [`Engine::start`], or the port is taken.
    pub async fn start_on(storage: Storage, port: u16) -> Result<Self> {
        let listener = listen(port).await?;
        let address = listener.local_addr()?;
        let (path, lock) = match storage {
            // A name, so that it can be opened a second time while it is there.
            Storage::Memory => (
                format!("file:{}?mode=memory&cache=shared", ids::guid()),
                None,
            ),
            Storage::Folder(folder) => {
                let (path, lock) = claim(&folder)?;
                (path, Some(lock))
            }
        };
        let file = lock.is_some().then(|| PathBuf::from(&path));
        let opened = Database::new(&path).map_err(|error| anyhow!("{error}"));
        let opened = opened.and_then(|database| stream::index(&path).map(|()| database));
        let database = opened.map_err(|error| explain(file.as_deref(), error))?;
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(dynoxide::server::serve_with_shutdown(
            listener,
            database.clone(),
            // A sender that is gone means that the engine's owner is: either way it ends.
            async move { drop(stopped.await) },
        ));
        Ok(Self {
            address,
            database,
            file,
            stop,
            server,
            sweeper: None,
            _lock: lock,
        })
    }

    /// The URL for `AWS_ENDPOINT_URL_DYNAMODB`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Deletes expired items in the background, now and every hour from then on.
    ///
    /// Expiry goes by the machine's clock. A ledger that reads another clock, as a test's does, must not be
    /// swept: it would lose sessions and idempotency records that have not expired by its own clock.
    pub fn sweep_hourly(&mut self) {
        let (database, file) = (self.database.clone(), self.file.clone());
        self.sweeper.get_or_insert_with(|| {
            tokio::spawn(async move {
                let mut hourly = tokio::time::interval(SWEEP);
                loop {
                    hourly.tick().await;
                    let (database, file) = (database.clone(), file.clone());
                    // What is left behind now is found an hour later; no read relies on it.
                    let swept =
                        tokio::task::spawn_blocking(move || sweep(&database, file.as_deref()));
                    let _swept = swept.await;
                }
            })
        });
    }

    /// A client of this engine.
    #[must_use]
    pub fn client(&self) -> Client {
        client(&self.endpoint())
    }

    /// Every item of the table, as it is at this moment. It waits for no runtime, so a test bed can look at
    /// the table while it is dropped.
    ///
    /// # Errors
    /// The table is not there, or the database cannot be read.
    pub fn items(&self) -> Result<Vec<HashMap<String, AttributeValue>>> {
        items::all(&self.database)
    }

    /// An error of this engine, with what is known about the file that it works on.
    #[must_use]
    pub fn explain(&self, error: anyhow::Error) -> anyhow::Error {
        explain(self.file.as_deref(), error)
    }

    /// Lets running requests finish and closes the file.
    ///
    /// # Errors
    /// The server ended by an error of its own.
    pub async fn shutdown(self) -> Result<()> {
        if let Some(sweeper) = &self.sweeper {
            sweeper.abort();
        }
        // Refused only when the server has ended already.
        let _ended = self.stop.send(());
        match tokio::time::timeout(PATIENCE, self.server).await {
            Ok(ended) => ended?.map_err(|error| anyhow!(error)),
            Err(_elapsed) => Ok(()),
        }
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("address", &self.address)
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}

/// A client of an engine on this machine, with the retries of every Callbook client and far more patience.
/// Its retry quota is its own: the SDK's default one is shared by all clients of a process, and a client
/// whose store is down would use up the retries of the others.
#[must_use]
pub fn client(endpoint: &str) -> Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CLIENT_PATIENCE)
        .operation_attempt_timeout(CLIENT_PATIENCE)
        .operation_timeout(CLIENT_PATIENCE)
        .build();
    let credentials = Credentials::new(ANY_CREDENTIAL, ANY_CREDENTIAL, None, None, "any");
    let config = Ledger::sdk_config()
        .region(Region::new(ANY_REGION))
        .credentials_provider(credentials)
        .timeout_config(timeouts)
        .retry_partition(RetryPartition::custom("embedded engine").build())
        .endpoint_url(endpoint);
    Client::from_conf(config.build())
}

/// Binds a port of 127.0.0.1; 0 is a free one.
///
/// # Errors
/// Says which port is taken, and what to do about it.
pub async fn listen(port: u16) -> Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => {
                anyhow!("port {port} is in use by another program; choose one with --port")
            }
            _ => {
                anyhow::Error::new(error).context(format!("port {port} of 127.0.0.1 does not open"))
            }
        })
}

fn explain(file: Option<&Path>, error: anyhow::Error) -> anyhow::Error {
    error.context(Trouble(match file {
        None => "the store in memory does not serve".to_owned(),
        Some(file) => match file::damage(file) {
            None => format!("the store {} does not serve", file.display()),
            Some(damage) => format!(
                "the store {} is damaged ({damage}): put a copy of it back, or choose another folder with --data",
                file.display()
            ),
        },
    }))
}

/// Makes the folder, takes it for this process, and names the database file in it.
fn claim(data: &Path) -> Result<(String, File)> {
    folder::make(data)?;
    let lock = folder::append(&data.join("callbook.lock"))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => bail!(
            "the data folder {} is in use by another callbook process; end it, or choose another folder with --data",
            data.display()
        ),
        Err(TryLockError::Error(error)) => {
            return Err(error).with_context(|| format!("{} cannot be locked", data.display()));
        }
    }
    let path = data.join("callbook.db");
    for ending in ["", "-wal", "-shm"] {
        let mut name = path.clone().into_os_string();
        name.push(ending);
        let part = PathBuf::from(name);
        // SQLite makes the others, and gives them what the database has.
        if ending.is_empty() || part.exists() {
            folder::append(&part)?;
        }
    }
    file::check(&path)?;
    let path = path
        .to_str()
        .context("the path of the data folder is not Unicode")?;
    Ok((path.to_owned(), lock))
}

/// Deletes expired items, and stream records of more than a day ago.
fn sweep(database: &Database, file: Option<&Path>) -> Result<()> {
    database.sweep_ttl().map_err(|error| anyhow!("{error}"))?;
    file.map_or(Ok(0), stream::forget).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::create_table;
    use aws_sdk_dynamodb::types::AttributeValue;

    async fn names(client: &Client) -> Vec<String> {
        let found = client.scan().table_name(TABLE).send().await.unwrap();
        let names = found.items().iter().map(|item| item["pk"].as_s().unwrap());
        let mut names: Vec<_> = names.cloned().collect();
        names.sort();
        names
    }

    #[tokio::test]
    async fn what_has_expired_stays_until_a_sweep_deletes_it_and_nothing_else() {
        let engine = Engine::start(Storage::Memory).await.unwrap();
        let client = engine.client();
        create_table(&client, TABLE).await.unwrap();
        for (name, expires_at) in [
            ("expired", Some("1700000000")),
            ("lasting", Some("32503680000")),
            ("without end", None),
        ] {
            let put = client
                .put_item()
                .table_name(TABLE)
                .item("pk", AttributeValue::S(name.to_owned()))
                .item("sk", AttributeValue::S("-".to_owned()));
            let put = match expires_at {
                Some(seconds) => put.item("expires_at", AttributeValue::N(seconds.to_owned())),
                None => put,
            };
            put.send().await.unwrap();
        }
        assert_eq!(names(&client).await, ["expired", "lasting", "without end"]);
        let database = engine.database.clone();
        let swept = tokio::task::spawn_blocking(move || sweep(&database, None));
        swept.await.unwrap().unwrap();
        assert_eq!(names(&client).await, ["lasting", "without end"]);
        engine.shutdown().await.unwrap();
    }
}
