//! What operators use: the runbooks, the saved queries, the parameters and outputs of the template, and the workflows.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::repository::{document, files, functions, members, resources, text, toml};

/// What every runbook says, in this order.
const SECTIONS: [&str; 5] = [
    "Symptom",
    "Check",
    "Action",
    "How to see that it worked",
    "Tried",
];

#[test]
fn every_runbook_has_its_sections_and_is_in_the_index() {
    let index = text("docs/operate/README.md");
    let pages = files("docs/operate", "md").into_iter();
    let pages: Vec<_> = pages
        .filter(|(path, _)| !path.ends_with("/README.md"))
        .collect();
    assert_eq!(pages.len(), 16);
    for (path, page) in pages {
        let sections: Vec<_> = page
            .lines()
            .filter_map(|line| line.strip_prefix("## "))
            .collect();
        assert_eq!(sections, SECTIONS, "{path}");
        for (before, after) in page.split("\n## ").skip(1).map(|part| {
            let (title, body) = part.split_once('\n').expect("a body");
            (title, body.trim())
        }) {
            assert!(after.len() > 40, "{path}: {before} says nothing");
        }
        let name = path.rsplit('/').next().unwrap();
        assert!(index.contains(&format!("[{name}]({name})")), "{path}");
    }
    assert!(text("README.md").contains("(docs/operate/README.md)"));
}

/// The translated template hides some of these from the lint.
#[test]
fn every_reference_of_the_template_names_something_that_is_there() {
    let template = text("template.yaml");
    let word = |text: &str| -> String {
        text.chars()
            .take_while(|c| c.is_ascii_alphanumeric())
            .collect()
    };
    let named: BTreeSet<String> = template
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'))
        .filter(|line| !line.starts_with([' ', '-', '#']))
        .map(str::to_owned)
        .collect();
    let mut references = 0;
    for mark in ["!Ref ", "!GetAtt ", "${"] {
        for reference in template.split(mark).skip(1).map(word) {
            // `AWS::Region` and its like are CloudFormation's.
            // SAM makes the stage, and `!Sub` gives the other a value.
            if !["AWS", "ApiApiGatewayDefaultStage", "UsedTable"].contains(&reference.as_str()) {
                assert!(named.contains(&reference), "{mark}{reference}");
                references += 1;
            }
        }
    }
    assert!(references > 100, "only {references} were found");
}

#[test]
fn the_saved_queries_read_every_log_group_and_fields_that_lines_have() {
    let queries = resources("AWS::Logs::QueryDefinition");
    let groups = |query: &Value| -> BTreeSet<String> {
        let groups = query["LogGroupNames"].as_array().unwrap().iter();
        groups
            .map(|group| group.as_str().unwrap().to_owned())
            .collect()
    };
    let of_functions: BTreeSet<String> = functions()
        .values()
        .map(|function| {
            let group = &function["LoggingConfig"]["LogGroup"];
            group.as_str().expect("a log group").to_owned()
        })
        .collect();
    let api = BTreeSet::from(["ApiLogGroup".to_owned()]);
    let found: Vec<_> = queries.iter().map(groups).collect();
    // In the order of their names: failures, answers of the gateway, one request.
    let all = &of_functions | &api;
    assert_eq!(found, [of_functions, api, all]);
    let line = text("shared/src/edge/log.rs");
    let access = resources("AWS::Serverless::HttpApi");
    let access = access[0]["AccessLogSettings"]["Format"].as_str().unwrap();
    let access: Value = serde_json::from_str(access).expect("the access log is JSON");
    for query in &queries {
        let query = query["QueryString"].as_str().unwrap();
        let commands = [
            "fields",
            "filter",
            "stats",
            "sort",
            "limit",
            "by",
            "as",
            "or",
            "like",
            "asc",
            "desc",
            "coalesce",
            "count",
            "max",
            "requests",
            "newest",
            "gateway",
            "lambda",
            "timestamp",
            "message",
            "record",
            "ID",
        ];
        // Without comments and the texts that values are compared with.
        let query = query
            .lines()
            .filter(|line| !line.trim_start().starts_with('#'));
        let query: String = query.flat_map(|line| [line, "\n"]).collect();
        let query = query.split('"').step_by(2).collect::<Vec<_>>().join(" ");
        for word in query.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
            let known = word.parse::<u32>().is_ok() || word.is_empty() || commands.contains(&word);
            let of_line = line.contains(&format!("    {word}: "));
            assert!(known || of_line || !access[word].is_null(), "{word}");
        }
    }
}

#[test]
fn the_gateways_line_and_the_functions_line_can_be_joined() {
    let api = resources("AWS::Serverless::HttpApi");
    let format = api[0]["AccessLogSettings"]["Format"].as_str().unwrap();
    let format: Value = serde_json::from_str(format).unwrap();
    assert_eq!(format["requestId"], "$context.requestId");
    assert_eq!(
        format["integrationRequestId"],
        "$context.integration.requestId"
    );
}

#[test]
fn every_parameter_is_described_and_has_a_default() {
    let document = document();
    let mut names = BTreeSet::new();
    for (name, parameter) in members(&document["Parameters"]) {
        assert!(!parameter["Default"].is_null(), "{name}");
        let described = parameter["Description"].as_str().unwrap_or_default();
        assert!(described.len() > 30, "{name}");
        names.insert(name.to_owned());
        let page = text("docs/operate/first-deployment.md");
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
    let settings = toml("samconfig.toml");
    for environment in ["dev", "prod"] {
        let parameters = &settings[environment]["deploy"]["parameters"];
        let overrides = parameters["parameter_overrides"].as_str().unwrap();
        for (name, _) in overrides.split(' ').map(|one| one.split_once('=').unwrap()) {
            assert!(names.contains(name), "{environment}: {name}");
        }
        let stack = &settings[environment]["global"]["parameters"]["stack_name"];
        assert!(stack.as_str().unwrap().ends_with(environment));
    }
    // `sam deploy --guided` asks of every route that is an event of a function whether it may have no authentication, and Enter says no.
    for function in resources("AWS::Serverless::Function") {
        for (name, event) in members(&function["Events"]) {
            assert_ne!(event["Type"], "HttpApi", "{name}");
        }
    }
}

#[test]
fn the_outputs_warn_while_nobody_is_notified_of_alarms() {
    let document = document();
    let outputs = &document["Outputs"];
    assert_eq!(outputs["NoAlarms"]["Condition"], "HasNoAlarmTopic");
    assert_eq!(outputs["Alarms"]["Condition"], "HasAlarmTopic");
    let warning = outputs["NoAlarms"]["Value"].as_str().unwrap();
    assert!(warning.contains("AlarmTopicArn"), "{warning}");
}

#[test]
fn workflows_name_the_version_of_every_action_and_the_permissions_of_every_job() {
    let workflows = files(".github/workflows", "yml");
    let names: Vec<_> = workflows.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(
        names,
        [
            ".github/workflows/ci.yml",
            ".github/workflows/deploy.yml",
            ".github/workflows/release.yml"
        ]
    );
    for (path, text) in workflows {
        let workflow: Value = serde_saphyr::from_str(&text).expect("a workflow is YAML");
        for (job, body) in members(&workflow["jobs"]) {
            assert!(body["permissions"].is_object(), "{path}: {job}");
            assert!(body["timeout-minutes"].is_u64(), "{path}: {job}");
            for step in body["steps"].as_array().unwrap() {
                let Some(action) = step["uses"].as_str() else {
                    continue;
                };
                let (_, version) = action.split_once('@').expect("a version");
                let parts = version.strip_prefix('v').unwrap_or_default().split('.');
                let numbers = parts.filter_map(|part| part.parse::<u32>().ok());
                assert_eq!(numbers.count(), 3, "{path}: {action}");
            }
        }
        // No key of AWS is kept: a job signs in by its identity.
        assert!(!text.contains("aws-secret-access-key"), "{path}");
    }
}
