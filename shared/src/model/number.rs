//! An account's numbers: bought for a property or registered by the operator, and how their calls are
//! routed.

use serde::{Deserialize, Serialize};

use super::inventory::InventoryNumber;
use super::phone::PhoneNumber;
use super::short_text::ShortText;
use super::sid::{AddressSid, PropertySid};
use super::text::UnexpectedWord;
use super::time::Instant;

/// What people call a number.
pub type Friendly = ShortText<100>;

/// Where a number's callers come from, in the words of a campaign.
pub type AttributionText = ShortText<100>;

/// The name of a call flow.
pub type FlowName = ShortText<100>;

/// A closed set of words, read in either case.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $expected:literal, $($(#[$word_doc:meta])* $word:ident),+) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$word_doc])* $word,)+
        }

        impl $name {
            /// Reads the word in either case.
            ///
            /// # Errors
            /// It is another one.
            pub fn parse(text: &str) -> Result<Self, UnexpectedWord> {
                [$(Self::$word),+]
                    .into_iter()
                    .find(|word| word.as_str().eq_ignore_ascii_case(text.trim()))
                    .ok_or(UnexpectedWord { expected: $expected })
            }

            /// The word as answers spell it.
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
    /// To one number.
    Endpoint,
    /// By a call flow.
    Flow
);
words!(
    /// Whether a number's calls are recorded.
    Recording, "Off or Call",
    /// They are not.
    Off,
    /// They are.
    Call
);
words!(
    /// Whether a number is in use.
    NumberStatus, "Active or Pending",
    /// It is.
    Active,
    /// Its country wants an address first.
    Pending
);

/// Where a number's callers come from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribution {
    /// The site or the paper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<AttributionText>,
    /// The kind of advertisement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub medium: Option<AttributionText>,
    /// The campaign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<AttributionText>,
    /// Which advertisement of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<AttributionText>,
}

/// What a client may set of a number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub friendly: Option<Friendly>,
    /// Where its callers come from.
    #[serde(default)]
    pub attribution: Attribution,
    /// How its calls are routed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing_method: Option<RoutingMethod>,
    /// To which number, by [`RoutingMethod::Endpoint`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint_number: Option<PhoneNumber>,
    /// By which flow, by [`RoutingMethod::Flow`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<FlowName>,
    /// Whether its calls are recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording: Option<Recording>,
}

/// The assignment of a number to a property that is in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrentAssignment {
    /// The property.
    pub property_sid: PropertySid,
    /// When it began.
    pub since: Instant,
    /// The request that assigned the number. Together with `since` it tells this assignment from earlier
    /// ones to the same property.
    pub guid: String,
}

/// A number of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisteredNumber {
    /// The number.
    pub number: PhoneNumber,
    /// Since when it is the account's.
    pub registered_at: Instant,
    /// The property that it is assigned to; a number that the operator registered is assigned to none.
    #[serde(default, rename = "held", skip_serializing_if = "Option::is_none")]
    pub assignment: Option<CurrentAssignment>,
    /// Whether it is in use.
    #[serde(default = "active")]
    pub status: NumberStatus,
    /// What the inventory said of it, if it came from there. The ledger keeps this as attributes of its own.
    #[serde(skip)]
    pub inventory: Option<InventoryNumber>,
    /// The address that it is linked to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_sid: Option<AddressSid>,
    /// What the client has set.
    #[serde(default)]
    pub settings: Settings,
    /// How often it was changed.
    #[serde(default)]
    pub revision: u32,
}

fn active() -> NumberStatus {
    NumberStatus::Active
}

impl RegisteredNumber {
    /// A number that nothing is known about but whose it is.
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
            revision: 0,
        }
    }

    /// The property that it is assigned to.
    #[must_use]
    pub fn property_sid(&self) -> Option<&PropertySid> {
        let assignment = self.assignment.as_ref();
        assignment.map(|assignment| &assignment.property_sid)
    }
}

/// What is to be different about a number. Of each, `None` leaves it as it is; what may be taken away is
/// taken away by `Some(None)`.
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

/// Why a number cannot be as a change would have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unroutable {
    /// Its calls are for somewhere, and neither a number nor a flow is given.
    NoDestination,
    /// Its calls are for a number that is not given.
    NoEndpoint,
    /// Its calls are for a flow that is not given.
    NoFlow,
    /// Two destinations are given, and nothing says which.
    NoMethod,
}

impl NumberChange {
    /// The address that the number is to be linked to; `None` if the change names none.
    #[must_use]
    pub fn named_address(&self) -> Option<&AddressSid> {
        self.address.as_ref().and_then(Option::as_ref)
    }

    /// The number as it will be. A destination that comes without a method, to a number that has none, is
    /// the method too.
    ///
    /// # Errors
    /// Its calls would lead nowhere.
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
    fn the_destination_in_use_is_taken_away_with_the_method_alone() {
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
