//! What happens now rather than on a day of the past: feedback, callees for the dialer, and requests that are refused.

use anyhow::{Context, Result};
use http::Method;
use serde_json::json;

use super::Filling;
use super::cast::{CALLBACKS, COBALT, DELTA, FAMILY, GIVEN, NUMBERS, VENDORS};
use super::client::{JSON, Sending};
use super::plan::Plan;
use crate::demo::FORMER;

/// How many callers are reported on.
const FEEDBACK: usize = 60;

const BILLABLE: &str = "/api/ingress/calls/inbound/billable";

impl Filling<'_> {
    /// Reports how dialed numbers were answered. A repeat replaces what was reported before.
    pub(super) async fn feedback(&self, plan: &Plan) -> Result<usize> {
        let mut callers: Vec<_> = plan.calls.iter().map(|call| &call.from).collect();
        callers.retain(|caller| caller.starts_with("+1"));
        callers.dedup();
        let step = (callers.len() / FEEDBACK).max(1);
        let mut sent = 0;
        for (place, caller) in callers.iter().step_by(step).take(FEEDBACK).enumerate() {
            let given = GIVEN.get(place % GIVEN.len()).unwrap_or(&"");
            let family = FAMILY.get(place * 7 % FAMILY.len()).unwrap_or(&"");
            let connected = place % 9 != 0;
            let body = json!({
                "response_id": format!("T_demo-{place}"),
                "phone": caller,
                "name": format!("{given} {family}"),
                "phone_status": if connected { "Connected" } else { "Disconnected" },
                "phone_right_party_contact": connected && place % 6 != 0,
            });
            let ask = Sending::json(Method::POST, "/1.0/phone_feedback", &body);
            self.client
                .done(&ask.with("x-api-key", self.feedback_key()))
                .await?;
            sent += 1;
        }
        Ok(sent)
    }

    /// Queues callees, of whom one is being called and two have been.
    pub(super) async fn queue(&self) -> Result<usize> {
        let mut queued = 0;
        for (callee, whisper) in CALLBACKS {
            let ask = Sending::form(
                "/voice/rapidresponse",
                &[("callee", callee), ("whisper_text", whisper)],
            );
            let ask = ask.with("authorization", self.user());
            // One that was queued within the hour is there already.
            let reply = self.client.any(&ask, &[200, 409]).await?;
            queued += usize::from(reply.status == 200);
        }
        if queued < CALLBACKS.len() {
            return Ok(queued);
        }
        let take = json!({"limit": 3, "lease_seconds": 3_600});
        let taken = self.post("/callbook/v1/queue/take", &take).await?;
        let entries = taken.list("/entries");
        for (entry, result) in entries.iter().zip(["completed", "failed"]) {
            let id = entry.get("id").context("an entry has an id")?;
            let path = format!("/callbook/v1/queue/{id}/finish");
            self.post(&path, &json!({ "result": result })).await?;
        }
        Ok(queued)
    }

    /// Sends what is refused, each for a reason that occurs in real life, and returns how many there were.
    pub(super) async fn refused(&self) -> Result<usize> {
        let number = |place: usize| NUMBERS.get(place).map_or("", |number| number.e164);
        let (acme, delta) = (self.vendor(super::cast::ACME)?, self.vendor(DELTA)?);
        let cobalt = self.vendor(COBALT)?;
        let former = self.pair(FORMER)?;
        let bill = |headers: &[(&'static str, String); 2], fields: &[(&str, &str)]| {
            let mut ask = Sending::form(BILLABLE, fields);
            for (name, value) in headers {
                ask = ask.with(name, value.clone());
            }
            ask
        };
        let (own, others) = (number(5), number(0));
        let right = [("did", own), ("cid", "+12065550190"), ("cost", "12.00")];
        let mut all = Vec::new();
        for cid in ["+12065550191", "+12065550192", "+12065550193"] {
            let fields = [("did", own), ("cid", cid), ("cost", "12.00")];
            all.push((bill(&former, &fields), 401));
        }
        for did in [others, number(2), number(4)] {
            let fields = [("did", did), ("cid", "+12065550194"), ("cost", "12.00")];
            all.push((bill(&delta, &fields), 400));
        }
        let fields = [("did", others), ("cid", "+12065550195"), ("cost", "42.00")];
        all.push((bill(&cobalt, &fields), 400));
        let [(id, value), (key, _)] = acme.clone();
        let wrong = [(id, value), (key, "0".repeat(64))];
        all.push((bill(&wrong, &right), 401));
        for fields in [
            [
                ("did", others),
                ("cid", "+12065550196"),
                ("cost", "[Call:ConversionPayout]"),
            ],
            [
                ("did", others),
                ("cid", "+12065550197"),
                ("cost", "[Call:ConversionPayout]"),
            ],
            [("did", others), ("cid", ""), ("cost", "27.50")],
            [("did", others), ("cid", "12065550"), ("cost", "27.50")],
            [("did", others), ("cid", "+12065550198"), ("cost", "-27.50")],
        ] {
            all.push((bill(&acme, &fields), 400));
        }
        let late = [
            ("did", others),
            ("cid", "+12065550199"),
            ("cost", "27.50"),
            ("call_date", "31/11/2026"),
        ];
        all.push((bill(&acme, &late), 400));
        let mut cut = Sending::new(Method::POST, BILLABLE, "{\"did\": \"+1323555".to_owned());
        for (name, value) in &acme {
            cut = cut.with(name, value.clone());
        }
        all.push((cut.with("content-type", JSON), 400));
        let count = all.len();
        for (ask, status) in all {
            self.client.expect(&ask, status).await?;
        }
        Ok(count + self.refused_elsewhere().await?)
    }

    /// Refused requests in the other dialects.
    async fn refused_elsewhere(&self) -> Result<usize> {
        let number = NUMBERS.first().map_or("", |number| number.e164);
        let feedback =
            json!({"response_id": "T_demo-x", "phone": "+12065550180", "phone_status": "Busy"});
        let feedback = Sending::json(Method::POST, "/1.0/phone_feedback", &feedback);
        let fone = |fields: &[(&str, &str)]| {
            Sending::form(self.calls_path(), fields).with("authorization", self.switch())
        };
        let (known, _) = CALLBACKS.first().copied().unwrap_or_default();
        let rapid = |callee: &str| {
            let fields = [
                ("callee", callee),
                ("whisper_text", "Asked for a call back"),
            ];
            Sending::form("/voice/rapidresponse", &fields).with("authorization", self.user())
        };
        let report = Sending::get(
            "/reports/call-data?start_date=2026-11-01&end_date=2026-11-02&vendor=acme",
        );
        let asks = [
            (feedback.clone().with("x-api-key", self.feedback_key()), 400),
            (feedback.with("x-api-key", "0".repeat(64)), 403),
            (
                fone(&[
                    ("From", "+12065550181"),
                    ("To", number),
                    ("Disposition", "Completed"),
                ]),
                400,
            ),
            (fone(&[("From", "2065550182"), ("To", number)]), 400),
            (rapid(known), 409),
            (rapid("911"), 422),
            (report.with("authorization", self.user()), 422),
            (Sending::get(BILLABLE), 405),
            (
                Sending::new(Method::POST, format!("{BILLABLE}s/billabel"), String::new()),
                404,
            ),
            (
                Sending::json(
                    Method::POST,
                    "/callbook/v1/vendors",
                    &json!({"vendor_id": "echo", "name": "Echo"}),
                )
                .with("authorization", self.viewer()),
                403,
            ),
        ];
        let count = asks.len();
        for (ask, status) in asks {
            self.client.expect(&ask, status).await?;
        }
        Ok(count)
    }

    /// The headers of a vendor's key.
    pub(super) fn vendor(&self, place: usize) -> Result<[(&'static str, String); 2]> {
        self.pair(VENDORS.get(place).map_or("", |vendor| vendor.id))
    }
}
