//! The Lambda binary of `invoices`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), callbook::edge::RuntimeError> {
    callbook::edge::serve(&invoices::FUNCTION).await
}
