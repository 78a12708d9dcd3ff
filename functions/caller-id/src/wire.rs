//! What is on the wire: query string or form, and what it asks for.

use callbook::dialect::truecnam::{self, Form, Query, field};
use callbook::ledger::Remaining;
use callbook::model::phone::{PhoneNumber, SwitchDigits};
use callbook::model::text::{ResponseFormat, ResponseType};
use callbook::problem::{Fault, Problem};
use callbook::request::fields::{Fields, invalid};
use callbook::request::{Parameters, Request};

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
pub(crate) struct Wire {
    body: Parameters,
    query: Parameters,
}

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
        let body = match request.method() {
            "POST" => request.body_parameters().await?,
            _ => Parameters::default(),
        };
        Ok(Self {
            body,
            query: request.query().clone(),
        })
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.body.get(name).or_else(|| self.query.get(name))
    }

    fn number(&self, name: &str) -> Option<&str> {
        let body = self.body.number(name);
        body.or_else(|| self.query.number(name))
    }

    /// Username and password, where both are there.
    pub(crate) fn credential(&self) -> Option<(&str, &str)> {
        self.get(field::USERNAME).zip(self.get(field::PASSWORD))
    }

    /// How the answer is to look; what is not said, or said wrongly, is as in `default`.
    pub(crate) fn form(&self, default: Form) -> Form {
        Form::read(|name| self.get(name), default)
    }

    /// Which kind of query it is, as far as that can be read.
    pub(crate) fn query(&self) -> Option<Query> {
        Query::read(|name| self.get(name))
    }

    /// What a refusal says of the request, and of its credential where that is known.
    pub(crate) fn echo(&self, remaining: Option<Remaining>) -> truecnam::Caller {
        let (per_minute_remaining, per_day_remaining) = remaining.map(shown).unwrap_or_default();
        truecnam::Caller {
            per_minute_remaining,
            per_day_remaining,
            ..truecnam::Caller::echo(|name| self.get(name))
        }
    }

    /// What is asked for, or every fault at once; the credential's absence is one of them.
    pub(crate) fn parse(&self) -> Result<Asked, Problem> {
        let mut fields = Fields::of(&self.body);
        for name in [field::USERNAME, field::PASSWORD] {
            if self.get(name).is_none() {
                fields.fault(name, Fault::Missing);
            }
        }
        fields.optional(field::RESP_TYPE, self.get(field::RESP_TYPE), |text| {
            ResponseType::parse(text).map_err(invalid)
        });
        fields.optional(field::RESP_FORMAT, self.get(field::RESP_FORMAT), |text| {
            ResponseFormat::parse(text).map_err(invalid)
        });
        let e164 = |text: &str| PhoneNumber::parse_e164(text).map_err(invalid);
        let (calling, called) = (
            self.number(field::CALLING_NUMBER),
            self.number(field::CALLED_NUMBER),
        );
        match self.query() {
            Some(query @ (Query::Start | Query::End)) => {
                let calling = fields.required(field::CALLING_NUMBER, calling, e164);
                let called = fields.required(field::CALLED_NUMBER, called, e164);
                let (calling, called) = fields.finish((calling, called))?;
                Ok(match query {
                    Query::End => Asked::End { calling, called },
                    _ => Asked::Start { calling, called },
                })
            }
            Some(Query::Terminating) => {
                let digits = |text: &str| SwitchDigits::parse(text).map_err(invalid);
                let calling = fields.required(field::CALLING_NUMBER, calling, digits);
                let called = fields.optional(field::CALLED_NUMBER, called, e164);
                let (calling, called) = fields.finish((calling, called))?;
                Ok(Asked::Terminating(Reaching { calling, called }))
            }
            None => {
                let rule = "expected orig_call_start, orig_call_end or terminating";
                fields.fault(field::CALL_PARTY, invalid(rule));
                Err(fields.into_problem())
            }
        }
    }
}
