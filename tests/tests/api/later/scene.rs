//! A table with items of every type, and requests that write each of them again.

mod send;

use std::time::Duration;

use callbook::edge::App;
use callbook::ids;
use callbook::ledger::{PastCall, StoreError, VendorAssignment};
use callbook::model::account::Account;
use callbook::model::call::{CallingParty, Direction};
use callbook::model::cost::Cost;
use callbook::model::country::{Country, ServedCountry};
use callbook::model::credential::{CredentialKind, Limits, NewCredential, Role};
use callbook::model::inventory::InventoryNumber;
use callbook::model::phone::PhoneNumber;
use callbook::model::time::Range;
use callbook::model::vendor::{Terms, VendorChange, VendorId};
use callbook_audit::{Item, text};
use callbook_local::engine::TABLE;
use callbook_tests::fonedynamics::{self, FAR, FREE, NUMBER, STRICT, Site, load, path_of};
use callbook_tests::teletracker::{self, PROCESS, Session, add_process};
use callbook_tests::tld::{DID, form};
use callbook_tests::truecnam::{self, CALLED, CALLING, Pbx};
use callbook_tests::vendor::{add, assign, id, terms};
use callbook_tests::{Key, Reply, World, send_to, webhooks};
use serde_json::{Value, json};

/// A caller with a call that is billed.
const REGULAR: &str = "12065550177";
/// A caller whom nobody has seen: a bill for one finds no call.
const UNSEEN: &str = "12065550144";
/// Another one.
const OTHER_UNSEEN: &str = "12065550145";
/// An inventory number that nobody buys.
const TOLL_FREE: &str = "+18885550100";
/// A callee of a rapid response.
const CALLEE: [(&str, &str); 2] = [("callee", "2069735100"), ("whisper_text", "Call back")];

/// The clients of an account, and what they know of it.
pub struct Scene {
    account: Account,
    token: Key,
    pbx: Pbx,
    limited: Key,
    platform: Key,
    fenced: Key,
    user: Key,
    session: Session,
    property: String,
    address: String,
    unmatched: String,
    webhook: String,
    vendor: VendorId,
    stock: InventoryNumber,
    items: Vec<Item>,
    now: i64,
}

/// What became of one request or command: whether it was done, and the error if it was not.
pub type Done = (&'static str, Result<(), String>);

impl Scene {
    /// Makes the table by requests.
    pub async fn new() -> (World, Self) {
        let site = Site::with(|account| account.carrier = true).await;
        let stock = {
            let mut stock = fonedynamics::number(TOLL_FREE, FREE, "Toll-Free", "Voice");
            stock.price = Cost::parse("1.50").ok();
            stock
        };
        load(&site.world, &stock).await;
        let property = site.property("P").await;
        let address = site.address(STRICT).await;
        for (number, linked) in [(NUMBER, false), (FAR, true)] {
            let bought = match linked {
                true => site.buy_at(&property, number, &address).await,
                false => site.buy(&property, number).await,
            };
            fonedynamics::done(&bought);
            if !linked {
                fonedynamics::done(&site.delete(&path_of(number)).await);
                fonedynamics::done(&site.buy(&property, number).await);
            }
        }
        let Site {
            world,
            mut account,
            key: token,
        } = site;
        add(&world, &account, "acme").await;
        assign(&world, &account, NUMBER, Some("acme")).await;
        add_process(&world, &account, PROCESS).await;
        let default = callbook::model::queue::CallProcessId::new(PROCESS).ok();
        world
            .change(&mut account, |account| account.callprocess_id = default)
            .await;
        // The instance has cached the account without its call process.
        world.wait(31);
        let pbx = Pbx::of(&world, account.clone(), Limits::default()).await;
        pbx.register(&world, CALLING).await;
        pbx.start(&world, CALLING, CALLED).await;
        pbx.ask(&world, REGULAR, Some(DID)).await;
        pbx.report(&world, "1", REGULAR, Some("Jane"), "Connected", true)
            .await;
        let limited = world.credential(&account, CredentialKind::Truecnam).await;
        let platform = world.credential(&account, CredentialKind::Tld).await;
        let fenced = world
            .credential_with(&account, CredentialKind::Tld, |new| {
                new.vendor = Some(id("acme"));
                new.dids = vec![PhoneNumber::parse(DID).expect("a number")];
            })
            .await;
        let user = world
            .credential_with(&account, CredentialKind::User, |new| {
                new.role = Some(Role::Admin);
            })
            .await;
        let session = Session::of(&teletracker::login(&world.app, &user, &[]).await);
        let mut scene = Self {
            account,
            token,
            pbx,
            limited,
            platform,
            fenced,
            user,
            session,
            property,
            address,
            unmatched: String::new(),
            webhook: String::new(),
            vendor: id("acme"),
            stock,
            items: Vec::new(),
            now: 0,
        };
        good(&scene.ask(&world).await);
        good(&scene.bill(&world, REGULAR, "1", "y1").await);
        let unmatched = scene.bill(&world, UNSEEN, "2", "").await;
        scene.unmatched = unmatched.json()["cost_id"].as_str().unwrap().to_owned();
        good(&unmatched);
        good(&scene.earlier_bill(&world, "2026-11-10").await);
        good(&scene.respond(&world).await);
        let basic = teletracker::basic(&scene.user);
        let other = [("callee", "2065550177"), ("whisper_text", "Hello")];
        good(&teletracker::respond(&world.app, &basic, &other).await);
        let sold = scene.fenced_bill(&world, DID).await;
        assert_eq!(sold.status, 200, "{}", sold.body);
        assert_eq!(scene.fenced_bill(&world, NUMBER).await.status, 400);
        let adjustment = json!({"cost_id": scene.unmatched, "amount": "-1", "reason": "a test"});
        let adjusted = scene.own(&world, "POST", "adjustments", &adjustment).await;
        assert!(adjusted.status < 300, "{}", adjusted.body);
        // Nobody listens there, so what is delivered is due again.
        let endpoint = webhooks::endpoint(&world, "http://127.0.0.1:1/");
        webhooks::create(&world, &scene.account, &endpoint).await;
        scene.webhook = endpoint.id.to_string();
        let queued =
            world
                .ledger
                .queue_test(&scene.account.id, &endpoint.id, "g", world.clock.now());
        queued.await.unwrap();
        world.ledger.pulse(world.clock.now()).await.unwrap();
        world.catch_up().await;
        // Its end is near enough to be told of.
        let ends = world.clock.now().plus(Duration::from_secs(86_400 * 10));
        let ending = |new: &mut NewCredential| new.expires = Some(ends);
        world
            .credential_with(&scene.account, CredentialKind::Tld, ending)
            .await;
        world.ledger.note_expiring(world.clock.now()).await.unwrap();
        world.publish().await;
        // What counts for ten minutes is past; what counts for an hour is not.
        world.wait(1_200);
        scene.refused(&world.app).await;
        scene.items = world.engine.items().unwrap();
        scene.now = world.clock.now().millis();
        (world, scene)
    }

    /// Sends a request that is refused, always in the same way.
    async fn refused(&self, app: &App) {
        let authorization = teletracker::basic(&self.user);
        let headers = [("authorization", authorization.as_str())];
        let path = "/callbook/v1/vendors?colour=red";
        let reply = send_to(app, "GET", path, &headers, b"").await;
        // The account itself may be of a later version.
        assert!([400, 503].contains(&reply.status), "{}", reply.body);
    }

    /// Puts the items into the table of a new deployment, after a change. What tells how far the stream was
    /// followed is left out unless it is wanted, because the new table has a stream of its own.
    pub async fn load(&self, with_checkpoint: bool, change: impl Fn(&mut Item)) -> World {
        let world = World::new().await;
        let client = world.engine.client();
        let checkpoint =
            |item: &&Item| matches!(text(item, "type"), Some("rollup_shard" | "published_shard"));
        let items = self.items.iter();
        for item in items.filter(|item| with_checkpoint || !checkpoint(item)) {
            let mut item = item.clone();
            change(&mut item);
            let put = client.put_item().table_name(TABLE).set_item(Some(item));
            put.send().await.expect("the item is written");
        }
        world
            .clock
            .set(callbook::model::time::Instant::from_millis(self.now));
        world
    }

    /// Writes again whatever is written more than once, and reads the rest.
    pub async fn act(&self, world: &World) -> Vec<Done> {
        let (ledger, account) = (&world.ledger, &self.account);
        let mut done: Vec<Done> = Vec::new();
        let mut of_store = |what, result: Result<(), StoreError>| {
            done.push((what, result.map_err(|error| error.to_string())));
        };
        let renamed = ledger.update_account(&account.id, |account| {
            "Renamed".clone_into(&mut account.name);
            account.trueclid = true;
            Ok::<_, StoreError>(())
        });
        of_store("an account", renamed.await.map(drop));
        of_store("accounts", ledger.accounts().await.map(drop));
        let relabeled = ledger.update_credential(&account.id, &self.limited.credential.id, |one| {
            "relabeled".clone_into(&mut one.label);
        });
        of_store("a credential", relabeled.await.map(drop));
        let priced = InventoryNumber {
            price: Cost::parse("2.50").ok(),
            ..self.stock.clone()
        };
        let put = ledger.put_inventory_number(&priced, ids::guid());
        of_store("the inventory", put.await.map(drop));
        let country = Country::parse(STRICT).expect("a country");
        let served = ServedCountry {
            country,
            requires_address: false,
        };
        of_store("a country", ledger.serve_country(served).await);
        let place = &self.stock.place;
        let known = ledger.knows_place(self.stock.country, place).await;
        of_store("a place", known.map(drop));
        let change = VendorChange {
            terms: Some(duplicates("2026-06-01", "7.50")),
            ..VendorChange::default()
        };
        let updated = ledger.update_vendor(&account.id, &self.vendor, &change, None);
        of_store("a vendor", updated.await.map(drop));
        let number = PhoneNumber::parse_e164(NUMBER).expect("a number");
        let assignment = VendorAssignment {
            number: &number,
            vendor: None,
            from: world.clock.now(),
            until: None,
        };
        let unassigned = ledger.assign_number_vendor(&account.id, &assignment);
        of_store("a number's vendors", unassigned.await.map(drop));
        let now = world.clock.now();
        let day = Range {
            from: now.minus(Duration::from_secs(86_400)),
            to: now.plus(Duration::from_secs(86_400)),
        };
        let refused = ledger.refused_bills(&account.id, day).await;
        of_store("refused bills", refused.map(drop));
        let deliverer = webhooks::deliverer(world, ledger.clone());
        of_store("deliveries", deliverer.deliver_all().await.map(drop));
        let processes = ledger.call_processes(&account.id).await;
        of_store("call processes", processes.map(drop));
        // An earlier report makes another call the first contact.
        let past = PastCall {
            started: now.minus(Duration::from_secs(36_000)),
            direction: Direction::Inbound,
            from: CallingParty::Number(PhoneNumber::parse(REGULAR).expect("a number")),
            to: PhoneNumber::parse(DID).expect("a number"),
            ended: None,
            seconds: None,
            disposition: None,
            cost: None,
            billed: None,
            notes: None,
            external_id: None,
            call_sid: None,
        };
        let imported = ledger.import_call(account, &past, now).await;
        of_store("an earlier call", imported.map(drop));

        let mut of_client = |what, reply: Reply| {
            let good = (200..300).contains(&reply.status) && !reply.body.contains("\"err\":\"9\"");
            done.push((what, good.then_some(()).ok_or(reply.body)));
        };
        // Another process notes it at once.
        self.refused(&world.restarted()).await;
        of_client("a limited query", self.ask(world).await);
        of_client(
            "a replacing bill",
            self.bill(world, REGULAR, "3", "y1").await,
        );
        of_client(
            "a bill of an earlier day",
            self.earlier_bill(world, "2026-11-09").await,
        );
        of_client(
            "a reused id",
            self.bill(world, OTHER_UNSEEN, "4", "y1").await,
        );
        let void = format!("costs/{}/void", self.unmatched);
        let reason = json!({"reason": "a test"});
        of_client("a void", self.own(world, "POST", &void, &reason).await);
        of_client("an equal bill", self.bill(world, UNSEEN, "2", "").await);
        let shown = format!("costs/{}", self.unmatched);
        of_client("a cost", self.own(world, "GET", &shown, &Value::Null).await);
        let take = json!({"limit": 2});
        let taken = self.own(world, "POST", "queue/take", &take).await;
        of_client("a take", taken);
        let waits = |item: &&Item| text(item, "type") == Some("queue_waiting");
        let entry = self.items.iter().find(waits).expect("an entry that waits");
        let id = callbook_audit::number(entry, "callqueue_id").expect("its id");
        let (finish, end) = (format!("queue/{id}/finish"), json!({"result": "completed"}));
        of_client(
            "the end of an entry",
            self.own(world, "POST", &finish, &end).await,
        );
        let webhook = format!("webhooks/{}", self.webhook);
        let change = json!({"concurrency": 9});
        of_client(
            "a webhook",
            self.own(world, "PATCH", &webhook, &change).await,
        );
        let rotation = format!("{webhook}/rotate");
        of_client(
            "a secret",
            self.own(world, "POST", &rotation, &json!({})).await,
        );
        let today = "?from=2026-11-21&to=2026-11-21";
        let lists = [
            "costs",
            "adjustments",
            "calls",
            "summary",
            "events",
            "requests",
        ];
        for list in lists {
            let range = match list {
                "events" => "?from=2026-11-21",
                "requests" => "?since=2026-11-21",
                _ => today,
            };
            let path = format!("{list}{range}");
            of_client("a list", self.own(world, "GET", &path, &Value::Null).await);
        }
        let bearer = self.session.bearer();
        let headers = [("authorization", bearer.as_str())];
        let report = "/reports/call-data?start_date=2026-11-21&end_date=2026-11-21";
        of_client(
            "a report",
            send_to(&world.app, "GET", report, &headers, b"").await,
        );
        let renewed = [("refresh_token", self.session.refresh_token.as_str())];
        let renewed = teletracker::post(&world.app, teletracker::REFRESH, "", &renewed).await;
        of_client("a renewal", renewed);
        let again = json!({
            "response_id": "1",
            "phone": format!("+{REGULAR}"),
            "phone_status": "Disconnected",
            "phone_right_party_contact": false,
        });
        let headers = [("x-api-key", self.pbx.reporter.secret.as_str())];
        let again = again.to_string();
        let again = world.send("POST", "/1.0/phone_feedback", &headers, again.as_bytes());
        of_client("feedback", again.await);
        for (what, called) in [("a start", CALLED), ("another start", truecnam::OTHER)] {
            let start = truecnam::pair("orig_call_start", CALLING, called);
            let more = [("resp_format", "json"), ("resp_type", "basic")];
            let start = [&start[..], &more].concat();
            of_client(what, self.pbx.get(world, &start).await);
        }
        let path = path_of(NUMBER);
        let friendly = form(&[("Friendly", "Front desk")]);
        for (what, method, path, body) in [
            ("a number", "POST", path.as_str(), friendly.as_str()),
            (
                "an address",
                "GET",
                &format!("/v2/Addresses/{}", self.address),
                "",
            ),
            ("a release", "DELETE", &path_of(FAR), ""),
            ("properties", "GET", "/v2/Properties", ""),
            (
                "calls of a property",
                "GET",
                &format!("/v2/Properties/{}/Calls", self.property),
                "",
            ),
        ] {
            let app = &world.app;
            let reply = fonedynamics::ask(app, &self.token, method, path, body).await;
            of_client(what, reply);
        }
        world.wait(7_200);
        of_client("a rapid response", self.respond(world).await);
        let pulsed = world.ledger.pulse(world.clock.now()).await;
        let published = world.try_publish().await;
        done.push(("events", published));
        let marked = ledger.mark_overdue(world.clock.now()).await;
        done.push((
            "overdue costs",
            marked.map(drop).map_err(|error| error.to_string()),
        ));
        done.push(("pulses", pulsed.map_err(|error| error.to_string())));
        done.push(("the stream", self.follow(world).await));
        done
    }

    /// Sends a request that needs the account, in each dialect that reads it.
    pub async fn of_each_dialect(&self, world: &World) -> Vec<(&'static str, Reply)> {
        let report = "/reports/call-data?start_date=2026-11-21&end_date=2026-11-21";
        let basic = teletracker::basic(&self.user);
        let headers = [("authorization", basic.as_str())];
        vec![
            ("tld", self.bill(world, REGULAR, "3", "").await),
            ("truecnam", self.ask(world).await),
            (
                "teletracker",
                send_to(&world.app, "GET", report, &headers, b"").await,
            ),
            (
                "fonedynamics",
                fonedynamics::ask(&world.app, &self.token, "GET", "/v2/Properties", "").await,
            ),
            (
                "callbook",
                self.own(world, "GET", "vendors", &Value::Null).await,
            ),
        ]
    }
}

fn good(reply: &Reply) {
    assert_eq!(reply.status, 200, "{}", reply.body);
}

/// Terms with a window for duplicates, so that lists read the bills of a caller.
fn duplicates(from: &str, price: &str) -> Terms {
    Terms {
        duplicate_days: 30,
        ..terms(from, price)
    }
}
