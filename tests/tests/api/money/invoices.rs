//! A vendor's statement against the ledger (contracts/callbook.md, "Invoices").

use callbook::ids;
use callbook::ledger::{CostAct, CostDecision, Update};
use callbook::model::call::CostId;
use callbook::model::credential::{CredentialKind, Limits, Role};
use callbook::model::time::{Instant, Zone};
use callbook_tests::team::{ask, assert_problem, faults};
use callbook_tests::teletracker::basic;
use callbook_tests::tld::{DID, Platform};
use callbook_tests::{Key, Reply, World, send_to, vendor};
use serde_json::{Value, json};

mod refusals;

const CHECK: &str = "/callbook/v1/invoices/check";

/// An account in New York with the vendor `acme`, whose key bills, and an admin and a viewer.
struct Office {
    platform: Platform,
    admin: Key,
    viewer: Key,
}

impl Office {
    async fn new() -> Self {
        let zone = Zone::parse("America/New_York").unwrap();
        let mut platform = Platform::with(|account| account.zone = zone).await;
        let (world, account) = (&platform.world, &platform.account);
        vendor::add(world, account, "acme").await;
        vendor::add(world, account, "beta").await;
        let unlimited = |role| {
            move |new: &mut callbook::model::credential::NewCredential| {
                new.limits = Limits::default();
                new.role = role;
            }
        };
        let user = CredentialKind::User;
        let admin = world
            .credential_with(account, user, unlimited(Some(Role::Admin)))
            .await;
        let viewer = world
            .credential_with(account, user, unlimited(Some(Role::Viewer)))
            .await;
        let key = world
            .credential_with(account, CredentialKind::Tld, |new| {
                new.limits = Limits::default();
                new.vendor = Some(vendor::id("acme"));
            })
            .await;
        platform.key = key;
        Self {
            platform,
            admin,
            viewer,
        }
    }

    fn world(&self) -> &World {
        &self.platform.world
    }

    fn now(&self) -> Instant {
        self.world().clock.now()
    }

    /// Now, as the statement writes it.
    fn local(&self) -> String {
        self.now().local(&self.platform.account.zone)
    }

    /// Bills a call of a caller, and returns the cost's id.
    async fn bill(&self, caller: &str, cost: &str, more: &[(&str, &str)]) -> CostId {
        let fields = [("did", DID), ("cid", caller), ("cost", cost)];
        let reply = self.platform.form(&[&fields[..], more].concat()).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let id = &reply.json()["cost_id"];
        let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
        CostId::parse(&id).expect("an id")
    }

    async fn void(&self, cost: &CostId) {
        let act = CostAct {
            account: &self.platform.account,
            cost_id: cost,
            decision: &CostDecision::Void { all: false },
            by: "jane",
            reason: "no such call",
            request: None,
            guid: ids::guid(),
            now: self.now(),
        };
        let decided = self
            .world()
            .ledger
            .decide_cost(&act)
            .await
            .expect("the store");
        assert!(matches!(decided, Update::Updated(_)), "{decided:?}");
    }

    async fn check(&self, body: &Value) -> Reply {
        ask(&self.world().app, &basic(&self.admin), "POST", CHECK, body).await
    }

    async fn check_csv(&self, user: &Key, query: &str, body: &[u8]) -> Reply {
        let authorization = basic(user);
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", "text/csv; charset=utf-8"),
        ];
        let path = format!("{CHECK}?{query}");
        send_to(&self.world().app, "POST", &path, &headers, body).await
    }
}

const NOVEMBER: &str = "vendor=acme&from=2026-11-01&to=2026-11-30";

fn november(rows: &Value) -> Value {
    json!({"vendor": "acme", "from": "2026-11-01", "to": "2026-11-30", "rows": rows})
}

/// The buckets that have rows: lines and amount of the statement, entries and amount of the ledger.
fn sums(invoice: &Value) -> Vec<(&'static str, u64, String, u64, String)> {
    let kinds = [
        "agreed",
        "other_amount",
        "not_in_ledger",
        "not_on_statement",
        "twice_on_statement",
        "void_here",
    ];
    let side = |bucket: &Value, side: &str| {
        let amount = bucket[side]["amount"].as_str().unwrap().to_owned();
        (bucket[side]["count"].as_u64().unwrap(), amount)
    };
    let sums = kinds.into_iter().map(|kind| {
        let (lines, asked) = side(&invoice[kind], "statement");
        let (entries, counted) = side(&invoice[kind], "ledger");
        (kind, lines, asked, entries, counted)
    });
    sums.filter(|(kind, ..)| !invoice[kind]["rows"].as_array().unwrap().is_empty())
        .collect()
}

fn caller(number: usize) -> String {
    format!("206555{number:04}")
}

/// "Acme's invoice says 312 calls and $7,800: where do we differ?"
#[tokio::test]
async fn an_invoice_of_312_calls_is_explained_to_the_cent() {
    let office = Office::new().await;
    let mut csv = "Call Date,Called Number,Caller ID,Payout\r\n".to_owned();
    let mut line = |at: &str, number: usize| {
        csv.push_str(&format!(
            "{at},(206) 973-5100,{},$25.00\r\n",
            caller(number)
        ));
    };
    for number in 0..292 {
        office.world().wait(200);
        let (at, caller) = (office.local(), caller(number));
        // Every sixth call is known; the other bills find none.
        if number % 6 == 0 {
            office.platform.call_of(&caller, DID).await;
        }
        let id = format!("x{number}");
        match number {
            // Agreed, and six of them are on the statement twice.
            0..275 => {
                office.bill(&caller, "25", &[]).await;
                line(&at, number);
                if number < 6 {
                    line(&at, number);
                }
            }
            // A new price of the same bill.
            275..283 => {
                office.bill(&caller, "25", &[("call_id", &id)]).await;
                office.bill(&caller, "20", &[("call_id", &id)]).await;
                line(&at, number);
            }
            283..288 => {
                let cost = office.bill(&caller, "25", &[]).await;
                office.void(&cost).await;
                line(&at, number);
            }
            // Four that the vendor forgot.
            _ => drop(office.bill(&caller, "25", &[]).await),
        }
    }
    for number in 400..418 {
        line("11/21/2026 09:00", number);
    }
    // What another vendor and another account bill is not on this statement.
    let reply = office
        .check_csv(&office.viewer, NOVEMBER, csv.as_bytes())
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let invoice = reply.json();
    assert_eq!(
        invoice["statement"],
        json!({"count": 312, "amount": "7800.0000"})
    );
    assert_eq!(
        invoice["ledger"],
        json!({"count": 287, "amount": "7135.0000"})
    );
    assert_eq!(invoice["difference"], "665.0000");
    let sum = |kind, lines, asked: &str, entries, counted: &str| {
        (
            kind,
            lines,
            format!("{asked}.0000"),
            entries,
            format!("{counted}.0000"),
        )
    };
    let expected = [
        sum("agreed", 275, "6875", 275, "6875"),
        sum("other_amount", 8, "200", 8, "160"),
        sum("not_in_ledger", 18, "450", 0, "0"),
        sum("not_on_statement", 0, "0", 4, "100"),
        sum("twice_on_statement", 6, "150", 0, "0"),
        sum("void_here", 5, "125", 0, "0"),
    ];
    assert_eq!(sums(&invoice), expected);
    for (kind, note) in [
        ("other_amount", json!("earlier_price")),
        ("twice_on_statement", json!("same_call")),
        ("void_here", Value::Null),
    ] {
        let rows = invoice[kind]["rows"].as_array().unwrap();
        assert!(
            rows.iter().all(|row| row["note"] == note),
            "{kind}: {rows:?}"
        );
    }
    let first = &invoice["twice_on_statement"]["rows"][0];
    assert_eq!(
        (&first["line"], &first["repeats_line"]),
        (&json!(3), &json!(2))
    );
    assert_eq!(invoice["void_here"]["rows"][0]["state"], "void");
}

#[tokio::test]
async fn rows_and_csv_give_the_same_answer_to_admins_and_viewers() {
    let office = Office::new().await;
    office
        .bill("2065550100", "1234.5", &[("call_id", "x1")])
        .await;
    office.bill("anonymous", "25", &[]).await;
    office.bill("2065550101", "25", &[]).await;
    let rows = json!([
        {"call_id": "x1", "amount": 1234.50},
        {"date": "2026-11-21", "did": DID, "caller": "Restricted", "amount": "25"},
        {"date": "2026-11-21", "time": "07:01", "did": "206-973-5100", "caller": "(206) 555-0101", "amount": "26.00"},
    ]);
    let asked = office.check(&november(&rows)).await;
    assert_eq!(asked.status, 200, "{}", asked.body);
    let csv = "\u{feff}ref;When;Clock;To;From;Due\n\
               x1;;;;;\"1.234,50\"\n\
               ;21.11.2026;;+12069735100;266696687;25,00\n\
               ;21.11.2026;07:01;2069735100;2065550101;26\n";
    let named = "column.call_id=ref&column.date=when&column.time=Clock&column.amount=Due";
    for user in [&office.admin, &office.viewer] {
        let reply = office
            .check_csv(user, &format!("{NOVEMBER}&{named}"), csv.as_bytes())
            .await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let (mut one, mut other) = (asked.json(), reply.json());
        // Lines of a file are counted with its header line.
        for invoice in [&mut one, &mut other] {
            for kind in ["agreed", "other_amount"] {
                for row in invoice[kind]["rows"].as_array_mut().unwrap() {
                    row["line"] = Value::Null;
                }
            }
        }
        assert_eq!(one, other);
    }
    let invoice = asked.json();
    assert_eq!(invoice["call_ids"], "used");
    assert_eq!(invoice["difference"], "1.0000");
    assert_eq!(invoice["agreed"]["statement"]["count"], 2);
    let row = &invoice["other_amount"]["rows"][0];
    assert_eq!(
        (&row["ledger_amount"], &row["caller"]),
        (&json!("25.0000"), &json!("+12065550101"))
    );
}

#[tokio::test]
async fn only_the_vendors_own_entries_of_the_range_count() {
    let office = Office::new().await;
    office.bill("2065550100", "25", &[]).await;
    // Billed by a key of another vendor, and by one of none.
    for owner in [Some(vendor::id("beta")), None] {
        let (world, account) = (office.world(), &office.platform.account);
        let key = world
            .credential_with(account, CredentialKind::Tld, |new| new.vendor = owner)
            .await;
        let headers = [
            ("tld-api-id", key.name.as_str()),
            ("tld-api-key", key.secret.as_str()),
            ("content-type", "application/json"),
        ];
        let body = json!({"did": DID, "cid": "2065550199", "cost": "99"}).to_string();
        let path = callbook_tests::tld::PATH;
        let reply = world.send("POST", path, &headers, body.as_bytes()).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
    }
    let line =
        json!([{"date": office.local(), "did": DID, "caller": "2065550100", "amount": "25"}]);
    for (from, to, expected) in [
        ("2026-11-21", "2026-11-21", "agreed"),
        ("2026-11-21T12:00:00Z", "2026-11-21T12:00:01Z", "agreed"),
        ("2026-11-22", "2026-11-22", "not_in_ledger"),
        (
            "2026-11-21T00:00:00Z",
            "2026-11-21T12:00:00Z",
            "not_in_ledger",
        ),
    ] {
        let body = json!({"vendor": "acme", "from": from, "to": to, "rows": line});
        let invoice = office.check(&body).await.json();
        let found = sums(&invoice);
        assert_eq!(found.len(), 1, "{invoice}");
        assert_eq!(found[0].0, expected, "{from}");
        if expected == "not_in_ledger" {
            let row = &invoice[expected]["rows"][0];
            assert_eq!(row["note"], "outside_range");
            assert_eq!(invoice["ledger"]["count"], 0);
        }
    }
}
