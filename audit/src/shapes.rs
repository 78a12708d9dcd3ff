//! The stored format: the types of items, their keys and their attributes.
//!
//! In a key, `{name}` stands for the attribute of that name, or for any value of that form if the item has
//! no such attribute. An attribute whose name ends in `?` is optional. One whose name ends in `*` has 16
//! slots (`to0` to `to15`), each of which is optional. One whose name ends in `_` stands for every name that
//! begins so. An attribute in two lists is of either kind.

mod contacts;
mod events;
mod operators;
mod shape;
mod webhooks;

pub use shape::Shape;

use shape::NONE;

/// The inventory details of a number; a number that was bought keeps them.
const INVENTORY: &str = "guid number number_type country region? locality?";

/// A credential, stored under what a client presents and in its account's list.
const CREDENTIAL: Shape = Shape {
    texts: "credential_id kind name secret_sha256? secret_argon2? account_id label status role? vendor_id?",
    numbers: "expires? created_at revision? sessions_from? silent_after? feedback_days?",
    flags: "carrier? read_only? account_closed?",
    lists: "accounts? products endpoints addresses dids?",
    maps: "limits former?",
    ..NONE
};

/// What a cost entry says and what was decided about it, in its row and in its pair.
const ENTRY_TEXTS: &str = "cost_id dating biller amount notes? call_id? reprices? next_price? pin? \
                           state";

/// The texts of a cost's row.
const COST_TEXTS: &str = "cost_id dating biller amount notes? call_id? reprices? next_price? pin? state call_to direction? \
                          call_from call_sid? vendor_id? credential_id? method_id? label? \
                          ip_address? former_id? guid";

/// Every type of item.
pub const SHAPES: &[Shape] = &[
    Shape {
        kind: "account",
        keys: &[("A#{account_id}", "ACCOUNT")],
        texts: "account_id account_sid name timezone resp_type resp_format vendor_id currency? \
                rebill? date_order?",
        numbers: "billing_window_days repeat_window_minutes live_call_hours same_call_seconds? \
                  shards callprocess_id? created_at revision? layout? closed_at? delete_after?",
        flags: "carrier trueclid trueclid_pending? registered_dids_only tldialer advanced_call_log \
                keeps_span? deleting?",
        maps: "calls_kept? costs_kept? contacts_kept? feedback_kept? queue_kept?",
        ..NONE
    },
    Shape {
        kind: "account_entry",
        keys: &[("ACCOUNTS", "{account_id}")],
        texts: "account_id",
        ..NONE
    },
    Shape {
        kind: "credential",
        keys: &[("CRED#{kind}#{name}", "CRED")],
        ..CREDENTIAL
    },
    Shape {
        kind: "former_credential",
        keys: &[("CRED#{kind}#{former_name}", "CRED")],
        ..CREDENTIAL
    },
    Shape {
        kind: "account_credential",
        keys: &[("A#{account_id}", "CRED#{credential_id}")],
        ..CREDENTIAL
    },
    Shape {
        kind: "limit",
        keys: &[
            ("A#{account}#LIMIT#{credential_id}", "LIMIT"),
            ("A#{account}#LIMIT#{credential_id}", "STARTS"),
        ],
        texts: "guid?",
        numbers: "minute minute_count month month_count",
        maps: "seconds days",
        ..NONE
    },
    Shape {
        kind: "token",
        keys: &[("TOKEN#{sha256}", "TOKEN")],
        texts: "kind session_id account_id credential_kind credential_name",
        numbers: "expires expires_at",
        ..NONE
    },
    Shape {
        kind: "session",
        keys: &[("A#{account_id}#SESSION#{session_id}", "SESSION")],
        texts: "session_id account_id credential_kind credential_name refresh_sha256 guid",
        numbers: "created_at renewed_at? revoked_at? expires_at",
        ..NONE
    },
    Shape {
        kind: "call",
        keys: &[("A#{account_id}#DAY#{start_day}#{shard}", "CALL#{call_sid}")],
        texts: "call_sid account_id direction call_from call_to lead_id? disposition? notes? noted_by? \
                property_sid? vendor_id?",
        numbers: "started_at ended_at? duration_seconds? cost? date_billed? expires_at?",
        flags: "first_contact? two_vendors? crowded? reported_notes?",
        lists: "external_ids? sources costs?",
        ..NONE
    },
    Shape {
        kind: "joined_call",
        keys: &[("A#{account}#DAY#{start_day}#{shard}", "CALL#{call_sid}")],
        texts: "call_sid? account_id? joined_into",
        numbers: "expires_at?",
        ..NONE
    },
    Shape {
        kind: "joined_report",
        keys: &[("A#{account}#DAY#{start_day}#{shard}", "JOINED#{call_sid}")],
        texts: "joined_into",
        numbers: "expires_at?",
        ..NONE
    },
    Shape {
        kind: "pair",
        keys: &[("A#{account}#PAIR#{way}#{did}#{caller}", "HEAD")],
        texts: "guid",
        numbers: "version unmatched expires_at?",
        flags: "moving?",
        lists: "unsettled?",
        ..NONE
    },
    Shape {
        kind: "pair_call",
        keys: &[("A#{account}#PAIR#{way}#{did}#{caller}", "CALL#{call_sid}")],
        texts: "call_sid",
        flags: "crowded",
        lists: "reports entries recorded? noted?",
        numbers: "expires_at?",
        ..NONE
    },
    Shape {
        kind: "pair_bill",
        keys: &[(
            "A#{account}#PAIR#{way}#{did}#{caller}",
            "BILL#{moment_letters}#{cost_id}",
        )],
        texts: ENTRY_TEXTS,
        numbers: "moment window_days received_at turn date_billed overdue_at? expires_at?",
        flags: "adds? repriced? void? other_pair? recorded? noted?",
        maps: "pin?",
        ..NONE
    },
    Shape {
        kind: "pair_id",
        keys: &[("A#{account}#PAIR#{way}#{did}#{caller}", "ID#{rest}")],
        maps: "bill_",
        sets: "calls?",
        numbers: "expires_at?",
        ..NONE
    },
    Shape {
        kind: "sent_id",
        keys: &[("A#{account}#SENT#{credential_id}#{rest}", "SENT")],
        texts: "sent_for",
        numbers: "noted_at counts_until expires_at",
        flags: "for_others",
        ..NONE
    },
    contacts::LEAD,
    contacts::FIRST_CONTACT,
    contacts::FEEDBACK,
    contacts::LATEST_FEEDBACK,
    Shape {
        kind: "cost",
        keys: &[(
            "A#{account}#BILLED#{billed_day}#{cost_shard}",
            "COST#{cost_letters}",
        )],
        texts: COST_TEXTS,
        numbers: "moment window_days received_at turn date_billed call_date cost expires_at?",
        flags: "adds? repriced? void? other_pair? id_reused? maybe_second? other_price? \
                crowded? archived?",
        lists: "history",
        maps: "pin?",
        ..NONE
    },
    Shape {
        kind: "former_cost",
        keys: &[("A#{account}#FORMER#{former_id}", "COST")],
        texts: "former_id cost_id",
        ..NONE
    },
    Shape {
        kind: "adjustment",
        keys: &[(
            "A#{account}#ADJUSTED#{made_day}",
            "ADJ#{adjustment_letters}",
        )],
        texts: "adjustment_id amount cost_id? call_sid? vendor_id? month? call_to? call_from? \
                credential_id? reason by guid direction?",
        numbers: "made_at adjusted expires_at?",
        ..NONE
    },
    Shape {
        kind: "pair_adjustment",
        keys: &[
            (
                "A#{account}#PAIR#{way}#{did}#{caller}",
                "ADJ#{cost_id}#{adjustment_letters}",
            ),
            (
                "A#{account}#PAIR#{way}#{did}#{caller}",
                "ADJ#{call_sid}#{adjustment_letters}",
            ),
        ],
        texts: "adjustment_id amount cost_id? call_sid? vendor_id? month? call_to? call_from? \
                credential_id? reason by guid direction?",
        numbers: "made_at expires_at?",
        ..NONE
    },
    Shape {
        kind: "billed_span",
        keys: &[("A#{account}#BILLED", "SPAN")],
        texts: "first_day? last_day?",
        ..NONE
    },
    Shape {
        kind: "refused_bill",
        keys: &[("A#{account}#REFUSED#{refused_day}", "BILL#{rest}")],
        texts: "call_to call_from amount vendor_id? credential_id reason guid",
        numbers: "refused_at cost expires_at?",
        ..NONE
    },
    Shape {
        kind: "billed_caller",
        keys: &[(
            "A#{account}#CALLER#{vendor}#{caller}",
            "BILL#{moment_letters}#{cost_id}",
        )],
        texts: "cost_id",
        numbers: "moment expires_at?",
        ..NONE
    },
    Shape {
        kind: "live_call",
        keys: &[("LIVE#{called}", "{calling}#{account_id}")],
        texts: "call_sid account_id credential_id? calling guid",
        numbers: "started_at live_until expires_at",
        flags: "carrier?",
        ..NONE
    },
    Shape {
        kind: "reversed_live_call",
        keys: &[("LIVEREV#{called}", "{reversed_calling}#{account_id}")],
        texts: "account_id calling",
        numbers: "started_at live_until expires_at",
        ..NONE
    },
    Shape {
        kind: "live_count",
        keys: &[
            ("A#{account}#LIVE", "COUNT#{counter}"),
            ("A#{account}#LIVE#{called}", "KEY#{credential_id}"),
        ],
        numbers: "until_ expires_at",
        ..NONE
    },
    Shape {
        kind: "carrier_starts",
        keys: &[("NUM#{number}", "CARRIERS")],
        texts: "to* by* ended* ender*",
        numbers: "at* until* before* expires_at",
        ..NONE
    },
    Shape {
        kind: "number_starts",
        keys: &[("NUM#{number}", "START#{account_id}")],
        texts: "account_id to* ended*",
        numbers: "at* until* before* expires_at",
        ..NONE
    },
    Shape {
        kind: "number_owner",
        keys: &[("NUM#{number}", "OWNER")],
        texts: "account_id",
        flags: "trueclid",
        ..NONE
    },
    Shape {
        kind: "number",
        keys: &[("A#{account}", "NUMBER#{number}")],
        texts: "number status? address_sid? number_type? country? region? locality?",
        numbers: "registered_at revision? price?",
        flags: "has_vendors?",
        lists: "capabilities?",
        maps: "held? settings?",
        ..NONE
    },
    Shape {
        kind: "stock",
        keys: &[
            ("NUM#{number}", "STOCK"),
            (
                "STOCK#{country}",
                "{region_key}#{locality_key}#{number_type}#{number}",
            ),
        ],
        texts: INVENTORY,
        numbers: "price?",
        lists: "capabilities",
        ..NONE
    },
    Shape {
        kind: "place",
        keys: &[("PLACE#{country}", "{region_key}#{locality_key}#")],
        texts: "country region? locality?",
        ..NONE
    },
    Shape {
        kind: "country",
        keys: &[("COUNTRIES", "{country}")],
        texts: "country",
        flags: "requires_address",
        ..NONE
    },
    Shape {
        kind: "property",
        keys: &[("A#{account}", "PROPERTY#{property_sid}")],
        texts: "property_sid name main_domain? timezone? timezone_sent?",
        numbers: "created_at",
        flags: "sms_enabled? call_recording_enabled? inactive?",
        ..NONE
    },
    Shape {
        kind: "address",
        keys: &[("A#{account}", "ADDRESS#{address_sid}")],
        texts: "address_sid friendly? reference? line1 line2? city region? country postal_code?",
        numbers: "created_at links",
        ..NONE
    },
    Shape {
        kind: "tenure",
        keys: &[
            ("A#{account}", "TENURE#{number}#{from_key}#{guid}"),
            ("A#{account}", "TENURE#ENDED#{number}#{from_key}#{guid}"),
        ],
        texts: "number property_sid ended_by?",
        numbers: "from until?",
        ..NONE
    },
    Shape {
        kind: "past_tenure",
        keys: &[(
            "A#{account}#ENDED",
            "{lasted_class}#{until_key}#{number}#{from_key}#{guid}",
        )],
        texts: "number property_sid ended_by",
        numbers: "from until",
        ..NONE
    },
    Shape {
        kind: "sums",
        keys: &[
            ("A#{account}#SUM#{day}", "SUM#{did}#{vendor}#{said}"),
            ("A#{account}#SUM#{day}", "SUM##{vendor}#{said}"),
        ],
        numbers: "h_ changes",
        ..NONE
    },
    Shape {
        kind: "callers",
        keys: &[
            ("A#{account}#SUM#{day}", "CALLERS#{did}#{vendor}"),
            ("A#{account}#SUM#{day}", "CALLERS#{did}#{vendor}#{part}"),
        ],
        numbers: "changes",
        byte_sets: "h_",
        ..NONE
    },
    Shape {
        kind: "settling",
        keys: &[("A#{account}#SUM", "SETTLING")],
        numbers: "pairs changes",
        ..NONE
    },
    Shape {
        kind: "rollup_shard",
        keys: &[("ROLLUP", "SHARD#{shard_id}")],
        texts: "shard_id sequence",
        numbers: "applied_at expires_at",
        ..NONE
    },
    Shape {
        kind: "pulse",
        keys: &[("PULSE#{place}", "PULSE")],
        numbers: "at place",
        ..NONE
    },
    Shape {
        kind: "vendor",
        keys: &[("A#{account}", "VENDOR#{vendor_id}")],
        texts: "vendor_id name status",
        numbers: "created_at revision",
        lists: "terms",
        ..NONE
    },
    Shape {
        kind: "number_vendors",
        keys: &[("A#{account}", "NUMBERVENDOR#{number}")],
        texts: "number",
        numbers: "revision",
        lists: "periods",
        ..NONE
    },
    contacts::CALL_PROCESS,
    contacts::QUEUE_ENTRY,
    contacts::QUEUE_WAITING,
    contacts::QUEUE_GUARD,
    events::EVENT,
    events::PUBLISHED_SHARD,
    events::UNMATCHED_DUE,
    events::NOTICE,
    events::REFUSED_REQUEST,
    webhooks::WEBHOOK,
    webhooks::WEBHOOK_SECRETS,
    webhooks::WEBHOOK_PROGRESS,
    webhooks::DELIVERY,
    webhooks::DELIVERY_DUE,
    webhooks::DELIVERY_LINE,
    operators::ERASURE,
    operators::RETENTION,
    operators::RESTORE,
    operators::ACCOUNT_DELETION,
    Shape {
        kind: "once",
        keys: &[("A#{account}#ONCE#{hash}", "ONCE")],
        texts: "payload answer made? guid",
        numbers: "until expires_at",
        ..NONE
    },
];

/// The number of slots of a slotted attribute.
pub const SLOTS: u32 = 16;
