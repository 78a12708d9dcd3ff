//! The Lambda binary of `calls-log`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), callbook::edge::RuntimeError> {
    callbook::edge::serve(&calls_log::FUNCTION).await
}
