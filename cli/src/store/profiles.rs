//! Whether a profile of the shared AWS configuration exists. The SDK would only say that it found no credentials.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use directories::BaseDirs;

use super::missing::NoLedger;

/// Checks that a profile exists, if one is named on the command line or in the environment.
///
/// # Errors
/// Returns `NoLedger` if neither file of the configuration has it.
pub fn check(named: Option<&str>) -> Result<(), NoLedger> {
    let (profile, by) = match (named, variable("AWS_PROFILE")) {
        (Some(profile), _) => (profile.to_owned(), "--profile"),
        // Keys of the environment take precedence over a profile of the environment.
        (None, Some(profile)) if variable("AWS_ACCESS_KEY_ID").is_none() => {
            (profile, "AWS_PROFILE")
        }
        _ => return Ok(()),
    };
    let files = [
        file("AWS_CONFIG_FILE", "config"),
        file("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
    ];
    let files: Vec<PathBuf> = files.into_iter().flatten().collect();
    let texts = files
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok());
    let known: BTreeSet<String> = texts.flat_map(|text| names(&text)).collect();
    if known.contains(&profile) {
        return Ok(());
    }
    let files: Vec<_> = files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    let known = match known.is_empty() {
        true => "they have none".to_owned(),
        false => format!(
            "they have {}",
            known.into_iter().collect::<Vec<_>>().join(", ")
        ),
    };
    Err(NoLedger(format!(
        "there is no profile `{profile}`, which {by} names.\n\
         Looked for in {}: {known}.\n\
         `aws configure --profile {profile}` or `aws configure sso` makes one",
        files.join(" and ")
    )))
}

/// The names of the profiles of a file.
fn names(text: &str) -> Vec<String> {
    let sections = text.lines().filter_map(|line| {
        let name = line.trim().strip_prefix('[')?.split(']').next()?.trim();
        // The configuration has other sections, such as `sso-session`.
        match name.split_once(char::is_whitespace) {
            Some(("profile", name)) => Some(name.trim()),
            Some(_) => None,
            None => Some(name),
        }
    });
    sections
        .map(|name| name.trim_matches('"').to_owned())
        .collect()
}

fn file(name: &str, default: &str) -> Option<PathBuf> {
    let home = || Some(BaseDirs::new()?.home_dir().join(".aws").join(default));
    variable(name).map(PathBuf::from).or_else(home)
}

/// An empty variable counts as not set.
#[expect(
    clippy::disallowed_methods,
    reason = "the variables of the AWS command line, which the SDK reads too"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_profiles_are_read_from_both_kinds_of_files() {
        let text = "[default]\nregion = eu-central-1\n[profile prod]\n[sso-session work]\n[ staging ]\n\
                    [profile \"two words\"]\n# [profile no]\n";
        assert_eq!(names(text), ["default", "prod", "staging", "two words"]);
    }
}
