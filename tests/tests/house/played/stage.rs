//! A deployment with its vendors, minute by minute: real requests, and what gateway, Lambda and CloudWatch make of
//! them.

use std::collections::BTreeMap;

use callbook::model::credential::{CredentialKind, Limits};
use callbook::model::vendor::VendorId;
use callbook_tests::teletracker::Desk;
use callbook_tests::tld::{FORM, PATH, form};
use callbook_tests::vendors::{self, Sent};
use callbook_tests::{Key, NOON, Reply, World, vendor};
use serde_json::{Value, json};

use super::cloudwatch::{Alarm, MINUTE, Metrics};
use super::filter::Filter;
use crate::repository::{document, functions, members, resources};

/// For how many minutes all is well before something goes wrong.
const WELL: i64 = 5;

/// What becomes of a request on its way.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The function answers.
    Through,
    /// The function answers after so many milliseconds.
    Slow(u32),
    /// The gateway refuses it above the limit of the route.
    Throttled,
    /// The gateway cannot call the function.
    NotCalled,
    /// The function's process ends.
    Crashed,
}

/// A deployment whose vendors send something every minute.
pub struct Stage {
    pub desk: Desk,
    /// A platform that bills, a switch and a client with feedback.
    pub tld: Key,
    pub switch: Key,
    pub feedback: Key,
    pub metrics: Metrics,
    alarms: Vec<Alarm>,
    /// The logical id of each function, by its package.
    ids: BTreeMap<String, String>,
    format: String,
    read: usize,
}

impl Stage {
    pub async fn new() -> Self {
        let mut world = World::new().await;
        world.configure(|config| config.stack = Some("acme".to_owned()));
        let desk = Desk::on(world).await;
        let (world, account) = (&desk.world, &desk.account);
        vendor::add(world, account, "acme").await;
        let tld = world.credential_with(account, CredentialKind::Tld, |new| {
            new.vendor = Some(VendorId::parse("acme").unwrap());
        });
        let tld = tld.await;
        let switch = world.credential_with(account, CredentialKind::Truecnam, |new| {
            new.limits = Limits::default();
        });
        let switch = switch.await;
        let feedback = world.credential(account, CredentialKind::Trestle).await;
        let filters = resources("AWS::Logs::MetricFilter");
        let access = resources("AWS::Serverless::HttpApi");
        let format = access[0]["AccessLogSettings"]["Format"].as_str().unwrap();
        Self {
            tld,
            switch,
            feedback,
            metrics: Metrics::new(filters.iter().map(Filter::read).collect()),
            alarms: alarms(),
            ids: ids(),
            format: format.replace("${AWS::StackName}", "acme"),
            read: 0,
            desk,
        }
    }

    pub fn world(&self) -> &World {
        &self.desk.world
    }

    pub fn now(&self) -> i64 {
        self.world().clock.now().millis()
    }

    /// The minute since something goes wrong; below 0 before that.
    pub fn minute(&self) -> i64 {
        (self.now() - NOON) / MINUTE - WELL
    }

    /// The alarms that fire now.
    pub fn firing(&self) -> Vec<&str> {
        let fires = |alarm: &&Alarm| alarm.fires(&self.metrics, self.now());
        let firing = self.alarms.iter().filter(fires);
        firing.map(|alarm| alarm.name.as_str()).collect()
    }

    /// Whether there is an alarm of this name.
    pub fn has(&self, alarm: &str) -> bool {
        self.alarms.iter().any(|one| one.name == alarm)
    }

    /// One good request of each vendor.
    pub async fn all_send(&mut self) {
        self.bills().await;
        self.calls().await;
        self.feeds_back().await;
    }

    pub async fn bills(&mut self) {
        self.send(&self.tld_credential(), Sent::Well, Way::Through)
            .await;
    }

    pub async fn calls(&mut self) {
        let switch = (
            CredentialKind::Truecnam,
            self.switch.name.clone(),
            self.switch.secret.clone(),
        );
        self.send(&switch, Sent::Well, Way::Through).await;
    }

    pub async fn feeds_back(&mut self) {
        let key = (
            CredentialKind::Trestle,
            String::new(),
            self.feedback.secret.clone(),
        );
        self.send(&key, Sent::Well, Way::Through).await;
    }

    pub fn tld_credential(&self) -> (CredentialKind, String, String) {
        (
            CredentialKind::Tld,
            self.tld.name.clone(),
            self.tld.secret.clone(),
        )
    }

    /// Sends a vendor's request, which may not get through.
    pub async fn send(&mut self, of: &(CredentialKind, String, String), sent: Sent, way: Way) {
        let (kind, name, secret) = of;
        let (function, route) = match kind {
            CredentialKind::Trestle => ("phone-feedback", "POST /1.0/phone_feedback"),
            CredentialKind::Tld => (
                "inbound-billable",
                "POST /api/ingress/calls/inbound/billable",
            ),
            CredentialKind::Truecnam => ("caller-id", "GET /api/v1"),
            _ => panic!("no such vendor is on the stage"),
        };
        let reply = match way {
            Way::Through | Way::Slow(_) => {
                Some(vendors::send(&self.world().app, *kind, name, secret, sent).await)
            }
            Way::Throttled | Way::NotCalled | Way::Crashed => None,
        };
        self.passed(function, route, reply.map(|reply| reply.status), way);
    }

    /// Sends a bill with these fields.
    pub async fn bill(&mut self, fields: &[(&str, &str)]) -> Reply {
        let headers = [
            ("tld-api-id", self.tld.name.as_str()),
            ("tld-api-key", self.tld.secret.as_str()),
            ("content-type", FORM),
        ];
        let body = form(fields);
        let reply = self
            .world()
            .send("POST", PATH, &headers, body.as_bytes())
            .await;
        let route = "POST /api/ingress/calls/inbound/billable";
        self.passed("inbound-billable", route, Some(reply.status), Way::Through);
        reply
    }

    /// Measures a request as gateway and Lambda do, and writes the line of the access log.
    pub fn passed(&mut self, function: &str, route: &str, status: Option<u16>, way: Way) {
        let at = self.now();
        let status = status.unwrap_or(match way {
            Way::Throttled => 429,
            Way::NotCalled => 503,
            _ => 500,
        });
        let milliseconds = match way {
            Way::Slow(milliseconds) => milliseconds,
            _ => 20,
        };
        let api = [("ApiId", "Api")];
        let mut put = |name: &str, value: f64| {
            self.metrics.put(at, ("AWS/ApiGateway", name), &api, value);
        };
        put("Count", 1.0);
        put("4xx", f64::from(u8::from((400..500).contains(&status))));
        put("5xx", f64::from(u8::from(status >= 500)));
        put("Latency", f64::from(milliseconds));
        if !matches!(way, Way::Throttled | Way::NotCalled) {
            let crashed = f64::from(u8::from(way == Way::Crashed));
            self.lambda(function, "Errors", crashed);
            self.lambda(function, "Duration", f64::from(milliseconds));
        }
        let (error, refusal, integration) = match way {
            Way::Through | Way::Slow(_) => ("-", "-", "8476a536"),
            Way::Throttled => ("-", "THROTTLED", "-"),
            Way::NotCalled => ("Rate exceeded", "-", "-"),
            Way::Crashed => ("The function failed", "-", "8476a536"),
        };
        let (status, latency) = (status.to_string(), milliseconds.to_string());
        let mut line = self.format.clone();
        // Longer names first: one may begin with another.
        for (name, value) in [
            ("integration.requestId", integration),
            ("integrationErrorMessage", error),
            ("integrationLatency", &latency),
            ("error.responseType", refusal),
            ("responseLatency", &latency),
            ("responseLength", "20"),
            ("requestTime", "21/Nov/2026:12:00:00 +0000"),
            ("requestId", "TXXL5gJyIAMEJjQ="),
            ("routeKey", route),
            ("status", &status),
        ] {
            line = line.replace(&format!("$context.{name}"), value);
        }
        assert!(!line.contains('$'), "{line} has variables left");
        self.metrics
            .access(at, &serde_json::from_str(&line).unwrap());
        self.read_logs();
    }

    /// Measures something of a function.
    pub fn lambda(&mut self, function: &str, metric: &str, value: f64) {
        let id = self.ids[function].clone();
        let of = [("FunctionName", id.as_str())];
        self.metrics
            .put(self.now(), ("AWS/Lambda", metric), &of, value);
    }

    /// Measures something of the table.
    pub fn table(&mut self, metric: &str, value: f64) {
        let of = [("TableName", "Table")];
        self.metrics
            .put(self.now(), ("AWS/DynamoDB", metric), &of, value);
    }

    fn read_logs(&mut self) {
        let lines = self.world().logs();
        for line in &lines[self.read..] {
            self.metrics.line(&serde_json::from_str(line).unwrap());
        }
        self.read = lines.len();
    }

    /// Runs the schedules of the template that are due in this minute.
    pub async fn run_schedules(&mut self) {
        let minute = self.now() / MINUTE;
        let events = functions()["rollup"]["Events"].clone();
        for (name, event) in members(&events) {
            let schedule = &event["Properties"];
            let due = match schedule["Schedule"].as_str() {
                Some("rate(5 minutes)") => minute % 5 == 0,
                Some("cron(15 0/6 * * ? *)") => minute % 360 == 15,
                // Pulses are no work that an alarm watches.
                Some("rate(1 minute)") | None => false,
                Some(other) => panic!("say when {name} is due: {other}"),
            };
            if due {
                let input: Value =
                    serde_json::from_str(schedule["Input"].as_str().unwrap()).unwrap();
                self.deliver(&input).await;
            }
        }
    }

    async fn deliver(&mut self, event: &Value) {
        // Costs without a call are found in the sums.
        if event["task"] == "unmatched" {
            for line in self.world().deliver_stream().await {
                self.metrics.line(&line);
            }
        }
        for line in self.world().deliver_schedule(event).await {
            self.metrics.line(&line);
        }
    }

    /// Queues a callee for the dialer.
    pub async fn queue(&mut self, callee: &str) {
        let reply = self
            .desk
            .respond(&[("callee", callee), ("whisper_text", "Hello")])
            .await;
        assert_eq!(reply.status, 200);
        self.passed(
            "rapid-response",
            "POST /voice/rapidresponse",
            Some(200),
            Way::Through,
        );
    }
}

/// The alarms of the template. The alarm on silence is for an hour, as `samconfig.toml` has it for `prod`.
fn alarms() -> Vec<Alarm> {
    let document = document();
    let parameters = BTreeMap::from([("SilenceMinutes", 60)]);
    members(&document["Resources"])
        .filter(|(_, resource)| resource["Type"] == "AWS::CloudWatch::Alarm")
        .map(|(name, alarm)| {
            // Other dimensions name what the template makes, such as a queue.
            let mut properties = alarm["Properties"].clone();
            if properties["Dimensions"].is_null() && properties["Metrics"].is_null() {
                properties["Dimensions"] = json!([]);
            }
            Alarm::read(name, &properties, &parameters)
        })
        .collect()
}

fn ids() -> BTreeMap<String, String> {
    let document = document();
    members(&document["Resources"])
        .filter_map(|(id, resource)| {
            let uri = resource["Properties"]["CodeUri"].as_str()?;
            Some((uri.strip_prefix("functions/")?.to_owned(), id.to_owned()))
        })
        .collect()
}
