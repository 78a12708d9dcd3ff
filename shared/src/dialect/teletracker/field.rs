//! The parameters, as faults name them.

/// Whose data.
pub const ACCOUNT_ID: &str = "account_id";
/// The first day, or instant.
pub const START_DATE: &str = "start_date";
/// The last day, or the instant behind the last.
pub const END_DATE: &str = "end_date";
/// The start behind the end.
pub const DATE_RANGE: &str = "start_date, end_date";
/// Who signs in.
pub const USERNAME: &str = "username";
/// By what.
pub const PASSWORD: &str = "password";
/// Whether tokens are wanted.
pub const AUTH_ONLY: &str = "auth_only";
/// What is exchanged for new tokens.
pub const REFRESH_TOKEN: &str = "refresh_token";
/// The number that was called.
pub const DID: &str = "did";
/// The number that called.
pub const CID: &str = "cid";
/// Whom to call.
pub const CALLEE: &str = "callee";
/// What the agent is told.
pub const WHISPER_TEXT: &str = "whisper_text";
/// Which process calls.
pub const CALLPROCESS_ID: &str = "callprocess_id";
