//! TeleTracker's endpoints except call data (`contracts/teletracker.md`).

mod conventions;
mod goldens;
mod queue;
mod rapid_response;
mod refusals;
mod renewal;
mod sign_in;

use callbook::model::credential::Status;
use callbook_tests::{Key, World};

/// Enables, disables or revokes a credential.
async fn set(world: &World, key: &Key, status: Status) {
    world.set_status(&key.credential, status).await;
}
