//! Addresses, which some countries require before a number becomes active.

use serde::{Deserialize, Serialize};

use super::country::Country;
use super::short_text::ShortText;
pub use super::sid::AddressSid;
use super::time::Instant;

/// One line of an address, or its name.
pub type AddressLine = ShortText<100>;

/// A postal code.
pub type PostalCode = ShortText<20>;

/// An address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The sid that requests use.
    #[serde(rename = "address_sid")]
    pub sid: AddressSid,
    /// A name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub friendly: Option<AddressLine>,
    /// The client's own reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<AddressLine>,
    /// Street and number.
    pub line1: AddressLine,
    /// A second line, such as a suite or floor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line2: Option<AddressLine>,
    /// City.
    pub city: AddressLine,
    /// State, province or another part of the country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<AddressLine>,
    /// Country.
    pub country: Country,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<PostalCode>,
    /// When the address was created.
    pub created_at: Instant,
    /// How many numbers are linked to the address. It can only be deleted at 0.
    pub links: u32,
}
