//! Reads TrueCNAM's answers back with the parsers that its clients would use.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;

/// The fields of an extended answer to a terminating query, in the order of the contract.
pub const EXTENDED: [&str; 13] = [
    "err",
    "error_msg",
    "calling_number",
    "called_number",
    "proposed_calling_number",
    "name",
    "extended_name",
    "cnam_match",
    "true_clid",
    "spam_score",
    "spam_score_match",
    "queries_per_minute_remaining",
    "queries_per_day_remaining",
];

/// The format of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One record without a header line.
    Csv,
    /// One object.
    Json,
    /// One `<response>` element.
    Xml,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Json, Self::Xml];

    /// The value of `resp_format`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Xml => "xml",
        }
    }

    /// The media type of its answers.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
            Self::Xml => "application/xml",
        }
    }
}

/// The fields of an answer with their values, in order. CSV has no names, so they are taken from `fields`, as
/// clients do.
#[must_use]
pub fn pairs(format: Format, body: &str, fields: &[&str]) -> Vec<(String, String)> {
    match format {
        Format::Csv => csv_pairs(body, fields),
        Format::Json => json_pairs(body),
        Format::Xml => xml_pairs(body),
    }
}

/// The names only.
#[must_use]
pub fn names(format: Format, body: &str, fields: &[&str]) -> Vec<String> {
    pairs(format, body, fields)
        .into_iter()
        .map(|(name, _)| name)
        .collect()
}

/// The values only.
#[must_use]
pub fn values(format: Format, body: &str, fields: &[&str]) -> Vec<String> {
    pairs(format, body, fields)
        .into_iter()
        .map(|(_, value)| value)
        .collect()
}

fn csv_pairs(body: &str, fields: &[&str]) -> Vec<(String, String)> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(body.as_bytes());
    let records: Vec<_> = reader.records().collect::<Result<_, _>>().expect("CSV");
    assert_eq!(records.len(), 1, "one record");
    assert_eq!(records[0].len(), fields.len(), "one value per field");
    let values = records[0].iter().map(str::to_owned);
    fields
        .iter()
        .map(|name| (*name).to_owned())
        .zip(values)
        .collect()
}

/// A parsed map loses the order, so the order is that of the names in the text.
fn json_pairs(body: &str) -> Vec<(String, String)> {
    let object: serde_json::Map<_, _> = serde_json::from_str(body).expect("a JSON object");
    let mut pairs: Vec<_> = object
        .into_iter()
        .map(|(name, value)| match value {
            serde_json::Value::String(text) => (name, text),
            other => (name, other.to_string()),
        })
        .collect();
    // Quotes inside a value are escaped, so a name between plain quotes is a real name.
    pairs.sort_by_key(|(name, _)| body.find(&format!("\"{name}\":")));
    pairs
}

fn xml_pairs(body: &str) -> Vec<(String, String)> {
    let mut reader = Reader::from_str(body);
    let mut pairs = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut text = String::new();
    loop {
        match reader.read_event().expect("XML") {
            Event::Decl(_) => assert!(open.is_empty(), "the declaration comes first"),
            Event::Start(tag) => {
                open.push(tag.name().0.to_owned());
                text.clear();
            }
            Event::Text(piece) => text.push_str(&piece.xml10_content()),
            Event::GeneralRef(entity) => match entity.resolve_char_ref().expect("a reference") {
                Some(character) => text.push(character),
                None => text.push_str(resolve_predefined_entity(&entity).expect("an entity")),
            },
            Event::End(_) => {
                let name = open.pop().expect("an end tag has a start tag");
                match open.as_slice() {
                    [] => assert_eq!(name, "response", "the root"),
                    [_] => pairs.push((name, std::mem::take(&mut text))),
                    _ => panic!("text outside the elements below the root"),
                }
            }
            Event::Eof => return pairs,
            other => panic!("neither an element nor text: {other:?}"),
        }
    }
}
