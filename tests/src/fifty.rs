//! An account with fifty of everything that is listed: the usual size of a page.

use callbook::model::credential::{CredentialKind, Limits, Status};
use callbook::model::phone::PhoneNumber;
use callbook::model::queue::CallProcessId;

use crate::faults::{self, Proxy};
use crate::office::Office;
use crate::receiver::Receiver;
use crate::teletracker::{PROCESS, add_process, basic, respond};
use crate::tld::{DID, FORM, PATH, Platform, form};
use crate::webhooks::{create, deliverer, endpoint, event};
use crate::{Key, send_to, vendor};

/// The usual rows of a page.
pub const ROWS: usize = 50;

/// An office whose functions reach the store through a proxy.
pub struct Fifty {
    /// The office.
    pub office: Office,
    /// The proxy.
    pub proxy: Proxy,
}

/// The number of a caller.
#[must_use]
pub fn caller(number: usize) -> String {
    format!("+1206555{number:04}")
}

impl Fifty {
    /// An office with the vendor `acme`, whose number is [`DID`], and a call process.
    ///
    /// # Panics
    /// Panics if the store does not answer.
    pub async fn new() -> Self {
        let (world, proxy) = faults::world().await;
        let platform = Platform::on(world, |account| {
            account.callprocess_id = CallProcessId::new(PROCESS).ok();
        });
        let mut office = Office::of(platform.await).await;
        let (world, account) = (office.world(), &office.platform.account);
        add_process(world, account, PROCESS).await;
        vendor::add(world, account, "acme").await;
        let did = PhoneNumber::parse(DID).expect("a number");
        let registered = world
            .ledger
            .register_number(account, &did, world.clock.now());
        registered.await.expect("the store answers");
        vendor::assign(world, account, DID, Some("acme")).await;
        let key = office.another_platform(Some("acme")).await;
        office.platform.key = key;
        Self { office, proxy }
    }

    /// Fifty calls of as many callers, each with a bill.
    pub async fn calls(&self) {
        let office = &self.office;
        for number in 0..ROWS {
            office.platform.call_of(&caller(number), DID).await;
            office.world().wait(5);
            office.bill_of(&caller(number), "25", &[]).await;
            office.world().wait(5);
        }
        office.world().catch_up().await;
        office.world().publish().await;
        office.world().wait(10);
    }

    /// Fifty bills that are refused for their number.
    pub async fn refused_bills(&self) {
        let account = &self.office.platform.account;
        let fenced = self
            .office
            .world()
            .credential_with(account, CredentialKind::Tld, |new| {
                new.limits = Limits::default();
                new.dids = vec![PhoneNumber::parse("+18005550199").expect("a number")];
            });
        let fenced = fenced.await;
        for number in 0..ROWS {
            self.refused(&fenced, &caller(number)).await;
            self.office.world().wait(1);
        }
    }

    /// Requests that are refused in fifty ways.
    pub async fn refused_requests(&self) {
        let (world, account) = (self.office.world(), &self.office.platform.account);
        for _ in 0..ROWS {
            let key = world.credential(account, CredentialKind::Tld).await;
            world.set_status(&key.credential, Status::Disabled).await;
            self.refused(&key, &caller(0)).await;
        }
    }

    async fn refused(&self, key: &Key, cid: &str) {
        let headers = [
            ("tld-api-id", key.name.as_str()),
            ("tld-api-key", &key.secret),
            ("content-type", FORM),
        ];
        let body = form(&[("did", DID), ("cid", cid), ("cost", "25")]);
        let app = &self.office.world().app;
        let reply = send_to(app, "POST", PATH, &headers, body.as_bytes()).await;
        assert!((400..500).contains(&reply.status), "{}", reply.body);
    }

    /// Fifty callees who wait for the dialer; returns the ids of their entries.
    pub async fn callees(&self) -> Vec<u64> {
        let user = basic(&self.office.admin);
        let mut ids = Vec::new();
        for number in 0..ROWS {
            let callee = caller(number);
            let parameters = [("callee", callee.as_str()), ("whisper_text", "Hello")];
            let reply = respond(&self.office.world().app, &user, &parameters).await;
            let id = reply.json()["result"]["callqueue_id"].as_u64();
            ids.push(id.expect("an id"));
        }
        ids
    }

    /// A webhook endpoint with fifty deliveries; returns its id.
    ///
    /// # Panics
    /// Panics if they are not delivered.
    pub async fn deliveries(&self) -> String {
        let (world, account) = (self.office.world(), &self.office.platform.account);
        let receiver = Receiver::start(&world.clock).await;
        let endpoint = endpoint(world, &receiver.url("/hook"));
        create(world, account, &endpoint).await;
        let events: Vec<_> = (0..ROWS)
            .map(|nth| event(world, &account.id, &nth.to_string(), nth))
            .collect();
        let now = world.clock.now();
        let handed = world.ledger.hand_out(&events, now).await;
        handed.expect("the store answers");
        let delivered = deliverer(world, world.ledger.clone()).deliver_all().await;
        let delivered = delivered.expect("the store answers").delivered;
        assert_eq!(usize::try_from(delivered), Ok(ROWS));
        endpoint.id.to_string()
    }
}
