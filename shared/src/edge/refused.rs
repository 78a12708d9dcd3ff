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
/// note either. Whatever is refused like an unknown credential costs what an unknown one does, so that the time of an
/// answer tells nobody which names exist.
pub(super) async fn note<S: Store, H>(
    app: &App<S>,
    (function, dialect): (&Function<H>, Dialect),
    request: &Request,
    answer: &Answer,
) {
    let (Some(access), Some(failure)) = (app.access(), &answer.failure) else {
        return;
    };
    if failure.cause().is_some() || failure.is_unknown_credential() {
        return;
    }
    let Some((credential, account)) = request.log().sender() else {
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
    // Boxed: few requests get here, and every function's future would hold it.
    let noted = access.note_refused(&account, refused).boxed();
    let noted = AssertUnwindSafe(noted).catch_unwind();
    match app.deadline() {
        None => drop(noted.await),
        Some(_) => drop(tokio::time::timeout(WAIT, noted).await),
    }
}
