//! The Lambda binary of `auth-login`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), callbook::edge::RuntimeError> {
    callbook::edge::serve(&auth_login::FUNCTION).await
}
