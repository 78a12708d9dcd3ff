//! The Lambda binary of `rapid-response`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), callbook::edge::RuntimeError> {
    callbook::edge::serve(&rapid_response::FUNCTION).await
}
