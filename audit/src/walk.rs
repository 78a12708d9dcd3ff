//! The audit of a deployment's calls and money: finds what there is, judges it caller by caller, and looks again
//! at whatever seemed wrong, because the ledger is written to meanwhile.

use std::collections::{BTreeMap, HashSet};

use callbook::clock::Clock;

use super::finding::{Finding, masked};
use super::group::{Judge, Judged};
use super::money::Money;
use super::place::{Found, GroupId};
use super::source::{ReadError, WireTable};
use super::summaries::{Comparison, Summaries};
use super::survey::{Survey, survey};
use super::table::{Item, Table};

/// How many keys are judged at a time, unless a single caller has more.
const CHUNK: usize = 400;

/// How many groups that seemed wrong are judged at a time.
const SUSPECTS: usize = 50;

/// How often a group that seemed wrong is looked at again.
const ROUNDS: usize = 4;

/// How far an audit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So many more items were read to find out what there is.
    Found(usize),
    /// Calls and costs are judged: how many keys are done, and of how many.
    Judging(usize, usize),
    /// What seemed wrong is looked at again.
    Again,
    /// Days of summaries are compared: how many are done, and of how many.
    Comparing(usize, usize),
    /// Summaries differ, and the stream is waited for.
    Waiting,
}

/// The audit of one account.
#[derive(Clone, Debug)]
pub struct Audited {
    /// The id.
    pub account: String,
    /// The currency of every amount, if the account exists.
    pub currency: Option<String>,
    /// How many calls were judged.
    pub calls: u64,
    /// The sums of the identity.
    pub money: Money,
    /// What was compared with summaries.
    pub summaries: Summaries,
    /// What is wrong, without repetition.
    pub findings: Vec<Finding>,
    /// How many callers could not be judged, because they changed in every attempt.
    pub changing: usize,
}

impl Audited {
    /// Whether everything was judged and is right.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.findings.is_empty() && self.changing == 0 && self.money.adds_up()
    }
}

/// An audit of a table that is read over the wire.
pub struct Walk<'a> {
    /// The table.
    pub source: &'a WireTable,
    /// Tells when the stream has been followed far enough.
    pub clock: &'a Clock,
    /// Is told about each step.
    pub step: &'a (dyn Fn(Step) + Sync),
}

/// One account while it is audited.
struct Account {
    settings: Vec<Item>,
    audited: Audited,
    survey: Survey,
    /// What seemed wrong, as it was last judged; `None` if it kept changing.
    suspects: BTreeMap<GroupId, Option<Box<Judged>>>,
}

impl Walk<'_> {
    /// Audits one account, or every account of the table.
    ///
    /// # Errors
    /// Returns `ReadError` if DynamoDB does not answer in time or refuses.
    pub async fn run(&self, account: Option<&str>) -> Result<Vec<Audited>, ReadError> {
        let read = |items| (self.step)(Step::Found(items));
        let now = self.clock.now().millis();
        let surveys = survey(self.source, account, None, now, &read).await?;
        let mut accounts = Vec::new();
        for (id, survey) in surveys {
            accounts.push(self.account(id, survey).await?);
        }
        let total = accounts.iter().map(|account| account.survey.found.len());
        let (total, mut done) = (total.sum(), 0);
        for account in &mut accounts {
            let found = std::mem::take(&mut account.survey.found);
            for (groups, keys) in chunks(&found) {
                (self.step)(Step::Judging(done, total));
                done += keys;
                let now = self.clock.now().millis();
                account.first(self.source, &found, &groups, now).await?;
            }
        }
        for _ in 0..ROUNDS {
            let suspects = accounts.iter().flat_map(|account| &account.suspects);
            let wanted: HashSet<GroupId> = suspects
                .flat_map(|(group, judged)| {
                    let together = judged.iter().flat_map(|judged| &judged.groups);
                    together.chain([group])
                })
                .copied()
                .collect();
            if wanted.is_empty() {
                break;
            }
            (self.step)(Step::Again);
            let now = self.clock.now().millis();
            let again = survey(self.source, account, Some(&wanted), now, &|_| {});
            let mut again = again.await?;
            for account in &mut accounts {
                let survey = again.remove(&account.audited.account).unwrap_or_default();
                let now = self.clock.now().millis();
                account.again(self.source, &survey.found, now).await?;
            }
        }
        let mut audited = Vec::new();
        for account in accounts {
            audited.push(self.finish(account).await?);
        }
        Ok(audited)
    }

    async fn account(&self, id: String, survey: Survey) -> Result<Account, ReadError> {
        let (pk, mut settings) = (format!("A#{id}"), Vec::new());
        for prefix in ["ACCOUNT", "PROPERTY#"] {
            let each = |page: Vec<Item>| settings.extend(page);
            self.source.partition(&pk, prefix, each).await?;
        }
        let table = Table::new(&settings, self.clock.now().millis());
        let own = table.own(&id, "ACCOUNT");
        let mut findings = Vec::new();
        if own.is_none() {
            findings.push(Finding {
                rule: "account",
                key: masked(&pk, "ACCOUNT"),
                what: "items belong to this account, but it does not exist".to_owned(),
                cost_id: None,
                call_sid: None,
            });
        }
        // Accounts from before there were currencies are in US dollars.
        let currency = own.map(|own| own.text("currency").unwrap_or("USD").to_owned());
        let money = Money {
            adjusted: survey.adjusted,
            ..Money::default()
        };
        Ok(Account {
            audited: Audited {
                account: id,
                currency,
                calls: 0,
                money,
                summaries: Summaries::default(),
                findings,
                changing: 0,
            },
            settings,
            survey,
            suspects: BTreeMap::new(),
        })
    }

    async fn finish(&self, account: Account) -> Result<Audited, ReadError> {
        let Account {
            settings,
            mut audited,
            survey,
            suspects,
        } = account;
        for judged in suspects.into_values() {
            audited.changing += 1;
            audited.count(&judged.unwrap_or_default());
        }
        let settings = Table::new(&settings, self.clock.now().millis());
        let comparison = Comparison {
            source: self.source,
            clock: self.clock,
            account: &audited.account,
            settings: &settings,
        };
        let total = survey.days.len();
        let done = |day: Option<usize>| {
            (self.step)(day.map_or(Step::Waiting, |day| Step::Comparing(day, total)));
        };
        let (summaries, findings) = comparison.compare(&survey.days, &done).await?;
        audited.summaries = summaries;
        audited.findings.extend(findings);
        if !audited.money.adds_up() && audited.findings.is_empty() {
            audited.findings.push(Finding {
                rule: "cost-identity",
                key: masked(&format!("A#{}", audited.account), "ACCOUNT"),
                what: "its costs do not add up".to_owned(),
                cost_id: None,
                call_sid: None,
            });
        }
        audited.findings.sort();
        audited.findings.dedup();
        Ok(audited)
    }
}

impl Audited {
    fn count(&mut self, judged: &Judged) {
        self.calls += judged.calls;
        self.money.add(&judged.money);
    }
}

impl Account {
    /// Judges groups for the first time.
    async fn first(
        &mut self,
        source: &WireTable,
        found: &[Found],
        groups: &[GroupId],
        now: i64,
    ) -> Result<(), ReadError> {
        let settings = &Table::new(&self.settings, now);
        let judge = Judge {
            source,
            settings,
            found,
        };
        let judged = judge.judge(groups).await?;
        for (group, judged) in groups.iter().zip(judged) {
            match judged {
                Some(judged) if judged.findings.is_empty() => self.audited.count(&judged),
                judged => drop(self.suspects.insert(*group, judged)),
            }
        }
        Ok(())
    }

    /// Judges the suspects again; `found` is what there is of them now.
    ///
    /// A finding counts if it is there both times. If the lead changed in between, a call of a pair that was not
    /// known the first time may have changed it, so the group is left to the next time.
    async fn again(
        &mut self,
        source: &WireTable,
        found: &[Found],
        now: i64,
    ) -> Result<(), ReadError> {
        let settings = &Table::new(&self.settings, now);
        let judge = Judge {
            source,
            settings,
            found,
        };
        let suspects: Vec<_> = std::mem::take(&mut self.suspects).into_iter().collect();
        let mut suspects = suspects.into_iter().peekable();
        while suspects.peek().is_some() {
            let (groups, before): (Vec<_>, Vec<_>) = suspects.by_ref().take(SUSPECTS).unzip();
            let now = judge.judge(&groups).await?;
            for (group, (before, now)) in groups.into_iter().zip(before.into_iter().zip(now)) {
                match stands(before, now) {
                    Ok(judged) => {
                        self.audited.count(&judged);
                        self.audited.findings.extend(judged.findings);
                    }
                    Err(unsure) => drop(self.suspects.insert(group, unsure)),
                }
            }
        }
        Ok(())
    }
}

/// What stands of two judgements of a group, or the latest, by which the next is to be judged.
fn stands(
    before: Option<Box<Judged>>,
    now: Option<Box<Judged>>,
) -> Result<Box<Judged>, Option<Box<Judged>>> {
    let Some(mut now) = now else { return Err(None) };
    if now.findings.is_empty() {
        return Ok(now);
    }
    let Some(before) = before.filter(|before| before.contacts == now.contacts) else {
        return Err(Some(now));
    };
    let both = |finding: &Finding| before.findings.contains(finding);
    if !now.findings.iter().any(both) {
        return Err(Some(now));
    }
    now.findings.retain(both);
    Ok(now)
}

/// Splits what was found into chunks of groups, each with the number of its keys.
fn chunks(found: &[Found]) -> impl Iterator<Item = (Vec<GroupId>, usize)> {
    let groups = found.chunk_by(|one, other| one.group == other.group);
    let groups = groups.filter_map(|group| Some((group.first()?.group, group.len())));
    let mut groups = groups.peekable();
    std::iter::from_fn(move || {
        let (mut chunk, mut keys) = (Vec::new(), 0);
        while let Some((group, more)) =
            groups.next_if(|(_, more)| keys == 0 || keys + more <= CHUNK)
        {
            keys += more;
            chunk.push(group);
        }
        (!chunk.is_empty()).then_some((chunk, keys))
    })
}
