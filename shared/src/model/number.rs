//! An account's numbers: bought for a property or registered by the operator, and how calls are routed.

use serde::{Deserialize, Serialize};

use super::inventory::InventoryNumber;
use super::phone::PhoneNumber;
use super::short_text::ShortText;
use super::sid::{AddressSid, PropertySid};
use super::text::UnexpectedWord;
use super::time::Instant;

/// A number's name for people.
pub type Friendly = ShortText<100>;

/// One part of the attribution of a number's callers, in the words of a campaign.
pub type AttributionText = ShortText<100>;

/// The name of a call flow.
pub type FlowName = ShortText<100>;

/// Defines an enum of fixed words, read in upper or lower case.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $expected:literal, $($(#[$word_doc:meta])* $word:ident),+) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$word_doc])* $word,)+
        }

        impl $name {
            /// Reads the word in upper or lower case.
            ///
            /// # Errors
            /// Returns `UnexpectedWord` for any other word.
            pub fn parse(text: &str) -> Result<Self, UnexpectedWord> {
                [$(Self::$word),+]
                    .into_iter()
                    .find(|word| word.as_str().eq_ignore_ascii_case(text.trim()))
                    .ok_or(UnexpectedWord { expected: $expected })
            }

            /// Returns the word as answers spell it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$word => stringify!($word),)+
                }
            }
        }
    };
}

words!(
    /// How a number's calls are routed.
    RoutingMethod, "Endpoint or Flow",
    /// Calls go to one number.
    Endpoint,
    /// Calls go through a call flow.
    Flow
);
words!(
    /// Whether a number's calls are recorded.
    Recording, "Off or Call",
    /// Calls are not recorded.
    Off,
    /// Calls are recorded.
    Call
);
words!(
    /// Whether a number is active.
    NumberStatus, "Active or Pending",
    /// The number is active.
    Active,
    /// The number's country requires an address first.
    Pending
);

/// Where a number's callers come from, for attribution.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribution {
    /// The site or publication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<AttributionText>,
    /// The kind of advertisement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub medium: Option<AttributionText>,
    /// The campaign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<AttributionText>,
    /// One of several versions of an advertisement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<AttributionText>,
}

/// The settings of a number that a client may change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// A name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub friendly: Option<Friendly>,
    /// Where its callers come from.
    #[serde(default)]
    pub attribution: Attribution,
    /// How its calls are routed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing_method: Option<RoutingMethod>,
    /// The number that calls go to with [`RoutingMethod::Endpoint`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint_number: Option<PhoneNumber>,
    /// The flow that calls go through with [`RoutingMethod::Flow`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<FlowName>,
    /// Whether its calls are recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording: Option<Recording>,
}

/// The current assignment of a number to a property.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrentAssignment {
    /// The property.
    pub property_sid: PropertySid,
    /// The start of the assignment.
    pub since: Instant,
    /// The id of the request that assigned the number.
    ///
    /// With `since`, it distinguishes this assignment from earlier ones to the same property.
    pub guid: String,
}

/// A number of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisteredNumber {
    /// The number.
    pub number: PhoneNumber,
    /// When the account got the number.
    pub registered_at: Instant,
    /// The assignment to a property. `None` if the operator registered the number.
    #[serde(default, rename = "held", skip_serializing_if = "Option::is_none")]
    pub assignment: Option<CurrentAssignment>,
    /// Whether it is active.
    #[serde(default = "active")]
    pub status: NumberStatus,
    /// The number's inventory entry when it was bought. `None` if the operator registered it.
    ///
    /// The ledger stores it as separate attributes.
    #[serde(skip)]
    pub inventory: Option<InventoryNumber>,
    /// The address that it is linked to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_sid: Option<AddressSid>,
    /// The client's settings.
    #[serde(default)]
    pub settings: Settings,
    /// Whether the number was assigned to a vendor since the account got it.
    ///
    /// Its periods with vendors are an item of their own, which outlives the release of the number.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_vendors: bool,
    /// How many times the number was changed.
    #[serde(default)]
    pub revision: u32,
}

fn active() -> NumberStatus {
    NumberStatus::Active
}

impl RegisteredNumber {
    /// Creates a registered number without any settings.
    #[must_use]
    pub fn new(number: PhoneNumber, now: Instant) -> Self {
        Self {
            number,
            registered_at: now,
            assignment: None,
            status: NumberStatus::Active,
            inventory: None,
            address_sid: None,
            settings: Settings::default(),
            has_vendors: false,
            revision: 0,
        }
    }

    /// Returns the property that the number is assigned to.
    #[must_use]
    pub fn property_sid(&self) -> Option<&PropertySid> {
        let assignment = self.assignment.as_ref();
        assignment.map(|assignment| &assignment.property_sid)
    }
}

/// A change of a number's settings.
///
/// `None` leaves a setting as it is. `Some(None)` removes an optional one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NumberChange {
    /// See [`Settings::friendly`].
    pub friendly: Option<Option<Friendly>>,
    /// See [`Attribution::source`].
    pub source: Option<Option<AttributionText>>,
    /// See [`Attribution::medium`].
    pub medium: Option<Option<AttributionText>>,
    /// See [`Attribution::campaign`].
    pub campaign: Option<Option<AttributionText>>,
    /// See [`Attribution::content`].
    pub content: Option<Option<AttributionText>>,
    /// See [`Settings::routing_method`].
    pub routing_method: Option<Option<RoutingMethod>>,
    /// See [`Settings::endpoint_number`].
    pub endpoint_number: Option<Option<PhoneNumber>>,
    /// See [`Settings::flow`].
    pub flow: Option<Option<FlowName>>,
    /// See [`Settings::recording`].
    pub recording: Option<Recording>,
    /// See [`RegisteredNumber::address_sid`].
    pub address: Option<Option<AddressSid>>,
}

/// Reason why a change would leave a number that cannot be routed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unroutable {
    /// The number has a routing method, but neither an endpoint number nor a flow.
    NoDestination,
    /// The routing method is `Endpoint`, but there is no endpoint number.
    NoEndpoint,
    /// The routing method is `Flow`, but there is no flow.
    NoFlow,
    /// There are two destinations, but no routing method to choose between them.
    NoMethod,
}

impl NumberChange {
    /// Returns the address to link the number to, or `None` if the change names none.
    #[must_use]
    pub fn named_address(&self) -> Option<&AddressSid> {
        self.address.as_ref().and_then(Option::as_ref)
    }

    /// Returns the number with the change applied.
    ///
    /// If the number has no routing method and the change sets only a destination, the destination sets
    /// the method too.
    ///
    /// # Errors
    /// Returns `Unroutable` if calls to the number would have no destination.
    pub fn applied_to(&self, number: &RegisteredNumber) -> Result<RegisteredNumber, Unroutable> {
        fn set<T: Clone>(own: &mut T, new: &Option<T>) {
            if let Some(new) = new {
                own.clone_from(new);
            }
        }
        let mut number = number.clone();
        let Settings {
            friendly,
            attribution,
            routing_method,
            endpoint_number,
            flow,
            recording,
        } = &mut number.settings;
        set(friendly, &self.friendly);
        set(&mut attribution.source, &self.source);
        set(&mut attribution.medium, &self.medium);
        set(&mut attribution.campaign, &self.campaign);
        set(&mut attribution.content, &self.content);
        set(endpoint_number, &self.endpoint_number);
        set(flow, &self.flow);
        set(recording, &self.recording.map(Some));
        set(&mut number.address_sid, &self.address);
        let method = self.routing_method.unwrap_or(*routing_method);
        *routing_method = match (method, &endpoint_number, &flow) {
            (Some(_), None, None) => return Err(Unroutable::NoDestination),
            (Some(RoutingMethod::Endpoint), None, _) => return Err(Unroutable::NoEndpoint),
            (Some(RoutingMethod::Flow), _, None) => return Err(Unroutable::NoFlow),
            (None, Some(_), Some(_)) => return Err(Unroutable::NoMethod),
            (Some(method), _, _) => Some(method),
            (None, Some(_), None) => Some(RoutingMethod::Endpoint),
            (None, None, Some(_)) => Some(RoutingMethod::Flow),
            (None, None, None) => None,
        };
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number() -> RegisteredNumber {
        let number = PhoneNumber::parse("+12065550100").unwrap();
        RegisteredNumber::new(number, Instant::from_millis(0))
    }

    #[test]
    fn a_routing_method_needs_its_own_destination() {
        let endpoint = || Some(PhoneNumber::parse("+12065550101").ok());
        let flow = || Some(FlowName::parse("Main").ok());
        let change = |routing_method: Option<_>, endpoint_number, flow| NumberChange {
            routing_method: routing_method.map(Some),
            endpoint_number,
            flow,
            ..NumberChange::default()
        };
        let by = Some;
        let (to_number, to_flow) = (RoutingMethod::Endpoint, RoutingMethod::Flow);
        for (change, expected) in [
            (change(by(to_number), endpoint(), None), Ok(by(to_number))),
            (
                change(by(to_number), None, flow()),
                Err(Unroutable::NoEndpoint),
            ),
            (change(by(to_flow), None, flow()), Ok(by(to_flow))),
            (
                change(by(to_flow), endpoint(), None),
                Err(Unroutable::NoFlow),
            ),
            (
                change(by(to_flow), None, None),
                Err(Unroutable::NoDestination),
            ),
            (change(None, endpoint(), None), Ok(by(to_number))),
            (change(None, None, flow()), Ok(by(to_flow))),
            (change(None, endpoint(), flow()), Err(Unroutable::NoMethod)),
            (change(None, None, None), Ok(None)),
        ] {
            let applied = change.applied_to(&number());
            assert_eq!(applied.map(|one| one.settings.routing_method), expected);
        }
    }

    #[test]
    fn the_destination_in_use_can_be_removed_only_together_with_the_method() {
        let set = NumberChange {
            endpoint_number: Some(PhoneNumber::parse("+12065550101").ok()),
            ..NumberChange::default()
        };
        let routed = set.applied_to(&number()).unwrap();
        let clear = NumberChange {
            endpoint_number: Some(None),
            ..NumberChange::default()
        };
        assert_eq!(clear.applied_to(&routed), Err(Unroutable::NoDestination));
        let unroute = NumberChange {
            routing_method: Some(None),
            ..clear
        };
        assert_eq!(unroute.applied_to(&routed), Ok(number()));
    }
}
