//! The Lambda binary of `auth-refresh`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), callbook::edge::RuntimeError> {
    callbook::edge::serve(&auth_refresh::FUNCTION).await
}
