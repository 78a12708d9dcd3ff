//! Notes a refused request after it was answered, so that the people of its account can see what is sent and why it
//! is refused.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;

use super::app::App;
use super::function::Function;
use super::routes;
use super::store::Store;
use crate::dialect::{Answer, Dialect, Failure, reason_of};
use crate::model::refused_request::RefusedRequest;
use crate::request::Request;

/// How long an answer waits for the note. Lambda stops the process behind the answer, so the note cannot follow it.
const WAIT: Duration = Duration::from_millis(50);

/// Notes the request, if it was refused and its secret was right. Nothing that happens here changes the answer.
///
/// What the deployment is to blame for is left to its log and alarms: a store that does not answer would not take a
/// note either.
pub(super) async fn note<S: Store, H>(
    app: &App<S>,
    (function, dialect): (&Function<H>, Dialect),
    request: &Request,
    answer: &Answer,
) {
    let (Some(access), Some(failure)) = (app.access(), &answer.failure) else {
        return;
    };
    let sender = request.log().sender();
    let Some((credential, account)) = sender.filter(|_| failure.cause().is_none()) else {
        return;
    };
    let reason = match failure {
        Failure::Problem(problem) => problem.reason(),
        Failure::Refusal(word) => reason_of(word).to_owned(),
    };
    let received = request.received();
    let refused = RefusedRequest {
        credential_id: credential.id.clone(),
        label: credential.label.clone(),
        vendor_id: credential.vendor.clone(),
        dialect: dialect.as_str().to_owned(),
        function: function.name.to_owned(),
        method: request.sent_method().to_owned(),
        route: routes::template_of(request.path())
            .unwrap_or_default()
            .to_owned(),
        status: answer.status,
        error: failure.code().to_owned(),
        error_code: answer.error_code.map(str::to_owned),
        fields: failure.fields().into_iter().map(Into::into).collect(),
        reason,
        guid: request.guid().to_string(),
        count: 1,
        first_at: received,
        last_at: received,
    };
    // In a box, because the type of every request's future would be as deep as that of the write.
    let noted = Box::pin(access.note_refused(&account, refused));
    let noted = AssertUnwindSafe(noted).catch_unwind();
    match app.deadline() {
        None => drop(noted.await),
        Some(_) => drop(tokio::time::timeout(WAIT, noted).await),
    }
}
