//! The story of a call: every report of it, and every cost entry on it.

use crate::ledger::calls::pair::{Head, PairCallItem};
use crate::ledger::calls::switch::pair_of;
use crate::ledger::keys;
use crate::ledger::money::adjustment::Adjustment;
use crate::ledger::money::cost::CostRow;
use crate::ledger::report::row::CallRow;
use crate::ledger::table::error::StoreError;
use crate::ledger::table::item::read;
use crate::ledger::table::store::Ledger;
use crate::model::account::AccountId;
use crate::model::call::CallSid;
use crate::model::pair::call::PairCall;
use crate::model::pair::grouping::best_first;
use crate::model::pair::source_report::SourceReport;

/// A call with everything that is known of it.
#[derive(Clone, Debug)]
pub struct CallStory {
    /// The call.
    pub call: CallRow,
    /// What its sources said, the best first.
    pub reports: Vec<SourceReport>,
    /// Its cost entries in the order of their receipt, whether they count or not.
    pub costs: Vec<CostRow>,
    /// The adjustments of the call itself, in the order in which they were made.
    pub adjustments: Vec<Adjustment>,
    /// Whether entries around it are still being decided.
    pub settling: bool,
}

impl Ledger {
    /// The story of a call, or of the call that this sid's report was joined to.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time.
    pub async fn call_story(
        &self,
        account: &AccountId,
        sid: &CallSid,
    ) -> Result<Option<CallStory>, StoreError> {
        let item = self.call_item(account, sid).await?;
        let Some(call) = item.and_then(CallRow::of) else {
            return Ok(None);
        };
        let mut story = CallStory {
            call,
            reports: Vec::new(),
            costs: Vec::new(),
            adjustments: Vec::new(),
            settling: false,
        };
        let Some(pair) = pair_of(&story.call) else {
            return Ok(Some(story));
        };
        let reports = self.get(keys::pair_call(account, &pair, &story.call.sid));
        let head = self.get(keys::pair_head(account, &pair));
        let (reports, head) = futures_util::try_join!(reports, head)?;
        let head = head.map(read::<Head>).transpose()?;
        story.settling = head.is_some_and(|head| !head.unsettled.is_empty());
        let Some(found) = reports.map(read::<PairCallItem>).transpose()? else {
            return Ok(Some(story));
        };
        let found = PairCall::from(found);
        story.reports = best_first(&found.reports).into_iter().cloned().collect();
        let wanted = found.entries.iter();
        let wanted = wanted.map(|entry| keys::cost(account, &entry.cost_id));
        let items = self.items(wanted.collect());
        let adjustments = self.adjustments_of_call(account, &pair, &found);
        let (items, adjustments) = futures_util::try_join!(items, adjustments)?;
        story.adjustments = adjustments;
        story.costs = items.into_iter().map(read).collect::<Result<_, _>>()?;
        story
            .costs
            .sort_by(|a, b| a.entry.receipt().cmp(&b.entry.receipt()));
        let shown = found.shown();
        let two_vendors = shown.two_vendors;
        if let Some(id) = &story.call.noted_by {
            let mut costs = story.costs.iter();
            let noted = costs.find(|cost| cost.entry.cost_id == *id);
            let noted = noted.and_then(|cost| cost.notes.as_ref());
            story.call.notes = noted.map(|notes| notes.as_str().to_owned());
        } else if story.call.reported_notes {
            story.call.notes = shown.notes.map(|notes| notes.as_str().to_owned());
        }
        for cost in &mut story.costs {
            cost.two_vendors = two_vendors;
        }
        Ok(Some(story))
    }
}
