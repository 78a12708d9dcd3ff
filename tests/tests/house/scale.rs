//! `docs/scale.md` is what `callbook plan` prints.

use callbook_plan::measured::{LIFE, REQUESTS, THROTTLING_RATE};
use callbook_plan::{Plan, requests_markdown};


use crate::repository::{document, functions, globals, text};

#[test]
fn the_page_on_scale_has_what_the_command_prints() {
    let page = text("docs/scale.md");
    for calls in [100, 1_000, 10_000] {
        let printed = Plan { calls }.markdown();
        assert!(
            page.contains(&printed),
            "docs/scale.md should have:\n{printed}"
        );
        assert!(page.contains(&format!("callbook plan --calls-per-second {calls}")));
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
    for request in REQUESTS.iter().chain(LIFE) {
        let function = match request.name.split([' ', ':']).next().unwrap() {
            "report" => "call-data",
            "call" | "calls" => "calls",
            _ => "caller-id",
        };
        assert_eq!(request.memory, memory(function), "{}", request.name);
    }
}
