//! The Lambda binary of `costs`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), callbook::edge::RuntimeError> {
    callbook::edge::serve(&costs::FUNCTION).await
}
