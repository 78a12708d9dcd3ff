//! `callbook request GUID`, and the request log that it reads.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use callbook::model::id::Guid;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::args::{DeploymentArgs, RequestArgs};
use crate::output;
use callbook_local::running::Running;
use callbook_local::{folder, functions};

/// How long a request stays in the log.
const RETENTION: SignedDuration = SignedDuration::from_hours(14 * 24);

/// How far from the time of `--at` a deployment's log is searched, on either side.
const AROUND: SignedDuration = SignedDuration::from_hours(1);

/// Exit code if the request is in a deployment and the command printed how to find it there.
const LOOK_ELSEWHERE: u8 = 3;

const FIELDS: [&str; 25] = [
    "guid",
    "gateway_request_id",
    "lambda_request_id",
    "timestamp",
    "function",
    "dialect",
    "method",
    "path",
    "source_ip",
    "credential_id",
    "account_id",
    "status",
    "error_code",
    "error",
    "fields",
    "cause",
    "parameters",
    "cost_id",
    "call_sid",
    "vendor_id",
    "label",
    "refusal",
    "duration_us",
    "cold",
    "replayed",
];

/// Runs the command.
///
/// # Errors
/// Returns an error if the log cannot be read or does not contain the request.
pub fn run(args: RequestArgs) -> Result<ExitCode> {
    let RequestArgs {
        guid,
        data,
        stack,
        deployment,
        json,
    } = args;
    if let Some(stack) = stack {
        output::note(
            "A deployment logs its requests to CloudWatch Logs and keeps them for 14 days. To find this one, pipe the following to sh:",
        );
        output::print(&cloudwatch_command(guid, &stack, &deployment)?)?;
        return Ok(ExitCode::from(LOOK_ELSEWHERE));
    }
    let log = folder_of(data)?.join(folder::REQUESTS);
    let Some(line) = find(&log, guid)? else {
        bail!(
            "the request log {} has no request {guid} in the last 14 days; name another data folder with --data, or a deployment with --stack",
            log.display()
        );
    };
    let found: Value = FIELDS
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), line.get(name)?.clone())))
        .collect::<serde_json::Map<_, _>>()
        .into();
    if json {
        output::json(&found)?;
    } else {
        output::record(&found, &FIELDS)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the data folder that is named, or that of the `callbook local` that runs, or the default one.
fn folder_of(data: Option<PathBuf>) -> Result<PathBuf> {
    if data.is_none()
        && let Some(folder) = Running::all()
            .into_iter()
            .find_map(|running| running.folder)
    {
        return Ok(folder);
    }
    folder::data_folder(data)
}

/// Returns the shell command that finds a request in the log groups that `template.yaml` declares.
///
/// It searches the groups of all functions at once, and then the gateway's access log for the same request.
///
/// # Errors
/// Returns an error if the time is at the end of the calendar.
fn cloudwatch_command(guid: Guid, stack: &str, deployment: &DeploymentArgs) -> Result<String> {
    let DeploymentArgs {
        at,
        profile,
        region,
    } = deployment;
    let mut options = String::new();
    for (name, value) in [("profile", profile), ("region", region)] {
        if let Some(value) = value {
            options.push_str(&format!(" --{name} '{value}'"));
        }
    }
    let mut range = String::new();
    if let Some(at) = at {
        let (from, to) = (at.checked_sub(AROUND)?, at.checked_add(AROUND)?);
        let (from, to) = (from.as_millisecond(), to.as_millisecond());
        range = format!(" \\\n    --start-time {from} --end-time {to}");
    }
    let names: String = functions()
        .map(|function| format!(" \\\n  {}", function.name))
        .concat();
    Ok(format!(
        r#"search() {{
  aws{options} logs filter-log-events{range} \
    --log-group-name "$1" --filter-pattern "$2" \
    --query 'events[].message' --output text
}}
found=$(for function in{names}
do
  search "/aws/lambda/{stack}/$function" \
    '{{ $.guid = "{guid}" }}' &
done; wait)
if [ -z "$found" ]; then
  echo 'no function has a line of this request' >&2
  exit 1
fi
printf '%s\n' "$found"
id=$(printf '%s\n' "$found" |
  sed -n 's/.*"gateway_request_id":"\([^"]*\)".*/\1/p' | head -n 1)
if [ -n "$id" ]; then
  search '/aws/vendedlogs/{stack}/api' "{{ \$.requestId = \"$id\" }}"
fi"#
    ))
}

/// Finds the log line of a request.
fn find(log: &Path, guid: Guid) -> Result<Option<Value>> {
    let file = match File::open(log) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => {
            opened.with_context(|| format!("cannot read the request log {}", log.display()))?
        }
    };
    let guid = guid.to_string();
    for line in BufReader::new(file).lines() {
        let line =
            line.with_context(|| format!("cannot read the request log {}", log.display()))?;
        if line.contains(&guid)
            && let Ok(value) = serde_json::from_str::<Value>(&line)
            && value.get("guid") == Some(&json!(guid))
        {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

/// Removes the log lines of requests older than 14 days; `now` is in Unix milliseconds.
///
/// # Errors
/// Returns an error if the log cannot be read or written.
pub fn prune(log: &Path, now: i64) -> Result<()> {
    let text = match fs::read(log) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        read => read.with_context(|| format!("cannot read the request log {}", log.display()))?,
    };
    let oldest = Timestamp::from_millisecond(now)? - RETENTION;
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    let kept: Vec<u8> = lines
        .filter(|line| is_since(line, oldest))
        .flatten()
        .copied()
        .collect();
    if kept.len() < text.len() {
        folder::replace(log, &kept)
    } else {
        Ok(())
    }
}

/// Returns whether a log line has a timestamp of `oldest` or later.
fn is_since(line: &[u8], oldest: Timestamp) -> bool {
    let line: Value = serde_json::from_slice(line).unwrap_or_default();
    let time = line
        .get("timestamp")
        .and_then(Value::as_str)
        .and_then(|time| time.parse().ok());
    time.is_some_and(|time: Timestamp| time >= oldest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUID: &str = "84e2b789-d5f4-4634-98fe-dacc9fe42ba3";

    #[test]
    fn a_request_is_found_until_it_is_fourteen_days_old() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("requests.log");
        let old = r#"{"timestamp":"2026-11-01T00:00:00.000Z","guid":"00000000-0000-4000-8000-000000000000"}"#;
        let new =
            format!(r#"{{"timestamp":"2026-11-14T12:00:00+00:00","guid":"{GUID}","status":200}}"#);
        fs::write(&log, format!("{old}\n{new}\nnot JSON\n")).unwrap();
        let now: Timestamp = "2026-11-21T00:00:00Z".parse().unwrap();
        prune(&log, now.as_millisecond()).unwrap();
        assert_eq!(fs::read_to_string(&log).unwrap(), format!("{new}\n"));
        let found = find(&log, Guid::parse(GUID).unwrap()).unwrap().unwrap();
        assert_eq!(found["status"], 200);
        let absent = Guid::parse("11111111-1111-4111-8111-111111111111").unwrap();
        assert!(find(&log, absent).unwrap().is_none());
        fs::remove_file(&log).unwrap();
        assert!(find(&log, absent).unwrap().is_none());
        prune(&log, 0).unwrap();
    }

    /// The command of a search, as `--help` shows it.
    fn command(deployment: &DeploymentArgs) -> String {
        cloudwatch_command(Guid::parse(GUID).unwrap(), "callbook", deployment).unwrap()
    }

    #[test]
    fn the_cloudwatch_command_searches_the_log_groups_of_the_template() {
        let command = command(&DeploymentArgs::default());
        assert!(
            command.contains("/aws/lambda/callbook/$function"),
            "{command}"
        );
        assert!(command.contains(GUID));
        let template = callbook_local::template::TEXT;
        for function in functions() {
            let group = format!("/aws/lambda/${{AWS::StackName}}/{}", function.name);
            assert!(template.contains(&group));
            assert!(command.contains(function.name));
        }
        assert!(template.contains("/aws/vendedlogs/${AWS::StackName}/api"));
        assert!(command.contains("'/aws/vendedlogs/callbook/api'"));
        assert!(!command.contains("-time"), "{command}");
    }

    #[test]
    fn the_cloudwatch_command_searches_around_a_time_with_profile_and_region() {
        let command = command(&DeploymentArgs {
            at: Some("2026-11-21T14:05:00Z".parse().unwrap()),
            profile: Some("my team".to_owned()),
            region: Some("eu-central-1".to_owned()),
        });
        assert!(
            command.contains("aws --profile 'my team' --region 'eu-central-1' logs"),
            "{command}"
        );
        // The hour before and the hour after.
        assert!(
            command.contains("--start-time 1795266300000 --end-time 1795273500000"),
            "{command}"
        );
    }

    #[test]
    fn a_shell_can_read_the_cloudwatch_command() {
        let command = command(&DeploymentArgs::default());
        let read = std::process::Command::new("sh")
            .args(["-n", "-c", &command])
            .status();
        assert!(read.unwrap().success(), "{command}");
        for line in command.lines() {
            assert!(line.len() <= output::WIDTH, "{line}");
        }
    }
}
