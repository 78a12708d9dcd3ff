//! The Lambda binary of `queue`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), callbook::edge::RuntimeError> {
    callbook::edge::serve(&queue::FUNCTION).await
}
