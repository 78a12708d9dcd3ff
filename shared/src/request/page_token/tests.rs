use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::model::assignment::NumberAssignments;
use crate::model::call::{CallingParty, Direction};
use crate::model::phone::{PhoneNumber, SwitchDigits};
use crate::model::property::{NumberAssignment, PropertySid};
use crate::model::report::{CallFilter, ContactFilter, Disposition, OfProperty, Position};
use crate::model::time::{Instant, Range};

const NOON: i64 = 1_795_262_400_000;

fn key() -> PageKey {
    PageKey::new(&"k".repeat(32)).unwrap()
}

fn account() -> AccountId {
    AccountId::parse("12345").unwrap()
}

fn scope(path: &str, filter: &impl serde::Serialize) -> Scope {
    Scope::new(&account(), &NormalPath::of(path), filter).unwrap()
}

fn range(from: i64, to: i64) -> Range {
    Range {
        from: Instant::from_millis(from),
        to: Instant::from_millis(to),
    }
}

fn phone() -> impl Strategy<Value = PhoneNumber> {
    (0..3).prop_map(|n| PhoneNumber::parse(&format!("206555010{n}")).unwrap())
}

fn calling_party() -> impl Strategy<Value = CallingParty> {
    prop_oneof![
        phone().prop_map(CallingParty::Number),
        (0..3).prop_map(|n| {
            let digits = SwitchDigits::parse(&format!("206555010{n}"));
            CallingParty::Digits(digits.unwrap())
        }),
    ]
}

fn of_property() -> impl Strategy<Value = OfProperty> {
    prop_oneof![Just("A"), Just("B")].prop_map(|letter| OfProperty {
        sid: PropertySid::parse(&letter.repeat(32)).unwrap(),
        assignments: Arc::default(),
    })
}

prop_compose! {
    /// Generates a filter with few values for each field, so that two filters often agree in a field.
    fn filter()(
        direction in option::of(prop_oneof![Just(Direction::Inbound), Just(Direction::Outbound)]),
        billed in option::of(any::<bool>()),
        did in option::of(phone()),
        called in btree_set(phone(), 0..2),
        cid in vec(calling_party(), 0..3),
        dispositions in btree_set("[ab\n\",]{1,2}", 0..3),
        own_numbers in option::of(btree_set(phone(), 0..2)),
        property in option::of(of_property()),
        contact in option::of(prop_oneof![
            Just(ContactFilter::First),
            Just(ContactFilter::Repeated),
        ]),
    ) -> CallFilter {
        CallFilter {
            direction,
            billed,
            did,
            called,
            cid,
            dispositions: dispositions
                .iter()
                .map(|text| Disposition::parse(text).unwrap())
                .collect(),
            own_numbers,
            property,
            contact,
        }
    }
}

/// Replaces each field of `one` in turn by that of `other`, and returns whether that changes the field.
///
/// A new field does not compile until it is listed here.
fn with_a_field_of(one: &CallFilter, other: CallFilter) -> [(CallFilter, bool); 9] {
    let CallFilter {
        direction,
        billed,
        did,
        called,
        cid,
        dispositions,
        own_numbers,
        property,
        contact,
    } = other;
    let sid = |property: &Option<OfProperty>| property.as_ref().map(|one| one.sid.clone());
    let changed = [
        direction != one.direction,
        billed != one.billed,
        did != one.did,
        called != one.called,
        cid != one.cid,
        dispositions != one.dispositions,
        own_numbers != one.own_numbers,
        sid(&property) != sid(&one.property),
        contact != one.contact,
    ];
    let mut filters: [CallFilter; 9] = std::array::from_fn(|_| one.clone());
    filters[0].direction = direction;
    filters[1].billed = billed;
    filters[2].did = did;
    filters[3].called = called;
    filters[4].cid = cid;
    filters[5].dispositions = dispositions;
    filters[6].own_numbers = own_numbers;
    filters[7].property = property;
    filters[8].contact = contact;
    let mut changed = changed.into_iter();
    filters.map(|filter| (filter, changed.next().unwrap()))
}

prop_compose! {
    fn cursor()(
        after in any::<String>(),
        counted in option::of((any::<i64>(), any::<i64>(), any::<usize>())),
    ) -> Cursor {
        let counted = counted.map(|(from, to, total)| CountedRange { range: range(from, to), total });
        Cursor { after, counted }
    }
}

proptest! {
    #[test]
    fn a_token_opens_to_its_cursor_and_contains_no_other_data(cursor in cursor(), filter in filter()) {
        let scope = scope("/v2/Properties", &filter);
        let token = key().sign(&scope, &cursor);
        let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
        let (signed, mac) = bytes.split_at(bytes.len() - MAC_BYTES);
        prop_assert_eq!(signed[0], VERSION);
        let contained = String::from_utf8(signed[1..].to_vec()).unwrap();
        prop_assert_eq!(contained, cursor.to_text());
        let expected = key().mac(&scope, signed).finalize().into_bytes();
        prop_assert_eq!(mac, expected.as_slice());
        prop_assert_eq!(key().open(&scope, &token), Some(cursor));
    }

    #[test]
    fn a_token_is_valid_for_its_own_filter_only(one in filter(), other in filter()) {
        let path = "/reports/call-data";
        let token = key().sign(&scope(path, &one), &Cursor::after("A"));
        for (index, (filter, changed)) in with_a_field_of(&one, other).into_iter().enumerate() {
            let opened = key().open(&scope(path, &filter), &token);
            prop_assert_eq!(opened.is_none(), changed, "field {}", index);
        }
    }

    #[test]
    fn a_token_is_valid_for_its_own_range_only(
        from in 0..3_i64, to in 0..3_i64, other_from in 0..3_i64, other_to in 0..3_i64,
    ) {
        let path = "/reports/call-data";
        let filter = CallFilter::default();
        let token = key().sign(&scope(path, &(range(from, to), &filter)), &Cursor::after("A"));
        let opened = key().open(&scope(path, &(range(other_from, other_to), &filter)), &token);
        prop_assert_eq!(opened.is_some(), (from, to) == (other_from, other_to));
    }

    #[test]
    fn a_token_is_valid_for_its_own_account_and_path_only(
        accounts in ("[1-9][0-9]?", "[1-9][0-9]?"),
        paths in ("/[a-b,\"]{1,2}", "/[a-b,\"]{1,2}"),
    ) {
        let scope = |account: &str, path: &str| {
            Scope::new(&AccountId::parse(account).unwrap(), &NormalPath::of(path), &()).unwrap()
        };
        let token = key().sign(&scope(&accounts.0, &paths.0), &Cursor::after("A"));
        let opened = key().open(&scope(&accounts.1, &paths.1), &token);
        prop_assert_eq!(opened.is_some(), accounts.0 == accounts.1 && paths.0 == paths.1);
    }

    #[test]
    fn a_token_with_another_byte_or_another_length_is_refused(
        cursor in cursor(), index in any::<prop::sample::Index>(), flipped in 1..=255_u8,
    ) {
        let scope = scope("/v2/Properties", &());
        let token = key().sign(&scope, &cursor);
        let mut bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
        let index = index.index(bytes.len());
        let shorter = URL_SAFE_NO_PAD.encode(&bytes[..index]);
        prop_assert_eq!(key().open(&scope, &shorter), None);
        bytes[index] ^= flipped;
        prop_assert_eq!(key().open(&scope, &URL_SAFE_NO_PAD.encode(&bytes)), None);
        prop_assert_eq!(key().open(&scope, &format!("{token}A")), None);
    }

    #[test]
    fn arbitrary_text_is_not_a_token(text in any::<String>()) {
        prop_assert_eq!(key().open(&scope("/v2/Properties", &()), &text), None);
    }
}

#[test]
fn a_token_with_another_letter_is_refused() {
    let scope = scope("/v2/Properties", &());
    let token = key().sign(&scope, &Cursor::after("+12065550100"));
    for (at, letter) in token.char_indices() {
        for other in "AB_-09az".chars().filter(|other| *other != letter) {
            let mut altered = token.clone();
            altered.replace_range(at..=at, &other.to_string());
            assert_eq!(key().open(&scope, &altered), None, "letter {at}: {other}");
        }
    }
}

#[test]
fn the_key_of_another_deployment_opens_no_token() {
    let scope = scope("/v2/Properties", &());
    let token = key().sign(&scope, &Cursor::after("A"));
    let other = PageKey::new(&"l".repeat(32)).unwrap();
    assert_eq!(other.open(&scope, &token), None);
    assert_eq!(
        PageKey::new(&"k".repeat(31)).map(|_| ()),
        Err(WeakKey),
        "a short secret could be guessed"
    );
}

#[test]
fn a_token_without_a_filter_is_invalid_for_a_filter_that_selects_nothing() {
    let none = CallFilter::default();
    let nothing = CallFilter {
        own_numbers: Some(BTreeSet::new()),
        ..CallFilter::default()
    };
    let token = key().sign(&scope("/", &none), &Cursor::after("A"));
    assert_eq!(key().open(&scope("/", &nothing), &token), None);
    assert_eq!(key().open(&scope("/", &None::<CallFilter>), &token), None);
}

/// Data that the ledger adds to a filter is not part of the client's request.
#[test]
fn tokens_stay_valid_if_a_number_is_reassigned() {
    let sid = PropertySid::parse(&"A".repeat(32)).unwrap();
    let held = NumberAssignment {
        number: PhoneNumber::parse("2065550100").unwrap(),
        property_sid: sid.clone(),
        from: Instant::from_millis(NOON),
        until: None,
    };
    let [before, after] = [vec![], vec![held]].map(|assignments| CallFilter {
        property: Some(OfProperty {
            sid: sid.clone(),
            assignments: Arc::new(NumberAssignments::new(assignments)),
        }),
        ..CallFilter::default()
    });
    let token = key().sign(&scope("/", &before), &Cursor::after("A"));
    assert!(key().open(&scope("/", &after), &token).is_some());
}

#[test]
fn a_cursor_of_calls_has_their_position() {
    let position = Position::at(Instant::from_millis(NOON));
    assert_eq!(Cursor::at(&position).position(), Some(position));
    assert_eq!(Cursor::after("+12065550100").position(), None);
}

/// Signed with this key for the same list, in the formats 1 and 2.
#[test]
fn tokens_of_earlier_versions_are_refused() {
    let day = (range(NOON, NOON + 86_400_000), CallFilter::default());
    for (scope, token) in [
        (
            scope("/reports/call-data", &day),
            "AUFJUE5NV0xETUXCIZapb-ZBFSQ0QpyLADyr4JwCQMCjhaoGp-qiPlmPWg",
        ),
        (
            scope("/v2/Properties", &()),
            "AkFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFByXPrU_mCidW7p4rOYtJCZ-zT9GvT0hDxrOF6RYBLN28",
        ),
    ] {
        assert_eq!(key().open(&scope, token), None);
    }
}
