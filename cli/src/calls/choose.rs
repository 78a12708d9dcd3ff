//! Chooses how a file of call records is read: its own columns, a profile, or columns of the command line.

use anyhow::{Context, Result, bail};

use super::mapping::ColumnMapping;
use super::profile::Profile;
use super::record::COLUMNS;
use crate::args::MappingArgs;
use crate::table::{Head, Layout, Reading, key, position};

/// What a user is told about the choice.
#[derive(Default)]
pub struct Chosen {
    /// The profile, if there is one.
    pub profile: Option<Profile>,
}

/// A mapping that fits a file, and what its columns are called.
struct Candidate {
    separator: u8,
    names: Vec<String>,
    has_header: bool,
    profile: Profile,
}

/// Chooses the layout of a file by its beginning and the arguments.
///
/// # Errors
/// Returns an error if the file has neither the columns of an import nor those of a profile, or the arguments name
/// columns that it does not have.
pub fn choose(head: &Head, args: &MappingArgs) -> Result<(Layout, Chosen)> {
    let forced = args.software.as_deref().map(Profile::named).transpose()?;
    if matches!(head, Head::Ndjson) {
        return ndjson(forced, args);
    }
    if let Some(profile) = forced {
        let candidate = candidate(head, std::slice::from_ref(&profile))?
            .with_context(|| format!("the first line has not the columns of {}", profile.title))?;
        return mapped(candidate, args);
    }
    if args.no_header {
        return by_position(head, args);
    }
    let own = Layout::own(head, COLUMNS);
    if args.column.is_empty()
        && let Ok(layout) = own
    {
        return Ok((layout, Chosen::default()));
    }
    if !args.column.is_empty()
        && let Some(layout) = by_name(head, args)
    {
        return Ok((layout, Chosen::default()));
    }
    if let Some(candidate) = candidate(head, &Profile::built_in()?)? {
        return mapped(candidate, args);
    }
    if args.column.is_empty() {
        let error = own.err().map(|error| error.to_string()).unwrap_or_default();
        bail!(
            "{error}. No profile knows these columns either: `callbook import profiles` lists the \
             profiles, and --column NAME=COLUMN reads any other file"
        );
    }
    bail!("{}", lacking(head, args))
}

fn ndjson(forced: Option<Profile>, args: &MappingArgs) -> Result<(Layout, Chosen)> {
    if forced.is_none() && args.column.is_empty() {
        return Ok((Layout::own(&Head::Ndjson, COLUMNS)?, Chosen::default()));
    }
    let mut mapping = match &forced {
        Some(profile) => ColumnMapping::of(profile)?,
        None => ColumnMapping::own(),
    };
    mapping.replace(&args.column);
    let reading = Reading::Mapped(Box::new(move |cells| mapping.read(cells)));
    Ok((Layout::ndjson(reading), Chosen { profile: forced }))
}

/// Finds the profile that a file is of: the one of which the most columns are there.
fn candidate(head: &Head, profiles: &[Profile]) -> Result<Option<Candidate>> {
    let mut best: Option<(usize, Candidate)> = None;
    for (separator, first, _) in head.records() {
        for profile in profiles {
            let Some((names, has_header)) = profile.names(&first) else {
                continue;
            };
            let candidate = Candidate {
                separator,
                names,
                has_header,
                profile: profile.clone(),
            };
            // Many files have as many columns as a file without a header line.
            if !has_header && !begins_with_a_call(&candidate, &first)? {
                continue;
            }
            let matched = profile.matched(&candidate.names);
            if best.as_ref().is_none_or(|(most, _)| matched > *most) {
                best = Some((matched, candidate));
            }
        }
    }
    Ok(best.map(|(_, candidate)| candidate))
}

/// Whether the first record of a file without a header line has dates and durations where its profile does.
fn begins_with_a_call(candidate: &Candidate, first: &[String]) -> Result<bool> {
    let mapping = ColumnMapping::of(&candidate.profile)?;
    Ok(mapping.is_call(&candidate.names, first))
}

fn mapped(candidate: Candidate, args: &MappingArgs) -> Result<(Layout, Chosen)> {
    let Candidate {
        separator,
        names,
        has_header,
        profile,
    } = candidate;
    let mut mapping = ColumnMapping::of(&profile)?;
    mapping.replace(&args.column);
    let mut layout = Layout {
        separator,
        has_header,
        names,
        reading: Reading::Own(COLUMNS),
        totals: profile.totals.clone(),
    };
    known_columns(&layout, args)?;
    layout.reading = Reading::Mapped(Box::new(move |cells| mapping.read(cells)));
    let profile = Some(profile);
    Ok((layout, Chosen { profile }))
}

/// The layout of a file whose header line has every column of the command line, beside those of an import.
fn by_name(head: &Head, args: &MappingArgs) -> Option<Layout> {
    for (separator, names, _) in head.records() {
        let mut mapping = ColumnMapping::own();
        mapping.replace(&args.column);
        let mut layout = Layout {
            separator,
            has_header: true,
            names,
            reading: Reading::Own(COLUMNS),
            totals: Vec::new(),
        };
        let index = layout.index();
        let has = |key: &str| index.contains_key(key);
        if known_columns(&layout, args).is_ok() && mapping.lacking(has).is_empty() {
            layout.reading = Reading::Mapped(Box::new(move |cells| mapping.read(cells)));
            return Some(layout);
        }
    }
    None
}

/// The layout of a file whose columns are known by their positions.
fn by_position(head: &Head, args: &MappingArgs) -> Result<(Layout, Chosen)> {
    let mut records = head.records();
    records.sort_by_key(|(_, first, _)| std::cmp::Reverse(first.len()));
    let Some((separator, first, _)) = records.into_iter().next() else {
        bail!("the file is empty");
    };
    // The rejects of such a file have a header line.
    let has_header = first
        .iter()
        .map(String::as_str)
        .take(2)
        .eq(["reason", "line"]);
    let names = match has_header {
        true => first,
        false => (0..first.len()).map(position).collect(),
    };
    let mut mapping = ColumnMapping::default();
    mapping.replace(&args.column);
    let mut layout = Layout {
        separator,
        has_header,
        names,
        reading: Reading::Own(COLUMNS),
        totals: Vec::new(),
    };
    known_columns(&layout, args)?;
    let index = layout.index();
    let lacking = mapping.lacking(|key| index.contains_key(key));
    if !lacking.is_empty() {
        bail!(
            "--column has to say which column is {}, such as call_date=#1",
            lacking.join(", ")
        );
    }
    // Names of a header line would be taken for the positions that they replaced.
    layout.reading = Reading::Mapped(Box::new(move |cells| mapping.read(cells)));
    Ok((layout, Chosen::default()))
}

/// Checks that a file has the columns of the command line.
fn known_columns(layout: &Layout, args: &MappingArgs) -> Result<()> {
    let index = layout.index();
    for column in &args.column {
        for name in &column.from {
            if !index.contains_key(&key(name)) {
                bail!(
                    "--column {}: the file has no column {name}; it has {}",
                    column.name,
                    layout.names.join(", ")
                );
            }
        }
    }
    Ok(())
}

/// Says why the columns of the command line are not enough, for the separator that makes the most columns.
fn lacking(head: &Head, args: &MappingArgs) -> String {
    let mut records = head.records();
    records.sort_by_key(|(_, names, _)| std::cmp::Reverse(names.len()));
    let Some((separator, names, _)) = records.into_iter().next() else {
        return "the file is empty".to_owned();
    };
    let layout = Layout {
        separator,
        has_header: true,
        names,
        reading: Reading::Own(COLUMNS),
        totals: Vec::new(),
    };
    if let Err(error) = known_columns(&layout, args) {
        return error.to_string();
    }
    let mut mapping = ColumnMapping::own();
    mapping.replace(&args.column);
    let index = layout.index();
    let lacking = mapping.lacking(|key| index.contains_key(key));
    format!(
        "the file lacks {}; add --column NAME=COLUMN or --column NAME==VALUE for each",
        lacking.join(", ")
    )
}
