//! The Lambda binary of `deliver`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), callbook::edge::RuntimeError> {
    callbook::edge::serve_deliver(&deliver::FUNCTION).await
}
