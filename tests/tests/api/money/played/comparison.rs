//! Comparing the table with the reference.

use super::*;

impl Play<'_> {
    /// Compares what the table says with the reference; what differs, if anything does. Where requests may
    /// have been sent twice, a lookup may be recorded twice.
    pub async fn compare(&self, twice: bool) -> Result<(), String> {
        let items = self.items().await;
        let calls: Vec<&Item> = items
            .iter()
            .filter(|item| item.contains_key("reports"))
            .collect();
        let mut recorded: Vec<Report> = Vec::new();
        for call in &calls {
            recorded.extend(maps(call, "reports").into_iter().map(read_report));
        }
        recorded.sort();
        let mut rows = HashMap::new();
        for call in &calls {
            let sid = text(call, "call_sid").expect("a sid");
            rows.insert(sid, self.row(sid).await);
        }
        let state = self.state.lock().unwrap();
        let mut known: Vec<_> = state
            .reports
            .iter()
            .map(|one| content(&self.history.reports[*one]))
            .collect();
        let mut found: Vec<_> = recorded.iter().map(content).collect();
        known.sort();
        found.sort();
        if twice {
            known.dedup();
            found.dedup();
        }
        if known != found {
            return Err(format!("reports are {found:#?}\nand not {known:#?}"));
        }
        let expected = Pair::of(&recorded, &state.bills, self.history.withheld);
        let place = |entry: &Item| {
            let id = text(entry, "cost_id").expect("an id");
            let mut places = state.answers.iter().filter(|(_, answer)| *answer == id);
            let place = places.by_ref().map(|(place, _)| *place).min();
            let entry_state = match text(entry, "state") {
                Some("in_force") => State::InForce,
                Some("superseded") => State::Superseded,
                _ => State::Void,
            };
            (place.expect("an answered bill"), entry_state)
        };
        let mut said = Pair {
            calls: Vec::new(),
            unmatched: Vec::new(),
            answers: expected.answers.clone(),
        };
        for item in &items {
            match text(item, "type") {
                Some("pair_bill") => said.unmatched.push(place(item)),
                Some("pair_call") => {
                    let mut reports: Vec<Report> =
                        maps(item, "reports").into_iter().map(read_report).collect();
                    reports.sort();
                    let mut entries: Vec<_> =
                        maps(item, "entries").into_iter().map(place).collect();
                    entries.sort_unstable();
                    let (start, ended) = rows[text(item, "call_sid").expect("a sid")];
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
        for (bill, first) in expected.answers.iter().enumerate() {
            if state.answers.get(&bill) != state.answers.get(first) {
                return Err(format!("bill {bill} is not answered as bill {first}"));
            }
        }
        match said == expected {
            true => Ok(()),
            false => Err(format!(
                "the table says {said:#?}\nand the reference {expected:#?}"
            )),
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
