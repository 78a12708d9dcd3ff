//! The sums of contracts/money.md.

use rust_decimal::Decimal;

use super::ended::outlived;
use super::place::{GroupId, owner};
use super::shown;
use super::table::{Table, amount};

/// A number of entries, and what they amount to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EntrySum {
    /// How many there are.
    pub count: u64,
    /// In the account's currency.
    pub amount: Decimal,
}

impl EntrySum {
    pub(crate) fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.amount += other.amount;
    }

    fn of(amounts: impl Iterator<Item = Decimal>) -> Self {
        let mut sum = Self::default();
        for amount in amounts {
            sum.add(&Self { count: 1, amount });
        }
        sum
    }
}

/// The sums of contracts/money.md, each from the items that decide it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Money {
    /// Every row, by its number.
    pub acknowledged: EntrySum,
    /// By the states of the rows.
    pub in_force: EntrySum,
    /// See [`Self::in_force`].
    pub superseded: EntrySum,
    /// See [`Self::in_force`].
    pub void: EntrySum,
    /// The entries in force that calls hold; the amount is that of the rows of the calls.
    pub matched: EntrySum,
    /// The entries in force that are with no call.
    pub unmatched: EntrySum,
    /// The adjustments, which are beside all of these.
    pub adjusted: EntrySum,
}

impl Money {
    /// Whether acknowledged is in force, superseded and void, and in force is matched and unmatched.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        let total = |parts: &[EntrySum]| {
            let mut sum = EntrySum::default();
            parts.iter().for_each(|part| sum.add(part));
            sum
        };
        self.acknowledged == total(&[self.in_force, self.superseded, self.void])
            && self.in_force == total(&[self.matched, self.unmatched])
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.acknowledged.add(&other.acknowledged);
        self.in_force.add(&other.in_force);
        self.superseded.add(&other.superseded);
        self.void.add(&other.void);
        self.matched.add(&other.matched);
        self.unmatched.add(&other.unmatched);
        self.adjusted.add(&other.adjusted);
    }

    pub(crate) fn of(table: &Table<'_>, group: GroupId) -> Self {
        let own = |kind| table.of(kind).filter(move |entry| owner(*entry) == group);
        let with = |state: &'static str| {
            let costs = own("cost").filter(move |cost| cost.text("state") == Some(state));
            EntrySum::of(costs.map(|cost| amount(cost.item, "amount")))
        };
        let entries = own("pair_call").flat_map(|call| call.maps("entries"));
        let counting = entries.filter(|entry| shown::counts(entry));
        let calls = own("call").filter_map(|call| call.money("cost"));
        // A cost that is kept for longer than its call is matched to it still.
        let outlived =
            own("cost").filter(|cost| shown::counts(cost.item) && outlived(table, *cost));
        let outlived = EntrySum::of(outlived.map(|cost| amount(cost.item, "amount")));
        let bills = own("pair_bill").map(|bill| bill.item);
        let bills = bills.filter(|bill| shown::counts(bill));
        Self {
            acknowledged: EntrySum::of(
                own("cost").map(|cost| cost.money("cost").unwrap_or_default()),
            ),
            in_force: with("in_force"),
            superseded: with("superseded"),
            void: with("void"),
            matched: EntrySum {
                count: counting.map(|_| 1).sum::<u64>() + outlived.count,
                amount: calls.sum::<Decimal>() + outlived.amount,
            },
            unmatched: EntrySum::of(bills.map(|bill| amount(bill, "amount"))),
            adjusted: EntrySum::default(),
        }
    }
}
