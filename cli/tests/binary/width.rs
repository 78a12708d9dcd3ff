//! Nothing that the command prints is wider than 80 columns.

use std::collections::BTreeSet;

use crate::support::{CommandOutput, Operator, Server, callbook, run};

fn assert_fits(output: &CommandOutput, what: &str) {
    for line in output.stdout.lines().chain(output.broken.lines()) {
        let width = line.chars().count();
        assert!(width <= 80, "{what}: {width} columns: {line}");
    }
}

/// The subcommands that a help lists.
fn subcommands(help: &str) -> Vec<String> {
    let (_, rest) = help.split_once("\nCommands:\n").unwrap_or_default();
    let lines = rest.lines().take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let names = names.filter(|name| !name.is_empty() && *name != "help");
    names.map(str::to_owned).collect()
}

/// Walks a command and those below it, and returns their paths.
fn walk(path: &[String], seen: &mut BTreeSet<String>) {
    for flag in ["--help", "-h"] {
        let mut arguments: Vec<&str> = path.iter().map(String::as_str).collect();
        arguments.push(flag);
        let help = run(&mut callbook(&arguments));
        assert_eq!(help.code, 0, "{path:?}");
        assert_fits(&help, &format!("{path:?} {flag}"));
        for line in help.stdout.lines().map(str::trim_start) {
            // A line that was wrapped could not be pasted.
            assert!(!line.ends_with("--"), "{path:?}: {line}");
        }
        if flag == "--help" && seen.insert(path.join(" ")) {
            for name in subcommands(&help.stdout) {
                walk(&[path, &[name]].concat(), seen);
            }
        }
    }
}

#[test]
fn no_line_of_any_help_is_wider_than_a_terminal() {
    let mut seen = BTreeSet::new();
    walk(&[], &mut seen);
    for command in ["import calls", "cost list", "credential create", "demo"] {
        assert!(seen.contains(command), "{command}: {seen:?}");
    }
    assert!(seen.len() > 50, "{}", seen.len());
}

#[test]
fn no_line_of_an_output_is_wider_than_a_terminal() {
    let operator = Operator::new("America/New_York");
    let account = operator.account.clone();
    operator.write(
        "calls.csv",
        "call_date,direction,call_from,call_to,duration,disposition,cost,notes\n\
         2026-11-02 10:15:03,inbound,2065550100,8005550100,95,A disposition that is long,25,x\n\
         2026-11-02 10:16:03,inbound,+61293744000,8005550100,95,Answered,1000000.25,x\n\
         never,sideways,nobody,12,for long,,much,\n",
    );
    operator.write(
        "bill.csv",
        "Date,Called Number,Caller ID,Payout\n2026-11-02,8005550100,2065550100,26\n",
    );
    let day = ["--from", "2026-11-02", "--to", "2026-11-02"];
    let of = ["--account", account.as_str()];
    let commands: &[(&[&str], bool)] = &[
        (&["account", "list"], false),
        (&["account", "show", &account], false),
        (
            &[
                "vendor",
                "add",
                "acme",
                "--name",
                "Acme Leads of the far and wide West",
            ],
            true,
        ),
        (
            &[
                "vendor",
                "terms",
                "acme",
                "--from",
                "2026-01-01",
                "--price",
                "25",
                "--minimum-seconds",
                "60",
            ],
            true,
        ),
        (&["vendor", "list"], true),
        (&["vendor", "show", "acme"], true),
        (
            &[
                "number",
                "add",
                "8005550100",
                "--vendor",
                "acme",
                "--from",
                "2026-01-01",
                "--campaign",
                "fall and winter",
            ],
            true,
        ),
        (&["number", "list"], true),
        (&["vendor", "numbers", "acme"], true),
        (
            &[
                "credential",
                "create",
                "tld",
                "--label",
                "A label that is as long as labels get",
                "--vendor",
                "acme",
            ],
            true,
        ),
        (
            &[
                "credential",
                "create",
                "truecnam",
                "--ip",
                "192.0.2.0/24",
                "--ip",
                "2001:db8::/32",
                "--endpoint",
                "/api/v1",
            ],
            true,
        ),
        (
            &[
                "credential",
                "create",
                "user",
                "--username",
                "alice.example",
            ],
            true,
        ),
        (&["credential", "list"], true),
        (&["callprocess", "add", "Sales"], true),
        (&["callprocess", "list"], true),
        (&["inventory", "country", "add", "US"], false),
        (&["inventory", "country", "list"], false),
        (&["inventory", "list", "--country", "US"], false),
        (&["import", "profiles"], false),
        (&["import", "calls", "calls.csv", "--dry-run"], true),
        (&["import", "calls", "calls.csv"], true),
        (&["import", "calls", "calls.csv"], true),
        (&["cost", "list", day[0], day[1], day[2], day[3]], true),
        (
            &[
                "cost",
                "list",
                "--unmatched",
                day[0],
                day[1],
                day[2],
                day[3],
            ],
            true,
        ),
        (&["cost", "refused", day[0], day[1], day[2], day[3]], true),
        (&["summary", "--by", "vendor"], true),
        (&["summary", "--by", "did,hour"], true),
        (&["invoice", "check", "bill.csv", "--vendor", "acme"], true),
        (
            &[
                "export", "calls", "-o", "out.csv", day[0], day[1], day[2], day[3],
            ],
            true,
        ),
        (
            &[
                "export",
                "costs",
                "-o",
                "costs.csv",
                day[0],
                day[1],
                day[2],
                day[3],
            ],
            true,
        ),
        (&["audit"], true),
        (&["migrate"], false),
        (&["request", "84e2b789-d5f4-4634-98fe-dacc9fe42ba3"], false),
        (&["account", "show", "1"], false),
        (
            &[
                "account",
                "list",
                "--endpoint-url",
                "http://127.0.0.1:1",
                "--table",
                "t",
            ],
            false,
        ),
    ];
    for (arguments, needs_account) in commands {
        let arguments = match needs_account {
            true => [arguments, &of[..]].concat(),
            false => arguments.to_vec(),
        };
        let output = operator.run(&arguments);
        assert!(output.code <= 2, "{arguments:?}: {}", output.stderr);
        assert_fits(&output, &format!("{arguments:?}"));
    }
    assert_fits(&run(&mut callbook(&["account", "list"])), "no ledger");
    let server = Server::start(&["local", "--memory"]);
    assert!(server.banner.lines().all(|line| line.chars().count() <= 80));
}
