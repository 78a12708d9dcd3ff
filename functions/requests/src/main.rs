//! The Lambda binary of `requests`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), callbook::edge::RuntimeError> {
    callbook::edge::serve(&requests::FUNCTION).await
}
