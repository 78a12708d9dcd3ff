use std::time::Duration;

use proptest::prelude::*;

use super::*;

fn new_york() -> Zone {
    Zone::parse("America/New_York").unwrap()
}

fn utc_of(text: &str, zone: &Zone) -> Result<String, InvalidInstant> {
    Instant::parse(text, zone).map(|instant| instant.rfc3339_utc_millis())
}

#[test]
fn a_civil_day_is_read_shown_and_begins_in_a_zone() {
    let zone = Zone::parse("America/New_York").unwrap();
    let day = CivilDay::parse("2026-11-21").unwrap();
    assert_eq!(day.to_string(), "2026-11-21");
    assert_eq!(
        day.begins(&zone).rfc3339(&zone),
        "2026-11-21T00:00:00-05:00"
    );
    let evening = Instant::parse("2026-11-21T03:00:00Z", &Zone::utc()).unwrap();
    assert_eq!(CivilDay::of(evening, &zone).to_string(), "2026-11-20");
    assert_eq!(CivilDay::of(evening, &Zone::utc()), day);
    for (text, reason) in [
        ("2026-02-30", InvalidDay::NotInCalendar),
        ("0000-01-01", InvalidDay::NotInCalendar),
        ("2026-11-21T00:00:00Z", InvalidDay::Form),
        ("11/21/2026", InvalidDay::Form),
        ("", InvalidDay::Form),
    ] {
        assert_eq!(CivilDay::parse(text), Err(reason), "{text}");
    }
}

#[test]
fn every_documented_form_of_a_date_is_read() {
    let table = [
        ("2026-11-21T15:04:05Z", "2026-11-21T15:04:05.000Z"),
        ("2026-11-21t15:04:05z", "2026-11-21T15:04:05.000Z"),
        ("2026-11-21 15:04:05Z", "2026-11-21T15:04:05.000Z"),
        ("2026-11-21T15:04:05.1Z", "2026-11-21T15:04:05.100Z"),
        ("2026-11-21T15:04:05.123999999Z", "2026-11-21T15:04:05.123Z"),
        ("2026-11-21T10:04:05-05:00", "2026-11-21T15:04:05.000Z"),
        ("2026-11-21T20:34:05+05:30", "2026-11-21T15:04:05.000Z"),
        ("2026-11-21T20:34:05 05:30", "2026-11-21T15:04:05.000Z"),
        ("2026-11-21 10:04:05 -0500", "2026-11-21T15:04:05.000Z"),
        ("2026-06-30T23:59:60Z", "2026-06-30T23:59:59.000Z"),
        ("2026-11-21 10:04:05", "2026-11-21T15:04:05.000Z"),
        ("2026-11-21T10:04:05", "2026-11-21T15:04:05.000Z"),
        ("2026-11-21 10:04:05.25", "2026-11-21T15:04:05.250Z"),
        ("2026-11-21 10:04", "2026-11-21T15:04:00.000Z"),
        (" 2026-11-21 ", "2026-11-21T05:00:00.000Z"),
        ("2026-07-21", "2026-07-21T04:00:00.000Z"),
        ("11/21/2026", "2026-11-21T05:00:00.000Z"),
        ("11/21/2026 10:04", "2026-11-21T15:04:00.000Z"),
        ("11/21/2026 10:04:05", "2026-11-21T15:04:05.000Z"),
        ("11/21/2026 10:04:05 AM", "2026-11-21T15:04:05.000Z"),
        ("11/21/2026 10:04:05 pm", "2026-11-22T03:04:05.000Z"),
        ("11/21/2026 12:00 AM", "2026-11-21T05:00:00.000Z"),
        ("11/21/2026 12:00 PM", "2026-11-21T17:00:00.000Z"),
        ("1/2/2026 3:04PM", "2026-01-02T20:04:00.000Z"),
        ("02/29/2028", "2028-02-29T05:00:00.000Z"),
        ("1795273445", "2026-11-21T15:04:05.000Z"),
        ("1795273445.5", "2026-11-21T15:04:05.500Z"),
        ("1795273445.0", "2026-11-21T15:04:05.000Z"),
        ("1795273445.123999", "2026-11-21T15:04:05.123Z"),
        ("1795273445123", "2026-11-21T15:04:05.123Z"),
        // Ruby's Time#to_s, and other designators behind each form.
        ("2026-11-21 15:04:05 UTC", "2026-11-21T15:04:05.000Z"),
        ("2026-11-21 15:04:05 gmt", "2026-11-21T15:04:05.000Z"),
        ("2026-11-21T15:04:05.5UTC", "2026-11-21T15:04:05.500Z"),
        ("2026-11-21 10:04:05-05", "2026-11-21T15:04:05.000Z"),
        ("2026-11-21 17:04 +02", "2026-11-21T15:04:00.000Z"),
        ("2026-11-21 17:04:05 02", "2026-11-21T15:04:05.000Z"),
        ("2026-11-21 UTC", "2026-11-21T00:00:00.000Z"),
        ("2026-11-21Z", "2026-11-21T00:00:00.000Z"),
        ("2026-11-21-05:00", "2026-11-21T05:00:00.000Z"),
        ("11/21/2026 GMT", "2026-11-21T00:00:00.000Z"),
        ("11/21/2026 3:04:05 PM UTC", "2026-11-21T15:04:05.000Z"),
        ("11/21/2026 10:04 -0500", "2026-11-21T15:04:00.000Z"),
        ("1795273445 UTC", "2026-11-21T15:04:05.000Z"),
        ("1795273445 +0200", "2026-11-21T15:04:05.000Z"),
        ("1795273445.5Z", "2026-11-21T15:04:05.500Z"),
        // JavaScript's toLocaleString, with and without ICU's narrow no-break space.
        ("11/21/2026, 10:04:05\u{202f}AM", "2026-11-21T15:04:05.000Z"),
        ("11/21/2026, 10:04:05 AM", "2026-11-21T15:04:05.000Z"),
        (
            "11/21/2026\u{a0}10:04:05\u{a0}AM",
            "2026-11-21T15:04:05.000Z",
        ),
        ("2026-11-21, 10:04:05", "2026-11-21T15:04:05.000Z"),
        ("\u{200e}11/21/2026\u{200e}", "2026-11-21T05:00:00.000Z"),
        ("11/21/2026 10:04:05.250 AM", "2026-11-21T15:04:05.250Z"),
        ("2026-11-21 \t 10:04:05", "2026-11-21T15:04:05.000Z"),
        // Digits of other scripts.
        ("٢٠٢٦-١١-٢١ ١٠:٠٤:٠٥", "2026-11-21T15:04:05.000Z"),
        ("２０２６-11-21", "2026-11-21T05:00:00.000Z"),
        ("१७९५२७३४४५", "2026-11-21T15:04:05.000Z"),
    ];
    for (text, utc) in table {
        assert_eq!(utc_of(text, &new_york()).as_deref(), Ok(utc), "{text}");
    }
}

#[test]
fn an_invalid_date_is_refused_with_its_reason() {
    use InvalidInstant::*;
    let table = [
        ("", Empty),
        ("  ", Empty),
        ("yesterday", Form),
        ("[Call:Date]", Form),
        ("20261121", Form),
        ("123456789", Form),
        ("12345678901234", Form),
        ("-1795273445", Form),
        ("1795273445.", Form),
        ("1795273445.5.5", Form),
        ("1795273445.+5", Form),
        ("179527344.5", Form),
        ("1795273445123.5", Form),
        ("2026-1-2", Form),
        ("26-01-02", Form),
        ("2026-11-21T", Form),
        ("2026-11-21 10", Form),
        ("2026-11-21 10:4", Form),
        ("2026-11-21 10:04:05.", Form),
        ("2026-11-21 10:04:05 AM", Form),
        ("2026-11-21, UTC", Form),
        ("2026-11-21,10:04:05", Form),
        ("2026-11-21 , 10:04:05", Form),
        ("2026-11-21 +05:", Form),
        ("2026-11-21 05:00 EST", Form),
        ("2026-11-21 10:04:05 UTC+2", Form),
        ("1795273445-0500", Form),
        ("1795273445 0500", Form),
        ("2069735100 x7", Form),
        ("UTC", Form),
        ("2026-11-21T10:04:05+24:00", Form),
        ("2026-11-21T10:04:05+05:60", Form),
        ("2026-11-21T10:04:05[UTC]", Form),
        ("2026/11/21", Form),
        ("21.11.2026", Form),
        ("11-21-2026", Form),
        ("11/21/26", Form),
        ("11/21/2026 13:00 PM", Form),
        ("11/21/2026 0:30 AM", Form),
        ("11/21/2026 10:04 XM", Form),
        ("2026-02-29", NotInCalendar),
        ("2026-00-10", NotInCalendar),
        ("2026-13-10", NotInCalendar),
        ("13/01/2026", NotInCalendar),
        ("02/30/2026", NotInCalendar),
        ("2026-11-21 24:00", NotInCalendar),
        ("2026-11-21 10:60", NotInCalendar),
        ("2026-11-21 10:04:61", NotInCalendar),
        ("0000-01-01", NotInCalendar),
        ("9999-12-31 23:59:59", NotInCalendar),
        ("999999999999", NotInCalendar),
    ];
    for (text, reason) in table {
        assert_eq!(utc_of(text, &new_york()), Err(reason), "{text}");
    }
}

#[test]
fn the_order_of_month_and_day_is_what_the_caller_says() {
    let read = |text, order| {
        Instant::parse_in(text, &Zone::utc(), order).map(|instant| instant.local(&Zone::utc()))
    };
    for (text, month_first, day_first) in [
        (
            "11/10/2026",
            Ok("2026-11-10 00:00:00"),
            Ok("2026-10-11 00:00:00"),
        ),
        (
            "2/11/2026 3:04 PM",
            Ok("2026-02-11 15:04:00"),
            Ok("2026-11-02 15:04:00"),
        ),
        (
            "25/10/2026",
            Err(InvalidInstant::NotInCalendar),
            Ok("2026-10-25 00:00:00"),
        ),
        (
            "10/25/2026",
            Ok("2026-10-25 00:00:00"),
            Err(InvalidInstant::NotInCalendar),
        ),
        (
            "2026-11-10",
            Ok("2026-11-10 00:00:00"),
            Ok("2026-11-10 00:00:00"),
        ),
    ] {
        let found = read(text, DateOrder::Mdy);
        assert_eq!(found.as_deref().map_err(|e| *e), month_first, "{text}");
        let found = read(text, DateOrder::Dmy);
        assert_eq!(found.as_deref().map_err(|e| *e), day_first, "{text}");
    }
}

#[test]
fn local_times_at_a_clock_change_are_resolved() {
    // New York, 2026: 02:00 to 03:00 does not exist on 8 March, and 01:00 to 02:00 occurs twice on 1 November.
    assert_eq!(
        utc_of("2026-03-08 02:30", &new_york()).as_deref(),
        Ok("2026-03-08T07:30:00.000Z")
    );
    assert_eq!(
        utc_of("2026-11-01 01:30", &new_york()).as_deref(),
        Ok("2026-11-01T05:30:00.000Z")
    );
    // In Beirut, midnight of 29 March 2026 does not exist.
    let beirut = Zone::parse("Asia/Beirut").unwrap();
    let day = Instant::parse("2026-03-29", &beirut).unwrap();
    assert_eq!(day.local(&beirut), "2026-03-29 01:00:00");
}

#[test]
fn an_instant_is_shown_in_its_zone() {
    let instant = Instant::from_millis(1_795_273_445_123);
    assert_eq!(instant.local(&new_york()), "2026-11-21 10:04:05");
    assert_eq!(
        instant.rfc3339(&new_york()),
        "2026-11-21T10:04:05.123-05:00"
    );
    assert_eq!(
        instant.rfc3339(&Zone::utc()),
        "2026-11-21T15:04:05.123+00:00"
    );
    assert_eq!(instant.utc_day().to_string(), "2026-11-21");
    assert_eq!(instant.utc_year_month(), 202_611);
    assert_eq!(instant.utc_day_of_month(), 21);
    assert_eq!(instant.seconds(), 1_795_273_445);
    assert_eq!(serde_json::to_string(&instant).unwrap(), "1795273445123");
}

#[test]
fn windows_end_at_boundaries_of_the_utc_calendar() {
    let at = |text: &str| Instant::parse(text, &Zone::utc()).unwrap();
    assert_eq!(at("2026-11-21 15:04:05").seconds_to_next_minute(), 55);
    assert_eq!(at("2026-11-21 15:04:00").seconds_to_next_minute(), 60);
    assert_eq!(at("2026-11-21 15:04:59.999").seconds_to_next_minute(), 1);
    assert_eq!(at("2026-11-21 23:59:59").seconds_to_next_utc_day(), 1);
    assert_eq!(at("2026-11-21").seconds_to_next_utc_day(), 86_400);
    assert_eq!(at("2026-11-30 23:59:00").seconds_to_next_utc_month(), 60);
    assert_eq!(at("2028-02-01").seconds_to_next_utc_month(), 29 * 86_400);
    assert_eq!(at("2026-12-31").seconds_to_next_utc_month(), 86_400);
    assert_eq!(at("1969-12-31 23:59:30").seconds_to_next_minute(), 30);
}

#[test]
fn spans_end_at_the_bounds_of_the_type() {
    let far = Duration::from_secs(u64::MAX);
    assert_eq!(
        Instant::from_millis(i64::MAX).plus(far),
        Instant::from_millis(i64::MAX)
    );
    assert_eq!(
        Instant::from_millis(0).minus(far),
        Instant::from_millis(i64::MIN)
    );
    assert_eq!(
        Instant::from_millis(i64::MIN).local(&Zone::utc()),
        "0001-01-01 00:00:00"
    );
    let kiritimati = Zone::parse("Pacific/Kiritimati").unwrap();
    assert_eq!(
        Instant::from_millis(i64::MAX).local(&kiritimati),
        "9999-12-31 12:00:00"
    );
    assert_eq!(
        Instant::from_millis(500)
            .plus(Duration::from_millis(700))
            .millis(),
        1_200
    );
}

#[test]
fn zones_are_those_of_the_time_zone_database() {
    assert_eq!(
        Zone::parse("america/new_york").unwrap().name(),
        "America/New_York"
    );
    assert_eq!(Zone::parse("UTC").unwrap(), Zone::utc());
    assert_eq!(Zone::utc().name(), "UTC");
    for wrong in [
        "",
        "Mars/Olympus",
        "EST5EDT,M3.2.0,M11.1.0",
        "+05:00",
        "Etc/Unknown",
        "../etc/passwd",
    ] {
        assert_eq!(Zone::parse(wrong), Err(UnknownZone), "{wrong}");
    }
    let stored = serde_json::to_string(&new_york()).unwrap();
    assert_eq!(stored, "\"America/New_York\"");
    assert_eq!(serde_json::from_str::<Zone>(&stored).unwrap(), new_york());
}

#[test]
fn a_day_is_read_as_it_is_shown() {
    assert_eq!(
        UtcDay::parse("2026-11-21").unwrap().to_string(),
        "2026-11-21"
    );
    assert!(UtcDay::parse("0999-12-31").unwrap() < UtcDay::parse("1000-01-01").unwrap());
    for wrong in [
        "2026-11-31",
        "2026-11-21 ",
        "2026-11-2",
        "",
        "11/21/2026",
        "0000-01-01",
    ] {
        assert!(UtcDay::parse(wrong).is_err(), "{wrong}");
    }
}

fn zones() -> impl Strategy<Value = Zone> {
    prop::sample::select(vec![
        "UTC",
        "America/New_York",
        "America/St_Johns",
        "Europe/London",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Kiritimati",
    ])
    .prop_map(|name| Zone::parse(name).unwrap())
}

proptest! {
    #[test]
    fn the_parser_never_panics(text in any::<String>(), zone in zones()) {
        let _ = Instant::parse(&text, &zone);
        let _ = Zone::parse(&text);
        let _ = UtcDay::parse(&text);
    }

    #[test]
    fn the_parser_never_panics_on_date_characters(text in "[-0-9:/., +TZAPMUC\u{202f}٣]{0,30}", zone in zones()) {
        let _ = Instant::parse(&text, &zone);
        let _ = CallDate::parse(&text, &zone, DateOrder::Dmy);
    }

    #[test]
    fn an_instant_is_read_back_from_every_notation(seconds in 1_000_000_000_i64..4_000_000_000, zone in zones()) {
        let instant = Instant::from_millis(seconds * 1000);
        for text in [
            seconds.to_string(),
            instant.millis().to_string(),
            instant.rfc3339(&zone),
            instant.rfc3339(&zone).replace('+', " "),
            instant.rfc3339(&zone).replace('T', " "),
            instant.rfc3339_utc_millis(),
        ] {
            prop_assert_eq!(Instant::parse(&text, &zone), Ok(instant), "{}", text);
        }
    }

    #[test]
    fn local_time_is_read_back(seconds in 1_000_000_000_i64..4_000_000_000, zone in zones()) {
        let instant = Instant::from_millis(seconds * 1000);
        let local = instant.local(&zone);
        let (date, time) = local.split_once(' ').unwrap();
        let (year, day) = date.split_once('-').unwrap();
        let american = format!("{}/{year} {time}", day.replace('-', "/"));
        let read = Instant::parse(&local, &zone).unwrap();
        // A repeated hour is read as its first pass; what is shown is the same.
        prop_assert_eq!(read.local(&zone), local);
        prop_assert_eq!(Instant::parse(&american, &zone), Ok(read));
        prop_assert!(read == instant || zone.name() != "UTC");
    }

    #[test]
    fn any_instant_can_be_shown(millis in any::<i64>(), zone in zones()) {
        let instant = Instant::from_millis(millis);
        prop_assert_eq!(Instant::parse(&instant.rfc3339_utc_millis(), &zone), Ok(instant));
        prop_assert_eq!(UtcDay::parse(&instant.utc_day().to_string()), Ok(instant.utc_day()));
        prop_assert_eq!(instant.local(&zone).len(), 19);
        let next = instant.plus(Duration::from_secs(instant.seconds_to_next_utc_month().into()));
        prop_assert!(next.utc_year_month() > instant.utc_year_month() || next == Instant::from_millis(i64::MAX));
    }
}
