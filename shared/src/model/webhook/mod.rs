//! Webhooks: where an account wants to be told of its events, and what became of each delivery.

pub mod answer;
pub mod delivery;
pub mod endpoint;
pub mod ids;
pub mod schedule;
pub mod secret;
pub mod token;
pub mod url;

pub use answer::Attempt;
pub use delivery::{Delivery, DeliveryState};
pub use endpoint::{Concurrency, Description, Endpoint, EndpointChange, EndpointState, OffReason};
pub use ids::{DeliveryId, EndpointId};
pub use secret::{SigningSecret, SigningSecrets};
pub use url::{EndpointUrl, InvalidUrl, WebhookFormat, WebhookMethod};
