//! `POST /voice/rapidresponse`: queues a callee for the dialer, once an hour.
//!
//! See contracts/teletracker.md.

use callbook::access::{Presented, Unauthenticated};
use callbook::dialect::teletracker::{self, field};
use callbook::dialect::{Answer, Dialect};
use callbook::edge::{Function, LedgerHandler};
use callbook::ledger::{Creation, QueueRefusal, QueueRequest};
use callbook::model::credential::Product;
use callbook::model::phone::PhoneNumber;
use callbook::model::queue::{CallProcessId, QueueId, RapidResponse};
use callbook::model::text::WhisperText;
use callbook::problem::{Fault, Problem};
use callbook::request::{Parameters, Reader};
use serde::Serialize;

/// The `rapid-response` function.
pub const FUNCTION: Function<LedgerHandler> = Function {
    name: "rapid-response",
    dialect: Some(Dialect::Teletracker),
    handler: LedgerHandler(|request| Box::pin(handle(request))),
};

/// Queues one callee.
///
/// A callee that was queued less than an hour ago is refused in the answer.
///
/// # Errors
/// Returns the refusals of access control, `Invalid` with every field at fault, or an error if DynamoDB
/// does not answer in time.
pub async fn handle(unauthenticated: Unauthenticated<'_>) -> Result<Answer, Problem> {
    let request = unauthenticated.request();
    let presented = Presented::sign_in(request)?;
    let parameters = unauthenticated.read_from(&presented, request.parameters().await)?;
    let authenticated = unauthenticated.authenticate(&presented).await?;
    let authorized = authenticated.authorize(Product::RapidResponse)?;
    let asked = Asked::read(&parameters, authorized.must_name_account())?;
    let named = parameters.value(field::ACCOUNT_ID);
    let context = authorized.account(named).await?;
    let process = asked.process.or(context.account().callprocess_id);
    let response = RapidResponse {
        process: process.ok_or_else(|| no_process("the account has no default; name one"))?,
        callee: asked.callee,
        whisper_text: asked.whisper_text,
    };
    context.throttle().await?;
    let queueing = QueueRequest {
        account: context.account(),
        credential: &context.credential().id,
        response: &response,
        guid: context.guid(),
        now: context.now(),
    };
    match context.ledger().queue(&queueing).await? {
        Creation::Created(id) => Ok(queued(&queueing, id)),
        Creation::Refused(QueueRefusal::QueuedRecently) => {
            Ok(teletracker::duplicate_queue_entry(context.guid()))
        }
        Creation::Refused(QueueRefusal::NoCallProcess) => {
            Err(no_process("the account has no such call process"))
        }
    }
}

/// The parameters of a request.
struct Asked {
    callee: PhoneNumber,
    whisper_text: WhisperText,
    process: Option<CallProcessId>,
}

impl Asked {
    fn read(parameters: &Parameters, must_name_account: bool) -> Result<Self, Problem> {
        let mut reader = Reader::new(parameters);
        let account = match must_name_account {
            true => reader.required(field::ACCOUNT_ID, Ok).map(Some),
            false => reader.optional(field::ACCOUNT_ID, Ok),
        };
        let callee = reader.required(field::CALLEE, |text| {
            PhoneNumber::parse(text).map_err(Fault::invalid)
        });
        let whisper_text = reader.required(field::WHISPER_TEXT, |text| {
            WhisperText::parse(text).map_err(Fault::invalid)
        });
        let process = reader.optional(field::CALLPROCESS_ID, |text| {
            CallProcessId::parse(text).map_err(Fault::invalid)
        });
        let (_account, callee, whisper_text, process) =
            reader.finish((account, callee, whisper_text, process))?;
        Ok(Self {
            callee,
            whisper_text,
            process,
        })
    }
}

fn no_process(rule: &str) -> Problem {
    Problem::of(field::CALLPROCESS_ID, Fault::invalid(rule))
}

#[derive(Serialize)]
struct Done<'a> {
    result: Entry<'a>,
}

#[derive(Serialize)]
struct Entry<'a> {
    callprocess_id: CallProcessId,
    step_order: u8,
    creation_date: String,
    callqueue_status: &'static str,
    lead_numtocall: &'a str,
    whisper_text: &'a str,
    callqueue_id: QueueId,
}

fn queued(queueing: &QueueRequest<'_>, id: QueueId) -> Answer {
    let RapidResponse {
        process,
        callee,
        whisper_text,
    } = queueing.response;
    let result = Entry {
        callprocess_id: *process,
        step_order: 1,
        creation_date: queueing.now.rfc3339_utc_millis(),
        callqueue_status: "processing",
        lead_numtocall: callee.as_e164(),
        whisper_text: whisper_text.as_str(),
        callqueue_id: id,
    };
    teletracker::success(queueing.guid, &Done { result })
}
