//! The Lambda binary of `summary`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), callbook::edge::RuntimeError> {
    callbook::edge::serve(&summary::FUNCTION).await
}
