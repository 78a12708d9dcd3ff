//! The Lambda binary of `addresses`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), callbook::edge::RuntimeError> {
    callbook::edge::serve(&addresses::FUNCTION).await
}
