//! What the clients of the scene send.

use callbook_tests::teletracker;
use callbook_tests::tld::{self, DID, FORM, JSON, form};
use callbook_tests::{Key, Reply, World, send_to, truecnam};
use serde_json::Value;

use super::{CALLEE, OTHER_UNSEEN, REGULAR, Scene};

impl Scene {
    /// Delivers the stream once, and returns why it was not followed.
    pub(super) async fn follow(&self, world: &World) -> Result<(), String> {
        let records = world.stream_records();
        let lines = world.metrics_of_stream(&records).await;
        match lines.iter().find_map(|line| line["cause"].as_str()) {
            Some(cause) => Err(cause.to_owned()),
            None => Ok(()),
        }
    }

    pub(super) async fn ask(&self, world: &World) -> Reply {
        let query = form(&[
            ("username", &self.limited.name),
            ("password", &self.limited.secret),
            ("resp_format", "json"),
            ("resp_type", "basic"),
            ("calling_number", REGULAR),
            ("called_number", DID),
        ]);
        let path = format!("{}?{query}", truecnam::PATH);
        send_to(&world.app, "GET", &path, &[], b"").await
    }

    pub(super) async fn bill(&self, world: &World, cid: &str, cost: &str, call_id: &str) -> Reply {
        self.bill_as(world, &self.platform, [DID, cid, cost, call_id])
            .await
    }

    /// Bills for a day before the account's first.
    pub(super) async fn earlier_bill(&self, world: &World, day: &str) -> Reply {
        let path = format!("{}?date_billed={day}", tld::PATH);
        let body = [DID, OTHER_UNSEEN, "6", ""];
        self.send_bill(world, &self.platform, &path, body).await
    }

    pub(super) async fn fenced_bill(&self, world: &World, did: &str) -> Reply {
        self.bill_as(world, &self.fenced, [did, OTHER_UNSEEN, "9", ""])
            .await
    }

    pub(super) async fn bill_as(&self, world: &World, key: &Key, body: [&str; 4]) -> Reply {
        self.send_bill(world, key, tld::PATH, body).await
    }

    pub(super) async fn send_bill(
        &self,
        world: &World,
        key: &Key,
        path: &str,
        [did, cid, cost, id]: [&str; 4],
    ) -> Reply {
        let headers = [
            ("tld-api-id", key.name.as_str()),
            ("tld-api-key", &key.secret),
            ("content-type", FORM),
        ];
        let body = form(&[("did", did), ("cid", cid), ("cost", cost), ("call_id", id)]);
        send_to(&world.app, "POST", path, &headers, body.as_bytes()).await
    }

    pub(super) async fn respond(&self, world: &World) -> Reply {
        teletracker::respond(&world.app, &teletracker::basic(&self.user), &CALLEE).await
    }

    pub(super) async fn own(&self, world: &World, method: &str, path: &str, body: &Value) -> Reply {
        let basic = teletracker::basic(&self.user);
        let headers = [("authorization", basic.as_str()), ("content-type", JSON)];
        let path = format!("/callbook/v1/{path}");
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        send_to(&world.app, method, &path, &headers, body.as_bytes()).await
    }
}
