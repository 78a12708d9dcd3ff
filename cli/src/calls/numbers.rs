//! Numbers in cells that also have a name, and the numbers of telephones inside.

use callbook::model::withheld::is_withheld;

/// Returns the number of a cell that also has a name: `"Bob" <2065550100>`, `Bob (101)`, `101 - Bob`,
/// `sip:+12065550100@example.com`, `Ext.101`.
pub fn number_in(text: &str) -> &str {
    let text = text.trim();
    let between = |open: char, close: char| {
        let (name, rest) = text.rsplit_once(open)?;
        let (number, _) = rest.split_once(close)?;
        Some((name, number.trim()))
    };
    let named = between('<', '>').or_else(|| {
        between('(', ')').filter(|(name, _)| name.contains(|c: char| c.is_alphabetic()))
    });
    let text = named.map_or(text, |(_, number)| number);
    let text = text.strip_prefix("sip:").unwrap_or(text);
    let text = text.strip_prefix("Ext.").unwrap_or(text);
    let text = match text.split_once('@') {
        Some((user, _)) if user.bytes().any(|b| b.is_ascii_digit()) => user,
        _ => text,
    };
    match text.split_once(" - ") {
        Some((number, name))
            if name.contains(|c: char| c.is_alphabetic())
                && number.bytes().any(|b| b.is_ascii_digit()) =>
        {
            number.trim()
        }
        _ => text,
    }
}

/// Whether a text is the number of a telephone inside: up to six digits, or a name without any.
pub fn is_extension(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let known = is_withheld(text);
    digits <= 6 && !text.starts_with('+') && !known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_beside_a_name() {
        for (text, expected) in [
            ("2065550100", "2065550100"),
            ("(206) 555-0100", "(206) 555-0100"),
            ("\"Bob\" <2065550100>", "2065550100"),
            ("Bob <+12065550100>", "+12065550100"),
            ("Sales (100)", "100"),
            ("Bob (Sales) <101>", "101"),
            ("101 - Bob", "101"),
            ("206-555-0100", "206-555-0100"),
            ("sip:+12065550100@example.com", "+12065550100"),
            ("anonymous@anonymous.invalid", "anonymous@anonymous.invalid"),
            ("Ext.80002", "80002"),
        ] {
            assert_eq!(number_in(text), expected, "{text}");
        }
    }

    #[test]
    fn extensions_are_short_and_callers_who_withhold_their_number_are_none() {
        for text in ["100", "Sales", "80002", "s"] {
            assert!(is_extension(text), "{text}");
        }
        for text in ["2065550100", "+12065550100", "anonymous", "5550100", ""] {
            assert!(!is_extension(text) || text.is_empty(), "{text}");
        }
    }
}
