//! The views of the navigation.

/// The paths of the views behind `/console/`, and their names.
pub const NAVIGATION: &[(&str, &str)] = &[
    ("today", "Today"),
    ("explore", "Explore"),
    ("hours", "Hours"),
    ("calls", "Calls"),
    ("costs", "Costs to settle"),
    ("invoice", "Invoice"),
    ("vendors", "Vendors"),
    ("queue", "Queue and webhooks"),
    ("requests", "Requests"),
    ("api", "API"),
];
