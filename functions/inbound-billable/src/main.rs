//! The Lambda binary of `inbound-billable`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), callbook::edge::RuntimeError> {
    callbook::edge::serve(&inbound_billable::FUNCTION).await
}
