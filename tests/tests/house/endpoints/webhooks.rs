//! The endpoints of webhooks.

use super::{Endpoint, callbook};

pub const LIST: Endpoint = callbook(
    "webhooks",
    "GET",
    "/callbook/v1/webhooks",
    "",
    (200, r#"{"webhooks":[]}"#),
);

pub const CREATE: Endpoint = callbook(
    "webhooks",
    "POST",
    "/callbook/v1/webhooks",
    r#"{"url":"https://example.com/hooks"}"#,
    (400, r#"{"field":"url","message":"missing"}"#),
);

pub const CHANGE: Endpoint = callbook(
    "webhooks",
    "PATCH",
    "/callbook/v1/webhooks/{id}",
    r#"{"status":"disabled"}"#,
    (400, r#""message":"missing"}"#),
);

pub const DELETE: Endpoint = callbook(
    "webhooks",
    "DELETE",
    "/callbook/v1/webhooks/{id}",
    "",
    (404, "webhook_not_found"),
);

pub const ROTATE: Endpoint = callbook(
    "webhooks",
    "POST",
    "/callbook/v1/webhooks/{id}/rotate",
    r#"{"overlap_hours":48}"#,
    (404, "webhook_not_found"),
);

pub const TEST: Endpoint = callbook(
    "webhooks",
    "POST",
    "/callbook/v1/webhooks/{id}/test",
    "",
    (404, "webhook_not_found"),
);

pub const DELIVERIES: Endpoint = callbook(
    "webhooks",
    "GET",
    "/callbook/v1/webhooks/{id}/deliveries",
    "",
    (404, "webhook_not_found"),
);

pub const RESEND: Endpoint = callbook(
    "webhooks",
    "POST",
    "/callbook/v1/deliveries/{id}/resend",
    "",
    (404, "delivery_not_found"),
);
