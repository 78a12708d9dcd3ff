//! The Lambda binary of `publish`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), callbook::edge::RuntimeError> {
    callbook::edge::serve_publisher(&publish::FUNCTION).await
}
