//! What is on the wire: query string or form, and what it asks for.

use callbook::dialect::truecnam::{self, Form, Query, field};
use callbook::ledger::Remaining;
use callbook::model::phone::{PhoneNumber, SwitchDigits};
use callbook::model::text::{ResponseFormat, ResponseType};
use callbook::problem::{Fault, Problem};
use callbook::request::{Parameters, Reader, Request};

/// What is left where nothing is limited: the field is a number in every answer.
const UNLIMITED: u32 = 999_999_999;

/// What is left in the minute and in the day, as answers show it.
pub(crate) fn shown(remaining: Remaining) -> (u32, u32) {
    let Remaining {
        per_minute,
        per_day,
    } = remaining;
    let shown = |left: Option<u32>| left.unwrap_or(UNLIMITED);
    (shown(per_minute), shown(per_day))
}

/// The parameters of a request, as sent; the body beats the query string.
pub(crate) struct Wire(Parameters);

/// What a request asks for.
pub(crate) enum Asked {
    /// A call is being placed.
    Start {
        calling: PhoneNumber,
        called: PhoneNumber,
    },
    /// A call is over.
    End {
        calling: PhoneNumber,
        called: PhoneNumber,
    },
    /// A call reaches somebody.
    Terminating(Reaching),
}

/// A call that reaches somebody.
pub(crate) struct Reaching {
    /// Who is calling, as the switch was shown it.
    pub(crate) calling: SwitchDigits,
    /// Which number is called, if the switch says so.
    pub(crate) called: Option<PhoneNumber>,
}

impl Wire {
    pub(crate) async fn read(request: &Request) -> Result<Self, Problem> {
        Ok(Self(match request.method() {
            "POST" => request.parameters().await?,
            _ => request.query().clone(),
        }))
    }

    /// Username and password, where both are there.
    pub(crate) fn credential(&self) -> Option<(&str, &str)> {
        let username = self.0.value(field::USERNAME);
        username.zip(self.0.value(field::PASSWORD))
    }

    /// How the answer is to look; what is not said, or said wrongly, is as in `default`.
    pub(crate) fn form(&self, default: Form) -> Form {
        Form::read(&self.0, default)
    }

    /// Which kind of query it is, as far as that can be read.
    pub(crate) fn query(&self) -> Option<Query> {
        Query::read(&self.0)
    }

    /// What a refusal says of the request, and of its credential where that is known.
    pub(crate) fn echo(&self, remaining: Option<Remaining>) -> truecnam::Caller {
        let (per_minute_remaining, per_day_remaining) = remaining.map(shown).unwrap_or_default();
        truecnam::Caller {
            per_minute_remaining,
            per_day_remaining,
            ..truecnam::Caller::echo(&self.0)
        }
    }

    /// What is asked for, or every fault at once; the credential's absence is one of them.
    pub(crate) fn parse(&self) -> Result<Asked, Problem> {
        let mut reader = Reader::new(&self.0);
        for field in [field::USERNAME, field::PASSWORD] {
            if !reader.has_value(field) {
                reader.fault(field, Fault::Missing);
            }
        }
        reader.optional(field::RESP_TYPE, |text| {
            ResponseType::parse(text).map_err(Fault::invalid)
        });
        reader.optional(field::RESP_FORMAT, |text| {
            ResponseFormat::parse(text).map_err(Fault::invalid)
        });
        let e164 = |text: &str| PhoneNumber::parse_e164(text).map_err(Fault::invalid);
        let digits = |text: &str| SwitchDigits::parse(text).map_err(Fault::invalid);
        match self.query() {
            Some(query @ (Query::Start | Query::End)) => {
                let calling = reader.required(field::CALLING_NUMBER, e164);
                let called = reader.required(field::CALLED_NUMBER, e164);
                let (calling, called) = reader.finish((calling, called))?;
                Ok(match query {
                    Query::End => Asked::End { calling, called },
                    _ => Asked::Start { calling, called },
                })
            }
            Some(Query::Terminating) => {
                let calling = reader.required(field::CALLING_NUMBER, digits);
                let called = reader.optional(field::CALLED_NUMBER, e164);
                let (calling, called) = reader.finish((calling, called))?;
                Ok(Asked::Terminating(Reaching { calling, called }))
            }
            None => {
                let rule = "expected orig_call_start, orig_call_end or terminating";
                reader.fault(field::CALL_PARTY, Fault::invalid(rule));
                Err(reader.into_problem())
            }
        }
    }
}
