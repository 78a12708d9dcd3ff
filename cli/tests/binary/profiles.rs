//! Call records of other software, each in the form that it documents.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::{Operator, callbook, run};

/// The folder of the records: `NAME.csv` or `NAME.txt`, and `NAME.expected.json` with what an import makes of it.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/binary/profiles")
}

/// The names of the profiles, as the command lists them.
fn names() -> Vec<String> {
    let listed = run(&mut callbook(&["import", "profiles", "--json"])).json();
    let profiles = listed.as_array().unwrap().iter();
    profiles
        .map(|profile| profile["name"].as_str().unwrap().to_owned())
        .collect()
}

/// The records of a profile, and what is expected of them.
fn records(name: &str) -> (PathBuf, Value) {
    let file = |ending: &str| folder().join(format!("{name}.{ending}"));
    let records = [file("csv"), file("txt")];
    let records = records.into_iter().find(|path| path.exists());
    let expected =
        fs::read(file("expected.json")).unwrap_or_else(|_| panic!("{name}.expected.json"));
    (
        records.unwrap_or_else(|| panic!("{name} has no records")),
        serde_json::from_slice(&expected).unwrap(),
    )
}

impl Operator {
    /// Imports a file with arguments, and returns the calls of the account by their start.
    pub fn import_with(
        &self,
        file: &str,
        arguments: &[&str],
    ) -> (crate::support::CommandOutput, Vec<Value>) {
        let import = [
            "import",
            "calls",
            file,
            "--account",
            &self.account,
            "--json",
        ];
        let output = self.run(&[&import[..], arguments].concat());
        let export = [
            "export",
            "calls",
            "--account",
            &self.account,
            "--format",
            "ndjson",
        ];
        let range = ["--from", "2026-01-01", "--to", "2026-12-31"];
        let rows = self.run(&[&export[..], &range].concat());
        assert_eq!(rows.code, 0, "{}", rows.stderr);
        let rows = rows.stdout.lines();
        let calls = rows.map(|row| serde_json::from_str(row).unwrap()).collect();
        (output, calls)
    }
}

#[test]
fn the_records_of_each_software_are_recognised_and_become_calls() {
    let names = names();
    assert_eq!(names.len(), 12, "{names:?}");
    for name in &names {
        let operator = Operator::new("America/New_York");
        let (records, expected) = records(name);
        let file = records.file_name().unwrap().to_str().unwrap();
        fs::copy(&records, operator.folder.path().join(file)).unwrap();
        let arguments = expected["args"].as_array().unwrap().iter();
        let arguments: Vec<_> = arguments.map(|word| word.as_str().unwrap()).collect();
        let (output, calls) = operator.import_with(file, &arguments);
        let counts: Value = serde_json::from_str(&output.stdout)
            .unwrap_or_else(|_| panic!("{name}: {}", output.stderr));
        let wanted = expected["calls"].as_array().unwrap();
        for (call, wanted) in calls.iter().zip(wanted) {
            for (column, value) in wanted.as_object().unwrap() {
                assert_eq!(&call[column], value, "{name}: {column} of {wanted}");
            }
            assert_eq!(call["cost"], Value::Null, "{name}: no amount is a cost");
        }
        assert_eq!(calls.len(), wanted.len(), "{name}");
        let rejected = expected["rejected"].as_array().unwrap();
        for reason in rejected {
            let reason = reason.as_str().unwrap();
            assert!(output.stderr.contains(reason), "{name}: {}", output.stderr);
        }
        let sum = wanted.len() + rejected.len();
        assert_eq!(
            (&counts["rows"], &counts["imported"], &counts["rejected"]),
            (&json!(sum), &json!(wanted.len()), &json!(rejected.len())),
            "{name}"
        );
        // The same file again: every row is a repeat or rejected again.
        let (again, _) = operator.import_with(file, &arguments);
        let counts: Value = serde_json::from_str(&again.stdout).unwrap();
        assert_eq!(
            (&counts["imported"], &counts["already_there"]),
            (&json!(0), &json!(wanted.len())),
            "{name}"
        );
        // Its rejects are rows of the same profile.
        if let Some(rejects) = counts["rejects"].as_str() {
            let (rejects, _) = operator.import_with(rejects, &arguments);
            let counts: Value = serde_json::from_str(&rejects.stdout)
                .unwrap_or_else(|_| panic!("{name}: {}", rejects.stderr));
            assert_eq!(counts["rejected"], rejected.len(), "{name}");
        }
    }
}

#[test]
fn every_file_of_a_profile_belongs_to_one() {
    let names: BTreeSet<_> = names().into_iter().collect();
    let of = |folder: &Path| -> BTreeSet<String> {
        let files = fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name());
        let names = files.map(|file| file.to_str().unwrap().split('.').next().unwrap().to_owned());
        names.collect()
    };
    assert_eq!(of(&folder()), names, "the records");
    let profiles = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles");
    assert_eq!(of(&profiles), names, "the profiles");
}

#[test]
fn a_profile_can_be_named_shown_and_changed() {
    let shown = run(&mut callbook(&["import", "profiles", "ivozprovider"]));
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    assert!(
        shown
            .stdout
            .contains("source = \"IvozProvider documentation")
    );
    let operator = Operator::new("UTC");
    let own = shown.stdout.replace("\"callee\"", "\"called\"");
    operator.write("mine.toml", &own);
    operator.write(
        "calls.csv",
        "callid;startTime;duration;caller;called;direction\n\
         ab1;2026-11-02 10:15:03;199;+12065550100;+13105550111;inbound\n",
    );
    let (unknown, _) = operator.import_with("calls.csv", &[]);
    assert_eq!(unknown.code, 1);
    assert!(
        unknown.stderr.contains("callbook import profiles"),
        "{}",
        unknown.stderr
    );
    let (other, _) = operator.import_with("calls.csv", &["--software", "twilio"]);
    assert!(
        other
            .stderr
            .replace('\n', " ")
            .contains("the columns of Twilio"),
        "{}",
        other.stderr
    );
    let (missing, _) = operator.import_with("calls.csv", &["--software", "cisco"]);
    assert!(
        missing.stderr.contains("there is no profile cisco"),
        "{}",
        missing.stderr
    );
    let (wrong, _) = operator.import_with("calls.csv", &["--software", "ivozprovider"]);
    assert_eq!(wrong.code, 1, "it has no callee");
    let (imported, calls) = operator.import_with("calls.csv", &["--software", "mine.toml"]);
    assert_eq!(imported.code, 0, "{}", imported.stderr);
    assert_eq!(calls[0]["call_to"], "+13105550111");
}
