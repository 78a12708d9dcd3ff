//! The Lambda binary of `phone-feedback`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), callbook::edge::RuntimeError> {
    callbook::edge::serve(&phone_feedback::FUNCTION).await
}
