//! The Lambda binary of `caller-id`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), callbook::edge::RuntimeError> {
    callbook::edge::serve(&caller_id::FUNCTION).await
}
