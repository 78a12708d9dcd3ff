//! The embedded DynamoDB engine: DynamoDB's wire protocol on 127.0.0.1, with its data in a file or in memory.
//!
//! The engine keeps a write-ahead log and syncs it with every commit, so an acknowledged write survives a
//! kill or a power cut. The engine never expires an item by itself: see [`Engine::sweep_hourly`].
//!
//! Every program of the machine can reach the port, and so can web pages. The engine serves who signs with its
//! [`AccessKey`], and refuses pages: see `door.rs`.

mod door;
mod file;
mod items;
mod key;
mod server;
mod stream;
mod wal;
mod wire;

pub use door::signature;
pub use key::AccessKey;
pub use stream::Stream;

use std::collections::HashMap;
use std::fmt;
use std::fs::{File, TryLockError};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Region;
use aws_sdk_dynamodb::config::retry::RetryPartition;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::types::AttributeValue;
use callbook::ids;
use callbook::ledger::Ledger;
use dynoxide::Database;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::folder;

/// The default name of the table in an embedded engine.
pub const TABLE: &str = "callbook";

/// Placeholder for a region: the engine has none, but a client must name one.
pub const ANY_REGION: &str = "us-east-1";

const SWEEP_INTERVAL: Duration = Duration::from_secs(3600);

/// How long a client waits for an engine on this machine.
///
/// The engine is as slow as the machine is busy. A short timeout would make a busy machine look like a broken
/// store.
const CLIENT_TIMEOUT: Duration = Duration::from_secs(300);

/// Where an engine keeps its data.
#[derive(Clone, Debug)]
pub enum Storage {
    /// In memory. The data is lost when the engine stops.
    Memory,
    /// In this folder, which is created if it is missing. Only one engine at a time can use it.
    Folder(PathBuf),
}

/// A failure of an embedded engine, as opposed to one of DynamoDB or of the AWS configuration.
#[derive(Debug)]
pub struct EngineError(String);

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A running engine.
pub struct Engine {
    address: SocketAddr,
    key: AccessKey,
    database: Database,
    /// The database file; `None` if the data is in memory.
    file: Option<PathBuf>,
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
    sweeper: Option<JoinHandle<()>>,
    /// Removed when the engine ends by itself, and not if its process is killed.
    _open: Option<wal::OpenMark>,
    /// The operating system releases the lock however the process ends.
    _lock: Option<File>,
}

impl Engine {
    /// Starts the engine on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// Returns an error if the folder cannot be written, another process uses it, or its database is damaged
    /// or of another program.
    pub async fn start(storage: Storage) -> Result<Self> {
        Self::start_on(storage, 0).await
    }

    /// Starts the engine on a port of 127.0.0.1; port 0 picks a free one.
    ///
    /// # Errors
    /// Returns an error if the port is in use, and for the reasons of [`Engine::start`].
    pub async fn start_on(storage: Storage, port: u16) -> Result<Self> {
        let listener = listen(port).await?;
        let address = listener.local_addr()?;
        let (path, lock, key) = match storage {
            // An in-memory database needs a name to be opened a second time.
            Storage::Memory => (
                format!("file:{}?mode=memory&cache=shared", ids::guid()),
                None,
                AccessKey::generate()?,
            ),
            Storage::Folder(folder) => {
                let (path, lock) = lock_folder(&folder)?;
                (path, Some(lock), AccessKey::of_folder(&folder)?)
            }
        };
        let file = lock.is_some().then(|| PathBuf::from(&path));
        let opened = Database::new(&path).map_err(|error| anyhow!("{error}"));
        let opened = opened.and_then(|database| stream::create_index(&path).map(|()| database));
        let database = opened.map_err(|error| explain(file.as_deref(), error))?;
        let open = file.as_deref().map(wal::OpenMark::set).transpose()?;
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(server::serve(
            listener,
            database.clone(),
            key.clone(),
            // Shut down as well if the sender is dropped: then the engine's owner is gone.
            async move { drop(stopped.await) },
        ));
        Ok(Self {
            address,
            key,
            database,
            file,
            stop,
            server,
            sweeper: None,
            _open: open,
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
                let mut hourly = tokio::time::interval(SWEEP_INTERVAL);
                loop {
                    hourly.tick().await;
                    let (database, file) = (database.clone(), file.clone());
                    // A failed sweep is repeated an hour later. No read relies on it.
                    let swept =
                        tokio::task::spawn_blocking(move || sweep(&database, file.as_deref()));
                    let _swept = swept.await;
                }
            })
        });
    }

    /// The access key that the engine's clients sign with.
    #[must_use]
    pub fn key(&self) -> &AccessKey {
        &self.key
    }

    /// Creates a client of this engine.
    #[must_use]
    pub fn client(&self) -> Client {
        client(&self.endpoint(), &self.key)
    }

    /// Returns every item of the table.
    ///
    /// The call blocks and needs no async runtime, so a test can read the table while it is being dropped.
    ///
    /// # Errors
    /// Returns an error if the table does not exist or the database cannot be read.
    pub fn items(&self) -> Result<Vec<HashMap<String, AttributeValue>>> {
        items::all(&self.database)
    }

    /// Returns the table's stream.
    #[must_use]
    pub fn stream(&self) -> Stream {
        Stream::of(self.database.clone(), TABLE)
    }

    /// Wraps an error of this engine in an [`EngineError`], which reports damage to the file if there is any.
    #[must_use]
    pub fn explain(&self, error: anyhow::Error) -> anyhow::Error {
        explain(self.file.as_deref(), error)
    }

    /// Lets running requests finish, for up to a quarter of a second, and closes the file.
    ///
    /// # Errors
    /// Returns an error if the server failed before it was stopped.
    pub async fn shutdown(self) -> Result<()> {
        if let Some(sweeper) = &self.sweeper {
            sweeper.abort();
        }
        // Sending fails only if the server has stopped already.
        let _sent = self.stop.send(());
        Ok(self.server.await?)
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

/// Creates a client that signs with `key`, of an engine on this machine, with Callbook's retries and longer
/// timeouts.
///
/// Each client has a retry quota of its own. The SDK's default quota is shared by all clients of a process,
/// so one client whose store is down would use up the retries of the others.
#[must_use]
pub fn client(endpoint: &str, key: &AccessKey) -> Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CLIENT_TIMEOUT)
        .operation_attempt_timeout(CLIENT_TIMEOUT)
        .operation_timeout(CLIENT_TIMEOUT)
        .build();
    let config = Ledger::sdk_config()
        .region(Region::new(ANY_REGION))
        .credentials_provider(key.credentials())
        .timeout_config(timeouts)
        .retry_partition(RetryPartition::custom("embedded engine").build())
        .endpoint_url(endpoint);
    Client::from_conf(config.build())
}

/// Listens on a port of 127.0.0.1; port 0 picks a free one.
///
/// # Errors
/// Returns an error that names the port if it is in use or cannot be opened.
pub async fn listen(port: u16) -> Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => {
                anyhow!("port {port} is in use by another program; choose another one with --port")
            }
            _ => anyhow::Error::new(error).context(format!("cannot listen on 127.0.0.1:{port}")),
        })
}

fn explain(file: Option<&Path>, error: anyhow::Error) -> anyhow::Error {
    error.context(EngineError(match file {
        None => "the database in memory failed".to_owned(),
        Some(file) => match file::damage(file) {
            None => format!("the database {} failed", file.display()),
            Some(damage) => format!(
                "the database {} is damaged ({damage}); restore it from a backup or choose another folder with --data",
                file.display()
            ),
        },
    }))
}

/// Creates the folder, locks it for this process, and returns the path of its database file with the lock.
fn lock_folder(data: &Path) -> Result<(String, File)> {
    folder::create(data)?;
    let lock = folder::open_append(&data.join("callbook.lock"))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => bail!(
            "the data folder {} is in use by another callbook process; stop it or choose another folder with --data",
            data.display()
        ),
        Err(TryLockError::Error(error)) => {
            return Err(error)
                .with_context(|| format!("cannot lock the data folder {}", data.display()));
        }
    }
    let path = data.join("callbook.db");
    for ending in ["", "-wal", "-shm"] {
        let mut name = path.clone().into_os_string();
        name.push(ending);
        let part = PathBuf::from(name);
        // SQLite creates the other two, with the permissions of the database.
        if ending.is_empty() || part.exists() {
            folder::open_append(&part)?;
        }
    }
    wal::check(&path)?;
    file::check(&path)?;
    let path = path
        .to_str()
        .context("the path of the data folder is not valid Unicode")?;
    Ok((path.to_owned(), lock))
}

/// Deletes expired items, and stream records older than a day.
fn sweep(database: &Database, file: Option<&Path>) -> Result<()> {
    database.sweep_ttl().map_err(|error| anyhow!("{error}"))?;
    file.map_or(Ok(0), stream::delete_old).map(drop)
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
    async fn a_sweep_deletes_expired_items_and_nothing_else() {
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
