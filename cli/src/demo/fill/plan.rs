//! What happened in the days of the demo data, made from a seed: calls, bills, and what is wrong with them.
//!
//! Each day is made from the seed and its date alone, so the same day is the same in every fill.

use fastrand::Rng;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::cast::{
    ACME, AREAS, AgreedTerms, COBALT, DAYS, HOURS, NUMBERS, Number, PlayedVendor, Rhythm, SHARED,
    VENDORS,
};

/// How many days the data has, with the last one.
pub const LENGTH: i64 = 30;

/// What is sent when a number is withheld.
const WITHHELD: &str = "anonymous";

/// From what the days are made.
pub struct Frame {
    pub seed: u64,
    /// The calls of a day of work.
    pub calls_per_day: u32,
    pub zone: TimeZone,
    /// Nothing happens later.
    pub now: Timestamp,
}

pub struct PlannedCall {
    pub from: String,
    pub to: String,
    pub outbound: bool,
    pub started: Timestamp,
    pub ended: Timestamp,
    pub disposition: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flaw {
    None,
    TooShort,
    OtherPrice,
    DaysLate,
    NoCall,
    Twice,
    NewPrice,
    SecondVendor,
}

pub struct PlannedBill {
    /// The vendor, as a place in `VENDORS`.
    pub vendor: usize,
    pub did: &'static str,
    pub caller: String,
    pub cents: i64,
    pub call_date: Timestamp,
    pub billed: Timestamp,
    /// The vendor's id of the call.
    pub call_id: Option<String>,
    /// By which a repeat is known.
    pub key: String,
    /// Whether it is sent a second time, as by a client that got no answer.
    pub sent_again: bool,
    pub flaw: Flaw,
}

/// All days.
#[derive(Default)]
pub struct Plan {
    pub calls: Vec<PlannedCall>,
    pub bills: Vec<PlannedBill>,
    /// Calls that a vendor could have billed and never did.
    pub never_billed: usize,
}

impl Frame {
    pub fn today(&self) -> Date {
        self.now.to_zoned(self.zone.clone()).date()
    }

    /// The first day.
    pub fn first(&self) -> Date {
        self.today().saturating_sub((LENGTH - 1).days())
    }

    /// Makes all days until now, each list in the order of its times.
    pub fn plan(&self) -> Plan {
        let mut plan = Plan::default();
        for age in (0..LENGTH).rev() {
            let date = self.today().saturating_sub(age.days());
            Day::new(self, date, age).make(&mut plan);
        }
        plan.calls.retain(|call| call.ended <= self.now);
        plan.bills.retain(|bill| bill.billed <= self.now);
        plan.calls.sort_by_key(|call| call.started);
        plan.bills.sort_by_key(|bill| bill.billed);
        plan
    }
}

/// The terms of a vendor that hold so many days before the last one.
pub fn terms_at(vendor: &PlayedVendor, age: i64) -> Option<&AgreedTerms> {
    let mut held = vendor.terms.iter().filter(|terms| terms.days_ago >= age);
    held.next_back()
}

struct Day<'a> {
    frame: &'a Frame,
    rng: Rng,
    date: Date,
    /// How many days before the last day of the data it is.
    age: i64,
}

impl<'a> Day<'a> {
    fn new(frame: &'a Frame, date: Date, age: i64) -> Self {
        let day = u64::from(date.year().unsigned_abs()) * 512
            + u64::from(date.day_of_year().unsigned_abs());
        let rng = Rng::with_seed(frame.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ day);
        Self {
            frame,
            rng,
            date,
            age,
        }
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.rng.u32(0..100) < percent
    }

    fn make(mut self, plan: &mut Plan) {
        let weekday = self.date.weekday();
        let share = DAYS.get(usize::from(weekday.to_monday_zero_offset().unsigned_abs()));
        let share = share.copied().unwrap_or(100) * self.rng.u32(88..=112);
        let count = (self.frame.calls_per_day * share).div_ceil(10_000);
        for index in 0..count {
            self.call(plan, index);
        }
        for index in 0..count / 14 {
            self.call_back(plan, index);
        }
    }

    /// A moment of the day, as busy hours have more of them.
    fn moment(&mut self) -> Timestamp {
        let weekend = matches!(self.date.weekday(), Weekday::Saturday | Weekday::Sunday);
        let [work, free] = &HOURS;
        let hours = if weekend { free } else { work };
        let mut left = self.rng.u32(0..hours.iter().sum());
        let mut hour = 0;
        for weight in hours {
            if left < *weight {
                break;
            }
            left -= weight;
            hour += 1;
        }
        let (minute, second) = (self.rng.i8(0..60), self.rng.i8(0..60));
        let local = self.date.at(hour.min(23), minute, second, 0);
        let zoned = self.frame.zone.to_zoned(local);
        zoned.map_or(self.frame.now, |zoned| zoned.timestamp())
    }

    fn number(&mut self) -> Option<&'static Number> {
        let mut left = self
            .rng
            .u32(0..NUMBERS.iter().map(|number| number.weight).sum());
        NUMBERS.iter().find(|number| {
            let found = left < number.weight;
            left = left.saturating_sub(number.weight);
            found
        })
    }

    fn caller(&mut self) -> String {
        let area = self.rng.choice(AREAS).unwrap_or(206);
        format!("+1{area}55501{:02}", self.rng.u32(0..70))
    }

    fn call(&mut self, plan: &mut Plan, index: u32) {
        let Some(number) = self.number() else {
            return;
        };
        let vendor = VENDORS.get(number.vendor.unwrap_or(ACME));
        let (answered, talk) = vendor.map_or((70, 180), |vendor| (vendor.answered, vendor.talk));
        let started = self.moment();
        let caller = match self.chance(number.withheld) {
            true => WITHHELD.to_owned(),
            false => self.caller(),
        };
        let (disposition, seconds) = match (self.chance(answered), self.rng.u32(0..100)) {
            (true, well) if well < 72 => ("Answered", self.rng.u32(talk / 3..talk * 2)),
            (true, _) => ("Answered", self.rng.u32(6..60)),
            (false, reason) if reason < 58 => ("NoAnswer", 0),
            (false, reason) if reason < 80 => ("Busy", 0),
            (false, reason) if reason < 92 => ("IVR", self.rng.u32(4..50)),
            (false, _) => ("Failed", 0),
        };
        let ended = started + SignedDuration::from_secs(i64::from(seconds));
        let call = PlannedCall {
            from: caller,
            to: number.e164.to_owned(),
            outbound: false,
            started,
            ended,
            disposition,
        };
        if disposition == "Answered" {
            self.billed(plan, number, &call, index);
        }
        plan.calls.push(call);
    }

    /// A call of an agent to somebody who had called.
    fn call_back(&mut self, plan: &mut Plan, _index: u32) {
        let (started, to) = (self.moment(), self.caller());
        let seconds = self.rng.i64(20..400);
        plan.calls.push(PlannedCall {
            from: SHARED.to_owned(),
            to,
            outbound: true,
            started,
            ended: started + SignedDuration::from_secs(seconds),
            disposition: "Answered",
        });
    }

    /// Bills an answered call, as its vendor does, or as two do.
    fn billed(&mut self, plan: &mut Plan, number: &'static Number, call: &PlannedCall, index: u32) {
        match number.vendor {
            Some(vendor) => {
                self.bill(plan, number, vendor, call, index);
                self.nobodys(plan, number, vendor, call, index);
            }
            // Both say that the brand line's callers are theirs.
            None => {
                let first = self.bill(plan, number, ACME, call, index);
                if self.chance(55)
                    && self.bill(plan, number, COBALT, call, index)
                    && first
                    && let Some(bill) = plan.bills.last_mut()
                {
                    bill.flaw = Flaw::SecondVendor;
                }
            }
        }
    }

    /// Adds the bill of a vendor for a call, and returns whether there is one.
    fn bill(
        &mut self,
        plan: &mut Plan,
        number: &'static Number,
        who: usize,
        call: &PlannedCall,
        index: u32,
    ) -> bool {
        let Some(vendor) = VENDORS.get(who) else {
            return false;
        };
        let Some(terms) = terms_at(vendor, self.age) else {
            return false;
        };
        let seconds = call.ended.duration_since(call.started).as_secs();
        let long = seconds >= i64::from(terms.minimum_seconds);
        if !self.chance(if long {
            vendor.bills
        } else {
            vendor.bills_short
        }) {
            plan.never_billed += usize::from(long);
            return false;
        }
        let other = self.chance(vendor.other_price);
        let (delay, late) = self.delay(vendor.rhythm, call.ended);
        let call_id = vendor
            .call_ids
            .then(|| format!("{:012x}", self.rng.u64(0..1 << 48)));
        let key = format!("{}-{}-{index}-{}", vendor.id, self.date, number.e164);
        let flaw = match (long, other, late) {
            (false, _, _) => Flaw::TooShort,
            (_, true, _) => Flaw::OtherPrice,
            (_, _, true) => Flaw::DaysLate,
            _ => Flaw::None,
        };
        let bill = PlannedBill {
            vendor: who,
            did: number.e164,
            caller: call.from.clone(),
            cents: terms.cents + if other { vendor.other_by } else { 0 },
            call_date: call.started,
            billed: call.ended + delay,
            call_id,
            key,
            sent_again: self.chance(vendor.retries),
            flaw,
        };
        // Of withheld callers, nobody can tell a second bill from that of another call.
        let known = call.from != WITHHELD;
        let again = match (self.chance(vendor.twice), self.chance(vendor.corrects)) {
            (true, _) if known => Some((Flaw::Twice, bill.cents, 5_400)),
            (_, true) if known => Some((Flaw::NewPrice, bill.cents - 500, 80_000)),
            _ => None,
        };
        if let Some((flaw, cents, seconds)) = again {
            plan.bills.push(PlannedBill {
                cents,
                caller: bill.caller.clone(),
                billed: bill.billed + SignedDuration::from_secs(seconds),
                call_id: bill.call_id.clone(),
                key: format!("{}-again", bill.key),
                sent_again: false,
                flaw,
                ..bill
            });
        }
        plan.bills.push(bill);
        true
    }

    /// Adds a bill for a call that nobody made, now and then.
    fn nobodys(
        &mut self,
        plan: &mut Plan,
        number: &'static Number,
        who: usize,
        call: &PlannedCall,
        index: u32,
    ) {
        let Some(vendor) = VENDORS.get(who) else {
            return;
        };
        let caller = format!(
            "+1{}55501{:02}",
            self.rng.choice(AREAS).unwrap_or(206),
            self.rng.u32(80..100)
        );
        let id = self.rng.u64(0..1 << 48);
        let terms = terms_at(vendor, self.age).filter(|_| self.rng.u32(0..100) < vendor.no_call);
        let Some(terms) = terms else {
            return;
        };
        let (delay, _) = self.delay(vendor.rhythm, call.ended);
        plan.bills.push(PlannedBill {
            vendor: who,
            did: number.e164,
            caller,
            cents: terms.cents,
            call_date: call.started,
            billed: call.ended + delay,
            call_id: vendor.call_ids.then(|| format!("{id:012x}")),
            key: format!("{}-{}-{index}-nobody", vendor.id, self.date),
            sent_again: false,
            flaw: Flaw::NoCall,
        });
    }

    /// How long after a call its bill comes, and whether that is days.
    fn delay(&mut self, rhythm: Rhythm, ended: Timestamp) -> (SignedDuration, bool) {
        let seconds = |seconds: i64| SignedDuration::from_secs(seconds);
        match rhythm {
            Rhythm::AtOnce => (seconds(self.rng.i64(2..45)), false),
            Rhythm::ByHand => (seconds(self.rng.i64(1_200..7_000)), false),
            Rhythm::Nightly => {
                let late = self.chance(9);
                let days = if late { self.rng.i64(3..7) } else { 1 };
                let night = self.date.saturating_add(days.days());
                let minute = self.rng.i8(0..50);
                let night = self.frame.zone.to_zoned(night.at(2, minute, 11, 0));
                let night = night.map_or(ended, |night| night.timestamp());
                (night.duration_since(ended), late)
            }
        }
    }
}

/// Returns an amount in dollars.
pub fn amount(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(now: &str) -> Frame {
        Frame {
            seed: 1,
            calls_per_day: 60,
            zone: TimeZone::get("America/New_York").unwrap(),
            now: now.parse().unwrap(),
        }
    }

    fn keys(plan: &Plan, until: Timestamp) -> Vec<(String, i64, Timestamp)> {
        let bills = plan.bills.iter().filter(|bill| bill.billed <= until);
        bills
            .map(|bill| (bill.key.clone(), bill.cents, bill.call_date))
            .collect()
    }

    #[test]
    fn a_later_fill_of_the_same_day_goes_on_where_the_earlier_one_ended() {
        let (noon, night) = (frame("2026-11-26T17:00:00Z"), frame("2026-11-27T03:00:00Z"));
        let (earlier, later) = (noon.plan(), night.plan());
        assert!(later.calls.len() > earlier.calls.len());
        assert_eq!(keys(&earlier, noon.now), keys(&later, noon.now));
        let last = later.calls.iter().map(|call| call.ended).max();
        assert!(last.unwrap() <= night.now);
    }

    #[test]
    fn every_flaw_occurs_and_every_key_is_of_one_bill() {
        let plan = frame("2026-11-26T23:00:00Z").plan();
        let flaws: std::collections::BTreeSet<_> =
            plan.bills.iter().map(|bill| bill.flaw).collect();
        assert_eq!(flaws.len(), 8);
        let keys: std::collections::BTreeSet<_> = plan.bills.iter().map(|bill| &bill.key).collect();
        assert_eq!(keys.len(), plan.bills.len());
        assert!(plan.never_billed > 0);
        assert!(plan.calls.iter().any(|call| call.from == WITHHELD));
        assert!(plan.bills.iter().any(|bill| bill.sent_again));
    }
}
