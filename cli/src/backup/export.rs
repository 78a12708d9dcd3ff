//! `callbook export all`: reads the table until each account was the same twice, and writes it.
//!
//! A pass through the table takes time, and requests go on. If an account's items are the same in two passes, they
//! were so at the moment between them, together. So a file is of one moment, and an account that is written to all
//! the time has none.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use callbook::clock::Clock;
use callbook::ledger::{ExportedItem, Ledger, LeftOut};
use callbook::model::account::AccountId;
use indicatif::ProgressBar;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::manifest::{FileEntry, MANIFEST, Manifest, PART, sync_folder};
use crate::accounts::{find_account, format_instant};
use crate::args::ExportAllArgs;
use crate::{output, store};
use callbook_local::folder;

/// How long to wait before a pass that is not the second, so that the stream can catch up.
const REST: Duration = Duration::from_secs(1);

/// The fields of the closing lines, in order.
const FIELDS: [&str; 5] = ["folder", "items", "accounts", "passes", "left_out"];

/// Whose items; none for those of no account.
type Owner = Option<AccountId>;

/// A file that is being written.
struct Part {
    path: PathBuf,
    out: BufWriter<File>,
    sha256: Sha256,
    entry: FileEntry,
    /// What the items are that change only when something happens: how many, and the sum of their hashes.
    state: (u64, [u64; 4]),
}

/// What the passes have found until now.
#[derive(Default)]
struct Passes {
    /// The files that were the same twice.
    settled: BTreeMap<Owner, Part>,
    /// The state of the others in the last pass.
    last: BTreeMap<Owner, (u64, [u64; 4])>,
    left_out: LeftOut,
}

/// Runs the command.
///
/// # Errors
/// Returns an error if the account does not exist, the folder has files, an account was written to during every pass,
/// or DynamoDB does not answer in time. No manifest is written then.
pub async fn run(args: ExportAllArgs) -> Result<()> {
    let ledger = store::open(&args.store).await?;
    match &args.account {
        Some(account) => drop(find_account(&ledger, account).await?),
        // Fails as the other commands do if the table cannot be reached.
        None => drop(ledger.accounts().await?),
    }
    prepare(&args.output)?;
    let mut passes = Passes::default();
    let bar = ProgressBar::new_spinner();
    let mut number = 0;
    loop {
        number += 1;
        if number > 2 {
            tokio::time::sleep(REST).await;
        }
        let progress = |items: u64| {
            bar.set_message(format!("pass {number}: {items} items read"));
            bar.tick();
        };
        let left = passes.pass(&ledger, &args, &progress).await?;
        if left.is_empty() && number > 1 {
            break;
        }
        if number == args.passes {
            bar.finish_and_clear();
            remove_parts(&args.output)?;
            bail!(
                "{} written to during each of {number} passes, so there is no moment that the files could be of. \
                 Nothing is exported. Close the account meanwhile, or restore the table to a point in time as another \
                 table, and export that",
                named(&left)
            );
        }
    }
    bar.finish_and_clear();
    let manifest = passes.finish(&args)?;
    let accounts = manifest.files.iter().filter(|file| file.account.is_some());
    let summary = json!({
        "folder": args.output.display().to_string(),
        "items": manifest.items,
        "accounts": accounts.count(),
        "passes": number,
        "left_out": manifest.left_out,
        "files": manifest.files,
    });
    match args.store.json {
        true => output::json(&summary)?,
        false => output::record(&summary, &FIELDS)?,
    }
    output::note(
        "The manifest counts what is in each file, with its SHA-256. Keep the files as you keep the table: they have \
         the secrets that sign webhooks, and everybody's numbers.",
    );
    Ok(())
}

fn named(owners: &[Owner]) -> String {
    let names = owners.iter().map(|owner| match owner {
        Some(account) => format!("account {account}"),
        None => "what belongs to no account".to_owned(),
    });
    let names: Vec<_> = names.collect();
    match names.as_slice() {
        [name] => format!("{name} was"),
        names => format!("{} were", names.join(", ")),
    }
}

/// Makes the folder. What an export that was interrupted left in it is removed.
fn prepare(path: &Path) -> Result<()> {
    if path.symlink_metadata().is_err() {
        folder::create(path)?;
        return Ok(());
    }
    remove_parts(path)?;
    let mut left =
        fs::read_dir(path).with_context(|| format!("{} is no folder", path.display()))?;
    ensure!(
        left.next().is_none(),
        "the folder {} has files already; name another one with --output",
        path.display()
    );
    Ok(())
}

/// Removes the files that are not whole, and those without a manifest.
fn remove_parts(path: &Path) -> Result<()> {
    if path.join(MANIFEST).exists() {
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?.path();
        let name = entry
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        let own = name.trim_end_matches(PART);
        if own == MANIFEST || own == "shared.ndjson" || is_of_account(own) {
            fs::remove_file(&entry)?;
        }
    }
    Ok(())
}

fn is_of_account(name: &str) -> bool {
    let id = name
        .strip_prefix("account-")
        .and_then(|name| name.strip_suffix(".ndjson"));
    id.is_some_and(|id| AccountId::parse(id).is_ok())
}

impl Passes {
    /// Reads the table once; returns whose items are not the same as in the pass before.
    async fn pass(
        &mut self,
        ledger: &Ledger,
        args: &ExportAllArgs,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Vec<Owner>> {
        let mut parts: BTreeMap<Owner, Part> = BTreeMap::new();
        let mut read = 0;
        let settled = &self.settled;
        let each = |item: ExportedItem| {
            read += 1;
            progress(read);
            let wanted = args.account.is_none() || args.account == item.owner;
            if !wanted || settled.contains_key(&item.owner) {
                return Ok(());
            }
            let part = match parts.get_mut(&item.owner) {
                Some(part) => part,
                None => {
                    let part = Part::begin(&args.output, &item.owner)?;
                    parts.entry(item.owner.clone()).or_insert(part)
                }
            };
            part.add(&item)
        };
        let now = Clock::system().now();
        self.left_out = ledger.export_items::<anyhow::Error>(now, each).await?;
        let last = std::mem::take(&mut self.last);
        let mut left = Vec::new();
        for (owner, part) in parts {
            if last.get(&owner) == Some(&part.state) {
                self.settled.insert(owner, part);
            } else {
                self.last.insert(owner.clone(), part.state);
                left.push(owner);
            }
        }
        // Whose items are all gone since the pass before has none at all now; look once more.
        let gone =
            |owner: &&Owner| !self.last.contains_key(*owner) && !self.settled.contains_key(*owner);
        left.extend(last.keys().filter(gone).cloned());
        Ok(left)
    }

    /// Gives the files their names, and writes the manifest.
    fn finish(self, args: &ExportAllArgs) -> Result<Manifest> {
        let account = args.account.as_ref().map(|id| id.as_str().to_owned());
        let mut manifest = Manifest::new(account, format_instant(Clock::system().now()));
        for part in self.settled.into_values() {
            let entry = part.finish(&args.output)?;
            manifest.items += entry.items;
            manifest.files.push(entry);
        }
        let LeftOut {
            expired,
            of_the_table,
        } = self.left_out;
        let left_out = [("expired", expired), ("of_the_table", of_the_table)];
        manifest.left_out = left_out.map(|(why, count)| (why.to_owned(), count)).into();
        sync_folder(&args.output)?;
        manifest.write(&args.output)?;
        Ok(manifest)
    }
}

impl Part {
    fn begin(folder: &Path, owner: &Owner) -> Result<Self> {
        let file = match owner {
            Some(account) => format!("account-{account}.ndjson"),
            None => "shared.ndjson".to_owned(),
        };
        let path = folder.join(format!("{file}{PART}"));
        folder::remove_file(&path)?;
        Ok(Self {
            out: BufWriter::new(folder::open_append(&path)?),
            path,
            sha256: Sha256::new(),
            entry: FileEntry {
                file,
                account: owner.as_ref().map(|id| id.as_str().to_owned()),
                items: 0,
                bytes: 0,
                sha256: String::new(),
                types: BTreeMap::new(),
            },
            state: (0, [0; 4]),
        })
    }

    fn add(&mut self, item: &ExportedItem) -> Result<()> {
        let mut line = item.line.clone();
        line.push('\n');
        self.out
            .write_all(line.as_bytes())
            .with_context(|| format!("{} cannot be written", self.path.display()))?;
        self.sha256.update(line.as_bytes());
        self.entry.items += 1;
        self.entry.bytes += u64::try_from(line.len())?;
        *self.entry.types.entry(item.kind.clone()).or_default() += 1;
        if item.is_steady {
            let hash = Sha256::digest(line.as_bytes());
            let (count, sum) = &mut self.state;
            *count += 1;
            // The order of the items is not the same in two passes; the sum of their hashes is.
            for (sum, word) in sum.iter_mut().zip(hash.chunks_exact(8)) {
                let word: [u8; 8] = word.try_into()?;
                *sum = sum.wrapping_add(u64::from_be_bytes(word));
            }
        }
        Ok(())
    }

    fn finish(self, folder: &Path) -> Result<FileEntry> {
        let Self {
            path,
            out,
            sha256,
            mut entry,
            ..
        } = self;
        let file = out
            .into_inner()
            .map_err(std::io::IntoInnerError::into_error)?;
        file.sync_all()?;
        fs::rename(&path, folder.join(&entry.file))?;
        entry.sha256 = hex::encode(sha256.finalize());
        Ok(entry)
    }
}
