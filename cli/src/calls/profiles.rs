//! `callbook import profiles`: lists the software whose call records can be imported as they come.

use anyhow::Result;
use serde_json::{Value, json};

use super::profile::Profile;
use crate::args::ProfilesArgs;
use crate::output;

/// Runs the command.
///
/// # Errors
/// Returns an error if there is no such profile, or the standard output cannot be written.
pub fn run(args: &ProfilesArgs) -> Result<()> {
    if let Some(name) = &args.name {
        return output::print(Profile::text(name)?);
    }
    let profiles = Profile::built_in()?;
    let rows: Vec<Value> = profiles.iter().map(row).collect();
    if args.json {
        return output::json(&json!(rows));
    }
    output::rows(&rows, &["name", "software"], "")
}

fn row(profile: &Profile) -> Value {
    let Profile {
        name,
        title,
        source,
        headers,
        ..
    } = profile;
    json!({"name": name, "software": title, "source": source, "headers": headers})
}
