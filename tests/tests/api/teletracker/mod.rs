//! TeleTracker: `contracts/teletracker.md`, but for call data.

mod conventions;
mod goldens;
mod rapid_response;
mod refusals;
mod renewal;
mod sign_in;
