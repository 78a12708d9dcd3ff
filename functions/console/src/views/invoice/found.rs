//! What a comparison of a statement with the ledger found, for people and as rows.

use maud::{Markup, html};
use serde::Deserialize;

use crate::html::listing;
use crate::html::table::{self, number, text};
use crate::html::text::{amount, count, moment, money, or_absent, word};

/// How many rows of a bucket a page shows. The file of disputed lines has all of them.
const SHOWN: usize = 30;

/// The columns of the file of disputed lines.
pub const HEAD: [&str; 12] = [
    "line",
    "date",
    "did",
    "caller",
    "call_id",
    "amount",
    "reason",
    "ledger_amount",
    "difference",
    "cost_id",
    "expectation",
    "repeats_line",
];

/// What `POST invoices/check` answers.
#[derive(Deserialize)]
pub struct Invoice {
    pub vendor_id: String,
    currency: String,
    call_ids: String,
    statement: Side,
    ledger: Side,
    difference: String,
    agreed: Bucket,
    other_amount: Bucket,
    not_in_ledger: Bucket,
    not_on_statement: Bucket,
    twice_on_statement: Bucket,
    void_here: Bucket,
    kept_since: Option<String>,
}

#[derive(Deserialize)]
struct Side {
    count: u64,
    amount: String,
}

#[derive(Deserialize)]
struct Bucket {
    statement: Side,
    ledger: Side,
    difference: String,
    rows: Vec<Row>,
    left_out: u64,
}

#[derive(Deserialize)]
struct Row {
    line: Option<u64>,
    date: Option<String>,
    did: Option<String>,
    caller: Option<String>,
    call_id: Option<String>,
    amount: Option<String>,
    cost_id: Option<String>,
    ledger_amount: Option<String>,
    expectation: Option<String>,
    difference: String,
    note: Option<String>,
    repeats_line: Option<u64>,
}

/// A bucket for people: its anchor, its name, and what it means.
struct Named<'a> {
    anchor: &'static str,
    name: &'static str,
    meaning: &'static str,
    bucket: &'a Bucket,
    /// Whether its lines are to be disputed.
    disputed: bool,
}

impl Invoice {
    fn buckets(&self) -> [Named<'_>; 6] {
        let named = |anchor, name, meaning, bucket, disputed| Named {
            anchor,
            name,
            meaning,
            bucket,
            disputed,
        };
        [
            named(
                "other-amount",
                "Another amount",
                "The statement and the ledger have the call, at different amounts.",
                &self.other_amount,
                true,
            ),
            named(
                "not-in-ledger",
                "Not in the ledger",
                "Lines for which nothing of these days counts: a call that nobody billed, or one of other days.",
                &self.not_in_ledger,
                true,
            ),
            named(
                "twice-on-statement",
                "Twice on the statement",
                "Lines for a call that another line is for.",
                &self.twice_on_statement,
                true,
            ),
            named(
                "void-here",
                "Taken back here",
                "Lines for costs that a person has voided.",
                &self.void_here,
                true,
            ),
            named(
                "not-on-statement",
                "Not on the statement",
                "Costs in force that the vendor did not ask for. Nothing to dispute.",
                &self.not_on_statement,
                false,
            ),
            named(
                "agreed",
                "Agreed",
                "Equal amounts on both sides.",
                &self.agreed,
                false,
            ),
        ]
    }

    /// Whether a line is to be disputed.
    pub fn is_disputed(&self) -> bool {
        let buckets = self.buckets();
        let mut disputed = buckets.iter().filter(|named| named.disputed);
        disputed.any(|named| !named.bucket.rows.is_empty())
    }

    /// The lines that are to be disputed, with the reason of each.
    pub fn disputed(&self) -> impl Iterator<Item = Vec<String>> {
        let buckets = self.buckets().into_iter().filter(|named| named.disputed);
        let rows = buckets.flat_map(|named| {
            let rows = named.bucket.rows.iter().filter(|row| row.line.is_some());
            rows.map(move |row| (named.name, row))
        });
        rows.map(|(name, row)| row.cells(name))
    }
}

impl Row {
    /// Says in words what else is known of why the line is in its bucket.
    fn detail(&self) -> Option<String> {
        let note = self.note.as_deref();
        match (note, self.repeats_line) {
            (_, Some(line)) => Some(format!("repeats line {line}")),
            (Some("earlier_price"), _) => Some("the price before it was corrected".to_owned()),
            (Some("void_price"), _) => Some("a price that was taken back".to_owned()),
            (Some("outside_range"), _) => Some("of other days".to_owned()),
            (Some("replaced"), _) => Some("replaced by a later bill".to_owned()),
            (Some(note), _) => Some(word(note)),
            (None, None) => None,
        }
    }

    /// Says in words why the line is disputed.
    fn reason(&self, bucket: &str) -> String {
        match self.detail() {
            Some(detail) => format!("{bucket}: {detail}"),
            None => bucket.to_owned(),
        }
    }

    fn cells(&self, bucket: &str) -> Vec<String> {
        let number = |number: Option<u64>| number.map(|number| number.to_string());
        let cells = [
            number(self.line),
            self.date.clone(),
            self.did.clone(),
            self.caller.clone(),
            self.call_id.clone(),
            self.amount.clone(),
            Some(self.reason(bucket)),
            self.ledger_amount.clone(),
            Some(self.difference.clone()),
            self.cost_id.clone(),
            self.expectation.clone(),
            number(self.repeats_line),
        ];
        cells.map(Option::unwrap_or_default).into()
    }
}

/// Makes the page: both sums, their difference by bucket, and the rows of each bucket.
pub fn page(invoice: &Invoice) -> Markup {
    let currency = invoice.currency.as_str();
    let agreed = invoice
        .difference
        .bytes()
        .all(|byte| matches!(byte, b'0' | b'.'));
    html! {
        ul.cards {
            (card("On the statement", &money(Some(&invoice.statement.amount), currency), &lines(invoice.statement.count, "line"), ""))
            (card("In the ledger", &money(Some(&invoice.ledger.amount), currency), &lines(invoice.ledger.count, "cost in force"), ""))
            (card(
                "Difference",
                &money(Some(&invoice.difference), currency),
                if agreed { "nothing to explain" } else if invoice.difference.starts_with('-') { "the statement asks for less" } else { "the statement asks for more" },
                if agreed { "fine" } else { "bad" },
            ))
        }
        (listing::cut("costs", invoice.kept_since.as_deref()))
        @if invoice.call_ids == "unknown" {
            p.note { "The ledger knows none of the statement's call ids, so lines were matched by number, caller and time." }
        }
        h2 { "The difference, explained" }
        (explained(invoice))
        @for named in &invoice.buckets() {
            @if !named.bucket.rows.is_empty() { (section(named, currency)) }
        }
    }
}

fn lines(number: u64, what: &str) -> String {
    let plural = match (number, what) {
        (1, what) => what.to_owned(),
        (_, "cost in force") => "costs in force".to_owned(),
        (_, what) => format!("{what}s"),
    };
    format!("{} {plural}", count(number))
}

fn card(name: &str, value: &Markup, beside: &str, class: &str) -> Markup {
    html! {
        li.card.(class) {
            span.name { (name) }
            span.value { (value) }
            span.beside { (beside) }
        }
    }
}

fn explained(invoice: &Invoice) -> Markup {
    let columns = [
        text("Bucket"),
        number("Lines"),
        number("Statement"),
        number("Costs"),
        number("Ledger"),
        number("Difference"),
    ];
    let currency = invoice.currency.as_str();
    let row = |name: Markup, statement: &Side, ledger: &Side, difference: &str| {
        vec![
            name,
            html! { (count(statement.count)) },
            money(Some(&statement.amount), currency),
            html! { (count(ledger.count)) },
            money(Some(&ledger.amount), currency),
            money(Some(difference), currency),
        ]
    };
    let rows: Vec<_> = invoice
        .buckets()
        .iter()
        .map(|named| {
            let name = match named.bucket.rows.is_empty() {
                true => html! { (named.name) },
                false => html! { a href=(format!("#{}", named.anchor)) { (named.name) } },
            };
            let Bucket {
                statement,
                ledger,
                difference,
                ..
            } = named.bucket;
            row(name, statement, ledger, difference)
        })
        .collect();
    let foot = row(
        html! { "Total" },
        &invoice.statement,
        &invoice.ledger,
        &invoice.difference,
    );
    table::table(
        "Where the difference comes from",
        &columns,
        &rows,
        Some(&foot),
    )
}

fn section(named: &Named<'_>, currency: &str) -> Markup {
    let Named { bucket, .. } = named;
    let columns = [
        number("Line"),
        text("Date"),
        text("Called"),
        text("Caller"),
        text("Call id"),
        number("Statement"),
        number("Ledger"),
        number("Difference"),
        text("Remark"),
    ];
    let rows: Vec<_> = bucket
        .rows
        .iter()
        .take(SHOWN)
        .map(|row| {
            let ledger = row.ledger_amount.as_deref();
            let ledger = match (&row.cost_id, ledger) {
                (Some(id), Some(sum)) => {
                    html! { a href=(format!("/console/costs/{id}")) { (amount(sum)) } }
                }
                (_, sum) => money(sum, currency),
            };
            vec![
                or_absent(row.line.map(|line| line.to_string()).as_deref()),
                moment(row.date.as_deref()),
                html! { span.nowrap { (or_absent(row.did.as_deref())) } },
                html! { span.nowrap { (or_absent(row.caller.as_deref())) } },
                or_absent(row.call_id.as_deref()),
                html! { (row.amount.as_deref().map(amount).unwrap_or_else(|| "–".to_owned())) },
                ledger,
                html! { (amount(&row.difference)) },
                match (row.detail(), row.expectation.as_deref().filter(|found| *found != "as_agreed")) {
                    (None, None) => or_absent(None),
                    (detail, expectation) => html! {
                        (detail.unwrap_or_default())
                        @if let Some(expectation) = expectation { " by the terms " (word(expectation)) }
                    },
                },
            ]
        })
        .collect();
    let more = u64::try_from(bucket.rows.len().saturating_sub(SHOWN)).unwrap_or_default();
    let more = more + bucket.left_out;
    let open = named.disputed;
    html! {
        details.bucket id=(named.anchor) open[open] {
            summary { h2 { (named.name) " " small { (count(bucket.rows.len())) ", " (money(Some(&bucket.difference), currency)) } } }
            p.note { (named.meaning) }
            (table::table(named.name, &columns, &rows, None))
            @if more > 0 { p.note { (count(more)) " more are not shown." } }
        }
    }
}
