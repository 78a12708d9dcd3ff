//! The Lambda binary of `call-data`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), callbook::edge::RuntimeError> {
    callbook::edge::serve(&call_data::FUNCTION).await
}
