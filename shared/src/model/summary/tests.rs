use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;

use super::delta::{AdjustmentFact, CallCost, CallFact, Cells, CostFact, Delta, Fact};
use super::measures::Measures;
use crate::model::pair::entry::State;
use crate::model::time::{Instant, Zone};
use crate::model::vendor::VendorId;

const NOON: i64 = 1_795_262_400_000;

fn vendor() -> impl Strategy<Value = Option<VendorId>> {
    select(vec![None, Some("acme"), Some("other")])
        .prop_map(|id| id.and_then(|id| VendorId::parse(id).ok()))
}

fn at() -> impl Strategy<Value = Instant> {
    (0..40_i64).prop_map(|hours| Instant::from_millis(NOON + hours * 3_600_000 + 1_300_000))
}

fn did() -> impl Strategy<Value = String> {
    select(vec!["+18005550100", "+18005550101"]).prop_map(str::to_owned)
}

fn amount() -> impl Strategy<Value = Decimal> {
    (0..1_000_000_i64).prop_map(|units| Decimal::new(units, 4))
}

fn fact() -> impl Strategy<Value = Fact> {
    let cost = (vendor(), 1..3_u32, amount()).prop_map(|(vendor, count, amount)| CallCost {
        vendor,
        count,
        amount,
    });
    let disposition = option::of(select(vec!["ANSWERED", "answered", "Busy"]));
    let call = (
        at(),
        did(),
        vendor(),
        disposition,
        0..900_i64,
        vec(cost, 0..3),
        any::<bool>(),
    )
        .prop_map(
            |(started, did, vendor, disposition, seconds, costs, two_vendors)| {
                Fact::Call(CallFact {
                    started,
                    did,
                    caller: "+12065550100".to_owned(),
                    vendor,
                    disposition: disposition.map(str::to_owned),
                    seconds,
                    costs,
                    two_vendors,
                })
            },
        );
    let state = select(vec![State::InForce, State::Superseded, State::Void]);
    let flags = any::<(bool, bool, bool, bool)>();
    let cost = (at(), did(), vendor(), amount(), state, flags).prop_map(
        |(billed, did, vendor, amount, state, (matched, maybe_second, id_reused, other_price))| {
            Fact::Cost(CostFact {
                billed,
                did,
                vendor,
                amount,
                state,
                matched,
                maybe_second,
                id_reused,
                other_price,
            })
        },
    );
    let adjustment = (at(), option::of(did()), vendor(), amount(), any::<bool>()).prop_map(
        |(made, did, vendor, amount, credit)| {
            let amount = if credit { -amount } else { amount };
            Fact::Adjustment(AdjustmentFact {
                made,
                did,
                vendor,
                amount,
            })
        },
    );
    prop_oneof![call, cost, adjustment]
}

/// The versions of rows: each row is one version after the other, and may end.
fn rows() -> impl Strategy<Value = Vec<Vec<Option<Fact>>>> {
    vec(vec(option::weighted(0.9, fact()), 1..5), 1..12)
}

fn zone() -> impl Strategy<Value = Zone> {
    select(vec!["UTC", "America/New_York", "Asia/Kolkata"])
        .prop_map(|name| Zone::parse(name).unwrap())
}

proptest! {
    #[test]
    fn deltas_in_any_order_are_what_the_rows_count_for(
        rows in rows(), zone in zone(), order in vec(any::<u32>(), 60), split in 1..7_usize,
    ) {
        let mut changes = Vec::new();
        let mut counted = Cells::new();
        for versions in &rows {
            let mut old = None;
            for new in versions {
                changes.push((old, new.as_ref()));
                old = new.as_ref();
            }
            if let Some(last) = old {
                last.count(&zone, &mut counted);
            }
        }
        counted.retain(|_, sums| !sums.is_zero());
        let mut shuffled: Vec<_> = std::iter::zip(order, changes).collect();
        shuffled.sort_by_key(|(order, _)| *order);
        // In batches, each of which is added to the sums as a whole.
        let mut sums = Cells::new();
        for batch in shuffled.chunks(split) {
            let mut delta = Delta::default();
            for (_, (old, new)) in batch {
                delta.change(*old, *new, &zone);
            }
            for (place, change) in delta.cells() {
                sums.entry(place.clone()).or_default().merge(change);
            }
        }
        sums.retain(|_, sums: &mut Measures| !sums.is_zero());
        prop_assert_eq!(sums, counted);
    }
}
