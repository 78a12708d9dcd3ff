//! `callbook events replay`: publishes what the stream gave up (docs/decisions.md, D-680).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use callbook::clock::Clock;
use callbook::ledger::{ChangeBatch, EventPlace, Ledger};
use callbook::model::account::AccountId;
use callbook::model::event::{Event, EventId};
use callbook::model::time::{Instant, Zone};
use callbook::publish::{Publisher, Retold};
use serde_json::{Value, json};

use super::letter::Letter;
use super::records::{self, Records};
use crate::args::{ReplayArgs, StoreArgs};
use crate::{output, store};

/// How many events of the log are read at once.
const PAGE: usize = 1_000;

/// How much earlier than a message says its events may be logged: its times are approximate.
const EARLIER: Duration = Duration::from_secs(300);

/// Runs the command. 1 stands for records of which something may be left out.
///
/// # Errors
/// Returns an error if a file cannot be read or is something else, or if the table or the bus does not answer in time.
/// The same command goes on then.
pub async fn run(args: &ReplayArgs) -> Result<ExitCode> {
    let mut letters = Vec::new();
    for path in &args.letters {
        letters.extend(Letter::read_all(&text_of(path)?, path)?);
    }
    if args.script {
        output::print(&script(&letters, &args.store))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut records = Records::new();
    for path in &args.records {
        records::add_all(&text_of(path)?, path, &mut records)?;
    }
    records.retain(|number, _| letters.iter().any(|letter| letter.covers(number)));
    let (ledger, bus) = match &args.bus {
        Some(name) => {
            let (ledger, bus) = store::open_with_bus(&args.store, name).await?;
            (ledger, Some(bus))
        }
        None => (store::open(&args.store).await?, None),
    };
    let publisher = Publisher::new(ledger, bus, Clock::system());
    let found = Found::of(&publisher, letters, records).await?;
    if !args.dry_run {
        publisher.replay(&found.retold, &found.logged).await?;
    }
    found.report(args)
}

fn text_of(path: &Path) -> Result<String> {
    let mut bytes = Vec::new();
    let read = match path == Path::new("-") {
        true => std::io::stdin().read_to_end(&mut bytes).map(drop),
        false => fs::read(path).map(|read| bytes = read),
    };
    read.with_context(|| format!("cannot read the file {}", path.display()))?;
    String::from_utf8(bytes).with_context(|| format!("the file {} is not text", path.display()))
}

/// What there is to publish.
struct Found {
    letters: Vec<Letter>,
    /// The messages whose records are not all there.
    lost: Vec<Letter>,
    /// How many records were read.
    records: usize,
    retold: Retold,
    /// The events that the log has.
    logged: BTreeSet<EventId>,
}

impl Found {
    async fn of(publisher: &Publisher, letters: Vec<Letter>, records: Records) -> Result<Self> {
        let has = |number: &str| records.contains_key(&callbook::ledger::sequence(number));
        let lost = letters.iter();
        let lost = lost.filter(|letter| !(has(&letter.first) && has(&letter.last)));
        let lost: Vec<Letter> = lost.cloned().collect();
        let count = records.len();
        let batch =
            json!({"shardId": "replay", "Records": records.into_values().collect::<Vec<_>>()});
        let batch = ChangeBatch::read(batch.to_string().as_bytes())?;
        let mut retold = publisher.retell(&batch).await?;
        let ledger = publisher.ledger();
        let accounts: BTreeSet<AccountId> = match lost.is_empty() {
            true => retold
                .events
                .iter()
                .map(|event| event.account.clone())
                .collect(),
            // Whose records are missing is not known.
            false => {
                let all = ledger.accounts().await?.into_iter();
                all.map(|account| account.id).collect()
            }
        };
        let logged = logged(ledger, &accounts, &letters, publisher.now()).await?;
        let made: BTreeSet<&EventId> = retold.events.iter().map(|event| &event.id).collect();
        let others = logged.values().filter(|event| !made.contains(&event.id));
        let others: Vec<Event> = others.cloned().collect();
        retold.events.extend(others);
        // Places begin with the time of the change, so the order of each line is kept.
        retold
            .events
            .sort_by(|one, other| one.place.cmp(&other.place));
        Ok(Self {
            letters,
            lost,
            records: count,
            retold,
            logged: logged.into_keys().collect(),
        })
    }

    fn report(&self, args: &ReplayArgs) -> Result<ExitCode> {
        let utc = Zone::utc();
        let in_log = self.retold.events.iter();
        let in_log = in_log
            .filter(|event| self.logged.contains(&event.id))
            .count();
        let lost: Vec<Value> = self
            .lost
            .iter()
            .map(|letter| {
                json!({
                    "shard_id": letter.shard,
                    "first": letter.first,
                    "last": letter.last,
                    "records": letter.records,
                    "from": letter.from.rfc3339(&utc),
                    "until": letter.until.rfc3339(&utc),
                })
            })
            .collect();
        let report = json!({
            "messages": self.letters.len(),
            "records": self.records,
            "unreadable": self.retold.unreadable,
            "events": self.retold.events.len(),
            "in_log": in_log,
            "missing": lost,
            "published": !args.dry_run,
        });
        match args.store.json {
            true => output::json(&report)?,
            false => output::record(
                &report,
                &[
                    "messages",
                    "records",
                    "unreadable",
                    "events",
                    "in_log",
                    "published",
                ],
            )?,
        }
        for letter in &self.lost {
            output::note(&missing(letter));
        }
        if self.retold.unreadable > 0 {
            output::note(
                "Records that cannot be read are told of nowhere; `callbook audit` finds what is wrong with their items.",
            );
        }
        if args.dry_run {
            output::note("Nothing was published.");
        }
        Ok(match self.lost.is_empty() && self.retold.unreadable == 0 {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        })
    }
}

/// Says what is left out of a message whose records are not there, and what to do.
fn missing(letter: &Letter) -> String {
    let utc = Zone::utc();
    let (from, until) = (letter.from.rfc3339(&utc), letter.until.rfc3339(&utc));
    format!(
        "Records {} to {} of {} are not all in --records: {} changes from {from} to {until}. Of their events, those were \
         handed on that the log has. The others cannot be made without the records: while the stream has them, which is \
         for 24 hours, `callbook events replay FILE --script` prints the command that reads them. Later, \
         `callbook export calls` and `callbook cost list` say what was written at that time.",
        letter.first, letter.last, letter.shard, letter.records,
    )
}

/// The events of messages that the log has.
async fn logged(
    ledger: &Ledger,
    accounts: &BTreeSet<AccountId>,
    letters: &[Letter],
    now: Instant,
) -> Result<BTreeMap<EventId, Event>> {
    let mut logged = BTreeMap::new();
    let Some(from) = letters.iter().map(|letter| letter.from).min() else {
        return Ok(logged);
    };
    for id in accounts {
        let Some(account) = ledger.account(id).await? else {
            continue;
        };
        let mut after = EventPlace::before(from.minus(EARLIER));
        loop {
            let page = ledger.events(&account, &after, &[], PAGE, now).await?;
            let events = page.events.into_iter();
            let told = events.filter(|event| {
                let number = event.change_sequence().unwrap_or_default();
                letters.iter().any(|letter| letter.covers(number))
            });
            logged.extend(told.map(|event| (event.id.clone(), event)));
            after = page.next;
            if !page.more {
                break;
            }
        }
    }
    Ok(logged)
}

/// The shell command that reads the records of messages. What the stream has no longer is left out.
fn script(letters: &[Letter], store: &StoreArgs) -> String {
    let mut options = String::new();
    for (name, value) in [("profile", &store.profile), ("region", &store.region)] {
        if let Some(value) = value {
            options.push_str(&format!(" --{name} '{value}'"));
        }
    }
    let mut script = format!(
        r#"read_records() {{
  iterator=$(aws{options} dynamodbstreams get-shard-iterator \
    --stream-arn "$1" --shard-id "$2" --sequence-number "$3" \
    --shard-iterator-type AT_SEQUENCE_NUMBER \
    --query ShardIterator --output text) || return 0
  while [ -n "$iterator" ]; do
    page=$(aws{options} dynamodbstreams get-records \
      --shard-iterator "$iterator" --output json) || return 0
    printf '%s\n' "$page"
    case $page in *"\"$4\""*) return 0 ;; esac
    iterator=$(printf '%s\n' "$page" |
      sed -n 's/.*"NextShardIterator": *"\([^"]*\)".*/\1/p')
  done
}}
"#
    );
    for letter in letters {
        script.push_str(&format!(
            "read_records {} \\\n  {} \\\n  {} {}\n",
            letter.stream, letter.shard, letter.first, letter.last
        ));
    }
    script
}
