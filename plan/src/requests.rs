//! What a request of each endpoint uses, as measured: `request_counts.rs` and `own_requests.rs` in
//! `tests/tests/api` hold every figure against what the functions really read and write.

use crate::cost::{Cost, runs, table};
use crate::prices::{GATEWAY_REQUEST, LOG_KILOBYTE, TRAFFIC_KILOBYTE};

/// The most bytes of a request's line and of its line in the access log, in most requests.
pub const LOG_BYTES: u64 = 1_500;

/// How long a run of a function takes at most, in milliseconds, with a table that answers within 5 ms. It matters
/// little: at 128 MB it is a hundredth of what a write costs.
pub const MILLISECONDS: u64 = 40;

/// How long a page of the console takes at most, in milliseconds: it asks up to a dozen functions, and draws.
pub const PAGE_MILLISECONDS: u64 = 400;

/// The functions with more memory than `FunctionMemory`, in MB.
const MEMORY: [(&str, u64); 6] = [
    ("call-data", 1_024),
    ("calls", 1_024),
    ("calls-log", 1_024),
    ("costs", 1_024),
    ("invoices", 1_024),
    ("summary", 1_769),
];

/// What a request to a warm function uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// The function that answers it.
    pub function: &'static str,
    /// Its method and path.
    pub operation: &'static str,
    /// Which request.
    pub name: &'static str,
    /// Write units.
    pub writes: u64,
    /// Halves of read units.
    pub half_reads: u64,
    /// The most kilobytes of its answer, headers included, without compression.
    pub kilobytes: u64,
}

impl Request {
    pub(crate) const fn new(
        (function, operation): (&'static str, &'static str),
        name: &'static str,
        (writes, half_reads, kilobytes): (u64, u64, u64),
    ) -> Self {
        Self {
            function,
            operation,
            name,
            writes,
            half_reads,
            kilobytes,
        }
    }

    /// The memory of its function, in MB.
    #[must_use]
    pub fn memory(&self) -> u64 {
        let larger = MEMORY.iter().find(|(name, _)| *name == self.function);
        larger.map_or(128, |(_, memory)| *memory)
    }

    /// What it costs.
    #[must_use]
    pub fn cost(&self) -> Cost {
        let milliseconds = match self.function {
            "console" => PAGE_MILLISECONDS,
            _ => MILLISECONDS,
        };
        Cost {
            table: table(self.writes, self.half_reads),
            function: runs(1, self.memory(), milliseconds),
            rest: GATEWAY_REQUEST
                + LOG_BYTES * LOG_KILOBYTE / 1_000
                + self.kilobytes * TRAFFIC_KILOBYTE,
        }
    }
}

/// The requests of vendors and of those who read what vendors wrote. Lists say how many rows they have; the others
/// find none.
pub const VENDORS: &[Request] = &[
    Request::new(
        ("phone-feedback", "POST /1.0/phone_feedback"),
        "feedback",
        (4, 0, 1),
    ),
    Request::new(
        (
            "inbound-billable",
            "POST /api/ingress/calls/inbound/billable",
        ),
        "bill",
        (8, 6, 1),
    ),
    Request::new(
        ("caller-id", "GET /api/v1"),
        "`terminating`, extended",
        (10, 12, 1),
    ),
    Request::new(
        ("caller-id", "GET /api/v1"),
        "`orig_call_start`",
        (17, 6, 1),
    ),
    Request::new(("caller-id", "GET /api/v1"), "`orig_call_end`", (15, 6, 1)),
    Request::new(("auth-login", "POST /auth/login"), "sign-in", (6, 0, 1)),
    Request::new(
        ("auth-refresh", "POST /auth/refresh"),
        "renewal of a sign-in",
        (6, 4, 1),
    ),
    Request::new(
        ("rapid-response", "POST /voice/rapidresponse"),
        "rapid response",
        (10, 0, 1),
    ),
    Request::new(
        ("call-data", "GET /reports/call-data"),
        "report of a day without calls",
        (0, 2, 1),
    ),
    Request::new(
        ("call-data", "GET /reports/call-data"),
        "report of a day, one page of calls",
        (0, 3, 1),
    ),
    Request::new(
        ("call-data", "GET /reports/call-data"),
        "report of a day, 50 calls",
        (0, 60, 21),
    ),
    Request::new(
        ("properties", "GET /v2/Properties"),
        "properties: list",
        (0, 2, 1),
    ),
    Request::new(
        ("properties", "POST /v2/Properties"),
        "property: create",
        (2, 0, 1),
    ),
    Request::new(
        ("properties", "GET /v2/Properties/{sid}"),
        "property: show",
        (0, 2, 1),
    ),
    Request::new(
        ("addresses", "GET /v2/Accounts/{sid}/Addresses"),
        "addresses: list",
        (0, 2, 1),
    ),
    Request::new(
        ("addresses", "POST /v2/Accounts/{sid}/Addresses"),
        "address: create",
        (2, 0, 1),
    ),
    Request::new(
        ("addresses", "GET /v2/Addresses/{sid}"),
        "address: show",
        (0, 2, 1),
    ),
    Request::new(
        ("addresses", "DELETE /v2/Addresses/{sid}"),
        "address: delete",
        (2, 2, 1),
    ),
    Request::new(
        ("numbers", "GET /v2/AvailableNumbers"),
        "numbers for sale: list",
        (0, 4, 1),
    ),
    Request::new(
        ("numbers", "POST /v2/Properties/{sid}/Numbers"),
        "number: purchase",
        (14, 8, 1),
    ),
    Request::new(
        ("numbers", "GET /v2/Properties/{sid}/Numbers"),
        "numbers of a property: list",
        (0, 4, 2),
    ),
    Request::new(
        ("numbers", "GET /v2/Accounts/{sid}/Numbers"),
        "numbers of an account: list",
        (0, 2, 2),
    ),
    Request::new(
        ("numbers", "GET /v2/Numbers/{number}"),
        "number: show",
        (0, 2, 1),
    ),
    Request::new(
        ("numbers", "POST /v2/Numbers/{number}"),
        "number: update",
        (2, 2, 1),
    ),
    Request::new(
        ("numbers", "DELETE /v2/Numbers/{number}"),
        "number: release",
        (14, 2, 1),
    ),
    Request::new(
        ("calls", "GET /v2/Properties/{sid}/Calls"),
        "calls of a property: list",
        (0, 78, 1),
    ),
    Request::new(
        ("calls", "GET /v2/Accounts/{sid}/Calls"),
        "calls of an account: list",
        (0, 76, 1),
    ),
    Request::new(
        ("calls", "GET /v2/Accounts/{sid}/Calls"),
        "calls of an account: 50 of a day",
        (0, 24, 21),
    ),
    Request::new(
        ("calls", "POST /v2/Properties/{sid}/Calls"),
        "call of another switch: record",
        (6, 10, 1),
    ),
    Request::new(("calls", "GET /v2/Calls/{sid}"), "call: show", (0, 4, 1)),
    Request::new(
        ("calls", "POST /v2/Calls/{sid}"),
        "call: update",
        (8, 12, 1),
    ),
    Request::new(
        ("fallback", "any other"),
        "a path that does not exist",
        (0, 0, 1),
    ),
];

/// The requests of Callbook's own API, and the pages of the console. An account has 50 calls, each with a bill.
pub const OWN: &[Request] = &[
    Request::new(("me", "GET /callbook/v1/me"), "who is signed in", (0, 0, 1)),
    Request::new(
        ("summary", "GET /callbook/v1/summary"),
        "summary: a day by vendor",
        (0, 6, 2),
    ),
    Request::new(
        ("summary", "GET /callbook/v1/summary"),
        "summary: a month by vendor, callers counted",
        (0, 64, 2),
    ),
    Request::new(
        ("calls-log", "GET /callbook/v1/calls"),
        "calls: 50 of a day",
        (0, 12, 25),
    ),
    Request::new(
        ("calls-log", "GET /callbook/v1/calls/{sid}"),
        "one call with its story",
        (0, 12, 2),
    ),
    Request::new(
        ("costs", "GET /callbook/v1/costs"),
        "costs: 50 of a day",
        (0, 18, 28),
    ),
    Request::new(
        ("costs", "GET /callbook/v1/costs/refused"),
        "refused bills: 50 of a day",
        (0, 8, 15),
    ),
    Request::new(
        ("costs", "GET /callbook/v1/costs/{id}"),
        "one cost",
        (0, 16, 3),
    ),
    Request::new(
        ("costs", "POST /callbook/v1/costs/{id}/void"),
        "cost: void",
        (10, 10, 2),
    ),
    Request::new(
        ("costs", "POST /callbook/v1/costs/{id}/match"),
        "cost: match",
        (12, 12, 2),
    ),
    Request::new(
        ("costs", "POST /callbook/v1/costs/{id}/unpin"),
        "cost: unpin",
        (12, 10, 2),
    ),
    Request::new(
        ("costs", "GET /callbook/v1/adjustments"),
        "adjustments: 50 of a day",
        (0, 10, 19),
    ),
    Request::new(
        ("costs", "POST /callbook/v1/adjustments"),
        "adjustment: make",
        (4, 2, 1),
    ),
    Request::new(
        ("invoices", "POST /callbook/v1/invoices/check"),
        "invoice: check 50 lines",
        (0, 20, 28),
    ),
    Request::new(
        ("vendors", "GET /callbook/v1/vendors"),
        "vendors: 50",
        (0, 4, 6),
    ),
    Request::new(
        ("vendors", "POST /callbook/v1/vendors"),
        "vendor: create",
        (2, 0, 1),
    ),
    Request::new(
        ("vendors", "GET /callbook/v1/vendors/{id}"),
        "one vendor",
        (0, 2, 1),
    ),
    Request::new(
        ("vendors", "PATCH /callbook/v1/vendors/{id}"),
        "vendor: change",
        (2, 2, 1),
    ),
    Request::new(
        ("vendors", "PUT /callbook/v1/vendors/{id}/terms"),
        "terms: agree",
        (2, 2, 1),
    ),
    Request::new(
        ("queue", "GET /callbook/v1/queue"),
        "queue: 50 who wait",
        (0, 6, 9),
    ),
    Request::new(
        ("queue", "POST /callbook/v1/queue/take"),
        "queue: take one of 50",
        (1, 8, 1),
    ),
    Request::new(
        ("queue", "POST /callbook/v1/queue/{id}/extend"),
        "queue: extend",
        (1, 0, 1),
    ),
    Request::new(
        ("queue", "POST /callbook/v1/queue/{id}/finish"),
        "queue: finish",
        (4, 2, 1),
    ),
    Request::new(
        ("webhooks", "GET /callbook/v1/webhooks"),
        "webhooks: 20",
        (0, 2, 6),
    ),
    Request::new(
        ("webhooks", "POST /callbook/v1/webhooks"),
        "webhook: create",
        (6, 2, 1),
    ),
    Request::new(
        ("webhooks", "PATCH /callbook/v1/webhooks/{id}"),
        "webhook: change",
        (2, 2, 1),
    ),
    Request::new(
        ("webhooks", "DELETE /callbook/v1/webhooks/{id}"),
        "webhook: delete",
        (6, 2, 1),
    ),
    Request::new(
        ("webhooks", "POST /callbook/v1/webhooks/{id}/rotate"),
        "webhook: new secret",
        (2, 2, 1),
    ),
    Request::new(
        ("webhooks", "POST /callbook/v1/webhooks/{id}/test"),
        "webhook: test event",
        (6, 2, 1),
    ),
    Request::new(
        ("webhooks", "GET /callbook/v1/webhooks/{id}/deliveries"),
        "deliveries: 50",
        (0, 26, 22),
    ),
    Request::new(
        ("webhooks", "POST /callbook/v1/deliveries/{id}/resend"),
        "delivery: send again",
        (6, 4, 2),
    ),
    Request::new(
        ("events", "GET /callbook/v1/events"),
        "events: 50",
        (0, 128, 40),
    ),
    Request::new(
        ("events", "GET /callbook/v1/events"),
        "events: a poll that finds none",
        (0, 2, 1),
    ),
    Request::new(
        ("requests", "GET /callbook/v1/requests"),
        "refused requests: 50",
        (0, 24, 22),
    ),
    Request::new(
        ("console", "GET /console/today"),
        "console: *Today*, 50 calls and costs",
        (0, 140, 21),
    ),
    Request::new(
        ("console", "GET /console/explore"),
        "console: *Explore*",
        (0, 124, 24),
    ),
    Request::new(
        ("console", "GET /console/hours"),
        "console: *Hours*",
        (0, 64, 55),
    ),
    Request::new(
        ("console", "GET /console/calls"),
        "console: *Calls*, 50 rows",
        (0, 12, 36),
    ),
    Request::new(
        ("console", "GET /console/costs"),
        "console: *Costs to settle*, 50 rows",
        (0, 16, 7),
    ),
    Request::new(
        ("console", "GET /console/vendors"),
        "console: *Vendors*",
        (0, 78, 8),
    ),
    Request::new(
        ("console", "GET /console/queue"),
        "console: *Queue and webhooks*, 50 rows",
        (0, 8, 22),
    ),
    Request::new(
        ("console", "GET /console/requests"),
        "console: *Requests*, 50 rows",
        (0, 24, 29),
    ),
];

/// Every request.
pub fn all() -> impl Iterator<Item = &'static Request> {
    VENDORS.iter().chain(OWN)
}
