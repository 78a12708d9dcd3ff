//! Runs a function as a Lambda process.

use std::time::Duration;

use lambda_http::Error as RuntimeError;
use lambda_http::lambda_runtime::{self, LambdaEvent};
use serde_json::value::RawValue;

use super::app::{App, AppConfig};
use super::dispatch::reply;
use super::function::{Function, Handler};
use super::log::Sink;
use super::store::Store;
use crate::clock::Clock;
use crate::config;
use crate::model::proxies::TrustedProxies;

/// How long a function works on a request before it answers that the store is unavailable.
///
/// It is shorter than the function's timeout, after which the vendor would see the gateway's answer
/// instead of the dialect's (`docs/decisions.md`, D-002).
pub const DEADLINE: Duration = Duration::from_millis(8_500);

/// Runs a function until Lambda ends the process. Its store is ready before the first request.
///
/// # Errors
/// Returns an error if environment variables are missing or wrong, or if the runtime fails.
pub async fn serve<H: Handler>(function: &'static Function<H>) -> Result<(), RuntimeError> {
    let store = H::Store::connect().await?;
    quiet_panics();
    let app = &App::new(AppConfig {
        store,
        clock: Clock::system(),
        sink: Sink::stdout(),
        deadline: Some(DEADLINE),
        stack: config::stack_name(),
        proxies: TrustedProxies::parse(&config::trusted_proxies())?,
        demo: None,
    });
    lambda_runtime::run(lambda_http::service_fn(
        move |event: LambdaEvent<Box<RawValue>>| async move {
            let LambdaEvent { payload, context } = event;
            let lambda_id = Some(context.request_id.as_str());
            Ok::<_, RuntimeError>(reply(app, function, payload.get().as_bytes(), lambda_id).await)
        },
    ))
    .await
}

/// Logs only the place of a panic, because its message may quote anything.
pub(super) fn quiet_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        let line = serde_json::json!({"level": "ERROR", "message": "panic", "place": place});
        Sink::stdout().write(&line.to_string());
    }));
}
