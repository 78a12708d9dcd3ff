//! Writes a list of fields as CSV, JSON or XML, or its name alone as text.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::dialect::answer::Answer;
use crate::model::text::ResponseFormat;
use crate::problem::Cause;

/// A field's value.
pub(super) enum Value {
    Text(String),
    Number(u32),
}

/// Makes a value from a text.
pub(super) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

impl Value {
    fn to_text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => serializer.serialize_u32(*number),
        }
    }
}

/// Fields in the contract's order, which is also the order of the CSV.
pub(super) struct Fields(pub(super) Vec<(&'static str, Value)>);

impl Fields {
    /// Returns the name. It is empty if none is known, in a refusal, and where a form has none.
    fn name(&self) -> String {
        let mut fields = self.0.iter();
        let name = fields.find(|(field, _)| *field == "name");
        name.map(|(_, value)| value.to_text()).unwrap_or_default()
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// Makes an answer with a status, in a format.
pub(super) fn write(status: u16, format: ResponseFormat, fields: &Fields) -> Answer {
    let written = match format {
        ResponseFormat::Json => return Answer::json(status, fields),
        ResponseFormat::Csv => csv_of(fields).map(|body| ("text/csv; charset=utf-8", body)),
        ResponseFormat::Xml => xml_of(fields).map(|body| ("application/xml", body)),
        ResponseFormat::Text => Ok(("text/plain; charset=utf-8", fields.name())),
    };
    match written {
        Ok((content_type, body)) => Answer::new(status, content_type, body),
        Err(cause) => Answer::broken(cause),
    }
}

fn csv_of(fields: &Fields) -> Result<String, Cause> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer
        .write_record(fields.0.iter().map(|(_, value)| value.to_text()))
        .map_err(|error| Cause::of(&error))?;
    let bytes = writer
        .into_inner()
        .map_err(|error| Cause::text(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| Cause::of(&error))
}

fn xml_of(fields: &Fields) -> Result<String, Cause> {
    let mut writer = Writer::new(Vec::new());
    writer
        .write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))
        .map_err(|error| Cause::of(&error))?;
    writer
        .create_element("response")
        .write_inner_content(|writer| {
            for (name, value) in &fields.0 {
                let text: String = value.to_text().chars().filter(in_xml).collect();
                writer
                    .create_element(*name)
                    .write_text_content(BytesText::new(&text))?;
            }
            Ok(())
        })
        .map_err(|error| Cause::of(&error))?;
    String::from_utf8(writer.into_inner()).map_err(|error| Cause::of(&error))
}

/// Whether XML can contain a character. It cannot contain most control characters, even escaped.
fn in_xml(character: &char) -> bool {
    matches!(
        character,
        '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..
    )
}
