//! The notations of money in statements: `25`, `$1,234.50`, `1.234,50 EUR`, `(7.50)`.
//!
//! A point or a comma may stand before decimals or between thousands. One amount can prove which is which:
//!
//! - With both of them in it, the last one stands before decimals: `1,234.50`, `1.234,50`.
//! - One that occurs twice stands between thousands: `1,234,567`.
//! - One that is not followed by exactly three digits, or that follows a zero or spaced thousands, stands
//!   before decimals: `25,00`, `25.5`, `0.125`, `1 234,567`.
//! - One before exactly three digits proves nothing: `1,234` is either.
//!
//! What is proved holds for the whole statement. Amounts that prove opposite things, and an amount that is
//! either where nothing else proves anything, are refused: money is never guessed.

use rust_decimal::Decimal;

use super::column::Column;
use super::fault::{StatementFault, StatementPlace};
use crate::model::currency::Currency;

/// What stands before decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalMark {
    /// `1,234.50`
    Point,
    /// `1.234,50`
    Comma,
}

impl DecimalMark {
    /// Reads `point` or `comma`.
    ///
    /// # Errors
    /// Returns the rule if it is another word.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        match text {
            "point" => Ok(Self::Point),
            "comma" => Ok(Self::Comma),
            _ => Err("expected point or comma"),
        }
    }

    fn character(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Point => Self::Comma,
            Self::Comma => Self::Point,
        }
    }
}

/// The amount of a line, as it was written.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    /// The line.
    pub line: u64,
    /// The cell.
    pub text: &'a str,
    /// Whether it is a JSON number, whose decimals follow a point.
    pub is_number: bool,
}

/// Reads the amounts of a statement. `mark` is what a person says about them; without it they have to prove
/// it.
///
/// # Errors
/// Returns a fault for each amount that cannot be read, or the first that could be read in two ways.
pub fn read_amounts(
    written: &[Written<'_>],
    mark: Option<DecimalMark>,
    currency: Currency,
) -> Result<Vec<Decimal>, Vec<StatementFault>> {
    let mark = match mark {
        Some(mark) => mark,
        None => proven(written, currency).map_err(|fault| vec![fault])?,
    };
    let (mut amounts, mut faults) = (Vec::new(), Vec::new());
    for cell in written {
        let mark = if cell.is_number {
            DecimalMark::Point
        } else {
            mark
        };
        match bare(cell.text, currency).and_then(|bare| bare.amount(mark)) {
            Ok(amount) => amounts.push(amount),
            Err(rule) => faults.push(fault(cell.line, rule)),
        }
    }
    if faults.is_empty() {
        Ok(amounts)
    } else {
        Err(faults)
    }
}

fn fault(line: u64, rule: &str) -> StatementFault {
    StatementFault::new(StatementPlace::Cell(line, Column::Amount), rule)
}

/// What the amounts of a statement prove.
fn proven(written: &[Written<'_>], currency: Currency) -> Result<DecimalMark, StatementFault> {
    let mut known: Option<(DecimalMark, u64)> = None;
    let mut either = None;
    for cell in written.iter().filter(|cell| !cell.is_number) {
        let Ok(bare) = bare(cell.text, currency) else {
            continue;
        };
        match (bare.proof(), known) {
            (Proof::Is(mark), Some((other, line))) if mark != other => {
                let rule = format!(
                    "here a {} stands before decimals, and on line {line} a {}; say which it is",
                    name(mark),
                    name(other)
                );
                return Err(fault(cell.line, &rule));
            }
            (Proof::Is(mark), None) => known = Some((mark, cell.line)),
            (Proof::Either, _) => either = either.or(Some(cell.line)),
            _ => {}
        }
    }
    match (known, either) {
        (Some((mark, _)), _) => Ok(mark),
        (None, None) => Ok(DecimalMark::Point),
        (None, Some(line)) => Err(fault(
            line,
            "the separator before three digits stands either before decimals or between thousands, and no \
             other amount tells; say whether decimals follow a point or a comma",
        )),
    }
}

fn name(mark: DecimalMark) -> &'static str {
    match mark {
        DecimalMark::Point => "point",
        DecimalMark::Comma => "comma",
    }
}

/// What one amount proves.
enum Proof {
    Is(DecimalMark),
    Either,
    Nothing,
}

/// An amount without its sign and currency.
struct Bare<'a> {
    negative: bool,
    digits: &'a str,
}

const EXPECTED: &str = "expected an amount such as 25, 25.50 or $1,234.50";

/// Removes the sign, parentheses and the currency.
fn bare(text: &str, currency: Currency) -> Result<Bare<'_>, &'static str> {
    let mut rest = text.trim();
    let mut negative = false;
    if let Some(inner) = rest
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
    {
        (rest, negative) = (inner.trim(), true);
    }
    // A sign stands before or behind the currency.
    for _ in 0..2 {
        if let Some(signed) = rest.strip_prefix(['-', '\u{2212}']) {
            if negative {
                return Err(EXPECTED);
            }
            (rest, negative) = (signed.trim(), true);
        }
        rest = without_currency(rest, currency)?;
    }
    if rest.is_empty() {
        return Err(EXPECTED);
    }
    Ok(Bare {
        negative,
        digits: rest,
    })
}

fn without_currency(text: &str, currency: Currency) -> Result<&str, &'static str> {
    const OTHER: &str = "this is another currency than the account's";
    let code = currency.as_str();
    for (sign, of) in [('\u{20ac}', "EUR"), ('\u{a3}', "GBP"), ('$', "")] {
        let stripped = text.strip_prefix(sign).or_else(|| text.strip_suffix(sign));
        if let Some(rest) = stripped {
            let fits = if of.is_empty() {
                !matches!(code, "EUR" | "GBP")
            } else {
                code == of
            };
            return fits.then(|| rest.trim()).ok_or(OTHER);
        }
    }
    let is_code = |part: &str| part.bytes().all(|byte| byte.is_ascii_uppercase());
    let ends = [
        text.split_at_checked(3),
        text.len()
            .checked_sub(3)
            .and_then(|at| text.split_at_checked(at))
            .map(|(rest, end)| (end, rest)),
    ];
    for (found, rest) in ends.into_iter().flatten() {
        if is_code(found) {
            return (found == code).then(|| rest.trim()).ok_or(OTHER);
        }
    }
    Ok(text)
}

/// Whether a character stands between thousands in every notation: a space of any width, or an apostrophe.
fn is_spacing(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\'' | '\u{2019}')
}

impl Bare<'_> {
    fn proof(&self) -> Proof {
        let mut marks = self
            .digits
            .chars()
            .filter(|character| matches!(character, '.' | ','));
        let (Some(first), rest) = (marks.next(), marks.collect::<Vec<_>>()) else {
            return Proof::Nothing;
        };
        let mark_of = |character| match character {
            '.' => DecimalMark::Point,
            _ => DecimalMark::Comma,
        };
        match rest.last() {
            Some(last) if *last == first => Proof::Is(mark_of(first).other()),
            Some(last) => Proof::Is(mark_of(*last)),
            None => {
                let (before, after) = self.digits.split_once(first).unwrap_or_default();
                let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
                let thousands = (1..=3).contains(&before.len()) && !before.starts_with('0');
                if thousands && digits(before) && after.len() == 3 && digits(after) {
                    Proof::Either
                } else {
                    Proof::Is(mark_of(first))
                }
            }
        }
    }

    fn amount(&self, mark: DecimalMark) -> Result<Decimal, &'static str> {
        let (integer, decimals) = match self.digits.split_once(mark.character()) {
            Some((_, "")) => return Err(EXPECTED),
            Some(parts) => parts,
            None => (self.digits, ""),
        };
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let other = mark.other().character();
        let mut groups = integer.split(|character| character == other || is_spacing(character));
        let first = groups.next().unwrap_or_default();
        let mut grouped = first.to_owned();
        let mut separated = false;
        for group in groups {
            if group.len() != 3 {
                return Err("thousands separators stand before groups of three digits");
            }
            separated = true;
            grouped.push_str(group);
        }
        if separated && !(1..=3).contains(&first.len()) {
            return Err("thousands separators stand before groups of three digits");
        }
        if !digits(&grouped) || !digits(decimals) || (grouped.is_empty() && decimals.is_empty()) {
            return Err(EXPECTED);
        }
        let decimals = decimals.trim_end_matches('0');
        if decimals.len() > 4 {
            return Err("an amount has at most 4 decimals");
        }
        let integer = grouped.trim_start_matches('0');
        if integer.len() > 12 {
            return Err("an amount has at most 12 digits before the point");
        }
        let amount: Decimal = format!("0{integer}.{decimals:0<4}")
            .parse()
            .map_err(|_| EXPECTED)?;
        Ok(if self.negative { -amount } else { amount })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(texts: &[&str], mark: Option<DecimalMark>) -> Result<Vec<String>, String> {
        read_in(texts, mark, "USD")
    }

    fn read_in(
        texts: &[&str],
        mark: Option<DecimalMark>,
        currency: &str,
    ) -> Result<Vec<String>, String> {
        let cells: Vec<_> = texts
            .iter()
            .zip(2..)
            .map(|(text, line)| Written {
                line,
                text,
                is_number: false,
            })
            .collect();
        let amounts = read_amounts(&cells, mark, Currency::parse(currency).unwrap());
        let amounts = amounts.map_err(|faults| {
            let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
            faults.join("; ")
        })?;
        Ok(amounts
            .iter()
            .map(|amount| amount.normalize().to_string())
            .collect())
    }

    #[test]
    fn an_amount_that_proves_its_own_notation_is_read() {
        for (text, expected) in [
            ("25", "25"),
            ("25.00", "25"),
            ("25,00", "25"),
            ("25,5", "25.5"),
            ("$1,234.50", "1234.5"),
            ("$ 1,234.50 ", "1234.5"),
            ("1.234,50", "1234.5"),
            ("1 234,50", "1234.5"),
            ("1\u{a0}234,567", "1234.567"),
            ("1'234.50", "1234.5"),
            ("1,234,567", "1234567"),
            ("1.234.567", "1234567"),
            ("0.125", "0.125"),
            (".5", "0.5"),
            ("25.00 USD", "25"),
            ("USD 25.00", "25"),
            ("USD25", "25"),
            ("(7.50)", "-7.5"),
            ("-7.50", "-7.5"),
            ("-$7.50", "-7.5"),
            ("$-7.50", "-7.5"),
            ("($1,007.50)", "-1007.5"),
            ("25.500000", "25.5"),
            ("1234,567", "1234.567"),
        ] {
            assert_eq!(read(&[text], None), Ok(vec![expected.to_owned()]), "{text}");
        }
        assert_eq!(
            read_in(&["\u{20ac} 25,00", "25 EUR"], None, "EUR").unwrap(),
            ["25", "25"]
        );
    }

    #[test]
    fn one_amount_proves_what_the_others_mean() {
        assert_eq!(read(&["1,234", "25.00"], None).unwrap(), ["1234", "25"]);
        assert_eq!(read(&["1,234", "25,00"], None).unwrap(), ["1.234", "25"]);
        assert_eq!(read(&["1.234", "25,00"], None).unwrap(), ["1234", "25"]);
        assert_eq!(
            read(&["1,234"], Some(DecimalMark::Point)).unwrap(),
            ["1234"]
        );
        assert_eq!(
            read(&["1,234"], Some(DecimalMark::Comma)).unwrap(),
            ["1.234"]
        );
    }

    #[test]
    fn money_is_not_guessed() {
        let either = read(&["25", "1,234", "2,345"], None).unwrap_err();
        assert!(
            either.starts_with("line 3, amount: the separator"),
            "{either}"
        );
        let both = read(&["25.00", "7", "25,00"], None).unwrap_err();
        assert!(both.starts_with("line 4, amount: here a comma"), "{both}");
        assert!(both.contains("on line 2 a point"), "{both}");
    }

    #[test]
    fn an_unreadable_amount_is_refused() {
        for text in [
            "",
            "$",
            "-",
            "()",
            "abc",
            "1e3",
            "25.",
            "--5",
            "(-5)",
            "1,23,456",
            "1.2.3,4,5",
            "25 EUR",
            "\u{20ac}25",
            "0.00001",
            "1000000000000",
            "twenty",
            "5 5",
            "[payout]",
        ] {
            assert!(read(&[text], None).is_err(), "{text}");
        }
        assert!(read(&["25,00"], Some(DecimalMark::Point)).is_err());
    }

    proptest::proptest! {
        #[test]
        fn every_notation_of_an_amount_is_read_as_it(units in 0_i64..1_000_000_000_000, comma: bool) {
            let amount = Decimal::new(units, 2);
            let plain = format!("{amount:.2}");
            let (integer, decimals) = plain.split_once('.').unwrap();
            let mut grouped = String::new();
            for (index, digit) in integer.chars().enumerate() {
                if index > 0 && (integer.len() - index) % 3 == 0 {
                    grouped.push(if comma { '.' } else { ',' });
                }
                grouped.push(digit);
            }
            let mark = if comma { ',' } else { '.' };
            let text = format!("${grouped}{mark}{decimals}");
            let expected = amount.normalize().to_string();
            proptest::prop_assert_eq!(read(&[&text], None), Ok(vec![expected]));
        }

        #[test]
        fn the_reader_never_panics(text in "[-$ ,.0-9()A-Z\u{20ac}\u{2212}]{0,16}") {
            let _ = read(&[&text], None);
        }
    }
}
