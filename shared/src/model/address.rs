//! Addresses: what some countries want to see before a number of theirs is in use.

use serde::{Deserialize, Serialize};

use super::country::Country;
use super::short_text::ShortText;
pub use super::sid::AddressSid;
use super::time::Instant;

/// One line of an address, or what it is called.
pub type AddressLine = ShortText<100>;

/// A postal code.
pub type PostalCode = ShortText<20>;

/// An address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// What requests call it.
    #[serde(rename = "address_sid")]
    pub sid: AddressSid,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub friendly: Option<AddressLine>,
    /// What the client calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<AddressLine>,
    /// Street and number.
    pub line1: AddressLine,
    /// More of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line2: Option<AddressLine>,
    /// City.
    pub city: AddressLine,
    /// Part of the country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<AddressLine>,
    /// Country.
    pub country: Country,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<PostalCode>,
    /// When it was made.
    pub created_at: Instant,
    /// How many numbers are linked to it; none lets it be deleted.
    pub links: u32,
}
