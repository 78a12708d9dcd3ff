//! Rules 7 to 19: which bills are entries, which call each belongs to, and which of them count.

use super::{Bill, Call, Date, Pin, State};

const DAY: i64 = 86_400_000;

/// How long after its moment the call of a bill may start.
const EARLY: i64 = 5 * 60_000;

/// Rule 7: for each bill the entry that it is or repeats; and for each entry the earlier price of its bill.
pub(super) fn entries(bills: &[Bill]) -> (Vec<usize>, Vec<Option<usize>>) {
    let mut answers: Vec<usize> = Vec::new();
    let mut earlier = vec![None; bills.len()];
    for (b, bill) in bills.iter().enumerate() {
        if bill.imported {
            answers.push(b);
            continue;
        }
        let before: Vec<usize> = (0..b)
            .filter(|other| answers[*other] == *other && !bills[*other].imported)
            .collect();
        let equal = |other: &&usize| {
            let other = &bills[**other];
            other.pair == bill.pair
                && other.credential == bill.credential
                && other.amount == bill.amount
                && other.date == bill.date
                && other.call_id == bill.call_id
                && bill.received < other.received + bill.repeat_window
        };
        let same_id = |other: &&usize| {
            let other = &bills[**other];
            bill.call_id.is_some()
                && other.pair == bill.pair
                && other.call_id == bill.call_id
                && other.credential == bill.credential
                && bill.received <= other.received + 30 * DAY
        };
        let last = before.iter().rev().find(same_id).copied();
        if let Some(first) = before.iter().find(equal) {
            answers.push(*first);
        } else if let Some(last) = last.filter(|last| bills[*last].amount == bill.amount) {
            answers.push(last);
        } else {
            earlier[b] = last;
            answers.push(b);
        }
    }
    (answers, earlier)
}

/// A call, by the place of its pair and its own.
type Place = (usize, usize);

/// Rules 9 to 14: the call of each entry.
pub(super) fn places(
    bills: &[Bill],
    answers: &[usize],
    earlier: &[Option<usize>],
    calls: &[Vec<Call>],
) -> Vec<Option<Place>> {
    let mut places: Vec<Option<Place>> = Vec::new();
    let with_report = |sid: &str| {
        let has = |call: &Call| call.reports.iter().any(|report| report.sid == sid);
        let mut pairs = calls.iter().enumerate();
        pairs.find_map(|(pair, calls)| Some((pair, calls.iter().position(has)?)))
    };
    for (b, bill) in bills.iter().enumerate() {
        let place = match (&bill.pin, earlier[b]) {
            _ if answers[b] != b => None,
            (Some(Pin::None), _) => None,
            (Some(Pin::To(sid)), _) => with_report(sid),
            (None, Some(earlier)) if bill.date == Date::None => places[earlier],
            (None, _) => by_rules(bill, &calls[bill.pair]).map(|call| (bill.pair, call)),
        };
        places.push(place);
    }
    places
}

/// Rules 9 to 13, without pins and new prices.
fn by_rules(bill: &Bill, calls: &[Call]) -> Option<usize> {
    let moment = match bill.date {
        Date::None => bill.received,
        Date::Moment(moment) => moment,
        Date::Day(begins, ends) if begins <= bill.received => ends.min(bill.received),
        Date::Day(_, ends) => ends,
    };
    let reach = moment - bill.window_days * DAY..=moment + EARLY;
    let near: Vec<usize> = (0..calls.len())
        .filter(|call| reach.contains(&calls[*call].start))
        .collect();
    let label = |call: &usize| calls[*call].reports.iter().map(|report| &report.sid).min();
    let start = |call: &usize| calls[*call].start;
    let latest = |wanted: &dyn Fn(&usize) -> bool| {
        let wanted = near.iter().filter(|call| wanted(call));
        wanted
            .max_by_key(|call| (start(call), label(call)))
            .copied()
    };
    let has_id = |call: &usize| {
        let mut reports = calls[*call].reports.iter();
        bill.call_id.is_some() && reports.any(|report| report.external_id == bill.call_id)
    };
    let lasted = |call: &usize| {
        let ended = calls[*call].ended;
        matches!(bill.date, Date::Moment(_)) && start(call) <= moment && ended >= Some(moment)
    };
    let before = latest(&|call| start(call) <= moment);
    let after = near.iter().filter(|call| start(call) > moment);
    let first = after.clone().map(start).min();
    let after = after
        .filter(|call| Some(start(call)) == first)
        .max_by_key(|call| label(call))
        .copied();
    let nearer = match (bill.date, before, after) {
        (Date::Moment(_), Some(before), Some(after)) => {
            let closer = start(&after) - moment < moment - start(&before);
            Some(if closer { after } else { before })
        }
        (_, before, after) => before.or(after),
    };
    latest(&has_id).or_else(|| latest(&lasted)).or(nearer)
}

/// Rules 15 to 19: whether each entry counts, in the order of receipt.
pub(super) fn states(
    bills: &[Bill],
    answers: &[usize],
    earlier: &[Option<usize>],
    places: &[Option<Place>],
) -> Vec<(usize, State)> {
    let entries: Vec<usize> = (0..bills.len()).filter(|b| answers[*b] == *b).collect();
    // Whether `later` is a new price of the bill of `entry`.
    let of_bill = |later: usize, entry: usize| {
        std::iter::successors(earlier[later], |one| earlier[*one]).any(|one| one == entry)
    };
    let replaces = |later: usize, entry: usize| {
        let (l, e) = (&bills[later], &bills[entry]);
        let differ = l.call_id.is_some() && e.call_id.is_some() && l.call_id != e.call_id;
        let silent = l.date == Date::None && l.call_id.is_none();
        let in_time = !silent || l.received - e.received <= DAY;
        let same_call = places[later].is_some() && places[later] == places[entry];
        same_call && !l.adds && l.biller == e.biller && !differ && in_time
    };
    let state = |entry: usize| {
        let mut later = entries
            .iter()
            .filter(|later| **later > entry && !bills[**later].void);
        if bills[entry].void {
            State::Void
        } else if later.any(|later| of_bill(*later, entry) || replaces(*later, entry)) {
            State::Superseded
        } else {
            State::InForce
        }
    };
    entries
        .iter()
        .map(|entry| (*entry, state(*entry)))
        .collect()
}
