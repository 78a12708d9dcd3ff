//! Every kind of item has a writer and a reader.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};
use syn::{ImplItemFn, ItemFn, Path};

use crate::repository::{files, text};

/// A function of the ledger that uses a key: its file, its name, and the builder, constant or partition of
/// `keys.rs` that it uses.
type User = (&'static str, &'static str, &'static str);

/// Each key builder with a writer and a reader. A reader that queries uses the partition or the prefix. If a
/// failed condition of the write returns the item, the writer is also the reader.
const USERS: &[(&str, User, User)] = &[
    (
        "account",
        ("access/accounts", "create_account", "account"),
        ("access/accounts", "account", "account"),
    ),
    (
        "account_directory",
        ("access/accounts", "create_account", "account_directory"),
        ("access/accounts", "accounts", "ACCOUNTS"),
    ),
    (
        "credential",
        ("access/credentials", "by_name", "credential"),
        ("access/credentials", "credential", "credential"),
    ),
    (
        "account_credential",
        ("access/credentials", "listed", "account_credential"),
        ("access/credentials", "credentials", "ACCOUNT_CREDENTIALS"),
    ),
    (
        "limit",
        ("access/limits", "throttle", "limit"),
        ("access/limits", "last_counted", "limits_partition"),
    ),
    (
        "token",
        ("access/sessions", "put_tokens", "token"),
        ("access/sessions", "token", "token"),
    ),
    (
        "session",
        ("access/sessions", "open_session", "session"),
        ("access/sessions", "session_opened", "session"),
    ),
    (
        "call",
        ("calls/change", "write_calls", "call"),
        ("calls/switch", "call_item", "call"),
    ),
    (
        "joined_report",
        ("calls/change", "write_joined", "joined_report"),
        ("calls/switch", "call_item", "joined_report"),
    ),
    (
        "pair_call",
        ("calls/change", "write_call", "pair_call"),
        ("calls/pair", "latest", "pair_partition"),
    ),
    (
        "pair_head",
        ("calls/change", "write_head", "pair_head"),
        ("calls/pair", "latest", "PAIR_HEAD"),
    ),
    (
        "pair_bill",
        ("calls/change_entries", "write_entries", "pair_bill"),
        ("calls/pair", "read_unmatched", "pair_bills_between"),
    ),
    (
        "pair_id",
        ("money/bill_id", "write_last", "pair_id"),
        ("money/bill_id", "known_id", "pair_id"),
    ),
    (
        "sent_id",
        ("money/sent_id", "write_sent", "sent_id"),
        ("money/sent_id", "sent_id", "sent_id"),
    ),
    (
        "cost",
        ("money/cost", "item", "cost"),
        ("money/cost", "cost", "cost"),
    ),
    (
        "former_cost",
        ("migrate/cost", "write_former", "former_cost"),
        ("money/cost", "acknowledged_cost", "former_cost"),
    ),
    (
        "starts_limit",
        ("access/limits", "throttle_starts", "starts_limit"),
        ("access/limits", "last_counted", "limits_partition"),
    ),
    (
        "live_call",
        ("calls/live", "put_live", "live_call"),
        ("calls/live_read", "live_pair", "live_call_partition"),
    ),
    (
        "reversed_live_call",
        ("calls/live", "put_live", "reversed_live_call"),
        (
            "calls/live_read",
            "live_calls_like",
            "reversed_live_call_partition",
        ),
    ),
    (
        "live_count",
        ("calls/live_counts", "change", "live_count"),
        ("calls/live", "before_start", "live_counts"),
    ),
    (
        "account_deletion",
        ("access/deletion", "record_deletion", "account_deletion"),
        ("access/deletion", "deletion", "account_deletion"),
    ),
    (
        "restore",
        ("backup/restore", "note_restored", "restore"),
        ("backup/restore", "begin_restore", "restore"),
    ),
    (
        "erasure",
        ("erase/record", "key", "erasure"),
        ("erase/record", "erasures", "ERASURES"),
    ),
    (
        "retention",
        ("retain/record", "key_of", "retention"),
        ("retain/record", "retentions", "RETENTIONS"),
    ),
    (
        "live_count_to",
        ("calls/live_counts", "change", "live_count_to"),
        ("calls/live", "before_start", "live_count_to"),
    ),
    (
        "number_owner",
        ("numbers/purchase", "transaction_of", "number_owner"),
        ("calls/live_read", "ownership", "number_owner"),
    ),
    (
        "number_starts",
        ("calls/starts", "record_start", "number_starts"),
        ("calls/starts", "origin", "number_starts"),
    ),
    (
        "carrier_starts",
        ("calls/starts", "record_start", "carrier_starts"),
        ("calls/starts", "origin", "carrier_starts"),
    ),
    (
        "feedback",
        ("contacts/feedback", "update_feedback", "feedback"),
        ("contacts/contact", "reputation", "FEEDBACK"),
    ),
    (
        "latest_feedback",
        ("contacts/latest", "update_latest", "latest_feedback"),
        (
            "report/latest_feedback",
            "latest_feedback_of",
            "latest_feedback",
        ),
    ),
    (
        "first_contact",
        ("calls/contact", "write_first", "first_contact"),
        ("contacts/contact", "contact", "CONTACT"),
    ),
    (
        "lead",
        ("calls/contact", "write_lead", "lead"),
        ("contacts/contact", "contact", "CONTACT"),
    ),
    (
        "idempotency_record",
        ("table/idempotency", "key", "idempotency_record"),
        ("money/repeat", "repeat_of_id", "idempotency_record"),
    ),
    (
        "account_number",
        ("numbers/owned", "number_item", "account_number"),
        ("numbers/owned", "number", "account_number"),
    ),
    (
        "property",
        ("numbers/properties", "create_property", "property"),
        ("numbers/properties", "property", "property"),
    ),
    (
        "address",
        ("numbers/addresses", "create_address", "address"),
        ("numbers/addresses", "address", "address"),
    ),
    (
        "number_assignment",
        (
            "numbers/assignments",
            "open_assignment",
            "number_assignment",
        ),
        ("numbers/assignments", "assignments_during", "ASSIGNMENTS"),
    ),
    (
        "ended_assignment",
        ("numbers/assignments", "end_assignment", "ended_assignment"),
        (
            "numbers/assignments",
            "ended_assignment",
            "ended_assignment",
        ),
    ),
    (
        "past_assignment",
        ("numbers/assignments", "end_assignment", "past_assignment"),
        (
            "numbers/assignments",
            "assignments_during",
            "past_partition",
        ),
    ),
    (
        "call_process",
        ("contacts/queue", "create_call_process", "call_process"),
        ("contacts/queue", "call_processes", "CALL_PROCESSES"),
    ),
    (
        "queue_entry",
        ("contacts/queue", "queue_transaction", "queue_entry"),
        ("contacts/queue_ends", "ended_entry", "queue_entry"),
    ),
    (
        "waiting",
        ("contacts/queue", "queue_transaction", "waiting"),
        ("contacts/waiting", "waiting", "waiting_between"),
    ),
    (
        "queue_guard",
        ("contacts/queue", "queue_transaction", "queue_guard"),
        ("contacts/queue", "queue_transaction", "queue_guard"),
    ),
    (
        "event",
        ("events/log", "log_event", "event"),
        ("events/log", "events_of", "events_partition"),
    ),
    (
        "published_shard",
        ("events/checkpoint", "note_published", "published_shard"),
        ("events/checkpoint", "published_up_to", "published_shard"),
    ),
    (
        "unmatched_due",
        ("events/due", "note_unmatched", "unmatched_due"),
        ("events/due", "mark_overdue", "unmatched_partition"),
    ),
    (
        "notice",
        ("events/notice", "notice", "notice"),
        ("events/notice", "notice", "notice"),
    ),
    (
        "refused_request",
        ("access/refused", "note_refused_requests", "refused_request"),
        (
            "access/refused",
            "read_refused_of_day",
            "refused_requests_partition",
        ),
    ),
    (
        "inventory_by_place",
        (
            "numbers/inventory",
            "put_in_inventory",
            "inventory_by_place",
        ),
        (
            "numbers/inventory",
            "each_inventory_number",
            "inventory_partition",
        ),
    ),
    (
        "inventory_by_number",
        (
            "numbers/inventory",
            "put_in_inventory",
            "inventory_by_number",
        ),
        (
            "numbers/inventory",
            "inventory_number",
            "inventory_by_number",
        ),
    ),
    (
        "place",
        ("numbers/inventory", "put_place", "place"),
        ("numbers/inventory", "knows_place", "place_partition"),
    ),
    (
        "country",
        ("numbers/countries", "serve_country", "country"),
        ("numbers/countries", "country", "country"),
    ),
    (
        "vendor",
        ("vendors/vendor", "create_vendor", "vendor"),
        ("vendors/vendor", "vendor", "vendor"),
    ),
    (
        "adjustment",
        ("money/adjustment", "adjust", "adjustment"),
        ("money/adjustment", "adjustments", "adjusted_partition"),
    ),
    (
        "pair_adjustment",
        ("money/adjustment", "adjust", "pair_adjustment"),
        (
            "money/adjustment",
            "adjustments_of_cost",
            "pair_adjustments",
        ),
    ),
    (
        "billed_span",
        ("money/span", "note_billed_day", "billed_span"),
        ("money/span", "billed_days", "billed_span"),
    ),
    (
        "refused_bill",
        ("money/refused", "note_refused", "refused_bill"),
        ("money/refused", "refused_bills", "refused_partition"),
    ),
    (
        "billed_caller",
        ("money/expectation", "write_billed_caller", "billed_caller"),
        ("money/expectation", "bills_of", "billed_caller_partition"),
    ),
    (
        "number_vendors",
        ("vendors/number_vendors", "put_periods", "number_vendors"),
        (
            "vendors/number_vendors",
            "number_vendors_of",
            "number_vendors",
        ),
    ),
    (
        "endpoint",
        ("webhooks/endpoints", "create_webhook", "endpoint"),
        ("webhooks/endpoints", "webhooks", "ENDPOINTS"),
    ),
    (
        "signing_secrets",
        ("webhooks/secrets", "new_secrets", "signing_secrets"),
        ("webhooks/secrets", "signing_secrets", "signing_secrets"),
    ),
    (
        "delivery",
        ("webhooks/hand_out", "delivery_item", "delivery"),
        ("webhooks/deliveries", "deliveries", "deliveries_until"),
    ),
    (
        "due_delivery",
        ("webhooks/hand_out", "due_key", "due_delivery"),
        ("webhooks/due", "due_deliveries", "due_until"),
    ),
    (
        "line_delivery",
        ("webhooks/hand_out", "line_key", "line_delivery"),
        ("webhooks/due", "line_deliveries", "line_prefix"),
    ),
    (
        "endpoint_progress",
        ("webhooks/progress", "new_progress", "endpoint_progress"),
        ("webhooks/progress", "all_webhooks", "progress_partitions"),
    ),
];

/// Key builders whose items have no reader yet: the writer, and the feature that will read them. Do not add any.
const NO_READER_YET: &[(&str, User, &str)] = &[];

/// The names of `keys.rs` that each function of the ledger uses, by file and function.
fn named() -> BTreeMap<(String, String), BTreeSet<String>> {
    let mut all = BTreeMap::new();
    for (path, text) in files("shared/src/ledger", "rs") {
        let name = path
            .strip_prefix("shared/src/ledger/")
            .and_then(|name| name.strip_suffix(".rs"))
            .expect("a file of the ledger");
        let mut reader = Names::default();
        reader.visit_file(&syn::parse_file(&text).expect("Rust"));
        for (function, names) in reader.functions {
            let found: &mut BTreeSet<String> = all.entry((name.to_owned(), function)).or_default();
            found.extend(names);
        }
    }
    all
}

#[derive(Default)]
struct Names {
    functions: Vec<(String, BTreeSet<String>)>,
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.functions
            .push((item.sig.ident.to_string(), BTreeSet::new()));
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.functions
            .push((item.sig.ident.to_string(), BTreeSet::new()));
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_path(&mut self, path: &'ast Path) {
        let segments: Vec<_> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        if let ([.., room, name], Some((_, names))) =
            (segments.as_slice(), self.functions.last_mut())
            && room == "keys"
        {
            names.insert(name.clone());
        }
        visit::visit_path(self, path);
    }
}

/// The functions of `keys.rs` that return a key.
fn builders() -> BTreeSet<String> {
    let files = [
        "shared/src/ledger/keys.rs",
        "shared/src/ledger/keys/assignments.rs",
        "shared/src/ledger/keys/events.rs",
        "shared/src/ledger/keys/live.rs",
        "shared/src/ledger/keys/money.rs",
        "shared/src/ledger/keys/pairs.rs",
        "shared/src/ledger/keys/queue.rs",
        "shared/src/ledger/keys/webhooks.rs",
    ];
    let items = files.into_iter().flat_map(|path| {
        let file = syn::parse_file(&text(path)).expect("Rust");
        file.items
    });
    let items: Vec<_> = items.collect();
    let functions = items.iter().filter_map(|item| match item {
        syn::Item::Fn(function) => Some(&function.sig),
        _ => None,
    });
    functions
        .filter(|signature| match &signature.output {
            syn::ReturnType::Type(_, returned) => {
                matches!(&**returned, syn::Type::Path(path) if path.path.is_ident("Key"))
            }
            syn::ReturnType::Default => false,
        })
        .map(|signature| signature.ident.to_string())
        .collect()
}

#[test]
fn every_key_builder_has_a_writer_and_a_reader() {
    let named = named();
    let holds = |(file, function, name): &User| {
        let found = named.get(&((*file).to_owned(), (*function).to_owned()));
        assert!(
            found.is_some_and(|names| names.contains(*name)),
            "{file}::{function} does not use keys::{name}"
        );
    };
    let mut listed = BTreeSet::new();
    for (builder, writer, reader) in USERS {
        assert_eq!(*builder, writer.2, "a writer uses the builder itself");
        assert!(
            listed.insert((*builder).to_owned()),
            "{builder} is listed twice"
        );
        holds(writer);
        holds(reader);
    }
    for (builder, writer, issue) in NO_READER_YET {
        assert!(listed.insert((*builder).to_owned()), "{builder}: {issue}");
        holds(writer);
    }
    assert_eq!(listed, builders());
}
