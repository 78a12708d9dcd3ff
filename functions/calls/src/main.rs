//! The Lambda binary of `calls`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), callbook::edge::RuntimeError> {
    callbook::edge::serve(&calls::FUNCTION).await
}
