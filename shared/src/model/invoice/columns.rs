//! The columns of a statement, and the names that vendors give them.

use std::collections::BTreeMap;

use super::fault::{Place, StatementFault};

/// A column that a comparison reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// The date of the call, with or without its time.
    Date,
    /// The time of the call, where the date is a column of its own.
    Time,
    /// The number that was called.
    Did,
    /// Who called.
    Caller,
    /// What the vendor asks for.
    Amount,
    /// The call's id at the vendor.
    CallId,
}

impl Column {
    /// Every column.
    pub const ALL: [Self; 6] = [
        Self::Date,
        Self::Time,
        Self::Did,
        Self::Caller,
        Self::Amount,
        Self::CallId,
    ];

    /// Returns the column's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::Time => "time",
            Self::Did => "did",
            Self::Caller => "caller",
            Self::Amount => "amount",
            Self::CallId => "call_id",
        }
    }

    /// Finds a column by its own name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.name() == name)
    }

    /// The names that vendors give it, in lower case, with one space between words.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Date => &[
                "date",
                "call date",
                "date of call",
                "datetime",
                "date time",
                "call date time",
                "call datetime",
                "timestamp",
                "call timestamp",
                "started",
                "started at",
                "start date",
                "call start",
                "call started",
                "call start date",
                "date billed",
                "billed date",
                "billed at",
            ],
            Self::Time => &[
                "time",
                "call time",
                "time of call",
                "start time",
                "call start time",
            ],
            Self::Did => &[
                "did",
                "did number",
                "called",
                "called number",
                "number called",
                "dialed",
                "dialed number",
                "dialled number",
                "dnis",
                "to",
                "to number",
                "call to",
                "destination",
                "destination number",
                "tracking number",
                "toll free number",
                "tfn",
                "number",
            ],
            Self::Caller => &[
                "caller",
                "caller id",
                "callerid",
                "caller number",
                "caller phone",
                "caller phone number",
                "calling number",
                "cid",
                "clid",
                "ani",
                "from",
                "from number",
                "call from",
                "source number",
                "customer number",
                "customer phone",
                "inbound phone number",
                "phone",
                "phone number",
            ],
            Self::Amount => &[
                "amount",
                "amount due",
                "billed amount",
                "cost",
                "call cost",
                "total cost",
                "payout",
                "payout amount",
                "conversion amount",
                "price",
                "charge",
                "charged",
                "fee",
                "revenue",
                "total",
            ],
            Self::CallId => &[
                "call id",
                "callid",
                "call uuid",
                "call sid",
                "callsid",
                "inbound call id",
                "unique id",
                "uniqueid",
                "uuid",
                "external call id",
            ],
        }
    }

    fn is_called(self, name: &str) -> bool {
        self.names().contains(&plain(name).as_str())
    }
}

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
                column.is_called(name) && !mapping.values().any(|other| plain(other) == plain(name))
            }),
        };
        match places.as_slice() {
            [] if mapping.contains_key(&column) => faults.push(StatementFault::new(
                Place::Column(column),
                "the header line has no column of the name that it is mapped to",
            )),
            [] => {}
            [only] => {
                if let Some(place) = found.get_mut(*only) {
                    *place = Some(column);
                }
            }
            several => faults.push(StatementFault::new(
                Place::Column(column),
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
            StatementFault::new(Place::Column(column), rule)
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
        assert_eq!(faults[0].place, Place::Column(Column::Amount));
        let mapping = Mapping::from([(Column::Amount, "revenue".to_owned())]);
        let found = in_header(&header, &mapping).unwrap();
        assert_eq!(found[3..], [None, Some(Column::Amount)]);
        let mapping = Mapping::from([(Column::Amount, "fees".to_owned())]);
        assert!(in_header(&header, &mapping).is_err());
        let missing = in_header(&names(&["Date", "DID"]), &Mapping::new()).unwrap_err();
        let places: Vec<_> = missing.iter().map(|fault| fault.place).collect();
        assert_eq!(
            places,
            [Place::Column(Column::Caller), Place::Column(Column::Amount)]
        );
    }
}
