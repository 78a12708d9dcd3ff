//! What the command line takes and refuses.

use super::*;
use clap::CommandFactory;

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn a_switch_takes_an_optional_value() {
    for (args, expected) in [
        (&["--carrier"][..], Some(true)),
        (&["--carrier=false"], Some(false)),
        (&["--carrier", "no"], Some(false)),
        (&[], None),
    ] {
        let line = ["callbook", "account", "update", "12345678", "--table", "t"];
        let cli = Cli::try_parse_from(line.iter().chain(args)).unwrap();
        let Command::Account(AccountCommand::Update { settings, .. }) = cli.command else {
            panic!("another command");
        };
        assert_eq!(settings.switches.carrier, expected, "{args:?}");
    }
}

/// Splits a line into words as a shell does, up to a pipe or a redirection. Enough for the examples.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in line.chars() {
        match character {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            _ => words.last_mut().unwrap().push(character),
        }
    }
    words.retain(|word| !word.is_empty());
    words
        .into_iter()
        .take_while(|word| !["|", ">"].contains(&word.as_str()))
        .collect()
}

fn check_examples(command: &clap::Command, path: &str) {
    let help = command.get_after_help().map(ToString::to_string);
    let help = help.unwrap_or_default();
    let help = help.replace("\\\n    ", "").replace("\\\n", " ");
    let (_, examples) = help.split_once("Examples:\n").unwrap_or_default();
    // Strips other commands in front of `callbook`, and a description after it.
    let lines = examples.lines().filter_map(|line| {
        let line = line.get(line.find("callbook ")?..)?;
        Some(line.split_once("     ").map_or(line, |(line, _)| line))
    });
    let mut tried = 0;
    for line in lines {
        let words = words(line);
        let parsed = Cli::try_parse_from(&words).or_else(|error| {
            // The table comes from the environment.
            let table = ["--table".to_owned(), "t".to_owned()];
            Cli::try_parse_from(words.iter().chain(&table)).map_err(|_| error)
        });
        assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
        tried += usize::from(line.starts_with(path));
    }
    assert!(tried > 0, "{path} has no example");
    for command in command.get_subcommands() {
        check_examples(command, &format!("{path} {}", command.get_name()));
    }
}

#[test]
fn every_command_has_examples_that_parse() {
    check_examples(&Cli::command(), "callbook");
}

#[test]
fn wrong_usage_exits_with_code_2() {
    for line in [
        &[
            "credential",
            "create",
            "fax",
            "--account",
            "1",
            "--table",
            "t",
        ][..],
        &[
            "credential",
            "create",
            "tld",
            "--account",
            "x",
            "--table",
            "t",
        ],
        &[
            "credential",
            "create",
            "tld",
            "--account",
            "1",
            "--ip",
            "300.1.1.1",
            "--table",
            "t",
        ],
        &["number", "add", "12", "--account", "1", "--table", "t"],
        &["account", "update", "1", "--shards", "0", "--table", "t"],
        &[
            "account",
            "update",
            "1",
            "--timezone",
            "Mars/Base",
            "--table",
            "t",
        ],
        &["request", "not-a-guid"],
        &[
            "request",
            "84e2b789-d5f4-4634-98fe-dacc9fe42ba3",
            "--stack",
            "a'; b",
        ],
        &[
            "request",
            "84e2b789-d5f4-4634-98fe-dacc9fe42ba3",
            "--stack",
            "a",
            "--region",
            "r'; b",
        ],
        &[
            "request",
            "84e2b789-d5f4-4634-98fe-dacc9fe42ba3",
            "--at",
            "2026-11-21T14:05:00Z",
        ],
        &["local", "--memory", "--data", "d"],
        &[
            "account",
            "list",
            "--table",
            "t",
            "--endpoint-url",
            "nonsense",
        ],
    ] {
        let error = Cli::try_parse_from(["callbook"].iter().chain(line)).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{line:?}");
    }
}

#[test]
fn a_plan_is_for_a_load_or_lists_requests() {
    for (more, taken) in [
        (&["--calls-per-second", "100"][..], true),
        (&["--calls-per-second", "0"], false),
        (&["--requests"], true),
        (&["--requests", "--calls-per-second", "100"], false),
        (&["--calls-per-second", "100", "--webhooks", "20"], true),
        (&["--calls-per-second", "100", "--webhooks", "21"], false),
        (&["--requests", "--webhooks", "1"], false),
        (&[], false),
    ] {
        let line = ["callbook", "plan"].iter().chain(more);
        assert_eq!(Cli::try_parse_from(line).is_ok(), taken, "{more:?}");
    }
}
