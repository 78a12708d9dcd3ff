//! The Lambda binary of `webhooks`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), callbook::edge::RuntimeError> {
    callbook::edge::serve(&webhooks::FUNCTION).await
}
