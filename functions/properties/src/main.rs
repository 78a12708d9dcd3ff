//! The Lambda binary of `properties`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), callbook::edge::RuntimeError> {
    callbook::edge::serve(&properties::FUNCTION).await
}
