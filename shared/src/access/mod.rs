//! Access control: who sends a request, whether it may (`authorize`), and how often (`throttle`).
//!
//! A request passes through [`Unauthenticated`], [`Authenticated`], [`Authorized`] and [`Context`] in
//! this order, so a handler cannot reach the ledger before the checks. Limits are counted in the
//! ledger, because they hold across instances. Credentials and accounts are cached in the process, so
//! checking them usually costs no request.

mod cache;
mod choice;
mod context;
mod lookup;
mod notices;
mod presented;
mod principal;
mod refused;
mod renewal;
mod rules;
mod slow_hashes;
mod throttle;
mod tokens;

pub use choice::{KnownUser, OfferedAccount};
pub use context::{AccountUnread, Authenticated, Authorized, Context, Unauthenticated};
pub use lookup::Access;
pub use presented::Presented;
pub use principal::Principal;
pub use renewal::Renewal;
