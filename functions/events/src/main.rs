//! The Lambda binary of `events`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), callbook::edge::RuntimeError> {
    callbook::edge::serve(&events::FUNCTION).await
}
