//! Comparing the table with the reference.

use super::*;

/// What the table says of a play's pair.
struct Stored {
    items: Vec<Item>,
    reports: Vec<Report>,
    /// The start and the end in the row of each call, by its sid.
    rows: HashMap<String, (i64, Option<i64>)>,
}

impl Play<'_> {
    /// Compares what the table says with the reference; what differs, if anything does. Where requests may
    /// have been sent twice, a lookup may be recorded twice.
    pub async fn compare(&self, twice: bool) -> Result<(), String> {
        compare_all(&[self], twice).await
    }

    async fn stored(&self) -> Stored {
        let items = self.items().await;
        let mut reports: Vec<Report> = Vec::new();
        let mut rows = HashMap::new();
        for call in items.iter().filter(|item| item.contains_key("reports")) {
            reports.extend(maps(call, "reports").into_iter().map(read_report));
            let sid = text(call, "call_sid").expect("a sid");
            rows.insert(sid.to_owned(), self.row(sid).await);
        }
        reports.sort();
        Stored {
            items,
            reports,
            rows,
        }
    }

    /// Whether the table has the reports that are known.
    fn has_reports(&self, stored: &Stored, twice: bool) -> Result<(), String> {
        let state = self.state.lock().unwrap();
        let known = state.reports.iter();
        let mut known: Vec<_> = known
            .map(|one| content(&self.history.reports[*one]))
            .collect();
        let mut found: Vec<_> = stored.reports.iter().map(content).collect();
        known.sort();
        found.sort();
        if twice {
            known.dedup();
            found.dedup();
        }
        match known == found {
            true => Ok(()),
            false => Err(format!("reports are {found:#?}\nand not {known:#?}")),
        }
    }

    /// The start and the end in the row of a call.
    async fn row(&self, sid: &str) -> (i64, Option<i64>) {
        let sid = CallSid::parse(sid).expect("a sid");
        let ledger = &self.desk.world.ledger;
        let row = ledger
            .call(&self.desk.account.id, &sid)
            .await
            .expect("the store");
        let row = row.expect("its row");
        (row.started.millis(), row.ended.map(|ended| ended.millis()))
    }
}

/// Compares what the table says of the pairs of an account with the reference.
pub async fn compare_all(plays: &[&Play<'_>], twice: bool) -> Result<(), String> {
    let mut stored = Vec::new();
    for play in plays {
        let of_play = play.stored().await;
        play.has_reports(&of_play, twice)?;
        stored.push(of_play);
    }
    // Every known bill with its answer, in the order of receipt.
    let mut known: Vec<(Bill, Option<String>)> = Vec::new();
    for (pair, play) in plays.iter().enumerate() {
        let state = play.state.lock().unwrap();
        for (place, bill) in state.bills.iter().enumerate() {
            let bill = Bill {
                pair,
                ..bill.clone()
            };
            known.push((bill, state.answers.get(&place).cloned()));
        }
    }
    known.sort_by_key(|(bill, _)| bill.received);
    let (bills, answers): (Vec<Bill>, Vec<Option<String>>) = known.into_iter().unzip();
    let pairs = stored.iter().zip(plays);
    let pairs: Vec<_> = pairs
        .map(|(stored, play)| (stored.reports.as_slice(), play.history.withheld))
        .collect();
    let expected = Pair::all(&pairs, &bills);
    let place = |entry: &Item| {
        let id = text(entry, "cost_id").expect("an id");
        let place = answers
            .iter()
            .position(|answer| answer.as_deref() == Some(id));
        let entry_state = match text(entry, "state") {
            Some("in_force") => State::InForce,
            Some("superseded") => State::Superseded,
            _ => State::Void,
        };
        (place.expect("an answered bill"), entry_state)
    };
    for (stored, expected) in stored.iter().zip(expected) {
        for (bill, first) in expected.answers.iter().enumerate() {
            if answers[bill] != answers[*first] {
                return Err(format!("bill {bill} is not answered as bill {first}"));
            }
        }
        let said = said(stored, &expected, place);
        if said != expected {
            return Err(format!(
                "the table says {said:#?}\nand the reference {expected:#?}"
            ));
        }
    }
    Ok(())
}

fn said(stored: &Stored, expected: &Pair, place: impl Fn(&Item) -> (usize, State)) -> Pair {
    let mut said = Pair {
        calls: Vec::new(),
        unmatched: Vec::new(),
        answers: expected.answers.clone(),
    };
    for item in &stored.items {
        match text(item, "type") {
            Some("pair_bill") => said.unmatched.push(place(item)),
            Some("pair_call") => {
                let reports = maps(item, "reports").into_iter();
                let mut reports: Vec<Report> = reports.map(read_report).collect();
                reports.sort();
                let mut entries: Vec<_> = maps(item, "entries").into_iter().map(&place).collect();
                entries.sort_unstable();
                let (start, ended) = stored.rows[text(item, "call_sid").expect("a sid")];
                said.calls.push(callbook_tests::reference::Call {
                    start,
                    ended,
                    reports,
                    entries,
                });
            }
            _ => {}
        }
    }
    said.calls.sort();
    said.unmatched.sort_unstable();
    said
}
