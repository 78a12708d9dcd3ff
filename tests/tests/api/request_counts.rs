//! The table in `docs/performance.md` of what each endpoint asks the store, by a process's first request
//! and by a warm one.

use callbook::edge::App;
use callbook::model::credential::{CredentialKind, Limits};
use callbook_tests::call_data::{self, CALL_DATA};
use callbook_tests::capacity;
use callbook_tests::faults::{self, Proxy};
use callbook_tests::fd_calls;
use callbook_tests::fonedynamics::{FREE, Site, ask, load, number, path_of, sid};
use callbook_tests::teletracker::{self, Desk, Session, basic};
use callbook_tests::tld::{FORM, PATH, Platform, form};
use callbook_tests::truecnam::{self, Pbx};
use callbook_tests::{Key, Reply, World, send_to};
use serde_json::json;

/// Two numbers, one for each request of a row.
const CALLERS: [&str; 2] = ["12069735100", "12069735101"];
const DID: &str = "18005550100";

/// Says what was asked, as the table does.
pub fn told(proxy: &Proxy) -> String {
    let verbs = proxy.verbs();
    let all: usize = verbs.values().sum();
    let each = verbs.into_iter().map(|(verb, times)| match times {
        1 => format!("`{verb}`"),
        _ => format!("`{verb}` x {times}"),
    });
    let each: Vec<String> = each.collect();
    match all {
        0 => "0".to_owned(),
        _ => format!("{all}: {}", each.join(", ")),
    }
}

/// Sends two requests to a new process and returns the row.
async fn row(
    proxy: &Proxy,
    world: &World,
    name: &str,
    send: impl AsyncFn(&App, usize) -> Reply,
) -> String {
    let app = world.restarted();
    let mut cells = Vec::new();
    for n in 0..2 {
        let before = capacity::items(world);
        proxy.heal();
        let reply = send(&app, n).await;
        assert!(
            (200..300).contains(&reply.status),
            "{name}: {} {}",
            reply.status,
            reply.body
        );
        cells.push(told(proxy));
        if n == 1 {
            let used = capacity::used(world, proxy, &before).await;
            capacity::hold(world, name, &used, &reply);
        }
    }
    format!("| {name} | {} |", cells.join(" | "))
}

/// Compares rows with the document's.
fn assert_documented(rows: &[String]) {
    capacity::assert_held();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/performance.md");
    let document = std::fs::read_to_string(path).unwrap();
    let missing: Vec<&str> = rows
        .iter()
        .map(String::as_str)
        .filter(|row| !document.contains(row))
        .collect();
    assert!(
        missing.is_empty(),
        "docs/performance.md lacks:\n{}",
        missing.join("\n")
    );
}

async fn feedback(app: &App, key: &Key, phone: &str) -> Reply {
    let body = json!({
        "response_id": "T_1", "phone": phone, "phone_status": "Connected",
        "phone_right_party_contact": true,
    });
    let headers = [("x-api-key", key.secret.as_str())];
    let body = body.to_string();
    send_to(
        app,
        "POST",
        "/1.0/phone_feedback",
        &headers,
        body.as_bytes(),
    )
    .await
}

#[tokio::test]
async fn of_feedback_bills_and_callers() {
    let (world, proxy) = faults::world().await;
    let platform = Platform::on(world, |_| {}).await;
    let (world, account) = (&platform.world, &platform.account);
    let trestle = world.credential(account, CredentialKind::Trestle).await;
    let bill = async |app: &App, n: usize| {
        let headers = platform.headers().into_iter();
        let headers: Vec<_> = headers.chain([("content-type", FORM)]).collect();
        let body = form(&[("did", DID), ("cid", CALLERS[n]), ("cost", "25")]);
        send_to(app, "POST", PATH, &headers, body.as_bytes()).await
    };
    let pbx = Pbx::carrier(world).await;
    let caller = async |app: &App, party: &str, n: usize| {
        let pair = truecnam::pair(party, CALLERS[n], DID);
        let query = pbx.encoded(&[&pair[..], &[("resp_type", "extended")]].concat());
        let path = format!("{}?{query}", truecnam::PATH);
        send_to(app, "GET", &path, &[], b"").await
    };
    let rows = [
        row(&proxy, world, "feedback", async |app, n| {
            feedback(app, &trestle, CALLERS[n]).await
        })
        .await,
        row(&proxy, world, "bill", bill).await,
        row(&proxy, world, "`terminating`, extended", async |app, n| {
            caller(app, "terminating", n).await
        })
        .await,
        row(&proxy, world, "`orig_call_start`", async |app, n| {
            caller(app, "orig_call_start", n).await
        })
        .await,
        row(&proxy, world, "`orig_call_end`", async |app, n| {
            caller(app, "orig_call_end", n).await
        })
        .await,
    ];
    assert_documented(&rows);
}

#[tokio::test]
async fn of_sign_in_rapid_responses_and_reports() {
    let (world, proxy) = faults::world().await;
    let desk = Desk::on(world).await;
    let world = &desk.world;
    let sessions: [Session; 2] = [desk.login().await, desk.login().await];
    let user = call_data::user(world, &desk.account).await;
    let report = async |app: &App, _| {
        let days = form(&[("start_date", "2026-11-21"), ("end_date", "2026-11-21")]);
        let basic = basic(&user);
        let headers = [("authorization", basic.as_str())];
        send_to(app, "GET", &format!("{CALL_DATA}?{days}"), &headers, b"").await
    };
    let empty = row(&proxy, world, "report of a day without calls", report).await;
    let pbx = Pbx::of(world, desk.account.clone(), Limits::default()).await;
    pbx.ask(world, CALLERS[0], Some(DID)).await;
    let rows = [
        row(&proxy, world, "sign-in", async |app, _| {
            teletracker::login(app, &desk.user, &[]).await
        })
        .await,
        row(&proxy, world, "renewal of a sign-in", async |app, n| {
            let token = [("refresh_token", sessions[n].refresh_token.as_str())];
            teletracker::post(app, teletracker::REFRESH, "", &token).await
        })
        .await,
        row(&proxy, world, "rapid response", async |app, n| {
            let parameters = [("callee", CALLERS[n]), ("whisper_text", "Hello")];
            teletracker::respond(app, &basic(&desk.user), &parameters).await
        })
        .await,
        empty,
        row(&proxy, world, "report of a day, one page of calls", report).await,
    ];
    assert_documented(&rows);
}

#[tokio::test]
async fn of_properties_addresses_and_calls() {
    let (world, proxy) = faults::world().await;
    let site = Site::on(world, |_| {}).await;
    let (world, key) = (&site.world, &site.key);
    let property = fd_calls::property(world, &site.account, None).await;
    let addresses = [site.address(FREE).await, site.address(FREE).await];
    let of_account = |what: &str| format!("/v2/Accounts/{}/{what}", site.sid());
    let of_property = fd_calls::of_property(&property);
    let mut rows = Vec::new();
    for (name, path) in [
        (
            "property: show",
            format!("/v2/Properties/{}", property.as_str()),
        ),
        ("properties: list", "/v2/Properties".to_owned()),
        ("address: show", format!("/v2/Addresses/{}", addresses[0])),
        ("addresses: list", of_account("Addresses")),
        ("calls of a property: list", of_property.clone()),
        ("calls of an account: list", of_account("Calls")),
    ] {
        let get = async |app: &App, _| ask(app, key, "GET", &path, "").await;
        rows.push(row(&proxy, world, name, get).await);
    }
    let address = json!({"Line1": "1 Example Street", "City": "Exampleton", "CountryCode": FREE});
    for (name, path, body) in [
        (
            "property: create",
            "/v2/Properties".to_owned(),
            json!({"Name": "Roofing"}),
        ),
        ("address: create", of_account("Addresses"), address),
    ] {
        let post = async |app: &App, _| ask(app, key, "POST", &path, &body.to_string()).await;
        rows.push(row(&proxy, world, name, post).await);
    }
    let delete = async |app: &App, n: usize| {
        let path = format!("/v2/Addresses/{}", addresses[n]);
        ask(app, key, "DELETE", &path, "").await
    };
    rows.push(row(&proxy, world, "address: delete", delete).await);
    let mut calls = Vec::new();
    for caller in CALLERS {
        let pair = [("From", caller), ("To", DID)];
        let call = fd_calls::record(world, key, &property, &pair).await;
        calls.push(format!("/v2/Calls/{}", sid(&call, "CallSid")));
    }
    let record = async |app: &App, n: usize| {
        // Other calls than those above, whose parties are the other way round.
        let body = form(&[("From", DID), ("To", CALLERS[n])]);
        ask(app, key, "POST", &of_property, &body).await
    };
    let show = async |app: &App, n: usize| ask(app, key, "GET", &calls[n], "").await;
    let update =
        async |app: &App, n: usize| ask(app, key, "POST", &calls[n], "Disposition=IVR").await;
    rows.push(row(&proxy, world, "call of another switch: record", record).await);
    rows.push(row(&proxy, world, "call: show", show).await);
    rows.push(row(&proxy, world, "call: update", update).await);
    assert_documented(&rows);
}

#[tokio::test]
async fn of_numbers() {
    let (world, proxy) = faults::world().await;
    let site = Site::on(world, |_| {}).await;
    let (world, key) = (&site.world, &site.key);
    let numbers = ["+12065550121", "+12065550122"];
    for e164 in numbers {
        load(world, &number(e164, FREE, "Local", "Voice,SMS")).await;
    }
    let property = site.property("Roofing").await;
    let path = format!("/v2/Properties/{property}/Numbers");
    let rows = [
        row(&proxy, world, "numbers for sale: list", async |app, _| {
            let path = format!("/v2/AvailableNumbers?CountryCode={FREE}");
            ask(app, key, "GET", &path, "").await
        })
        .await,
        row(&proxy, world, "number: purchase", async |app, n| {
            let body = json!({ "Number": numbers[n] }).to_string();
            ask(app, key, "POST", &path, &body).await
        })
        .await,
        row(
            &proxy,
            world,
            "numbers of a property: list",
            async |app, _| ask(app, key, "GET", &path, "").await,
        )
        .await,
        row(&proxy, world, "number: show", async |app, n| {
            ask(app, key, "GET", &path_of(numbers[n]), "").await
        })
        .await,
        row(&proxy, world, "number: update", async |app, n| {
            let body = json!({"EndpointNumber": "+12065550199"}).to_string();
            ask(app, key, "POST", &path_of(numbers[n]), &body).await
        })
        .await,
        row(&proxy, world, "number: release", async |app, n| {
            ask(app, key, "DELETE", &path_of(numbers[n]), "").await
        })
        .await,
    ];
    assert_documented(&rows);
}
