//! TrueCNAM's answers (`contracts/truecnam.md`): one list of fields, as CSV, JSON or XML, or the name alone.

pub mod field;
mod written;

use super::answer::{Answer, plain_status};
use crate::ledger::LiveCallLimit;
use crate::model::text::{ResponseFormat, ResponseType};
use crate::problem::{Fault, FieldProblem, Problem, Window};
use crate::request::Parameters;
use written::{Fields, Value, text, write};

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// The level of detail.
    pub kind: ResponseType,
    /// The format.
    pub format: ResponseFormat,
}

impl Default for Form {
    fn default() -> Self {
        Self {
            kind: ResponseType::Basic,
            format: ResponseFormat::Json,
        }
    }
}

impl Form {
    /// Reads the form from the parameters. Missing or invalid ones come from `default`.
    #[must_use]
    pub fn read(parameters: &Parameters, default: Self) -> Self {
        let kind = parameters.value(field::RESP_TYPE);
        let kind = kind.and_then(|text| ResponseType::parse(text).ok());
        let format = parameters.value(field::RESP_FORMAT);
        let format = format.and_then(|text| ResponseFormat::parse(text).ok());
        let format = format.unwrap_or(default.format);
        Self {
            kind: match format {
                // Its only content is the name.
                ResponseFormat::Text => ResponseType::Simple,
                _ => kind.unwrap_or(default.kind),
            },
            format,
        }
    }
}

/// The kind of query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Query {
    /// Reports a call start.
    Start,
    /// Reports a call end.
    End,
    /// Asks about a call that is arriving.
    Terminating,
}

impl Query {
    /// Reads the kind of query. Returns `None` if the parameter is invalid.
    #[must_use]
    pub fn read(parameters: &Parameters) -> Option<Self> {
        match parameters.value(field::CALL_PARTY) {
            None | Some("terminating") => Some(Self::Terminating),
            Some("orig_call_start") => Some(Self::Start),
            Some("orig_call_end") => Some(Self::End),
            Some(_) => None,
        }
    }
}

/// A TrueCLID result for a caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TrueClid {
    /// A call from this number to the called number is live.
    Verified,
    /// The number's owner has a live or recent call from it to another number.
    True,
    /// The number's owner opted into TrueCLID, and no account has a live or recent call from it. The
    /// number is likely spoofed.
    False,
    /// None of the other results applies.
    #[default]
    Unknown,
}

/// The facts about a caller. Each form shows only some of them.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// The calling number as received.
    pub calling_number: String,
    /// The called number, or an empty text.
    pub called_number: String,
    /// The full number behind a mangled one, or an empty text.
    pub proposed_calling_number: String,
    /// The name in 15 characters.
    pub name: String,
    /// The full name.
    pub extended_name: String,
    /// The TrueCLID result.
    pub true_clid: TrueClid,
    /// The spam score, 0 to 100.
    pub spam_score: u32,
    /// Whether there is any feedback about the caller.
    pub spam_score_match: bool,
    /// The number of queries left in this minute.
    pub per_minute_remaining: u32,
    /// The number of queries left today.
    pub per_day_remaining: u32,
}

impl Caller {
    /// Makes a caller that only has the digits of the numbers in the parameters.
    #[must_use]
    pub fn echo(parameters: &Parameters) -> Self {
        let digits = |number| {
            let text = parameters.value(number).unwrap_or_default();
            text.chars().filter(char::is_ascii_digit).collect()
        };
        Self {
            calling_number: digits(field::CALLING_NUMBER),
            called_number: digits(field::CALLED_NUMBER),
            ..Self::default()
        }
    }
}

/// Answers a recorded call start.
#[must_use]
pub fn started(form: Form) -> Answer {
    let fields = match form.kind {
        ResponseType::Simple => vec![("status", text("ok"))],
        ResponseType::Basic | ResponseType::Extended => {
            vec![
                ("status", text("ok")),
                ("err", text("0")),
                ("error_msg", text("")),
            ]
        }
    };
    write(200, form.format, &Fields(fields))
}

/// Answers a recorded call end with the names of the called number.
#[must_use]
pub fn ended(form: Form, name: &str, extended_name: &str) -> Answer {
    let mut fields = vec![("status", text("ok"))];
    if form.kind != ResponseType::Simple {
        fields.extend([("err", text("0")), ("error_msg", text(""))]);
    }
    fields.push(("name", text(name)));
    if form.kind == ResponseType::Extended {
        fields.push(("extended_name", text(extended_name)));
    }
    write(200, form.format, &Fields(fields))
}

/// Answers a query about a caller.
#[must_use]
pub fn caller(form: Form, caller: &Caller) -> Answer {
    write(
        200,
        form.format,
        &Fields(caller_fields(form.kind, caller, "0", "")),
    )
}

fn caller_fields(
    kind: ResponseType,
    caller: &Caller,
    err: &str,
    error_msg: &str,
) -> Vec<(&'static str, Value)> {
    let (err, error_msg) = (("err", text(err)), ("error_msg", text(error_msg)));
    let name = ("name", text(&caller.name));
    let spam_score = ("spam_score", Value::Number(caller.spam_score));
    match kind {
        ResponseType::Simple => vec![name],
        ResponseType::Basic => vec![err, error_msg, name, spam_score],
        ResponseType::Extended => vec![
            err,
            error_msg,
            ("calling_number", text(&caller.calling_number)),
            ("called_number", text(&caller.called_number)),
            (
                "proposed_calling_number",
                text(&caller.proposed_calling_number),
            ),
            name,
            ("extended_name", text(&caller.extended_name)),
            (
                "cnam_match",
                Value::Number(u32::from(!caller.name.is_empty())),
            ),
            ("true_clid", text(spelled(caller.true_clid))),
            spam_score,
            (
                "spam_score_match",
                Value::Number(u32::from(caller.spam_score_match)),
            ),
            (
                "queries_per_minute_remaining",
                Value::Number(caller.per_minute_remaining),
            ),
            (
                "queries_per_day_remaining",
                Value::Number(caller.per_day_remaining),
            ),
        ],
    }
}

fn spelled(true_clid: TrueClid) -> &'static str {
    match true_clid {
        TrueClid::Verified => "verified",
        TrueClid::True => "true",
        TrueClid::False => "false",
        TrueClid::Unknown => "unknown",
    }
}

/// Reason why a query failed.
#[derive(Debug)]
pub enum QueryRefusal {
    /// A problem that any endpoint can have.
    Problem(Problem),
    /// A call end was reported, but the account has no carrier service.
    NotCarrier,
    /// A call end was reported, but no call between the two numbers is live.
    NoLiveCall,
    /// A call start was reported, but too many calls are live.
    LiveCalls(LiveCallLimit),
}

impl From<Problem> for QueryRefusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// Renders a refusal.
///
/// `query` is the kind of query, if it could be read. `known` has the caller's data that a refusal shows.
#[must_use]
pub fn refuse(
    refusal: impl Into<QueryRefusal>,
    form: Form,
    query: Option<Query>,
    known: &Caller,
) -> Answer {
    let refusal = refusal.into();
    let (status, err, message) = match &refusal {
        QueryRefusal::Problem(problem) => {
            let (err, message) = match (problem, query) {
                // Starts and ends have a limit of their own, and count against no other.
                (Problem::RateLimited { .. }, Some(Query::Start | Query::End)) => {
                    let message = "Call starts and ends per minute exceeded";
                    ("8", message.to_owned())
                }
                _ => error(problem),
            };
            (status(problem), err, message)
        }
        QueryRefusal::NotCarrier => {
            let message = "orig_call_end is available to carrier accounts only";
            (200, "6", message.to_owned())
        }
        QueryRefusal::NoLiveCall => {
            let message = "No live call for this calling_number and called_number";
            (200, "7", message.to_owned())
        }
        QueryRefusal::LiveCalls(limit) => {
            let message = match limit {
                LiveCallLimit::Account => "Live calls exceeded: at most 10000 of an account",
                LiveCallLimit::Called => {
                    "Live calls exceeded: at most 200 to one called_number of an API key"
                }
            };
            (200, "8", message.to_owned())
        }
    };
    let mut fields = vec![("status", text("error"))];
    match query {
        Some(Query::Start) if form.kind == ResponseType::Simple => {}
        Some(Query::End) if form.kind == ResponseType::Simple => fields.push(("name", text(""))),
        // Clients that read CSV by position expect every field of the form after the status.
        Some(Query::Terminating) => {
            fields.extend(caller_fields(form.kind, known, err, &message));
        }
        _ => fields.extend([("err", text(err)), ("error_msg", text(&message))]),
    }
    let answer = write(status, form.format, &Fields(fields)).coded(err);
    match refusal {
        QueryRefusal::Problem(problem) => answer.because(problem),
        QueryRefusal::NotCarrier => answer.refusing("switched_off"),
        QueryRefusal::NoLiveCall => answer.refusing("no_live_call"),
        QueryRefusal::LiveCalls(_) => answer.refusing("live_calls_exceeded"),
    }
}

/// Renders the refusal of a request whose body could not be read. `parameters` are those of its query string.
#[must_use]
pub fn refuse_unread(problem: Problem, parameters: &Parameters) -> Answer {
    let form = Form::read(parameters, Form::default());
    let is_query = !matches!(problem, Problem::NotFound);
    let query = Query::read(parameters).filter(|_| is_query);
    refuse(problem, form, query, &Caller::echo(parameters))
}

/// Returns the status of an answer.
///
/// Refusals are 200 too, because clients only read the body. Only an unavailable store, an internal error
/// and a request for another path or method have their usual status.
fn status(problem: &Problem) -> u16 {
    match problem {
        Problem::Unavailable(_)
        | Problem::Contended(_)
        | Problem::Internal(_)
        | Problem::NotFound
        | Problem::MethodNotAllowed { .. } => plain_status(problem),
        Problem::MissingCredential(_)
        | Problem::UnknownCredential
        | Problem::CredentialDisabled
        | Problem::CredentialExpired
        | Problem::ProductNotAllowed
        | Problem::EndpointNotAllowed
        | Problem::AddressNotAllowed
        | Problem::AccountNotAllowed
        | Problem::ReadOnly
        | Problem::RateLimited { .. }
        | Problem::QuotaExceeded { .. }
        | Problem::MalformedBody { .. }
        | Problem::BodyTooLarge
        | Problem::UnsupportedMediaType
        | Problem::UnsupportedCoding
        | Problem::Invalid(_)
        | Problem::IdempotencyKeyReused => 200,
    }
}

fn error(problem: &Problem) -> (&'static str, String) {
    let (err, message) = match problem {
        Problem::Invalid(faults) => return faults_of(faults),
        Problem::MissingCredential(_) | Problem::UnknownCredential => {
            ("2", "Invalid username or password")
        }
        Problem::ProductNotAllowed => ("3", "API key not allowed for this product"),
        Problem::EndpointNotAllowed => ("3", "API key not allowed for this path"),
        Problem::AddressNotAllowed => ("3", "API key not allowed from this address"),
        Problem::CredentialDisabled | Problem::CredentialExpired => ("3", "API key disabled"),
        Problem::AccountNotAllowed => ("3", "API key not allowed for this account"),
        Problem::ReadOnly => ("3", "API key is read only"),
        Problem::RateLimited { window, .. } => match window {
            Window::Second => ("8", "Queries per second exceeded"),
            Window::Minute => ("8", "Queries per minute exceeded"),
            Window::Day => ("8", "Queries per day exceeded"),
        },
        Problem::QuotaExceeded { .. } => ("8", "Queries per month exceeded"),
        Problem::NotFound => ("5", "There is nothing at this path"),
        Problem::MethodNotAllowed { .. } => ("5", "Use GET or POST"),
        Problem::UnsupportedCoding => ("5", "The body's Content-Encoding must be gzip or deflate"),
        Problem::UnsupportedMediaType | Problem::MalformedBody { .. } => {
            ("5", "The body must be application/x-www-form-urlencoded")
        }
        Problem::BodyTooLarge => ("5", "The body is too large"),
        Problem::IdempotencyKeyReused => ("5", "Idempotency key reused with other parameters"),
        Problem::Unavailable(_) | Problem::Contended(_) | Problem::Internal(_) => {
            ("9", "Temporary failure, please retry")
        }
    };
    (err, message.to_owned())
}

/// Returns one message with all faults and the number of the first. Missing parameters come first.
fn faults_of(faults: &[FieldProblem]) -> (&'static str, String) {
    let (missing, wrong): (Vec<_>, Vec<_>) = faults
        .iter()
        .partition(|problem| problem.fault == Fault::Missing);
    let err = missing.first().or(wrong.first());
    let err = err.map_or("5", |problem| problem.code());
    let names: Vec<_> = missing.iter().map(|problem| problem.name()).collect();
    let missing =
        (!names.is_empty()).then(|| format!("Missing required parameter: {}", names.join(", ")));
    let wrong = wrong
        .iter()
        .map(|problem| format!("Invalid {}: {}", problem.name(), problem.fault));
    let messages: Vec<_> = missing.into_iter().chain(wrong).collect();
    (err, messages.join("; "))
}
