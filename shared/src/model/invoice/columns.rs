//! Finds the columns of a statement in its header line.

use std::collections::BTreeMap;

use super::column::Column;
use super::fault::{StatementFault, StatementPlace};

/// A header's name in lower case, with one space between words: `Call_Date ` is `call date`.
fn plain(name: &str) -> String {
    let name = name.to_lowercase();
    let words = name.split(|character: char| !character.is_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Which name of the header line stands for which column, where a person says so.
pub type Mapping = BTreeMap<Column, String>;

/// Finds the columns among the names of a header line: for each cell the column that it is.
///
/// A name in `mapping` counts for its column and no other. A time without a date is a date.
///
/// # Errors
/// Returns a fault for a mapped name that the header line does not have, for a column that several names
/// may stand for, and for a column that is missing: the amount, or all of call id, date, DID and caller.
pub fn in_header(
    names: &[String],
    mapping: &Mapping,
) -> Result<Vec<Option<Column>>, Vec<StatementFault>> {
    let mut faults = Vec::new();
    let mut found: Vec<Option<Column>> = names.iter().map(|_| None).collect();
    for column in Column::ALL {
        let places = match mapping.get(&column) {
            Some(mapped) => places(names, |name| plain(name) == plain(mapped)),
            None => places(names, |name| {
                column.is_called(&plain(name))
                    && !mapping.values().any(|other| plain(other) == plain(name))
            }),
        };
        match places.as_slice() {
            [] if mapping.contains_key(&column) => faults.push(StatementFault::new(
                StatementPlace::Column(column),
                "the header line has no column of the name that it is mapped to",
            )),
            [] => {}
            [only] => {
                if let Some(place) = found.get_mut(*only) {
                    *place = Some(column);
                }
            }
            several => faults.push(StatementFault::new(
                StatementPlace::Column(column),
                format!(
                    "{} columns of the header line may be it; map the right one",
                    several.len()
                ),
            )),
        }
    }
    // A time alone has the date in it, or its lines are at fault.
    if !found.contains(&Some(Column::Date)) {
        for place in found
            .iter_mut()
            .filter(|place| **place == Some(Column::Time))
        {
            *place = Some(Column::Date);
        }
    }
    if faults.is_empty() {
        faults.extend(missing(&found).map(|column| {
            let rule = "the header line has no column that is known as it; map the right one";
            StatementFault::new(StatementPlace::Column(column), rule)
        }));
    }
    if faults.is_empty() {
        Ok(found)
    } else {
        Err(faults)
    }
}

fn places(names: &[String], is_it: impl Fn(&str) -> bool) -> Vec<usize> {
    let places = names.iter().enumerate().filter(|(_, name)| is_it(name));
    places.map(|(place, _)| place).collect()
}

fn missing(found: &[Option<Column>]) -> impl Iterator<Item = Column> {
    let has = |column: Column| found.contains(&Some(column));
    let needed: &[Column] = match has(Column::CallId) {
        true => &[Column::Amount],
        false => &[Column::Date, Column::Did, Column::Caller, Column::Amount],
    };
    let missing: Vec<Column> = needed
        .iter()
        .copied()
        .filter(|column| !has(*column))
        .collect();
    missing.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn vendors_names_are_known_in_any_case_and_punctuation() {
        use Column::*;
        for (header, expected) in [
            (
                &[
                    "Call Date",
                    "Called Number",
                    "Caller ID",
                    "Payout",
                    "Campaign",
                ][..],
                vec![Some(Date), Some(Did), Some(Caller), Some(Amount), None],
            ),
            (
                &["DATE", "Time", "did", "CID", " cost "],
                vec![
                    Some(Date),
                    Some(Time),
                    Some(Did),
                    Some(Caller),
                    Some(Amount),
                ],
            ),
            (&["call_id", "Amount"], vec![Some(CallId), Some(Amount)]),
            (
                &["start_time", "to", "from", "price"],
                vec![Some(Date), Some(Did), Some(Caller), Some(Amount)],
            ),
        ] {
            let found = in_header(&names(header), &Mapping::new());
            assert_eq!(found, Ok(expected), "{header:?}");
        }
    }

    #[test]
    fn a_mapping_decides_between_columns() {
        let header = names(&["Date", "DID", "Caller", "Payout", "Revenue"]);
        let faults = in_header(&header, &Mapping::new()).unwrap_err();
        assert_eq!(faults[0].place, StatementPlace::Column(Column::Amount));
        let mapping = Mapping::from([(Column::Amount, "revenue".to_owned())]);
        let found = in_header(&header, &mapping).unwrap();
        assert_eq!(found[3..], [None, Some(Column::Amount)]);
        let mapping = Mapping::from([(Column::Amount, "fees".to_owned())]);
        assert!(in_header(&header, &mapping).is_err());
        let missing = in_header(&names(&["Date", "DID"]), &Mapping::new()).unwrap_err();
        let places: Vec<_> = missing.iter().map(|fault| fault.place).collect();
        assert_eq!(
            places,
            [
                StatementPlace::Column(Column::Caller),
                StatementPlace::Column(Column::Amount)
            ]
        );
    }
}
