//! What `callbook local` hands the functions on the stream is what the template hands them: the same records, and the
//! same tasks as often.

use std::collections::BTreeSet;
use std::time::Duration;

use callbook::edge::{PublishApp, StreamApp};
use callbook_local::follow::OnStream;
use serde_json::Value;

use crate::repository::{functions, members};

/// The types that a filter of the event source mapping lets through.
fn followed(pattern: &Value) -> BTreeSet<String> {
    let pattern: Value = serde_json::from_str(pattern.as_str().unwrap()).unwrap();
    let images = members(&pattern["dynamodb"]).map(|(_, image)| image);
    let kinds = images.flat_map(|image| image["type"]["S"].as_array().unwrap());
    kinds
        .map(|kind| kind.as_str().unwrap().to_owned())
        .collect()
}

/// How often a schedule is due, if it is a rate.
fn rate(schedule: &str) -> Option<Duration> {
    let rate = schedule.strip_prefix("rate(")?.strip_suffix(')')?;
    let (minutes, unit) = rate.split_once(' ')?;
    assert!(unit.starts_with("minute"), "{schedule}");
    Some(Duration::from_secs(60 * minutes.parse::<u64>().unwrap()))
}

/// Checks the filters and the tasks of a function against those of the local one, which does not do `left_out`.
fn check<F: OnStream>(name: &str, left_out: &[&str]) {
    let events = functions()[name]["Events"].clone();
    let source = &events["Stream"]["Properties"];
    let filters = source["FilterCriteria"]["Filters"].as_array().unwrap();
    assert_eq!(filters.len(), 2);
    for filter in filters {
        let expected = F::TYPES.iter().map(|kind| (*kind).to_owned());
        assert_eq!(followed(&filter["Pattern"]), expected.collect());
    }
    assert!(
        source["TumblingWindowInSeconds"].is_u64(),
        "batches name their shard"
    );
    let schedules = members(&events).filter(|(_, event)| event["Type"] == "Schedule");
    let mut tasks = 0;
    for (_, schedule) in schedules {
        let Some(input) = schedule["Properties"]["Input"].as_str() else {
            continue;
        };
        let task = serde_json::from_str::<Value>(input).unwrap()["task"].clone();
        let task = task.as_str().unwrap();
        let own = F::SCHEDULES.iter().find(|own| own.event == input);
        assert_eq!(own.is_none(), left_out.contains(&task), "{task}");
        let rate = rate(schedule["Properties"]["Schedule"].as_str().unwrap());
        if let (Some(own), Some(rate)) = (own, rate) {
            assert_eq!(own.every, rate, "{task}");
        }
        tasks += 1;
    }
    assert!(tasks > 0, "{name} has no task");
}

#[test]
fn a_local_function_gets_the_records_and_the_tasks_of_the_template() {
    check::<PublishApp>("publish", &[]);
    // It only counts in metrics, which nobody reads here.
    check::<StreamApp>("rollup", &["unmatched"]);
}
