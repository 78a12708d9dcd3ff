//! Local times of an hour that comes twice, at the end of daylight saving: the duration of the call says which
//! pass is meant.

use callbook::model::time::{Instant, Readings};

/// Returns the start and the end of a call.
///
/// `seconds` is how long the call took from its start to its end, or a little less. Where start or end are
/// ambiguous, those readings count that it fits best. Without it, the first readings count unless the call would
/// end before it starts.
#[must_use]
pub fn settle(
    started: Readings,
    ended: Option<Readings>,
    seconds: Option<u32>,
) -> (Instant, Option<Instant>) {
    let Some(ended) = ended else {
        return (started.first, None);
    };
    let both = |readings: Readings| {
        [Some(readings.first), readings.second]
            .into_iter()
            .flatten()
    };
    let pairs = both(started).flat_map(|start| both(ended).map(move |end| (start, end)));
    let length = |(start, end): &(Instant, Instant)| end.millis() - start.millis();
    let possible = pairs.filter(|pair| length(pair) >= 0);
    // `min_by_key` returns the first of equals: the first pass.
    let best = match seconds {
        Some(seconds) => {
            possible.min_by_key(|pair| (length(pair) - i64::from(seconds) * 1_000).abs())
        }
        None => possible.min_by_key(|(start, end)| (*start != started.first, *end != ended.first)),
    };
    let (start, end) = best.unwrap_or((started.first, ended.first));
    (start, Some(end))
}

#[cfg(test)]
mod tests {
    use callbook::model::time::{DateOrder, FileDate, Zone};

    use super::*;

    fn readings(text: &str) -> Readings {
        let zone = Zone::parse("America/New_York").unwrap();
        let date = FileDate::parse(text, DateOrder::Mdy).unwrap();
        date.in_zone(&zone).unwrap()
    }

    /// The hours and minutes in UTC of start and end.
    fn settled(start: &str, end: &str, seconds: Option<u32>) -> (String, String) {
        let day = |time: &str| readings(&format!("2026-11-01 {time}"));
        let (start, end) = settle(day(start), Some(day(end)), seconds);
        let clock = |at: Instant| at.rfc3339_utc_millis().chars().skip(11).take(5).collect();
        (clock(start), clock(end.unwrap()))
    }

    #[test]
    fn the_duration_says_which_pass_is_meant() {
        for (start, end, seconds, expected) in [
            ("01:50", "01:10", Some(1_200), ("05:50", "06:10")),
            ("01:30", "02:05", Some(2_100), ("06:30", "07:05")),
            ("01:30", "02:05", Some(5_700), ("05:30", "07:05")),
            ("00:50", "01:10", Some(4_800), ("04:50", "06:10")),
            ("00:50", "01:10", Some(1_200), ("04:50", "05:10")),
            // The seconds of a call may count from its answer.
            ("00:50", "01:10", Some(1_170), ("04:50", "05:10")),
            // Both passes fit: the first one.
            ("01:10", "01:20", Some(600), ("05:10", "05:20")),
            ("01:10", "01:20", None, ("05:10", "05:20")),
            // Only one reading does not end before it starts.
            ("01:50", "01:10", None, ("05:50", "06:10")),
            // Nothing is ambiguous.
            ("03:00", "03:10", Some(9_999), ("08:00", "08:10")),
            ("03:10", "03:00", Some(600), ("08:10", "08:00")),
        ] {
            let (found_start, found_end) = settled(start, end, seconds);
            assert_eq!(
                (found_start.as_str(), found_end.as_str()),
                expected,
                "{start} {end}"
            );
        }
        let alone = settle(readings("2026-11-01 01:30"), None, Some(60));
        assert_eq!(alone, (readings("2026-11-01 01:30").first, None));
    }
}
