//! Conditions of writes, and the one that every write has: no later version wrote the item.

/// The version of the items' shape that this version writes, and the highest one that it reads.
pub(in crate::ledger) const VERSION: u32 = 1;

/// The condition that no item has the key.
pub(in crate::ledger) const ABSENT: &str = "attribute_not_exists(pk)";

/// The condition that an item has the key.
pub(in crate::ledger) const PRESENT: &str = "attribute_exists(pk)";

/// The condition that always holds.
pub(in crate::ledger) const ALWAYS: &str = "attribute_exists(pk) OR attribute_not_exists(pk)";

/// The name and the value of the version in [`guarded`].
pub(in crate::ledger) const GUARD_NAME: &str = "#item_v";
/// See [`GUARD_NAME`].
pub(in crate::ledger) const GUARD_VALUE: &str = ":item_v";

/// The condition together with the one that no later version wrote the item.
pub(in crate::ledger) fn guarded(condition: &str) -> String {
    let guard = format!("attribute_not_exists({GUARD_NAME}) OR {GUARD_NAME} <= {GUARD_VALUE}");
    match condition {
        ALWAYS => guard,
        // DynamoDB refuses two pairs of parentheses around the same condition.
        condition if is_in_parentheses(condition) => format!("{condition} AND ({guard})"),
        condition => format!("({condition}) AND ({guard})"),
    }
}

/// Whether one pair of parentheses is around all of a condition.
fn is_in_parentheses(condition: &str) -> bool {
    let mut open = 0_usize;
    let last = condition.len().saturating_sub(1);
    for (at, byte) in condition.bytes().enumerate() {
        match byte {
            b'(' => open += 1,
            b')' => open = open.saturating_sub(1),
            _ => {}
        }
        if open == 0 {
            return at == last && byte == b')';
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_has_one_pair_of_parentheses() {
        let guard = "attribute_not_exists(#item_v) OR #item_v <= :item_v";
        for (condition, wanted) in [
            (ALWAYS, guard.to_owned()),
            ("a = :a", format!("(a = :a) AND ({guard})")),
            ("(a = :a)", format!("(a = :a) AND ({guard})")),
            (
                "(a = :a OR (b = :b))",
                format!("(a = :a OR (b = :b)) AND ({guard})"),
            ),
            (
                "(a = :a) OR (b = :b)",
                format!("((a = :a) OR (b = :b)) AND ({guard})"),
            ),
            (PRESENT, format!("({PRESENT}) AND ({guard})")),
        ] {
            assert_eq!(guarded(condition), wanted);
        }
    }
}
