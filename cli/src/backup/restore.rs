//! `callbook restore`: writes an export into an empty table.

use std::io::BufRead;

use anyhow::{Context, Result, bail};
use callbook::clock::Clock;
use callbook::ledger::{Ledger, RestoreStart, Restored};
use indicatif::ProgressBar;
use serde_json::json;

use super::manifest::Manifest;
use crate::accounts::format_instant;
use crate::args::RestoreArgs;
use crate::{output, store};

/// After how many lines it is noted how far the restore is.
const CHUNK: usize = 1_000;

/// What is said beside an error after the first write.
const NOT_WHOLE: &str = "the export is not wholly restored; run the same command again";

/// The fields of the closing lines, in order.
const FIELDS: [&str; 5] = ["folder", "exported_at", "items", "restored", "expired"];

/// Runs the command.
///
/// # Errors
/// Returns an error if the folder is no whole export, the table has items or another export's, or DynamoDB does not
/// answer in time. The same command goes on where it stopped.
pub async fn run(args: RestoreArgs) -> Result<()> {
    let (manifest, export) = Manifest::read(&args.folder)?;
    manifest.check(&args.folder)?;
    let ledger = match args.dry_run {
        true => None,
        false => Some(store::open(&args.store).await?),
    };
    let done = match &ledger {
        None => Restored::default(),
        Some(ledger) => restore(ledger, &args, &manifest, &export).await?,
    };
    let summary = json!({
        "folder": args.folder.display().to_string(),
        "exported_at": manifest.exported_at,
        "items": manifest.items,
        "restored": done.items,
        "expired": done.expired,
    });
    match args.store.json {
        true => output::json(&summary)?,
        false => output::record(&summary, &FIELDS)?,
    }
    output::note(match args.dry_run {
        true => "The files are those of the manifest. Nothing was written.",
        false => "Now run `callbook audit`: it says whether everything adds up.",
    });
    Ok(())
}

async fn restore(
    ledger: &Ledger,
    args: &RestoreArgs,
    manifest: &Manifest,
    export: &str,
) -> Result<Restored> {
    let now = Clock::system().now();
    let from = match ledger.begin_restore(export, now).await? {
        RestoreStart::At(lines) => lines,
        RestoreStart::Done(at) => bail!(
            "this export was restored into the table at {}",
            format_instant(at)
        ),
        RestoreStart::Another => bail!("another export was restored into the table"),
        RestoreStart::NotEmpty(kind) => {
            bail!("the table is not empty: it has an item of type {kind}; restore into a new table")
        }
    };
    let bar = ProgressBar::new_spinner();
    let (mut done, mut number) = (Restored::default(), 0_u64);
    for entry in &manifest.files {
        let mut lines = entry.lines(&args.folder)?.lines();
        loop {
            let chunk: Vec<String> = lines.by_ref().take(CHUNK).collect::<Result<_, _>>()?;
            if chunk.is_empty() {
                break;
            }
            let first = number + 1;
            number += u64::try_from(chunk.len())?;
            if number <= from {
                // An earlier run has written them.
                done.items += u64::try_from(chunk.len())?;
                continue;
            }
            let written = ledger.restore_lines(first, &chunk, now).await;
            let written = written.context(NOT_WHOLE)?;
            done.items += written.items;
            done.expired += written.expired;
            let noted = ledger.note_restored(export, number, None).await;
            noted.context(NOT_WHOLE)?;
            bar.set_message(format!("{number} of {} items", manifest.items));
            bar.tick();
        }
    }
    let finished = Clock::system().now();
    ledger.note_restored(export, number, Some(finished)).await?;
    bar.finish_and_clear();
    Ok(done)
}
