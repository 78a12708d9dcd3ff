//! Which vendor a number was whose, and when.

use serde::{Deserialize, Serialize};

use super::time::Instant;
use super::vendor::VendorId;

/// A period in which a number is a vendor's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VendorPeriod {
    /// The vendor.
    pub vendor_id: VendorId,
    /// The start, inclusive.
    pub from: Instant,
    /// The end, exclusive. `None` while no end is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
}

impl VendorPeriod {
    fn contains(&self, at: Instant) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }

    fn is_empty(&self) -> bool {
        self.until.is_some_and(|until| until <= self.from)
    }
}

/// The vendors of one number over time, from the first period to the last. No two overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VendorPeriods(Vec<VendorPeriod>);

impl VendorPeriods {
    /// The maximum number of periods of a number, so that they are one small item.
    pub const MOST: usize = 50;

    /// Returns the vendor of the number at a moment, or `None` if it was no vendor's.
    #[must_use]
    pub fn at(&self, moment: Instant) -> Option<&VendorId> {
        let period = self.0.iter().find(|period| period.contains(moment));
        period.map(|period| &period.vendor_id)
    }

    /// Returns the periods, in order.
    #[must_use]
    pub fn as_slice(&self) -> &[VendorPeriod] {
        &self.0
    }

    /// Whether the number was never a vendor's.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the periods with those between two moments replaced: by `vendor`, or by none.
    ///
    /// Without an end, everything from `from` on is replaced. Adjacent periods of one vendor become one. A
    /// time that ends before it begins replaces nothing.
    ///
    /// # Errors
    /// Returns `TooManyPeriods` if there would be more than [`VendorPeriods::MOST`].
    pub fn assigned(
        &self,
        vendor: Option<&VendorId>,
        from: Instant,
        until: Option<Instant>,
    ) -> Result<Self, TooManyPeriods> {
        if until.is_some_and(|until| until <= from) {
            return Ok(self.clone());
        }
        let earlier = |end: Option<Instant>| Some(end.map_or(from, |end| end.min(from)));
        let before = self.0.iter().map(|period| VendorPeriod {
            until: earlier(period.until),
            ..period.clone()
        });
        let new = vendor.map(|vendor| VendorPeriod {
            vendor_id: vendor.clone(),
            from,
            until,
        });
        let after = self.0.iter().filter_map(|period| {
            Some(VendorPeriod {
                from: period.from.max(until?),
                ..period.clone()
            })
        });
        let mut periods: Vec<VendorPeriod> = Vec::new();
        let pieces = before.chain(new).chain(after);
        for period in pieces.filter(|period| !period.is_empty()) {
            match periods.last_mut() {
                Some(last)
                    if last.vendor_id == period.vendor_id && last.until == Some(period.from) =>
                {
                    last.until = period.until;
                }
                _ => periods.push(period),
            }
        }
        match periods.len() > Self::MOST {
            true => Err(TooManyPeriods),
            false => Ok(Self(periods)),
        }
    }

    /// Returns the periods of a number that is given up at a moment: none goes on after it.
    #[must_use]
    pub fn ended(&self, at: Instant) -> Self {
        // Cutting off never makes more periods.
        self.assigned(None, at, None).unwrap_or_default()
    }
}

/// A number has as many periods as it can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a number has at most {} periods with vendors", VendorPeriods::MOST)]
pub struct TooManyPeriods;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn vendor(name: &str) -> VendorId {
        VendorId::parse(name).unwrap()
    }

    fn at(millis: i64) -> Instant {
        Instant::from_millis(millis)
    }

    #[test]
    fn a_number_is_a_vendors_from_the_first_moment_to_before_the_last() {
        let (a, b) = (vendor("a"), vendor("b"));
        let periods = VendorPeriods::default()
            .assigned(Some(&a), at(100), Some(at(200)))
            .unwrap()
            .assigned(Some(&b), at(200), None)
            .unwrap();
        for (moment, found) in [
            (99, None),
            (100, Some(&a)),
            (199, Some(&a)),
            (200, Some(&b)),
            (i64::MAX, Some(&b)),
        ] {
            assert_eq!(periods.at(at(moment)), found, "{moment}");
        }
        assert_eq!(periods.ended(at(150)).at(at(149)), Some(&a));
        assert_eq!(periods.ended(at(150)).at(at(150)), None);
    }

    #[test]
    fn the_same_again_changes_nothing_and_neighbours_join() {
        let a = vendor("a");
        let once = VendorPeriods::default()
            .assigned(Some(&a), at(0), Some(at(10)))
            .unwrap();
        assert_eq!(
            once.assigned(Some(&a), at(0), Some(at(10))),
            Ok(once.clone())
        );
        let joined = once.assigned(Some(&a), at(10), Some(at(20))).unwrap();
        assert_eq!(joined.as_slice().len(), 1);
        let inside = joined.assigned(None, at(5), Some(at(6))).unwrap();
        assert_eq!(inside.as_slice().len(), 2);
        assert_eq!(joined.assigned(Some(&a), at(7), at(7).into()), Ok(joined));
    }

    #[test]
    fn there_are_at_most_fifty() {
        let a = vendor("a");
        let mut periods = VendorPeriods::default();
        for number in 0..50 {
            let from = number * 10;
            periods = periods
                .assigned(Some(&a), at(from), Some(at(from + 5)))
                .unwrap();
        }
        assert_eq!(
            periods.assigned(Some(&a), at(1_000), None),
            Err(TooManyPeriods)
        );
        assert!(periods.assigned(Some(&a), at(490), None).is_ok());
    }

    proptest! {
        #[test]
        fn every_moment_is_the_last_assignments_that_covers_it(
            steps in proptest::collection::vec((0_usize..3, 0_i64..20, proptest::option::of(0_i64..20)), 0..12)
        ) {
            let vendors = [None, Some(vendor("a")), Some(vendor("b"))];
            let mut periods = VendorPeriods::default();
            for (which, from, until) in &steps {
                periods = periods
                    .assigned(vendors[*which].as_ref(), at(*from), until.map(at))
                    .unwrap();
            }
            for moment in 0..25 {
                let covers = |from: i64, until: Option<i64>| from <= moment && until.is_none_or(|until| moment < until);
                let last = steps.iter().rev().find(|(_, from, until)| covers(*from, *until));
                let expected = last.and_then(|(which, _, _)| vendors[*which].as_ref());
                prop_assert_eq!(periods.at(at(moment)), expected, "{}", moment);
            }
            let slice = periods.as_slice();
            prop_assert!(slice.windows(2).all(|two| two[0].until.is_some_and(|until| until <= two[1].from)));
        }
    }
}
