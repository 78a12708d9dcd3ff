//! Page tokens, and the statements of invoices.

use std::sync::LazyLock;

use callbook::dialect::teletracker::field;
use callbook::ids;
use callbook::model::account::Account;
use callbook::model::cost::Cost;
use callbook::model::invoice::amounts::{DecimalMark, Written, read_amounts};
use callbook::model::invoice::table::read_table;
use callbook::model::rules::NormalPath;
use callbook::model::time::{Instant, Zone};
use callbook::request::page_token::{Cursor, PageKey, Pager};

use super::each;

/// No change of a token is opened, and none opens for another request.
pub fn page_tokens(cases: u32, seed: u64) {
    let key = PageKey::new("a deployment's own key of 32 characters and more").expect("a long key");
    let account = ids::account_id();
    let path = NormalPath::of("/v2/Properties");
    let pager = |filter: &str| Pager::new(&key, &account, &path, &filter).expect("a filter");
    let (own, other) = (pager("own"), pager("other"));
    each((cases, seed), |dice| {
        let cursor = Cursor::after(dice.note());
        let token = own.sign(&cursor);
        let field = field::NEXT_TOKEN;
        if own.open(field, &token).ok().as_ref() != Some(&cursor) {
            return Err(format!("{cursor:?} is not opened again"));
        }
        if other.open(field, &token).is_ok() {
            return Err("another request's token was opened".to_owned());
        }
        let mut changed = token.clone().into_bytes();
        dice.edit(&mut changed, 6);
        let changed = String::from_utf8_lossy(&changed);
        match changed != token && own.open(field, &changed).is_ok() {
            true => Err(format!("{changed} was opened")),
            false => Ok(()),
        }
    });
}

static STATEMENTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    [
        "Date,DID,Caller,Payout\r\n2026-11-21 10:00:00,8005550100,2065550100,25.00\r\n",
        "sep=;\nCall Date;Called;CallerId;Amount\n21.11.2026;8005550100;\"2065550100\";1.025,50\n",
        "\u{feff}id\tcost\nx\t$25\n\ny\t\"30\"\n",
        "call_id,amount,notes\nRGB1,25,\"a, \"\"b\"\"\nc\"\n",
    ]
    .map(str::to_owned)
    .to_vec()
});

/// Statements near those that vendors send.
pub fn invoices(cases: u32, seed: u64) {
    let now = Instant::from_millis(crate::NOON);
    let account = Account::new(
        ids::account_id(),
        ids::account_sid(),
        "A".to_owned(),
        Zone::utc(),
        now,
    );
    let marks = [
        None,
        DecimalMark::parse("comma").ok(),
        DecimalMark::parse("point").ok(),
    ];
    each((cases, seed), |dice| {
        let text = dice.text_near(&STATEMENTS);
        let Ok(lines) = read_table(&text, &Default::default()) else {
            return Ok(());
        };
        for mark in marks {
            let written: Vec<Written<'_>> = lines
                .iter()
                .map(|line| Written {
                    line: line.line,
                    text: &line.amount,
                    is_number: line.amount_is_number,
                })
                .collect();
            let Ok(amounts) = read_amounts(&written, mark, account.currency) else {
                continue;
            };
            if amounts.len() != lines.len() {
                return Err(format!(
                    "{} amounts of {} lines",
                    amounts.len(),
                    lines.len()
                ));
            }
            let _costs: Vec<_> = amounts.into_iter().map(Cost::from_decimal).collect();
        }
        Ok(())
    });
}
