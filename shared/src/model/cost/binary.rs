//! Amounts that a client computed with binary floating point numbers.
//!
//! Such a client means an amount of at most four decimals, and prints the double that its arithmetic ended
//! at: `0.30000000000000004` for 0.1 + 0.2. The amount itself is computed with decimals alone; a double only
//! answers whether the text is what a double is printed as.

use rust_decimal::Decimal;

/// How many doubles lie at most between the printed one and the one nearest to the amount.
///
/// A sum of some prices is off by one or two, a difference of close prices such as 25.3 - 25.1 by 25.
const MOST_APART: u64 = 64;

/// How far a text is off its amount at most: 10^-9. An amount that a person wrote with up to eight decimals
/// is never this close to one of four.
const MOST_OFF: Decimal = Decimal::from_parts(1, 0, 0, false, 9);

/// Returns the amount of four decimals that a text stands for, without trailing zeros, if the digits behind
/// them are noise and nothing else.
///
/// All three must hold: the text is the shortest one that means its double, as JavaScript, Python and Java
/// print it; at most 64 doubles lie between that one and the one nearest to the amount; and the two differ
/// by less than 10^-9. `text` has digits, one point and digits.
pub(super) fn nearest(text: &str) -> Option<Decimal> {
    let exact: Decimal = text.parse().ok()?;
    let amount = exact.round_dp(4).normalize();
    let printed: f64 = text.parse().ok()?;
    let meant: f64 = amount.to_string().parse().ok()?;
    let digits = |text: &str| text.trim_start_matches('0').to_owned();
    let is_shortest = digits(&printed.to_string()) == digits(text);
    // Doubles above zero are ordered as their bits are.
    let apart = printed.to_bits().abs_diff(meant.to_bits());
    let noise = is_shortest && apart <= MOST_APART && (exact - amount).abs() < MOST_OFF;
    noise.then_some(amount)
}

#[cfg(test)]
#[expect(clippy::float_arithmetic, reason = "computes as such a client does")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Sums, differences and multiples of prices, as a client computes and prints them.
        #[test]
        fn what_a_client_computes_is_the_amount_that_it_means(
            cents in 1_u32..100_000, more in 1_u32..100_000, times in 1_u32..20,
        ) {
            let price = |cents: u32| f64::from(cents) / 100.0;
            let exact = |cents: i64| Decimal::new(cents, 2).normalize();
            for (computed, meant) in [
                (price(cents) + price(more), exact(i64::from(cents) + i64::from(more))),
                (price(cents) * f64::from(times), exact(i64::from(cents) * i64::from(times))),
                (price(cents) * 1.1, Decimal::new(i64::from(cents) * 11, 3).normalize()),
            ] {
                let text = computed.to_string();
                let beyond = text.split_once('.').is_some_and(|(_, decimals)| decimals.len() > 4);
                prop_assert!(!beyond || nearest(&text) == Some(meant), "{}", text);
            }
        }

        /// No amount that a person writes with five to eight decimals is taken for another.
        #[test]
        fn an_amount_of_more_decimals_is_never_noise(units in 1_u64..10_000_000_000_000_000, scale in 5_u32..=8) {
            let amount = Decimal::from(units) / Decimal::from(10_u64.pow(scale));
            let text = format!("{amount:.places$}", places = scale as usize);
            prop_assume!(amount.round_dp(4) != amount);
            prop_assert_eq!(nearest(&text), None, "{}", text);
        }
    }
}
