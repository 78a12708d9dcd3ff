mod plain;

use proptest::prelude::*;

use super::*;

#[test]
fn any_notation_of_a_number_is_read() {
    let table = [
        ("+12065550100", "+12065550100"),
        ("12065550100", "+12065550100"),
        ("2065550100", "+12065550100"),
        (" 12065550100", "+12065550100"),
        (" 2065550100 ", "+12065550100"),
        ("(206) 555-0100", "+12065550100"),
        ("206.555.0100", "+12065550100"),
        ("1-206-555-0100", "+12065550100"),
        ("+1 (206) 555-0100", "+12065550100"),
        ("tel:+1-206-555-0100", "+12065550100"),
        ("tel:+1-206-555-0100;ext=7", "+12065550100"),
        ("tel:555-0100;phone-context=+1206", "+12065550100"),
        ("206-555-0100 x7", "+12065550100"),
        ("206-555-0100 ext. 1234", "+12065550100"),
        ("+12065550100;ext=7", "+12065550100"),
        ("+12065550100#7", "+12065550100"),
        ("01112065550100", "+12065550100"),
        ("011442071838750", "+442071838750"),
        ("＋１２０６５５５０１００", "+12065550100"),
        ("٢٠٦٥٥٥٠١٠٠", "+12065550100"),
        ("1-800-FLOWERS", "+18003569377"),
        // Unassigned, toll-free and fictional ranges are possible.
        ("+19992345678", "+19992345678"),
        ("8002000000", "+18002000000"),
        ("+49 15125456789", "+4915125456789"),
        ("+44 (0)20 7183 8750", "+442071838750"),
        ("+39 06 6982 1234", "+390669821234"),
        ("+61 2 9374 4000", "+61293744000"),
        ("+5491123456789", "+5491123456789"),
        ("+6582345678", "+6582345678"),
        ("+80012345678", "+80012345678"),
        // A query string turns the + of an international number into a space.
        (" 442071838750", "+442071838750"),
        (" 4915125456789", "+4915125456789"),
    ];
    for (text, e164) in table {
        let number = PhoneNumber::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(number.as_e164(), e164, "{text}");
        assert_eq!(format!("+{}", number.digits()), e164, "{text}");
        assert_eq!(PhoneNumber::from_stored(e164), Ok(number), "{text}");
    }
}

#[test]
fn an_invalid_number_is_refused_with_its_reason() {
    use InvalidPhone::*;
    let long = format!("{}2065550100", " ".repeat(250));
    let table = [
        ("", Empty),
        (" \t ", Empty),
        ("+", NoDigits),
        ("FLOWERS", NoDigits),
        ("[tag:caller]", NoDigits),
        ("anonymous", NoDigits),
        ("911", TooShort),
        ("5550100", TooShort),
        ("206555010", TooShort),
        ("5", NotPossible),
        ("20655501000", TooLong),
        ("0012065550100", TooLong),
        ("442071838750", TooLong),
        ("+120655501000", TooLong),
        ("999999999999999999999999", TooLong),
        (&long, TooLong),
        ("1065550100", NotPossible),
        ("0065550100", NotPossible),
        ("2061550100", NotPossible),
        ("2060550100", NotPossible),
        ("+11065550100", NotPossible),
        ("+999123456789", NotPossible),
        ("+61-00014567A", NotPossible),
        ("+0 206 555 0100", NotPossible),
        ("someone@example.org 7", NotPossible),
        ("1;phone-context=a.b;tel:2065550100", NotPossible),
    ];
    for (text, reason) in table {
        assert_eq!(PhoneNumber::parse(text), Err(reason), "{text}");
    }
}

#[test]
fn a_number_in_a_country_has_the_calling_code_of_the_country() {
    for (text, country, there) in [
        ("+12125550100", "US", true),
        ("+12125550100", "ca", true),
        ("+16045550131", "US", true),
        ("+12125550100", "AU", false),
        ("+442071838750", "US", false),
        ("+442071838750", "GB", true),
        ("+442071838750", "JE", true),
        ("+6582345678", "SG", true),
        ("+6582345678", "GB", false),
        // +800 does not belong to a country.
        ("+80012345678", "US", false),
        // The numbering plans do not include this country.
        ("+672101234", "AQ", true),
    ] {
        let country = Country::parse(country).unwrap();
        let read = PhoneNumber::parse_e164_in(text, country);
        let expected = match there {
            true => PhoneNumber::parse_e164(text),
            false => Err(InvalidPhone::OtherCountry),
        };
        assert_eq!(read, expected, "{text} {country}");
    }
    let country = Country::parse("US").unwrap();
    assert_eq!(
        PhoneNumber::parse_e164_in("2125550100", country),
        Err(InvalidPhone::CountryCodeMissing)
    );
}

#[test]
fn a_strict_number_is_e164_and_nothing_else() {
    use InvalidPhone::*;
    let good = [
        ("+12065550100", "+12065550100"),
        ("12065550100", "+12065550100"),
        (" 12065550100", "+12065550100"),
        ("442071838750", "+442071838750"),
        ("+390669821234", "+390669821234"),
        ("+6582345678", "+6582345678"),
        (" 6582345678", "+6582345678"),
        // Not a North American number: the exchange code starts with 1.
        ("6591234567", "+6591234567"),
        // With the +, it is a number in Egypt.
        ("+2065550100", "+2065550100"),
    ];
    for (text, e164) in good {
        assert_eq!(
            PhoneNumber::parse_e164(text).unwrap().as_e164(),
            e164,
            "{text}"
        );
    }
    let bad = [
        ("", Empty),
        (" ", Empty),
        ("+", NoDigits),
        ("anonymous", NoDigits),
        ("2065550100", CountryCodeMissing),
        ("6582345678", CountryCodeMissing),
        ("012065550100", LeadingZero),
        ("+0012065550100", LeadingZero),
        ("++12065550100", NotE164),
        ("+1 206 555 0100", NotE164),
        ("1206-555-0100", NotE164),
        ("12065550100x7", NotE164),
        ("  12065550100", NotE164),
        ("12065550100 ", NotE164),
        ("１２０６５５５０１００", NotE164),
        ("1800FLOWERS", NotE164),
        ("+1206555010", TooShort),
        ("+120655501000", TooLong),
        ("+12061550100", NotPossible),
        ("+999123456789", NotPossible),
        ("+4402071838750", NotPossible),
    ];
    for (text, reason) in bad {
        assert_eq!(PhoneNumber::parse_e164(text), Err(reason), "{text}");
    }
}

#[test]
fn a_stored_number_is_checked_by_its_form_only() {
    assert_eq!(
        PhoneNumber::from_stored("+999123456789").unwrap().digits(),
        "999123456789"
    );
    for text in [
        "",
        "+",
        "12065550100",
        "+0123456",
        "+12",
        "+1206555010a",
        "+123456789012345678901",
        "+١٢٣٤",
    ] {
        assert_eq!(
            PhoneNumber::from_stored(text),
            Err(InvalidPhone::NotE164),
            "{text}"
        );
    }
    let number = PhoneNumber::parse("2065550100").unwrap();
    let stored = serde_json::to_string(&number).unwrap();
    assert_eq!(stored, "\"+12065550100\"");
    assert_eq!(
        serde_json::from_str::<PhoneNumber>(&stored).unwrap(),
        number
    );
    assert!(serde_json::from_str::<PhoneNumber>("\"2065550100\"").is_err());
}

#[test]
fn a_caller_can_be_any_3_to_20_digits() {
    let digits = |text| SwitchDigits::parse(text).unwrap();
    assert_eq!(digits("911").digits(), "911");
    assert_eq!(digits("+12065550100").digits(), "12065550100");
    assert_eq!(
        digits(" 12065550100").as_phone(),
        PhoneNumber::parse("2065550100").ok()
    );
    assert_eq!(digits("2065550100").as_phone(), None);
    assert_eq!(digits("0012065550100").as_phone(), None);
    assert_eq!(digits("12345678901234567890").as_phone(), None);
    for (text, reason) in [
        ("", InvalidPhone::Empty),
        ("12", InvalidPhone::TooShort),
        ("123456789012345678901", InvalidPhone::TooLong),
        ("12a", InvalidPhone::NotE164),
        ("restricted", InvalidPhone::NoDigits),
    ] {
        assert_eq!(SwitchDigits::parse(text), Err(reason), "{text}");
    }
}

#[test]
fn no_number_is_shown_in_full() {
    let number = PhoneNumber::parse("+12065550100").unwrap();
    assert_eq!(number.masked(), "+1206***0100");
    assert_eq!(format!("{number:?}"), "PhoneNumber(+1206***0100)");
    assert_eq!(
        PhoneNumber::from_stored("+2901234").unwrap().masked(),
        "+***1234"
    );
    assert_eq!(
        PhoneNumber::from_stored("+29012345").unwrap().masked(),
        "+2***2345"
    );
    for (digits, masked) in [
        ("911", "***"),
        ("12345", "***45"),
        ("1234567", "***4567"),
        ("12065550100", "1206***0100"),
    ] {
        let digits = SwitchDigits::parse(digits).unwrap();
        assert_eq!(digits.masked(), masked);
        assert_eq!(format!("{digits:?}"), format!("SwitchDigits({masked})"));
    }
    assert_eq!(
        mask_digits("call 206-555-0100 now"),
        "call ***-***-0100 now"
    );
    assert_eq!(mask_digits("２０６５５５０１００"), "******０１００");
    assert_eq!(mask_digits("none"), "none");
}

/// Generates the ten digits of a possible +1 number.
fn national() -> impl Strategy<Value = String> {
    "[2-9][0-9]{2}[2-9][0-9]{6}"
}

proptest! {
    #[test]
    fn parsers_never_panic(text in any::<String>()) {
        let _ = (PhoneNumber::parse(&text), PhoneNumber::parse_e164(&text), SwitchDigits::parse(&text));
        let _ = PhoneNumber::from_stored(&text).map(|number| number.masked());
        let _ = mask_digits(&text);
    }

    #[test]
    fn parsers_never_panic_on_text_like_a_number(
        text in "(tel:|;phone-context=|;ext=|;isub=|\\+|[-0-9() ./x#*A-z\u{660}-\u{669}\u{ff10}-\u{ff19}]|\\.com|\n){0,20}"
    ) {
        if let Ok(number) = PhoneNumber::parse(&text) {
            prop_assert_eq!(PhoneNumber::from_stored(number.as_e164()), Ok(number.clone()));
            prop_assert_eq!(PhoneNumber::parse(number.as_e164()), Ok(number));
        }
        let _ = PhoneNumber::parse_e164(&text);
        let _ = SwitchDigits::parse(&text).map(|digits| digits.as_phone());
    }

    #[test]
    fn every_notation_gives_the_same_number(national in national(), extension in 1_u16..) {
        let expected = format!("+1{national}");
        let (area, rest) = national.split_at(3);
        let (exchange, line) = rest.split_at(4 - 1);
        let wide: String = national.chars().map(|c| char::from_u32(u32::from(c) - 0x30 + 0xff10).unwrap()).collect();
        let arabic: String = national.chars().map(|c| char::from_u32(u32::from(c) - 0x30 + 0x660).unwrap()).collect();
        for text in [
            national.clone(),
            expected.clone(),
            format!("1{national}"),
            format!(" 1{national}"),
            format!("({area}) {exchange}-{line}"),
            format!("+1 {area}.{exchange}.{line}"),
            format!("1-{area}-{exchange}-{line} ext {extension}"),
            format!("tel:+1-{area}-{exchange}-{line};ext={extension}"),
            format!("011 1 {area} {exchange} {line}"),
            wide,
            arabic,
        ] {
            let number = PhoneNumber::parse(&text);
            prop_assert_eq!(number.as_ref().map(PhoneNumber::as_e164), Ok(expected.as_str()));
        }
        let strict = PhoneNumber::parse_e164(&expected);
        prop_assert_eq!(strict.as_ref().map(PhoneNumber::as_e164), Ok(expected.as_str()));
        prop_assert_eq!(PhoneNumber::parse_e164(&national), Err(InvalidPhone::CountryCodeMissing));
    }

    #[test]
    fn a_masked_number_hides_three_digits(digits in "[1-9][0-9]{2,19}") {
        let masked = PhoneNumber::from_stored(&format!("+{digits}")).unwrap().masked();
        let shown = masked.chars().filter(char::is_ascii_digit).count();
        prop_assert!(shown + 3 <= digits.len() && shown <= 8);
        prop_assert!(!masked.contains(&digits));
    }
}
