//! `docs/scale.md` is what `callbook plan` prints.

use std::collections::BTreeSet;

use callbook_plan::measured::{LIFE, THROTTLING_RATE};
use callbook_plan::{Plan, requests, requests_markdown};

use crate::repository::{document, functions, globals, operations, text};

#[test]
fn the_page_on_scale_has_what_the_command_prints() {
    let page = text("docs/scale.md");
    for (calls, webhooks, line) in [
        (100, 0, "callbook plan --calls-per-second 100`"),
        (1_000, 0, "callbook plan --calls-per-second 1000`"),
        (
            1_000,
            2,
            "callbook plan --calls-per-second 1000 --webhooks 2`",
        ),
        (10_000, 0, "callbook plan --calls-per-second 10000`"),
    ] {
        let printed = Plan { calls, webhooks }.markdown();
        assert!(
            page.contains(&printed),
            "docs/scale.md should have:\n{printed}"
        );
        assert!(page.contains(line), "docs/scale.md lacks {line}");
    }
    let printed = requests_markdown();
    assert!(
        page.contains(&printed),
        "docs/scale.md should have:\n{printed}"
    );
}

/// The memory that the plan computes with is that of the template.
#[test]
fn the_plan_knows_the_memory_of_functions() {
    assert_eq!(globals()["MemorySize"], "FunctionMemory");
    let document = document();
    let parameters = &document["Parameters"];
    assert_eq!(parameters["FunctionMemory"]["Default"], 128);
    assert_eq!(parameters["ThrottlingRate"]["Default"], THROTTLING_RATE);
    let functions = functions();
    let memory = |function: &str| functions[function]["MemorySize"].as_u64().unwrap_or(128);
    for request in requests::all().chain(LIFE) {
        assert_eq!(
            request.memory(),
            memory(request.function),
            "{}",
            request.name
        );
    }
    for follower in ["rollup", "publish", "deliver"] {
        assert_eq!(memory(follower), 128, "{follower}");
    }
}

/// Operations that cost what another one of their function does.
const ALIKE: [&str; 3] = [
    "POST /api/v1",
    "POST /api/ingress/calls/inbound/billable/{did}",
    "POST /api/ingress/calls/inbound/billable/{did}/{cid}",
];

#[test]
fn every_operation_has_a_price() {
    let priced: BTreeSet<_> = requests::all().map(|request| request.operation).collect();
    let keys: BTreeSet<_> = operations()
        .iter()
        .map(crate::repository::Operation::key)
        .collect();
    for key in &keys {
        let alike = ALIKE.contains(&key.as_str());
        assert!(priced.contains(key.as_str()) != alike, "{key}");
    }
    for operation in priced {
        let page = operation.starts_with("GET /console/") || operation == "any other";
        assert!(
            keys.contains(operation) || page,
            "{operation} is no operation"
        );
    }
    let names: BTreeSet<_> = requests::all().map(|request| request.name).collect();
    assert_eq!(names.len(), requests::all().count(), "each name once");
}
