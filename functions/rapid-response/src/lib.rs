//! `POST /voice/rapidresponse`: a callee for the dialer's queue, once an hour (contracts/teletracker.md).

use callbook::access::shows_sign_in;
use callbook::dialect::teletracker::{self, field};
use callbook::dialect::{Answer, Dialect};
use callbook::edge::{App, Function};
use callbook::ledger::{Creation, QueueRefusal, QueueRequest};
use callbook::model::credential::Product;
use callbook::model::phone::PhoneNumber;
use callbook::model::queue::{CallProcessId, QueueId, RapidResponse};
use callbook::model::text::WhisperText;
use callbook::problem::Problem;
use callbook::request::fields::{Fields, invalid};
use callbook::request::{Parameters, Request};
use serde::Serialize;

/// The function.
pub const FUNCTION: Function = Function {
    name: "rapid-response",
    dialect: Some(Dialect::Teletracker),
    reads_numbers: true,
    handle: |app, request| Box::pin(handle(app, request)),
};

/// Queues one callee.
///
/// # Errors
/// Why it was not queued.
pub async fn handle(app: &App, request: &Request) -> Result<Answer, Problem> {
    shows_sign_in(request)?;
    let parameters = request.parameters().await?;
    let (ledger, access, now) = (app.ledger()?, app.access(), request.received());
    let signed_in = access
        .sign_in(ledger, request, Product::RapidResponse)
        .await?;
    let asked = Asked::read(&parameters, signed_in.must_name_account())?;
    let account = parameters.get(field::ACCOUNT_ID);
    let caller = access.act(ledger, request, &signed_in, account).await?;
    let process = asked.process.or(caller.account.callprocess_id);
    let response = RapidResponse {
        process: process.ok_or_else(|| no_process("the account has no default; name one"))?,
        callee: asked.callee,
        whisper_text: asked.whisper_text,
    };
    access.count(ledger, &caller, now).await?;
    let queueing = QueueRequest {
        account: &caller.account,
        credential: &caller.credential.id,
        response: &response,
        guid: request.guid(),
        now,
    };
    match ledger.queue(&queueing).await? {
        Creation::Created(id) => Ok(queued(&queueing, id)),
        Creation::Refused(QueueRefusal::NoCallProcess) => {
            Err(no_process("the account has no such call process"))
        }
        Creation::Refused(QueueRefusal::QueuedRecently) => Err(Problem::DuplicateQueueEntry),
    }
}

/// What a request asks for, once its parameters are read.
struct Asked {
    callee: PhoneNumber,
    whisper_text: WhisperText,
    process: Option<CallProcessId>,
}

impl Asked {
    fn read(parameters: &Parameters, must_name_account: bool) -> Result<Self, Problem> {
        let mut fields = Fields::of(parameters);
        let account = parameters.get(field::ACCOUNT_ID);
        let account = match must_name_account {
            true => fields.required(field::ACCOUNT_ID, account, Ok).map(Some),
            false => fields.optional(field::ACCOUNT_ID, account, Ok),
        };
        let callee = fields.required(field::CALLEE, parameters.number(field::CALLEE), |text| {
            PhoneNumber::parse(text).map_err(invalid)
        });
        let whisper_text = fields.required(
            field::WHISPER_TEXT,
            parameters.get(field::WHISPER_TEXT),
            |text| WhisperText::parse(text).map_err(invalid),
        );
        let process = fields.optional(
            field::CALLPROCESS_ID,
            parameters.get(field::CALLPROCESS_ID),
            |text| CallProcessId::parse(text).map_err(invalid),
        );
        let (_account, callee, whisper_text, process) =
            fields.finish((account, callee, whisper_text, process))?;
        Ok(Self {
            callee,
            whisper_text,
            process,
        })
    }
}

fn no_process(rule: &str) -> Problem {
    Problem::of(field::CALLPROCESS_ID, invalid(rule))
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
