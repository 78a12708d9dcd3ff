//! Who appears in the demo data: four vendors with their habits, their numbers, and people.

/// A vendor, and how it bills. Shares are percentages.
pub struct PlayedVendor {
    pub id: &'static str,
    pub name: &'static str,
    /// What was agreed upon, from the earliest terms on.
    pub terms: &'static [AgreedTerms],
    /// How many of its calls are answered.
    pub answered: u32,
    /// How long a conversation is that goes well, in seconds.
    pub talk: u32,
    /// How many of the calls that may be billed it bills.
    pub bills: u32,
    /// How many of the answered calls that are too short it bills all the same.
    pub bills_short: u32,
    /// How many bills have another price than was agreed upon.
    pub other_price: u32,
    /// By how much, in cents.
    pub other_by: i64,
    /// How many bills it sends a second time because it got no answer.
    pub retries: u32,
    /// How many calls it bills twice.
    pub twice: u32,
    /// How many prices it corrects a day later.
    pub corrects: u32,
    /// How many bills are of callers who never called, for a hundred bills.
    pub no_call: u32,
    /// When it sends its bills.
    pub rhythm: Rhythm,
    /// Whether its bills carry its own ids of calls.
    pub call_ids: bool,
    /// How its client writes a bill.
    pub writes: Writes,
}

/// Terms from a day on.
pub struct AgreedTerms {
    /// How many days before the last day of the data they begin.
    pub days_ago: i64,
    pub cents: i64,
    pub minimum_seconds: u32,
    pub duplicate_days: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Rhythm {
    /// Within a minute of the end of the call.
    AtOnce,
    /// In the night that follows; some bills days later.
    Nightly,
    /// An hour or so later, by hand.
    ByHand,
}

#[derive(Clone, Copy)]
pub enum Writes {
    Json,
    Form,
    Query,
    /// JSON with amounts such as `$12.00`.
    JsonWithCurrency,
}

pub const ACME: usize = 0;
pub const COBALT: usize = 2;
pub const DELTA: usize = 3;

const fn agreed(
    days_ago: i64,
    cents: i64,
    minimum_seconds: u32,
    duplicate_days: u32,
) -> AgreedTerms {
    AgreedTerms {
        days_ago,
        cents,
        minimum_seconds,
        duplicate_days,
    }
}

/// A vendor that bills once and at once, without ids of its own.
const PLAIN: PlayedVendor = PlayedVendor {
    id: "",
    name: "",
    terms: &[],
    answered: 0,
    talk: 0,
    bills: 0,
    bills_short: 0,
    other_price: 0,
    other_by: 0,
    retries: 0,
    twice: 0,
    corrects: 0,
    no_call: 0,
    rhythm: Rhythm::AtOnce,
    call_ids: false,
    writes: Writes::Json,
};

pub const VENDORS: [PlayedVendor; 4] = [
    PlayedVendor {
        id: "acme",
        name: "Acme Leads",
        terms: &[agreed(60, 2_500, 90, 30), agreed(12, 2_750, 90, 30)],
        answered: 78,
        talk: 260,
        bills: 96,
        bills_short: 3,
        other_price: 3,
        other_by: 250,
        retries: 5,
        corrects: 2,
        no_call: 1,
        call_ids: true,
        ..PLAIN
    },
    PlayedVendor {
        id: "bright",
        name: "Bright Inbound",
        terms: &[agreed(60, 1_850, 60, 7)],
        answered: 71,
        talk: 190,
        bills: 93,
        bills_short: 5,
        other_price: 5,
        other_by: 250,
        retries: 1,
        no_call: 2,
        rhythm: Rhythm::Nightly,
        writes: Writes::Form,
        ..PLAIN
    },
    PlayedVendor {
        id: "cobalt",
        name: "Cobalt Media",
        terms: &[agreed(60, 4_200, 120, 30)],
        answered: 83,
        talk: 380,
        bills: 90,
        bills_short: 2,
        other_price: 2,
        other_by: 300,
        retries: 2,
        twice: 6,
        no_call: 7,
        rhythm: Rhythm::ByHand,
        writes: Writes::Query,
        ..PLAIN
    },
    PlayedVendor {
        id: "delta",
        name: "Delta Transfer",
        terms: &[agreed(60, 1_200, 45, 0)],
        answered: 58,
        talk: 110,
        bills: 82,
        bills_short: 26,
        other_price: 1,
        other_by: 100,
        retries: 3,
        twice: 2,
        no_call: 2,
        writes: Writes::JsonWithCurrency,
        ..PLAIN
    },
];

/// A number that is called, from the ranges that are reserved for fiction.
pub struct Number {
    pub e164: &'static str,
    pub toll_free: bool,
    pub place: [&'static str; 2],
    pub friendly: &'static str,
    /// Source, medium, campaign and content.
    pub attribution: [&'static str; 4],
    /// Its vendor, as a place in [`VENDORS`].
    pub vendor: Option<usize>,
    /// Its share of the calls, in no unit.
    pub weight: u32,
    /// How many of its callers withhold their number, as a percentage.
    pub withheld: u32,
}

/// The number of no vendor, whose calls two vendors bill.
pub const SHARED: &str = "+18885550148";

/// The place of toll-free numbers.
const NOWHERE: [&str; 2] = ["", ""];

const fn number(
    e164: &'static str,
    place: [&'static str; 2],
    friendly: &'static str,
    attribution: [&'static str; 4],
    vendor: Option<usize>,
    (weight, withheld): (u32, u32),
) -> Number {
    let [region, _] = place;
    Number {
        e164,
        toll_free: region.is_empty(),
        place,
        friendly,
        attribution,
        vendor,
        weight,
        withheld,
    }
}

pub const NUMBERS: [Number; 8] = [
    number(
        "+13235550141",
        ["California", "Los Angeles"],
        "Auto, search",
        ["google", "cpc", "auto-spring", "headline-a"],
        Some(ACME),
        (20, 1),
    ),
    number(
        "+18005550142",
        NOWHERE,
        "Home, search",
        ["google", "cpc", "home", "headline-b"],
        Some(ACME),
        (14, 2),
    ),
    number(
        "+12125550143",
        ["New York", "New York"],
        "Home, social",
        ["facebook", "paid-social", "home", "video-15s"],
        Some(1),
        (15, 2),
    ),
    number(
        "+16465550144",
        ["New York", "New York"],
        "Auto, social",
        ["instagram", "paid-social", "auto-spring", "carousel"],
        Some(1),
        (9, 2),
    ),
    number(
        "+13125550145",
        ["Illinois", "Chicago"],
        "Radio",
        ["radio", "broadcast", "morning-show", "spot-30s"],
        Some(COBALT),
        (11, 3),
    ),
    number(
        "+17135550146",
        ["Texas", "Houston"],
        "Transfers, south",
        ["partner", "transfer", "auto-always-on", "live"],
        Some(DELTA),
        (17, 9),
    ),
    number(
        "+14695550147",
        ["Texas", "Dallas"],
        "Transfers, north",
        ["partner", "transfer", "home-always-on", "live"],
        Some(DELTA),
        (10, 6),
    ),
    number(
        SHARED,
        NOWHERE,
        "Brand line",
        ["direct", "none", "brand", "website"],
        None,
        (4, 2),
    ),
];

/// How many calls of a day begin in each hour, in no unit: on a day of work, and on a weekend.
pub const HOURS: [[u32; 24]; 2] = [
    [
        2, 1, 1, 1, 1, 3, 8, 22, 60, 118, 142, 136, 96, 104, 131, 138, 124, 92, 54, 34, 22, 14, 8,
        4,
    ],
    [
        3, 2, 1, 1, 1, 2, 4, 8, 20, 42, 60, 66, 58, 54, 52, 48, 44, 40, 34, 28, 20, 14, 9, 5,
    ],
];

/// Calls of Monday to Sunday, as a percentage of `--calls-per-day`.
pub const DAYS: [u32; 7] = [112, 106, 100, 97, 88, 34, 24];

/// Where callers call from. Each area code has 100 numbers that are reserved for fiction.
pub const AREAS: [u32; 36] = [
    206, 213, 214, 240, 253, 267, 281, 303, 305, 310, 312, 323, 347, 404, 407, 415, 425, 469, 480,
    503, 512, 602, 615, 617, 619, 646, 702, 704, 713, 718, 720, 770, 786, 813, 818, 917,
];

pub const GIVEN: [&str; 16] = [
    "Ada", "Bruno", "Carla", "Dmitri", "Elena", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kemal",
    "Lucía", "Mona", "Nils", "Olga", "Pavel",
];

pub const FAMILY: [&str; 12] = [
    "Abbot",
    "Bianchi",
    "Castro",
    "Dahl",
    "Example",
    "Fontaine",
    "Grün",
    "Haddad",
    "Ivers",
    "Jansen",
    "Kovač",
    "Lindqvist",
];

/// Who waits for the dialer, and what it whispers to the agent.
pub const CALLBACKS: [(&str, &str); 8] = [
    ("2065550171", "Asked for a call back about the auto policy"),
    ("3105550172", "Hung up while on hold, second time today"),
    ("4045550173", "Wants the quote of Tuesday again"),
    ("5125550174", "Web form: home, two cars"),
    ("6175550175", "Asked for Spanish"),
    ("7025550176", "Line dropped after 40 seconds"),
    ("8135550177", "Prefers after 17:00"),
    ("9175550178", "Renewal, policy ends this week"),
];
