//! What a cost was expected to be by the terms that are agreed with its vendor.

use serde::Serialize;

use super::cost::Cost;
use super::text::UnexpectedWord;
use super::vendor::Terms;

/// The dispositions of calls that nobody answered, in lower case and letters only. Any other word may mean
/// that somebody did.
const UNANSWERED: [&str; 3] = ["busy", "noanswer", "failed"];

/// What the terms of its vendor make of a cost entry (docs/decisions.md, D-460).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Expectation {
    /// The amount is what the terms say.
    AsAgreed,
    /// Its call was shorter than the terms ask for, and the vendor charges for it.
    TooShort,
    /// The vendor had charged for another call of the caller within the days of the terms.
    DuplicateCaller,
    /// The amount is not the price.
    OtherPrice,
}

impl Expectation {
    /// Every expectation.
    pub const ALL: [Self; 4] = [
        Self::AsAgreed,
        Self::TooShort,
        Self::DuplicateCaller,
        Self::OtherPrice,
    ];

    /// Reads an expectation, in any case.
    ///
    /// # Errors
    /// Returns `UnexpectedWord` for any other word.
    pub fn parse(text: &str) -> Result<Self, UnexpectedWord> {
        let mut all = Self::ALL.into_iter();
        let found = all.find(|one| one.as_str().eq_ignore_ascii_case(text));
        found.ok_or(UnexpectedWord {
            expected: "as_agreed, too_short, duplicate_caller or other_price",
        })
    }

    /// Returns the expectation as answers spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AsAgreed => "as_agreed",
            Self::TooShort => "too_short",
            Self::DuplicateCaller => "duplicate_caller",
            Self::OtherPrice => "other_price",
        }
    }
}

/// For how many seconds somebody spoke on a call that lasted `seconds`; `None` while that is not known.
#[must_use]
pub fn answered_seconds(seconds: Option<u64>, disposition: Option<&str>) -> Option<u64> {
    let said = disposition.unwrap_or_default();
    let letters = said.chars().filter(|letter| letter.is_alphanumeric());
    let said = letters.collect::<String>().to_lowercase();
    match UNANSWERED.contains(&said.as_str()) {
        true => Some(0),
        false => seconds,
    }
}

/// What is known of the call of a cost entry. An entry without a call has nothing that is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KnownCall {
    /// See [`answered_seconds`].
    pub answered: Option<u64>,
    /// Whether the vendor had charged for another call of the caller within [`Terms::duplicate_days`].
    pub duplicate: Option<bool>,
}

impl Terms {
    /// Returns what they make of an amount; `None` while too little is known of its call.
    ///
    /// A call that is not billable is expected to cost nothing, so an amount of zero agrees with it. What is
    /// certain is said first: a call that is too short, then one of a caller who was charged for, then
    /// another price.
    #[must_use]
    pub fn expect(&self, amount: Cost, call: KnownCall) -> Option<Expectation> {
        let too_short = match self.minimum_seconds {
            0 => Some(false),
            least => call.answered.map(|answered| answered < u64::from(least)),
        };
        let duplicate = match self.duplicate_days {
            0 => Some(false),
            _ => call.duplicate,
        };
        let charged = !amount.decimal().is_zero();
        let known = too_short.is_some() && duplicate.is_some();
        match (too_short, duplicate) {
            (Some(true), _) if charged => Some(Expectation::TooShort),
            (_, Some(true)) if charged => Some(Expectation::DuplicateCaller),
            (Some(true), _) | (_, Some(true)) => Some(Expectation::AsAgreed),
            _ if amount != self.price && (charged || known) => Some(Expectation::OtherPrice),
            _ if known => Some(Expectation::AsAgreed),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::CivilDay;

    #[test]
    fn certain_objections_come_first_and_nothing_is_agreed_while_it_is_not_known() {
        let terms = |minimum_seconds, duplicate_days| Terms {
            from: CivilDay::parse("2026-01-01").unwrap(),
            price: Cost::parse("25").unwrap(),
            minimum_seconds,
            duplicate_days,
        };
        let (plain, strict) = (terms(0, 0), terms(90, 30));
        let known = |answered, duplicate| KnownCall {
            answered,
            duplicate,
        };
        for (terms, amount, call, expected) in [
            (plain, "25.00", KnownCall::default(), Some("as_agreed")),
            (plain, "30", KnownCall::default(), Some("other_price")),
            (plain, "0", KnownCall::default(), Some("other_price")),
            (strict, "25", KnownCall::default(), None),
            (strict, "30", KnownCall::default(), Some("other_price")),
            (strict, "0", KnownCall::default(), None),
            (
                strict,
                "25",
                known(Some(90), Some(false)),
                Some("as_agreed"),
            ),
            (strict, "25", known(Some(89), None), Some("too_short")),
            (strict, "30", known(Some(89), Some(true)), Some("too_short")),
            (
                strict,
                "30",
                known(None, Some(true)),
                Some("duplicate_caller"),
            ),
            (strict, "25", known(Some(90), None), None),
            (strict, "0", known(Some(89), None), Some("as_agreed")),
            (strict, "0", known(None, Some(true)), Some("as_agreed")),
            (
                strict,
                "0",
                known(Some(90), Some(false)),
                Some("other_price"),
            ),
        ] {
            let found = terms.expect(Cost::parse(amount).unwrap(), call);
            let found = found.map(Expectation::as_str);
            assert_eq!(found, expected, "{amount} of {call:?}");
        }
    }

    #[test]
    fn an_unanswered_call_has_no_answered_seconds() {
        for (seconds, disposition, answered) in [
            (Some(40), None, Some(40)),
            (Some(40), Some("Answered"), Some(40)),
            (Some(40), Some("IVR"), Some(40)),
            (Some(40), Some("completed"), Some(40)),
            (Some(40), Some("BUSY"), Some(0)),
            (Some(40), Some("no answer"), Some(0)),
            (None, Some("NoAnswer"), Some(0)),
            (None, Some("Answered"), None),
            (None, None, None),
        ] {
            assert_eq!(answered_seconds(seconds, disposition), answered);
        }
    }

    #[test]
    fn words_are_read_in_either_case() {
        for one in Expectation::ALL {
            let upper = one.as_str().to_uppercase();
            assert_eq!(Expectation::parse(&upper), Ok(one));
        }
        assert!(Expectation::parse("").is_err());
    }
}
