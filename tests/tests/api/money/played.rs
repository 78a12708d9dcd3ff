//! An account whose pairs are played with generated histories, and what its table says of them.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use callbook::ids;
use callbook::ledger::{
    BillEntry, Billed, CallChange, Contact, CostAct, CostDecision, Creation, Ledger, NewCall,
    PastCall, StartTime, StoreError, SwitchCall, Update,
};
use callbook::model::account::{Account, Rebill};
use callbook::model::call::{Bill as SentBill, CallSid, CallingParty, CostId, Direction};
use callbook::model::cost::Cost;
use callbook::model::credential::{CredentialKind, Limits};
use callbook::model::pair::external_id::ExternalId;
use callbook::model::phone::PhoneNumber;
use callbook::model::property::PropertySid;
use callbook::model::time::{CallDate, Instant};
use callbook_audit::{Item, number, text};
use callbook_local::engine::TABLE;
use callbook_tests::reference::{Bill, Date, Pair, Pin, Report, Source, State};
use callbook_tests::tld::{FORM, PATH, form};
use callbook_tests::{Key, World, fd_calls, send_to, truecnam};
use serde_json::json;

use super::history::{Decision, Fact, History, SECOND};

mod comparison;

pub use comparison::compare_all;

/// The DID of the first play; each play has the next one.
const FIRST_DID: u64 = 12_069_730_000;
const CID: &str = "+12065550100";

/// An account with everybody who reports and bills.
pub struct Desk<'a> {
    pub world: &'a World,
    pub account: Account,
    /// The ledger to which reports and decisions go.
    pub ledger: Ledger,
    property: PropertySid,
    billers: HashMap<&'static str, Key>,
    switch: Key,
}

/// One play of a history, in a pair of its own.
pub struct Play<'a> {
    pub desk: &'a Desk<'a>,
    pub history: &'a History,
    did: PhoneNumber,
    cid: CallingParty,
    /// What is known so far.
    state: std::sync::Mutex<Known>,
}

#[derive(Default)]
struct Known {
    reports: Vec<usize>,
    bills: Vec<Bill>,
    /// What each bill was answered with.
    answers: HashMap<usize, String>,
}

impl<'a> Desk<'a> {
    /// A new account with the settings of a history.
    pub async fn new(world: &'a World, ledger: Ledger, history: &History) -> Self {
        let account = world
            .account_with(|account| {
                account.same_call_seconds = u32::try_from(history.within).expect("seconds");
                account.billing_window_days = u32::try_from(history.window_days).expect("days");
                account.repeat_window_minutes = 15;
                account.rebill = match history.adds {
                    true => Rebill::Add,
                    false => Rebill::Replace,
                };
            })
            .await;
        let unlimited = |new: &mut callbook::model::credential::NewCredential| {
            new.limits = Limits::default();
        };
        let key = |kind| world.credential_with(&account, kind, unlimited);
        let mut billers = HashMap::new();
        for name in ["acme", "other", "import"] {
            billers.insert(name, key(CredentialKind::Tld).await);
        }
        Self {
            switch: key(CredentialKind::Truecnam).await,
            property: fd_calls::property(world, &account, None).await,
            world,
            ledger,
            billers,
            account,
        }
    }
}

fn at(millis: i64) -> Instant {
    Instant::from_millis(millis)
}

fn external_id(id: Option<&String>) -> Option<ExternalId> {
    ExternalId::parse(id.map_or("", String::as_str)).expect("an id")
}

impl<'a> Play<'a> {
    /// A play in the pair of that number.
    pub fn new(desk: &'a Desk<'a>, history: &'a History, pair: u64) -> Self {
        let number = |text: &str| PhoneNumber::parse_e164(text).expect("a number");
        let cid = match history.withheld {
            true => CallingParty::Withheld,
            false => CallingParty::Number(number(CID)),
        };
        Self {
            desk,
            history,
            did: number(&format!("+{}", FIRST_DID + pair)),
            cid,
            state: std::sync::Mutex::default(),
        }
    }

    /// The same play, with another caller.
    pub fn called_by(mut self, number: &str) -> Self {
        self.cid = CallingParty::Number(PhoneNumber::parse_e164(number).expect("a number"));
        self
    }

    fn set_clock(&self, millis: i64) {
        self.desk.world.clock.set(at(millis));
    }

    /// Makes one fact known through the front door, where that has a way.
    pub async fn tell(&self, fact: Fact) {
        match fact {
            Fact::Report(report) => self.report(report, true).await.expect("the store"),
            Fact::Bill(bill) => self.bill(bill, true).await.expect("the store"),
            Fact::Decision(number) => self.decide(number).await.expect("the store"),
        }
    }

    /// Makes one fact known through the ledger, beside others.
    pub async fn tell_beside(&self, fact: Fact) -> Result<(), StoreError> {
        match fact {
            Fact::Report(report) => self.report(report, false).await,
            Fact::Bill(bill) => self.bill(bill, false).await,
            Fact::Decision(number) => self.decide(number).await,
        }
    }

    async fn report(&self, place: usize, door: bool) -> Result<(), StoreError> {
        let report = &self.history.reports[place];
        let desk = self.desk;
        match report.source {
            Source::Lookup if door => {
                self.set_clock(report.start);
                let query = form(&[
                    ("username", &desk.switch.name),
                    ("password", &desk.switch.secret),
                    ("calling_number", self.cid.as_str()),
                    ("called_number", self.did.as_e164()),
                ]);
                let path = format!("{}?{query}", truecnam::PATH);
                let reply = desk.world.send("GET", &path, &[], b"").await;
                assert_eq!(reply.status, 200, "{}", reply.body);
            }
            Source::Lookup => {
                let call = NewCall {
                    account: &desk.account,
                    sid: ids::call_sid(at(report.start), 0),
                    calling: &self.cid,
                    called: &self.did,
                    contact: &Contact::default(),
                    guid: ids::guid(),
                };
                desk.ledger.record_lookup(&call).await?;
            }
            Source::Switch | Source::StartEnd => {
                let start = at(report.start);
                let call = SwitchCall {
                    account: &desk.account,
                    property: &desk.property,
                    from: &self.cid,
                    to: &self.did,
                    direction: Direction::Inbound,
                    began: match report.stated {
                        true => StartTime::Reported(start),
                        false => StartTime::Inferred(start),
                    },
                    change: CallChange {
                        disposition: None,
                        ended: report.ended.map(at),
                    },
                    external_id: external_id(report.external_id.as_ref()),
                    contact: &Contact::default(),
                    guid: ids::guid(),
                    now: at(report.start + SECOND),
                };
                desk.ledger.record_call(&call).await?;
            }
            Source::Cdr => self.import(report, None).await?,
        }
        self.know(place);
        Ok(())
    }

    fn know(&self, report: usize) {
        let mut state = self.state.lock().unwrap();
        if !state.reports.contains(&report) {
            state.reports.push(report);
        }
    }

    async fn import(&self, report: &Report, bill: Option<&Bill>) -> Result<(), StoreError> {
        let past = PastCall {
            started: at(report.start),
            direction: Direction::Inbound,
            from: self.cid.clone(),
            to: self.did.clone(),
            ended: report.ended.map(at),
            seconds: None,
            disposition: None,
            cost: bill.map(|bill| Cost::parse(&bill.amount.to_string()).expect("an amount")),
            billed: bill.map(|bill| at(bill.received)),
            notes: None,
            external_id: external_id(report.external_id.as_ref()),
            call_sid: None,
        };
        let now = at(bill.map_or(report.start + SECOND, |bill| bill.received));
        let imported = self
            .desk
            .ledger
            .import_call(&self.desk.account, &past, now)
            .await?;
        assert!(!matches!(imported, Creation::Refused(_)), "{imported:?}");
        Ok(())
    }

    async fn bill(&self, place: usize, door: bool) -> Result<(), StoreError> {
        let bill = &self.history.bills[place];
        let answer = if let Some(report) = self.history.imports[place] {
            self.import(&self.history.reports[report], Some(bill))
                .await?;
            self.know(report);
            self.imported(bill).await
        } else {
            let key = &self.desk.billers[bill.credential.as_str()];
            match door {
                true => self.send(bill, key).await,
                false => self.record(bill, key).await?,
            }
        };
        let mut state = self.state.lock().unwrap();
        state.answers.insert(place, answer);
        while state.bills.len() <= place {
            let next = state.bills.len();
            state.bills.push(self.history.bills[next].clone());
        }
        Ok(())
    }

    async fn send(&self, bill: &Bill, key: &Key) -> String {
        self.set_clock(bill.received);
        let date = match bill.date {
            Date::None => String::new(),
            Date::Moment(moment) => (moment / SECOND).to_string(),
            Date::Day(begins, _) => {
                let zone = &self.desk.account.zone;
                at(begins).local(zone)[..10].to_owned()
            }
        };
        let amount = bill.amount.to_string();
        let fields = [
            ("did", self.did.as_e164()),
            ("cid", self.cid.as_str()),
            ("cost", &amount),
            ("call_date", &date),
            ("call_id", bill.call_id.as_deref().unwrap_or("{call_id}")),
        ];
        let headers = [
            ("tld-api-id", key.name.as_str()),
            ("tld-api-key", key.secret.as_str()),
            ("content-type", FORM),
        ];
        let app = &self.desk.world.app;
        let reply = send_to(app, "POST", PATH, &headers, form(&fields).as_bytes()).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json()["cost_id"].as_str().expect("an id").to_owned()
    }

    async fn record(&self, bill: &Bill, key: &Key) -> Result<String, StoreError> {
        let sent = SentBill {
            did: self.did.clone(),
            cid: self.cid.clone(),
            cost: Cost::parse(&bill.amount.to_string()).expect("an amount"),
            date_billed: None,
            call_date: match bill.date {
                Date::None => None,
                Date::Moment(moment) => Some(CallDate::Moment(at(moment))),
                Date::Day(begins, ends) => Some(CallDate::Day {
                    begins: at(begins),
                    ends: at(ends),
                }),
            },
            call_id: external_id(bill.call_id.as_ref()),
            notes: None,
        };
        let entry = BillEntry {
            account: &self.desk.account,
            credential: &key.credential,
            address: None,
            bill: &sent,
            key: None,
            guid: ids::guid(),
            now: at(bill.received),
        };
        let answer = |billed: &Billed| {
            Ok::<_, StoreError>(json!({"cost_id": billed.cost_id.as_str()}).to_string())
        };
        let answer = match self.desk.ledger.record_bill(&entry, answer).await? {
            Creation::Created(answer) | Creation::Exists(answer) => answer,
            Creation::Refused(refused) => panic!("{refused:?}"),
        };
        let answer: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
        Ok(answer["cost_id"].as_str().expect("an id").to_owned())
    }

    /// The id of the imported cost that was received at the same time.
    async fn imported(&self, bill: &Bill) -> String {
        let items = self.items().await;
        let entries = items.iter().flat_map(|item| match text(item, "type") {
            Some("pair_bill") => vec![item],
            _ => maps(item, "entries"),
        });
        let mut ours = entries.filter(|entry| number(entry, "received_at") == Some(bill.received));
        text(ours.next().expect("an entry"), "cost_id")
            .expect("an id")
            .to_owned()
    }

    async fn decide(&self, number: usize) -> Result<(), StoreError> {
        let decision = &self.history.decisions[number];
        let place = decision.bill();
        let mut pin = None;
        let said = match decision {
            Decision::Void(_) => CostDecision::Void { all: false },
            Decision::Pin(_, report) => {
                let sid = self.call_with(&self.history.reports[*report]).await;
                pin = Some(Pin::To(sid.clone()));
                CostDecision::Match(CallSid::parse(&sid).expect("a sid"))
            }
            Decision::Away(_) => {
                pin = Some(Pin::None);
                CostDecision::Unmatch
            }
            Decision::Unpin(_) => CostDecision::Unpin,
        };
        self.decided(place, &said, pin).await
    }

    /// Matches the entry of a bill to the call of another play's report.
    pub async fn match_to(
        &self,
        place: usize,
        other: &Play<'_>,
        report: usize,
    ) -> Result<(), StoreError> {
        let sid = other.call_with(&other.history.reports[report]).await;
        let said = CostDecision::Match(CallSid::parse(&sid).expect("a sid"));
        self.decided(place, &said, Some(Pin::To(sid))).await
    }

    async fn decided(
        &self,
        place: usize,
        said: &CostDecision,
        pin: Option<Pin>,
    ) -> Result<(), StoreError> {
        let cost = self.state.lock().unwrap().answers.get(&place).cloned();
        let cost = cost.expect("its bill is known");
        // A repeat has no entry of its own; what is decided about it is about the first.
        let place = {
            let state = self.state.lock().unwrap();
            let mut same = state.answers.iter().filter(|(_, other)| **other == cost);
            same.by_ref()
                .map(|(place, _)| *place)
                .min()
                .unwrap_or(place)
        };
        let act = CostAct {
            account: &self.desk.account,
            cost_id: &CostId::parse(&cost).expect("an id"),
            decision: said,
            by: "jane",
            reason: "a test",
            request: None,
            guid: ids::guid(),
            now: at(self.history.bills[place].received + SECOND),
        };
        let decided = self.desk.ledger.decide_cost(&act).await?;
        assert!(matches!(decided, Update::Updated(_)), "{decided:?}");
        let bill = &mut self.state.lock().unwrap().bills[place];
        match said {
            CostDecision::Void { .. } => bill.void = true,
            _ => bill.pin = pin,
        }
        Ok(())
    }

    /// The sid of the call with a report.
    async fn call_with(&self, report: &Report) -> String {
        let items = self.items().await;
        let mut calls = items.iter().filter(|item| {
            let mut reports = maps(item, "reports").into_iter().map(read_report);
            reports.any(|one| content(&one) == content(report))
        });
        let call = calls.next().expect("the report is known");
        text(call, "call_sid").expect("a sid").to_owned()
    }

    async fn items(&self) -> Vec<Item> {
        let pk = format!(
            "A#{}#PAIR#in#{}#{}",
            self.desk.account.id,
            self.did.as_e164(),
            self.cid.as_str()
        );
        let client = self.desk.world.engine.client();
        let query = client
            .query()
            .table_name(TABLE)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(pk));
        let items = query.into_paginator().items().send();
        items
            .collect::<Result<_, _>>()
            .await
            .expect("the table is read")
    }
}

fn maps<'i>(item: &'i Item, name: &str) -> Vec<&'i Item> {
    let list = item.get(name).and_then(|list| list.as_l().ok());
    list.into_iter()
        .flatten()
        .filter_map(|one| one.as_m().ok())
        .collect()
}

/// What a report says, without its sid.
fn content(report: &Report) -> (i64, Source, Option<String>, Option<i64>, bool) {
    (
        report.start,
        report.source,
        report.external_id.clone(),
        report.ended,
        report.stated,
    )
}

fn read_report(item: &Item) -> Report {
    Report {
        start: number(item, "started_at").expect("a start"),
        source: match text(item, "source") {
            Some("switch") => Source::Switch,
            Some("cdr") => Source::Cdr,
            Some("startend") => Source::StartEnd,
            _ => Source::Lookup,
        },
        external_id: text(item, "external_id").map(str::to_owned),
        ended: number(item, "ended_at"),
        sid: text(item, "sid").expect("a sid").to_owned(),
        stated: item["stated"].as_bool().copied().expect("a flag"),
        within: number(item, "within").expect("seconds") * SECOND,
    }
}
