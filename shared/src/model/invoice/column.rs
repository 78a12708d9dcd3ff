//! The columns of a statement, and the names that vendors give them.

/// A column that a comparison reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// The date of the call, with or without its time.
    Date,
    /// The time of the call, where the date is a column of its own.
    Time,
    /// The number that was called.
    Did,
    /// Who called.
    Caller,
    /// What the vendor asks for.
    Amount,
    /// The call's id at the vendor.
    CallId,
}

impl Column {
    /// Every column.
    pub const ALL: [Self; 6] = [
        Self::Date,
        Self::Time,
        Self::Did,
        Self::Caller,
        Self::Amount,
        Self::CallId,
    ];

    /// Returns the column's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::Time => "time",
            Self::Did => "did",
            Self::Caller => "caller",
            Self::Amount => "amount",
            Self::CallId => "call_id",
        }
    }

    /// Finds a column by its own name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.name() == name)
    }

    /// The names that vendors give it, in lower case, with one space between words.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Date => &[
                "date",
                "call date",
                "date of call",
                "datetime",
                "date time",
                "call date time",
                "call datetime",
                "timestamp",
                "call timestamp",
                "started",
                "started at",
                "start date",
                "call start",
                "call started",
                "call start date",
                "date billed",
                "billed date",
                "billed at",
            ],
            Self::Time => &[
                "time",
                "call time",
                "time of call",
                "start time",
                "call start time",
            ],
            Self::Did => &[
                "did",
                "did number",
                "called",
                "called number",
                "number called",
                "dialed",
                "dialed number",
                "dialled number",
                "dnis",
                "to",
                "to number",
                "call to",
                "destination",
                "destination number",
                "tracking number",
                "toll free number",
                "tfn",
                "number",
            ],
            Self::Caller => &[
                "caller",
                "caller id",
                "callerid",
                "caller number",
                "caller phone",
                "caller phone number",
                "calling number",
                "cid",
                "clid",
                "ani",
                "from",
                "from number",
                "call from",
                "source number",
                "customer number",
                "customer phone",
                "inbound phone number",
                "phone",
                "phone number",
            ],
            Self::Amount => &[
                "amount",
                "amount due",
                "billed amount",
                "cost",
                "call cost",
                "total cost",
                "payout",
                "payout amount",
                "conversion amount",
                "price",
                "charge",
                "charged",
                "fee",
                "revenue",
                "total",
            ],
            Self::CallId => &[
                "call id",
                "callid",
                "call uuid",
                "call sid",
                "callsid",
                "inbound call id",
                "unique id",
                "uniqueid",
                "uuid",
                "external call id",
            ],
        }
    }

    /// Whether vendors call it so; `name` is in lower case, with one space between words.
    pub(super) fn is_called(self, name: &str) -> bool {
        self.names().contains(&name)
    }
}
