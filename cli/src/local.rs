//! `callbook local` and `callbook database`.

use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use callbook::clock::Clock;
use callbook::edge::log::Sink;
use callbook::edge::{App, AppConfig, PagedStore};
use callbook::ids;
use callbook::ledger::Ledger;
use tokio::sync::oneshot;

use crate::args::{DatabaseArgs, LocalArgs};
use crate::demo::Demo;
use crate::{output, request};
use callbook_local::engine::{ANY_CREDENTIAL, ANY_REGION, Engine, Storage, TABLE, listen};
use callbook_local::gateway::Front;
use callbook_local::template::create_table;
use callbook_local::{folder, functions};

/// How long running requests may take to finish once the end is asked for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Serves the whole ledger until Ctrl-C.
///
/// # Errors
/// What the person at the terminal is told.
pub async fn run(args: LocalArgs) -> Result<()> {
    let LocalArgs {
        port,
        storage,
        credentials,
        ..
    } = args;
    // A file of an earlier run would be taken for the sign that this one is ready.
    if let Some(file) = &credentials {
        folder::remove(file)
            .with_context(|| format!("the file {} cannot be written", file.display()))?;
    }
    let stop = interrupted()?;
    let listener = listen(port).await?;
    let base_url = format!("http://{}", listener.local_addr()?);
    let storage = storage.storage()?;
    let mut engine = Engine::start(storage.clone()).await?;
    engine.sweep_hourly();
    let client = engine.client();
    let made = create_table(&client, TABLE).await;
    made.map_err(|error| engine.explain(error))?;
    let ledger = Ledger::new(client, TABLE);

    let Place {
        folder,
        demo,
        passing,
    } = Place::of(&storage)?;
    let log = folder.join(folder::REQUESTS);
    request::prune(&log, Clock::system().now().millis())?;
    drop(folder::append(&log)?);
    let demo = Demo::load(demo.as_deref())?;
    let established = demo.establish(&ledger).await;
    established.map_err(|error| engine.explain(error))?;

    let (key, _text) = folder::page_key(&folder)?;
    let app = App::new(AppConfig {
        store: PagedStore::new(ledger, key),
        clock: Clock::system(),
        sink: Sink::file(&log)?,
        deadline: None,
        stack: None,
    });
    let front = Front::new(app, &functions())?.with_log(output::note);
    let (end, ended) = oneshot::channel::<()>();
    let server = tokio::spawn(front.serve(listener, async move { drop(ended.await) }));
    if let Some(file) = &credentials {
        folder::replace(
            file,
            &serde_json::to_vec_pretty(&demo.published(&base_url))?,
        )?;
    }
    output::print(&banner(&base_url, &engine, &storage, &folder, &demo))?;

    stop.await;
    output::note("Ending.");
    // Refused only when the server has ended already.
    let _ended = end.send(());
    if let Ok(served) = tokio::time::timeout(PATIENCE, server).await {
        served??;
    }
    engine.shutdown().await?;
    if passing {
        std::fs::remove_dir_all(&folder)?;
    }
    Ok(())
}

/// Serves the store alone until Ctrl-C.
///
/// # Errors
/// What the person at the terminal is told.
pub async fn database(args: DatabaseArgs) -> Result<()> {
    let DatabaseArgs {
        port,
        storage,
        table,
    } = args;
    let stop = interrupted()?;
    let storage = storage.storage()?;
    let mut engine = Engine::start_on(storage.clone(), port).await?;
    engine.sweep_hourly();
    let made = create_table(&engine.client(), &table).await;
    made.map_err(|error| engine.explain(error))?;
    let page_key = match &storage {
        Storage::Folder(folder) => folder::page_key(folder)?.1,
        Storage::Memory => ids::secret().context("this machine has no entropy for a secret")?,
    };
    output::print(&format!(
        "Callbook's store is ready on {}, table {table}, {}. Ctrl-C ends it. Elsewhere:\n\
         export PAGE_TOKEN_KEY={page_key}\n{}",
        engine.endpoint(),
        kept(&storage),
        exports(&engine, &table),
    ))?;
    stop.await;
    engine.shutdown().await
}

/// Where the log and the demo credentials of a run lie.
struct Place {
    folder: PathBuf,
    demo: Option<PathBuf>,
    /// The folder goes when the run does.
    passing: bool,
}

impl Place {
    fn of(storage: &Storage) -> Result<Self> {
        match storage {
            Storage::Folder(folder) => Ok(Self {
                folder: folder.clone(),
                demo: Some(folder.join(folder::DEMO)),
                passing: false,
            }),
            Storage::Memory => {
                let name = format!("callbook-{}", ids::guid());
                let folder = std::env::temp_dir().join(name);
                folder::make(&folder)?;
                Ok(Self {
                    folder,
                    demo: None,
                    passing: true,
                })
            }
        }
    }
}

fn banner(
    base_url: &str,
    engine: &Engine,
    storage: &Storage,
    folder: &std::path::Path,
    demo: &Demo,
) -> String {
    let account = demo.account();
    let data = match storage {
        Storage::Folder(chosen) if folder::data(None).is_ok_and(|usual| usual == *chosen) => {
            String::new()
        }
        _ => format!(" --data '{}'", folder.display()),
    };
    format!(
        "Callbook serves on {base_url}, {}. Ctrl-C ends it.\n\
         Demo account {account}.\n\n{}\n\n\
         # what became of a request: the guid is in its answer's X-Request-Guid and in the lines below\n\
         # callbook request{data} GUID\n\
         # the other commands, in another terminal:\n{}\n",
        kept(storage),
        demo.requests(base_url),
        exports(engine, TABLE),
    )
}

fn kept(storage: &Storage) -> String {
    match storage {
        Storage::Memory => "kept in memory".to_owned(),
        Storage::Folder(folder) => format!("kept in {}", folder.display()),
    }
}

fn exports(engine: &Engine, table: &str) -> String {
    format!(
        "export AWS_ENDPOINT_URL_DYNAMODB={} TABLE_NAME={table}\n\
         export AWS_REGION={ANY_REGION} AWS_ACCESS_KEY_ID={ANY_CREDENTIAL} AWS_SECRET_ACCESS_KEY={ANY_CREDENTIAL}",
        engine.endpoint()
    )
}

/// Ends with Ctrl-C, or with the signal that service managers send.
fn interrupted() -> Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    {
        Ok(async { drop(tokio::signal::ctrl_c().await) })
    }
}
