//! The Lambda binary of `vendors`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), callbook::edge::RuntimeError> {
    callbook::edge::serve(&vendors::FUNCTION).await
}
