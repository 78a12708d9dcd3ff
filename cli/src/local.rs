//! `callbook local` and `callbook database`: servers on this machine.

use std::future::Future;
use std::path::PathBuf;

use anyhow::{Context, Result};
use callbook::clock::Clock;
use callbook::edge::log::Sink;
use callbook::edge::{App, AppConfig, PagedStore, PublishApp, StreamApp};
use callbook::ids;
use callbook::ledger::Ledger;
use callbook::outbound::Addresses;
use callbook::publish::Publisher;
use tokio::sync::oneshot;

use crate::args::{DatabaseArgs, FillArgs, LocalArgs};
use crate::demo::{self, Demo};
use crate::{migrate, output, request};
use callbook::model::proxies::TrustedProxies;
use callbook_local::deliver::Deliveries;
use callbook_local::engine::{ANY_REGION, Engine, Storage, TABLE, listen};
use callbook_local::follow::Follower;
use callbook_local::gateway::Gateway;
use callbook_local::running::{Announcement, Running};
use callbook_local::template::create_table;
use callbook_local::temporary::TemporaryFolder;
use callbook_local::{folder, functions};

/// Serves the whole ledger until Ctrl-C.
///
/// # Errors
/// Returns an error if the port or the data folder is in use, a file cannot be read or written, or the engine
/// fails.
pub async fn run(args: LocalArgs) -> Result<()> {
    let LocalArgs {
        port,
        storage,
        credentials,
        loopback_webhooks,
        demo_data,
        timezone,
    } = args;
    // The file signals that the server is ready, so one of an earlier run must not exist.
    if let Some(file) = &credentials {
        demo::may_replace(file)?;
        folder::remove_file(file)
            .with_context(|| format!("cannot write the file {}", file.display()))?;
    }
    let stop = shutdown_signal()?;
    let listener = listen(port).await?;
    let base_url = format!("http://{}", listener.local_addr()?);
    let storage = storage.storage()?;
    let mut engine = Engine::start(storage.clone()).await?;
    let client = engine.client();
    let created = create_table(&client, TABLE).await;
    created.map_err(|error| engine.explain(error))?;
    let ledger = Ledger::new(client, TABLE);
    // What an earlier run left is summed up and published before old records of the stream are deleted.
    let rollup = StreamApp {
        ledger: ledger.clone(),
        clock: Clock::system(),
        sink: Sink::each(|_| {}),
        stack: None,
    };
    let rollup = Follower::resume(engine.stream(), rollup).await;
    let mut rollup = rollup.map_err(|error| engine.explain(error))?;
    let caught_up = rollup.catch_up().await;
    caught_up.map_err(|error| engine.explain(error))?;
    let publishing = PublishApp {
        publisher: Publisher::new(ledger.clone(), None, Clock::system()),
        sink: Sink::each(|_| {}),
        stack: None,
    };
    let publishing = Follower::resume(engine.stream(), publishing).await;
    let mut publishing = publishing.map_err(|error| engine.explain(error))?;
    let caught_up = publishing.catch_up().await;
    caught_up.map_err(|error| engine.explain(error))?;
    let migrated = migrate::migrate_own(&ledger).await;
    migrated.map_err(|error| engine.explain(error))?;
    engine.sweep_hourly();

    let RunFolder {
        path: folder,
        demo,
        temporary,
    } = RunFolder::of(&storage)?;
    let log = folder.join(folder::REQUESTS);
    request::prune(&log, Clock::system().now().millis())?;
    drop(folder::open_append(&log)?);
    let demo = Demo::load(demo.as_deref(), timezone.as_ref())?;
    let created = demo.create_missing(&ledger).await;
    created.map_err(|error| engine.explain(error))?;

    let addresses = match loopback_webhooks {
        true => Addresses::PublicAndLoopback,
        false => Addresses::Public,
    };
    let deliveries = Deliveries::new(ledger.clone(), addresses)?;
    let (key, _secret) = folder::page_key(&folder)?;
    let app = App::new(AppConfig {
        store: PagedStore::new(ledger.clone(), key),
        clock: Clock::system(),
        sink: Sink::file(&log)?,
        deadline: None,
        stack: None,
        proxies: TrustedProxies::default(),
        demo: Some(demo.user()),
    });
    let gateway = Gateway::new(app, &functions())?.with_log(output::log);
    let rollup = tokio::spawn(rollup.run());
    let publishing = tokio::spawn(publishing.run());
    let deliveries = tokio::spawn(deliveries.run());
    let (shutdown, shutting_down) = oneshot::channel::<()>();
    let server = tokio::spawn(gateway.serve(listener, async move { drop(shutting_down.await) }));
    let mut running = Running::engine(engine.endpoint(), TABLE, engine.key());
    running.base_url = Some(base_url.clone());
    running.folder = Some(folder.clone());
    running.is_default = is_default(&storage);
    running.demo = demo.credentials_file(&base_url);
    let announcement = announce(&running);
    let mut stop = std::pin::pin!(stop);
    let mut stopped = false;
    if demo_data {
        output::note(&format!(
            "Serving on {base_url}. It is ready when the data are there."
        ));
        let args = FillArgs::default();
        let filling = demo.fill(&ledger, (&base_url, &folder), &args);
        tokio::select! {
            filled = filling => output::log(&filled?.text()),
            () = &mut stop => stopped = true,
        }
    }
    if !stopped {
        if let Some(file) = &credentials {
            folder::replace(
                file,
                &serde_json::to_vec_pretty(&demo.credentials_file(&base_url))?,
            )?;
        }
        output::print(&banner(&base_url, &storage, &demo))?;
        stop.await;
    }
    output::note("Stopping.");
    drop(announcement);
    // Sending fails only if the server has stopped already.
    let _sent = shutdown.send(());
    server.await?;
    // A batch that is cut off is applied in whole or not at all, and the next run continues there.
    rollup.abort();
    // One that is cut off is published again, with the same ids.
    publishing.abort();
    // A delivery that is cut off is sent again by the next run.
    deliveries.abort();
    engine.shutdown().await?;
    if let Some(temporary) = temporary {
        temporary.remove()?;
    }
    Ok(())
}

/// Serves only the embedded engine until Ctrl-C.
///
/// # Errors
/// Returns an error if the port or the data folder is in use, a file cannot be read or written, or the engine
/// fails.
pub async fn database(args: DatabaseArgs) -> Result<()> {
    let DatabaseArgs {
        port,
        storage,
        table,
    } = args;
    let stop = shutdown_signal()?;
    let storage = storage.storage()?;
    let mut engine = Engine::start_on(storage.clone(), port).await?;
    engine.sweep_hourly();
    let created = create_table(&engine.client(), &table).await;
    created.map_err(|error| engine.explain(error))?;
    let page_key = match &storage {
        Storage::Folder(folder) => folder::page_key(folder)?.1,
        Storage::Memory => ids::secret()
            .context("cannot generate a secret: the system's random number generator failed")?,
    };
    output::print(&format!(
        "Callbook's database is serving on {}, table {table}, data {}. Press Ctrl-C to stop.\n\
         # To use it, in another terminal:\n\
         export PAGE_TOKEN_KEY={page_key}\n{}",
        engine.endpoint(),
        location(&storage),
        exports(&engine, &table),
    ))?;
    let mut running = Running::engine(engine.endpoint(), &table, engine.key());
    running.is_default = is_default(&storage);
    let announcement = announce(&running);
    stop.await;
    drop(announcement);
    engine.shutdown().await
}

/// Lets other terminals find the engine. Without that, they have to be told where it is.
fn announce(running: &Running) -> Option<Announcement> {
    let announced = running.announce();
    announced
        .inspect_err(|error| {
            output::note(&format!(
                "Other terminals cannot find this ledger: {error:#}."
            ));
        })
        .ok()
}

/// Whether an engine keeps its data in the platform's data folder.
fn is_default(storage: &Storage) -> bool {
    match storage {
        Storage::Folder(chosen) => {
            folder::data_folder(None).is_ok_and(|default| default == *chosen)
        }
        Storage::Memory => false,
    }
}

/// The folder of a run's request log and demo credentials.
struct RunFolder {
    path: PathBuf,
    /// The file of the demo credentials; `None` if they are not kept.
    demo: Option<PathBuf>,
    /// The folder itself, if it is removed at the end of the run.
    temporary: Option<TemporaryFolder>,
}

impl RunFolder {
    fn of(storage: &Storage) -> Result<Self> {
        match storage {
            Storage::Folder(folder) => Ok(Self {
                path: folder.clone(),
                demo: Some(folder.join(folder::DEMO)),
                temporary: None,
            }),
            Storage::Memory => {
                let temporary = TemporaryFolder::create()?;
                Ok(Self {
                    path: temporary.path().to_owned(),
                    demo: None,
                    temporary: Some(temporary),
                })
            }
        }
    }
}

/// What a person needs first. `callbook demo` prints the rest.
fn banner(base_url: &str, storage: &Storage, demo: &Demo) -> String {
    let account = demo.account();
    format!(
        "Callbook is serving on {base_url}\n\
         account {account} (Demo), data {}\n\
         Open that address in a browser for the console.\n\
         \n\
         In another terminal:\n  \
         callbook demo                  a curl line for each endpoint, with its key\n  \
         callbook cost list --account {account} --from 2026-01-01 --to 2026-12-31\n  \
         callbook request GUID          what became of a request, by its guid below\n\
         \n\
         Press Ctrl-C to stop.",
        location(storage),
    )
}

fn location(storage: &Storage) -> String {
    match storage {
        Storage::Memory => "in memory".to_owned(),
        Storage::Folder(folder) => format!("in {}", folder.display()),
    }
}

fn exports(engine: &Engine, table: &str) -> String {
    format!(
        "export AWS_ENDPOINT_URL_DYNAMODB={} TABLE_NAME={table}\n\
         export AWS_REGION={ANY_REGION} AWS_ACCESS_KEY_ID={} AWS_SECRET_ACCESS_KEY={}",
        engine.endpoint(),
        engine.key().id(),
        engine.key().secret(),
    )
}

/// Returns a future that completes on Ctrl-C, or on the signal by which service managers stop a process.
fn shutdown_signal() -> Result<impl Future<Output = ()>> {
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
