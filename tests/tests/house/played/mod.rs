//! Plays what goes wrong in production against the alarms as `template.yaml` writes them, and holds the table of
//! `docs/operate/alarms.md`: within how many minutes each is noticed.
//!
//! The requests are real, and so are the lines that the functions write. What gateway, Lambda and DynamoDB measure
//! by themselves is measured here in their place.

mod cloudwatch;
mod filter;
mod scenarios;
mod stage;

use self::cloudwatch::MINUTE;
use self::scenarios::{SCENARIOS, Scenario};
use self::stage::Stage;
use crate::repository::{document, functions, members, text};

/// The alarms that a scenario makes fire.
pub fn alarms_played() -> impl Iterator<Item = &'static str> {
    SCENARIOS.iter().map(|scenario| scenario.alarm)
}

/// Plays a scenario until its alarm fires, and returns after how many minutes.
async fn play(scenario: &Scenario) -> i64 {
    let mut stage = Stage::new().await;
    assert!(stage.has(scenario.alarm), "there is no {}", scenario.alarm);
    scenario.prepare(&mut stage).await;
    while stage.minute() < scenario.most {
        stage.run_schedules().await;
        if stage.minute() < 0 {
            stage.all_send().await;
        } else {
            scenario.happen(&mut stage).await;
        }
        stage
            .world()
            .wait(u64::try_from(scenario.step * MINUTE / 1_000).unwrap());
        let firing = stage.firing();
        if stage.minute() <= 0 {
            assert!(
                firing.is_empty(),
                "{}: {firing:?} before anything",
                scenario.what
            );
        } else if firing.contains(&scenario.alarm) {
            // A minute that has begun counts.
            return stage.minute() + i64::from(stage.now() % MINUTE > 0);
        }
    }
    panic!(
        "{}: {} does not fire within {} minutes",
        scenario.what, scenario.alarm, scenario.most
    );
}

#[tokio::test]
async fn nothing_fires_while_all_is_well() {
    let mut stage = Stage::new().await;
    for _ in 0..40 {
        stage.run_schedules().await;
        stage.all_send().await;
        stage.world().wait(60);
        let firing = stage.firing();
        assert!(firing.is_empty(), "{firing:?} in minute {}", stage.minute());
    }
}

#[tokio::test]
async fn every_failure_is_noticed_within_the_minutes_of_the_runbook() {
    let mut table = String::from("| what goes wrong | alarm | fires after |\n|---|---|---|\n");
    for scenario in SCENARIOS {
        let minutes = play(scenario).await;
        let after = match minutes {
            1 => "1 minute".to_owned(),
            2..=180 => format!("{minutes} minutes"),
            _ => format!("{} hours", minutes / 60),
        };
        table += &format!("| {} | `{}` | {after} |\n", scenario.what, scenario.alarm);
    }
    let page = text("docs/operate/alarms.md");
    assert!(
        page.contains(&table),
        "docs/operate/alarms.md should have:\n{table}"
    );
}

#[test]
fn the_runbook_names_every_alarm() {
    let page = text("docs/operate/alarms.md");
    let document = document();
    let of_functions: Vec<String> = functions().into_keys().collect();
    for (name, resource) in members(&document["Resources"]) {
        if resource["Type"] != "AWS::CloudWatch::Alarm" {
            continue;
        }
        // Each function has these three, whose descriptions begin with its name.
        let description = resource["Properties"]["AlarmDescription"].as_str().unwrap();
        let first = description.split(' ').next().unwrap();
        let kinds = ["ServerErrorsAlarm", "ErrorsAlarm", "DurationAlarm"];
        let kind = kinds.iter().find(|kind| name.ends_with(*kind));
        match kind.filter(|_| of_functions.iter().any(|function| function == first)) {
            Some(kind) => assert!(page.contains(&format!("`<function>{kind}`")), "{kind}"),
            None => assert!(page.contains(&format!("`{name}`")), "{name}"),
        }
        assert_eq!(
            resource["Properties"]["AlarmActions"].to_string(),
            r#"["HasAlarmTopic",[["MakesAlarmTopic","AlarmTopic","AlarmTopicArn"]],"AWS::NoValue"]"#,
            "{name}: run scripts/generate-template"
        );
    }
}
