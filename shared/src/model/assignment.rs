//! Number assignments over time. They decide which property a call belongs to.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::phone::PhoneNumber;
use super::property::{NumberAssignment, PropertySid};
use super::time::Instant;

/// An account's number assignments, grouped by number.
#[derive(Clone, Debug, Default)]
pub struct NumberAssignments(HashMap<String, Vec<NumberAssignment>>);

impl NumberAssignments {
    /// Groups assignments by number, those that began last first.
    #[must_use]
    pub fn new(assignments: Vec<NumberAssignment>) -> Self {
        let mut numbers: HashMap<String, Vec<NumberAssignment>> = HashMap::new();
        for assignment in assignments {
            let number = assignment.number.as_e164().to_owned();
            numbers.entry(number).or_default().push(assignment);
        }
        for of_number in numbers.values_mut() {
            of_number.sort_by_key(|one| Reverse(one.from));
        }
        Self(numbers)
    }

    /// Returns the property that `number`, in E.164, was assigned to at a moment; by clocks that differ, an
    /// assignment may begin before the one before it ended, and the later one counts.
    #[must_use]
    pub fn holder(&self, number: &str, at: Instant) -> Option<&PropertySid> {
        let in_force =
            |one: &&NumberAssignment| one.from <= at && one.until.is_none_or(|until| at < until);
        let assignment = self.0.get(number)?.iter().find(in_force);
        assignment.map(|assignment| &assignment.property_sid)
    }

    /// Returns every number that was assigned to a property, each once.
    pub fn numbers_of(&self, property: &PropertySid) -> impl Iterator<Item = &PhoneNumber> {
        self.0.values().filter_map(move |assignments| {
            let found = assignments.iter().find(|one| one.property_sid == *property);
            found.map(|assignment| &assignment.number)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assigned(property: &PropertySid, from: i64, until: Option<i64>) -> NumberAssignment {
        NumberAssignment {
            number: PhoneNumber::parse("8005550100").unwrap(),
            property_sid: property.clone(),
            from: Instant::from_millis(from),
            until: until.map(Instant::from_millis),
        }
    }

    #[test]
    fn an_assignment_includes_its_start_and_excludes_its_end() {
        let sid = |letter: &str| PropertySid::parse(&letter.repeat(32)).unwrap();
        let (one, other) = (sid("A"), sid("B"));
        let assignments = NumberAssignments::new(vec![
            assigned(&one, 100, Some(200)),
            assigned(&other, 200, Some(300)),
            assigned(&one, 400, None),
        ]);
        for (at, holder) in [
            (99, None),
            (100, Some(&one)),
            (199, Some(&one)),
            (200, Some(&other)),
            (300, None),
            (400, Some(&one)),
            (i64::MAX, Some(&one)),
        ] {
            let found = assignments.holder("+18005550100", Instant::from_millis(at));
            assert_eq!(found, holder, "{at}");
        }
        assert_eq!(assignments.numbers_of(&one).count(), 1);
        assert_eq!(
            assignments.holder("+18005550199", Instant::from_millis(100)),
            None
        );
    }
}
