//! The parameters of a query, in a query string or a form.

use callbook::dialect::truecnam::{self, Form, Query, field};
use callbook::ledger::Remaining;
use callbook::model::phone::{PhoneNumber, SwitchDigits};
use callbook::model::text::{ResponseFormat, ResponseType};
use callbook::model::withheld::is_withheld;
use callbook::problem::{Fault, Problem};
use callbook::request::{Parameters, Reader, Request};

/// The number of queries left without a limit, because the field is a number in every answer.
const UNLIMITED: u32 = 999_999_999;

/// Returns the queries left in this minute and today, as answers show them.
pub(crate) fn shown(remaining: Remaining) -> (u32, u32) {
    let Remaining {
        per_minute,
        per_day,
    } = remaining;
    let shown = |left: Option<u32>| left.unwrap_or(UNLIMITED);
    (shown(per_minute), shown(per_day))
}

/// The parameters as sent. Those of the body take precedence over the query string.
pub(crate) struct Wire(Parameters);

/// A parsed query.
pub(crate) enum Asked {
    /// A call is being placed.
    Start {
        calling: PhoneNumber,
        called: PhoneNumber,
    },
    /// A call has ended.
    End {
        calling: PhoneNumber,
        called: PhoneNumber,
    },
    /// A call is arriving.
    Terminating(Reaching),
}

/// A call that is arriving.
pub(crate) struct Reaching {
    /// The caller, as the switch received it; `None` if the number is withheld.
    pub(crate) calling: Option<SwitchDigits>,
    /// The called number, if the switch sends it.
    pub(crate) called: Option<PhoneNumber>,
}

impl Wire {
    pub(crate) async fn read(request: &Request) -> Result<Self, Problem> {
        Ok(Self(match request.method() {
            "POST" => request.parameters().await?,
            _ => request.query().clone(),
        }))
    }

    /// Returns username and password, if both are present.
    pub(crate) fn credential(&self) -> Option<(&str, &str)> {
        let username = self.0.value(field::USERNAME);
        username.zip(self.0.value(field::PASSWORD))
    }

    /// Returns the form of the answer. Missing or invalid parameters come from `default`.
    pub(crate) fn form(&self, default: Form) -> Form {
        Form::read(&self.0, default)
    }

    /// Returns the kind of query, or `None` if it cannot be read.
    pub(crate) fn query(&self) -> Option<Query> {
        Query::read(&self.0)
    }

    /// Returns what a refusal repeats: the numbers and, for a known credential, the limits left.
    pub(crate) fn echo(&self, remaining: Option<Remaining>) -> truecnam::Caller {
        let (per_minute_remaining, per_day_remaining) = remaining.map(shown).unwrap_or_default();
        truecnam::Caller {
            per_minute_remaining,
            per_day_remaining,
            ..truecnam::Caller::echo(&self.0)
        }
    }

    /// Parses the query. Every fault is reported at once, including a missing credential.
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
        let caller = |text: &str| match is_withheld(text) {
            true => Ok(None),
            false => SwitchDigits::parse(text).map(Some).map_err(Fault::invalid),
        };
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
                let calling = reader.required(field::CALLING_NUMBER, caller);
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
