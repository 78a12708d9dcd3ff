//! The Lambda binary of `rollup`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), callbook::edge::RuntimeError> {
    callbook::edge::serve_stream(&rollup::FUNCTION).await
}
