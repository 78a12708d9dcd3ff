//! `callbook demo fill`: 30 days of calls and costs of four vendors, sent through the endpoints as the vendors' clients do.
//!
//! A ledger that is filled already is left alone. A fill that was interrupted is continued: every request has what the
//! endpoints know a repeat by.

mod cast;
mod client;
mod filled;
mod operator;
mod plan;
mod statement;
mod today;
mod writes;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use callbook::clock::Clock;
use callbook::ledger::Ledger;
use callbook_local::folder;
use futures_util::{StreamExt, TryStreamExt, stream};
use http::Method;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::{Value, json};

use self::cast::{COBALT, DELTA, NUMBERS, VENDORS};
use self::client::{Client, Reply, Sending};
pub use self::filled::Filled;
use self::operator::Operator;
use self::plan::{Flaw, Frame, Plan, PlannedBill, PlannedCall, amount};
use self::statement::Statement;
use self::writes::write;
use super::{Demo, Login};
use crate::args::FillArgs;
use crate::output;

/// How many requests are under way at once.
const AT_ONCE: usize = 6;

/// For how long the endpoints know a repeat, with an hour to spare.
const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(20);

/// For how long the sums may take until everything is in them.
const SUMS: Duration = Duration::from_secs(300);

/// The reason of the adjustment that is made last, by which a complete fill is known.
const LAST: &str = "Credit for short transfers, agreed by mail (demo data)";

/// What to fill, and with what.
pub struct Target<'a> {
    pub demo: &'a Demo,
    pub ledger: &'a Ledger,
    pub base_url: &'a str,
    /// Where the statement is written to.
    pub folder: &'a Path,
    pub seed: u64,
    pub calls_per_day: u32,
}

struct Filling<'a> {
    demo: &'a Demo,
    client: Client,
}

impl Demo {
    /// Fills the account with 30 days of calls and costs, through the endpoints at `base_url`. The statement of a
    /// vendor is written into `folder`.
    ///
    /// # Errors
    /// Returns an error as [`Target::fill`] does.
    pub async fn fill(
        &self,
        ledger: &Ledger,
        (base_url, folder): (&str, &Path),
        args: &FillArgs,
    ) -> Result<Filled> {
        let target = Target {
            demo: self,
            ledger,
            base_url,
            folder,
            seed: args.seed,
            calls_per_day: args.calls_per_day,
        };
        target.fill().await
    }
}

impl Target<'_> {
    /// Fills the demo account, unless that was done before.
    ///
    /// # Errors
    /// Returns an error if an earlier fill was interrupted too long ago, an answer is not the expected one, or the
    /// statement cannot be written.
    pub async fn fill(&self) -> Result<Filled> {
        let filling = Filling {
            demo: self.demo,
            client: Client::new(self.base_url),
        };
        let me = filling.get("/callbook/v1/me", &[]).await?;
        let zone = me.text("/timezone")?.to_owned();
        let frame = Frame {
            seed: self.seed,
            calls_per_day: self.calls_per_day,
            zone: TimeZone::get(&zone).context("the account's time zone is not known here")?,
            now: now()?,
        };
        let state = filling.state(frame.now).await?;
        let mut filled = Filled {
            already: state == State::Complete,
            first: frame.first().to_string(),
            last: frame.today().to_string(),
            zone,
            made: Vec::new(),
            totals: Value::Null,
            statement: self.folder.join(statement::FILE),
            check: None,
        };
        if !filled.already {
            output::note(&format!(
                "Filling the demo account with the calls of {} days, through the endpoints.",
                plan::LENGTH
            ));
            let plan = frame.plan();
            let operator = Operator {
                demo: self.demo,
                ledger: self.ledger,
            };
            filling.prepare(&operator, &frame).await?;
            filled.made = filling.send(&plan).await?;
            filled.totals = filling.settled(&filled, &plan).await?;
            let statement = Statement::of(&frame, &plan)?;
            folder::replace(&filled.statement, &statement.csv)?;
            filled.made.push(("lines on a statement", statement.lines));
            filled.check = Some(filling.check(&statement).await?);
            filling.finish().await?;
        }
        let range = [("from", &*filled.first), ("to", &*filled.last)];
        let summary = filling.get("/callbook/v1/summary", &range).await?;
        filled.totals = summary.member("/totals");
        Ok(filled)
    }
}

#[derive(PartialEq, Eq)]
enum State {
    Empty,
    /// A fill was interrupted, and can be continued.
    Begun,
    Complete,
}

impl Filling<'_> {
    /// Says whether the ledger was filled before.
    async fn state(&self, now: Timestamp) -> Result<State> {
        let id = VENDORS.first().map_or("", |vendor| vendor.id);
        let ask =
            Sending::get(format!("/callbook/v1/vendors/{id}")).with("authorization", self.user());
        let vendor = self.client.any(&ask, &[200, 404]).await?;
        if vendor.status == 404 {
            return Ok(State::Empty);
        }
        let created: Timestamp = vendor.text("/created_at")?.parse()?;
        let (from, to) = (created, created.saturating_add(48.hours())?);
        let range = [("from", &*from.to_string()), ("to", &*to.to_string())];
        let made = self.get("/callbook/v1/adjustments", &range).await?;
        let is_last = |made: &Value| made.get("reason").is_some_and(|reason| reason == LAST);
        if made.list("/adjustments").iter().any(is_last) {
            return Ok(State::Complete);
        }
        ensure!(
            now.duration_since(created) < KNOWN_FOR,
            "a fill that began at {created} was interrupted, too long ago to go on without billing twice; start \
             `callbook local` with another --data folder, and fill that"
        );
        Ok(State::Begun)
    }

    /// Creates vendors with their terms, credentials, numbers and a webhook.
    async fn prepare(&self, operator: &Operator<'_>, frame: &Frame) -> Result<()> {
        for vendor in &VENDORS {
            let body = json!({"vendor_id": vendor.id, "name": vendor.name});
            self.post("/callbook/v1/vendors", &body).await?;
            for terms in vendor.terms {
                let from = frame.today().checked_sub(terms.days_ago.days())?;
                let body = json!({
                    "from": from.to_string(),
                    "price": amount(terms.cents),
                    "minimum_seconds": terms.minimum_seconds,
                    "duplicate_days": terms.duplicate_days,
                });
                let path = format!("/callbook/v1/vendors/{}/terms", vendor.id);
                let ask = Sending::json(Method::PUT, path, &body);
                self.client
                    .done(&ask.with("authorization", self.user()))
                    .await?;
            }
        }
        operator.credentials().await?;
        operator.inventory().await?;
        operator.webhook().await?;
        let property = &self.demo.fonedynamics.property_sid;
        for number in &NUMBERS {
            let path = format!("/v2/Properties/{}/Numbers", property.as_str());
            let ask = Sending::form(path, &[("Number", number.e164)]);
            self.client
                .done(&ask.with("authorization", self.switch()))
                .await?;
            let [source, medium, campaign, content] = number.attribution;
            let path = format!("/v2/Numbers/{}", number.e164.trim_start_matches('+'));
            let ask = Sending::form(
                path,
                &[
                    ("Friendly", number.friendly),
                    ("Attribution_Source", source),
                    ("Attribution_Medium", medium),
                    ("Attribution_Campaign", campaign),
                    ("Attribution_Content", content),
                ],
            );
            self.client
                .done(&ask.with("authorization", self.switch()))
                .await?;
        }
        let start = frame.first().yesterday()?.to_zoned(frame.zone.clone())?;
        operator.vendors_of_numbers(start.timestamp()).await
    }

    /// Sends the calls, the bills, and what happens now. Returns what was made.
    async fn send(&self, plan: &Plan) -> Result<Vec<(&'static str, usize)>> {
        stream::iter(&plan.calls)
            .map(|call| self.call(call))
            .buffered(AT_ONCE)
            .try_collect::<()>()
            .await?;
        output::hint(&format!("{} calls.", plan.calls.len()));
        // A vendor sends one bill after the other.
        let of = |place: usize| plan.bills.iter().filter(move |bill| bill.vendor == place);
        let billed = (0..VENDORS.len()).map(|place| self.bills(of(place)));
        let costs: Vec<BTreeMap<&str, String>> = futures_util::future::try_join_all(billed).await?;
        output::hint(&format!("{} bills.", plan.bills.len()));
        let costs: BTreeMap<&str, String> = costs.into_iter().flatten().collect();
        let flawed = |flaw: Flaw| plan.bills.iter().filter(move |bill| bill.flaw == flaw);
        let decided = self.decide(plan, &costs).await?;
        let mut made = vec![
            ("calls", plan.calls.len()),
            ("bills", plan.bills.len()),
            ("of callers who never called", flawed(Flaw::NoCall).count()),
            (
                "for calls that were too short",
                flawed(Flaw::TooShort).count(),
            ),
            (
                "at another price than agreed",
                flawed(Flaw::OtherPrice).count(),
            ),
            ("days late", flawed(Flaw::DaysLate).count()),
            ("billed a second time", flawed(Flaw::Twice).count()),
            ("with a corrected price", flawed(Flaw::NewPrice).count()),
            (
                "of a second vendor for one call",
                flawed(Flaw::SecondVendor).count(),
            ),
            (
                "sent again, and recorded once",
                plan.bills.iter().filter(|bill| bill.sent_again).count(),
            ),
            ("answered calls that are never billed", plan.never_billed),
            ("decisions about costs", decided),
        ];
        made.push(("reports on dialed numbers", self.feedback(plan).await?));
        made.push(("callees for the dialer", self.queue().await?));
        made.push(("requests that are refused", self.refused().await?));
        Ok(made)
    }

    async fn call(&self, call: &PlannedCall) -> Result<()> {
        let seconds = |moment: Timestamp| moment.as_second().to_string();
        let (started, ended) = (seconds(call.started), seconds(call.ended));
        let direction = if call.outbound { "Outbound" } else { "Inbound" };
        let mut fields = vec![
            ("From", call.from.as_str()),
            ("To", call.to.as_str()),
            ("Direction", direction),
            ("Started", started.as_str()),
            ("Disposition", call.disposition),
        ];
        if call.ended > call.started {
            fields.push(("Ended", ended.as_str()));
        }
        let ask = Sending::form(self.calls_path(), &fields).with("authorization", self.switch());
        self.client.done(&ask).await.map(drop)
    }

    /// Sends bills one after the other, and returns the ids of those costs that are decided about later.
    async fn bills<'p>(
        &self,
        bills: impl Iterator<Item = &'p PlannedBill>,
    ) -> Result<BTreeMap<&'p str, String>> {
        let mut costs = BTreeMap::new();
        for bill in bills {
            let vendor = VENDORS.get(bill.vendor).context("a vendor")?;
            let mut ask = write(vendor, bill).with("idempotency-key", bill.key.clone());
            for (name, value) in self.vendor(bill.vendor)? {
                ask = ask.with(name, value);
            }
            let reply = self.client.done(&ask).await?;
            if bill.sent_again {
                let again = self.client.done(&ask).await?;
                ensure!(again.replayed, "bill {} was billed twice", bill.key);
            }
            if bill.flaw != Flaw::None {
                costs.insert(bill.key.as_str(), reply.text("/cost_id")?.to_owned());
            }
        }
        Ok(costs)
    }

    /// Takes two costs back and gives a credit for one, as a person would. Returns how many decisions that are.
    async fn decide(&self, plan: &Plan, costs: &BTreeMap<&str, String>) -> Result<usize> {
        let of = |vendor: usize, flaw: Flaw| {
            let mut found = plan.bills.iter();
            let found = found.find(|bill| bill.vendor == vendor && bill.flaw == flaw);
            found.and_then(|bill| costs.get(bill.key.as_str()))
        };
        let mut decided = 0;
        for (cost, reason) in [
            (of(COBALT, Flaw::NoCall), "No such call, Cobalt agreed"),
            (
                of(DELTA, Flaw::TooShort),
                "11 seconds, disputed and accepted",
            ),
        ] {
            let Some(cost) = cost else {
                continue;
            };
            let path = format!("/callbook/v1/costs/{cost}/void");
            self.post(&path, &json!({ "reason": reason })).await?;
            decided += 1;
        }
        if let Some(cost) = of(COBALT, Flaw::OtherPrice) {
            let reason = "Three dollars above the terms, credited";
            let body = json!({"cost_id": cost, "amount": "-3.00", "reason": reason});
            self.post("/callbook/v1/adjustments", &body).await?;
            decided += 1;
        }
        Ok(decided)
    }

    /// Waits until every bill is in the sums that people look at, and returns these.
    async fn settled(&self, filled: &Filled, plan: &Plan) -> Result<Value> {
        let expected = amount(plan.bills.iter().map(|bill| bill.cents).sum());
        let range = [("from", &*filled.first), ("to", &*filled.last)];
        let deadline = tokio::time::Instant::now() + SUMS;
        loop {
            let summary = self.get("/callbook/v1/summary", &range).await?;
            let acknowledged = summary.text("/totals/acknowledged")?;
            if acknowledged.trim_end_matches('0') == expected.trim_end_matches('0') {
                return Ok(summary.member("/totals"));
            }
            if tokio::time::Instant::now() > deadline {
                bail!("bills over {expected} were acknowledged, and the sums say {acknowledged}");
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }

    async fn check(&self, statement: &Statement) -> Result<Value> {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("vendor", Statement::vendor())
            .append_pair("from", &statement.from.to_string())
            .append_pair("to", &statement.to.to_string())
            .finish();
        let csv = String::from_utf8(statement.csv.clone())?;
        let ask = Sending::new(
            Method::POST,
            format!("/callbook/v1/invoices/check?{query}"),
            csv,
        );
        let ask = ask.with("content-type", "text/csv");
        let reply = self
            .client
            .done(&ask.with("authorization", self.user()))
            .await?;
        Ok(reply.body)
    }

    /// Makes the adjustment by which a complete fill is known.
    async fn finish(&self) -> Result<()> {
        let month = now()?.to_zoned(TimeZone::UTC).strftime("%Y-%m").to_string();
        let vendor = VENDORS.get(DELTA).map_or("", |vendor| vendor.id);
        let body = json!({"vendor_id": vendor, "month": month, "amount": "-60.00", "reason": LAST});
        self.post("/callbook/v1/adjustments", &body).await.map(drop)
    }

    /// Asks the own API for something.
    async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Reply> {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(query)
            .finish();
        let ask = Sending::get(format!("{path}?{query}")).with("authorization", self.user());
        self.client.done(&ask).await
    }

    /// Posts to the own API. A repeat is known by the path and the body.
    async fn post(&self, path: &str, body: &Value) -> Result<Reply> {
        let ask = Sending::json(Method::POST, path, body).with("authorization", self.user());
        let ask = match path.contains("/queue/") {
            true => ask,
            false => ask.with("idempotency-key", short_key(path, body)),
        };
        self.client.done(&ask).await
    }

    fn user(&self) -> String {
        basic(&self.demo.user)
    }

    fn viewer(&self) -> String {
        basic(&self.demo.demo_data.viewer)
    }

    /// The switch that records calls.
    fn switch(&self) -> String {
        let sid = self.demo.account.account_sid.as_str();
        let token = &self.demo.fonedynamics.token;
        format!("Basic {}", STANDARD.encode(format!("{sid}:{token}")))
    }

    fn calls_path(&self) -> String {
        let property = &self.demo.fonedynamics.property_sid;
        format!("/v2/Properties/{}/Calls", property.as_str())
    }

    fn feedback_key(&self) -> &str {
        &self.demo.trestle.api_key
    }

    /// The headers of a key by its name in the credentials.
    fn pair(&self, name: &str) -> Result<[(&'static str, String); 2]> {
        let pair = self.demo.demo_data.vendors.get(name);
        let pair = pair.with_context(|| format!("the credentials have no key of {name}"))?;
        Ok([
            ("tld-api-id", pair.api_id.clone()),
            ("tld-api-key", pair.api_key.clone()),
        ])
    }
}

fn now() -> Result<Timestamp> {
    Ok(Timestamp::from_millisecond(Clock::system().now().millis())?)
}

fn basic(login: &Login) -> String {
    let text = format!("{}:{}", login.username, login.password);
    format!("Basic {}", STANDARD.encode(text))
}

fn short_key(path: &str, body: &Value) -> String {
    let text = format!("demo {path} {body}");
    text.chars()
        .filter(char::is_ascii_graphic)
        .take(255)
        .collect()
}
