//! The Lambda binary of `fallback`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), callbook::edge::RuntimeError> {
    callbook::edge::serve(&fallback::FUNCTION).await
}
