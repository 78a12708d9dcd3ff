//! Transactions: all of their writes or none of them, each under a tag of its operation.
//!
//! An operation names its writes by a small enum. If the conditions of some of them do not hold, nothing is
//! written, and [`Refusals`] says which, by tag, and which items were found in their place.

use std::collections::HashMap;
use std::fmt::Debug;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::error::TransactionCanceledException;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem, Update,
};

use crate::ids;
use crate::ledger::keys::{self, Key};
pub(in crate::ledger) use crate::ledger::table::condition::{ABSENT, ALWAYS, PRESENT};
use crate::ledger::table::condition::{GUARD_NAME, GUARD_VALUE, guarded};
use crate::ledger::table::error::{StoreError, may_be_done, translate};
use crate::ledger::table::item::{self, Item};
use crate::ledger::table::retry::{Retry, UNCERTAIN_SENDS};
use crate::ledger::table::store::Ledger;

/// Writes to be done together. A tag may stand for several of them that the operation need not tell apart.
#[derive(Clone, Debug)]
pub(in crate::ledger) struct Transaction<Tag> {
    /// All writes but the last.
    earlier: Vec<(Tag, Write)>,
    /// The last write, to which names and values may be added.
    last: Option<(Tag, Write)>,
}

/// One write of a transaction.
#[derive(Clone, Debug)]
pub(in crate::ledger) struct Write {
    action: Action,
    condition: String,
    names: HashMap<String, String>,
    values: Item,
    /// Whether an item that would be too large counts as refused.
    refused_if_too_large: bool,
}

#[derive(Clone, Debug)]
enum Action {
    Put(Item),
    Update(Item, String),
    Delete(Item),
    Check(Item),
}

/// Outcome of a transaction.
pub(in crate::ledger) enum Committed<Tag> {
    /// All of it is written.
    Done,
    /// None of it is written, because the conditions of these writes did not hold. Or it was written by an
    /// earlier try, whose answer was lost: an operation knows its own work by a mark in what was found.
    Refused(Refusals<Tag>),
}

/// The writes whose conditions did not hold. There are none if a transaction of a plan met another one.
#[derive(Debug)]
pub(in crate::ledger) struct Refusals<Tag>(Vec<(Tag, Option<Item>)>);

impl<Tag: Copy + Eq + Debug> Transaction<Tag> {
    /// A transaction without writes.
    pub(in crate::ledger) fn new() -> Self {
        Self {
            earlier: Vec::new(),
            last: None,
        }
    }

    /// Adds a put of the whole item, on condition: of a new item, or of one that has nothing to do with the one in
    /// its place. What is to go on is written by [`Self::rewrite`] or [`Self::upsert`].
    pub(in crate::ledger) fn put(
        &mut self,
        tag: Tag,
        item: Item,
        condition: impl Into<String>,
    ) -> &mut Write {
        self.add(tag, Action::Put(item), condition)
    }

    /// Adds an update of the item under `key`, which is made if it is not there, on condition.
    pub(in crate::ledger) fn update(
        &mut self,
        tag: Tag,
        key: Key,
        expression: impl Into<String>,
        condition: impl Into<String>,
    ) -> &mut Write {
        let action = Action::Update(item::key(key), expression.into());
        self.add(tag, action, condition)
    }

    /// Adds an update that sets these attributes of the item under `key` to these values, and removes those
    /// without one. An item that is not there is made, with its type and version. Attributes that are not
    /// named stay as they are.
    pub(in crate::ledger) fn upsert(
        &mut self,
        tag: Tag,
        key: Key,
        kind: &'static str,
        attributes: impl IntoIterator<Item = (String, Option<AttributeValue>)>,
    ) -> &mut Write {
        let typed = [
            ("type".to_owned(), Some(item::s(kind))),
            ("v".to_owned(), Some(item::version())),
        ];
        let (mut set, mut removed) = (Vec::new(), Vec::new());
        let (mut names, mut values) = (HashMap::new(), Item::new());
        for (at, (name, value)) in typed.into_iter().chain(attributes).enumerate() {
            match value {
                Some(value) => {
                    set.push(format!("#s{at} = :s{at}"));
                    values.insert(format!(":s{at}"), value);
                }
                None => removed.push(format!("#s{at}")),
            }
            names.insert(format!("#s{at}"), name);
        }
        let mut expression = format!("SET {}", set.join(", "));
        if !removed.is_empty() {
            expression.push_str(" REMOVE ");
            expression.push_str(&removed.join(", "));
        }
        let write = self.update(tag, key, expression, ALWAYS);
        write.names.extend(names);
        write.values.extend(values);
        write
    }

    /// Adds an update that makes an item out of the one that was read, on condition. Attributes that neither
    /// has stay as they are: a later version may have written them.
    pub(in crate::ledger) fn rewrite(
        &mut self,
        tag: Tag,
        kind: &'static str,
        before: &Item,
        after: Item,
        condition: impl Into<String>,
    ) -> &mut Write {
        let at = |name: &str| item::text(&after, name).unwrap_or_default().to_owned();
        let key = Key::new(at(keys::PK), at(keys::SK));
        let own = |name: &str| [keys::PK, keys::SK, "type", "v"].contains(&name);
        let gone = before.keys().filter(|name| !after.contains_key(*name));
        let gone: Vec<_> = gone.map(|name| (name.clone(), None)).collect();
        let set = after.into_iter().map(|(name, value)| (name, Some(value)));
        let mut attributes: Vec<_> = set.chain(gone).filter(|(name, _)| !own(name)).collect();
        attributes.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let write = self.upsert(tag, key, kind, attributes);
        write.only_if(condition)
    }

    /// How many writes it has.
    pub(in crate::ledger) fn len(&self) -> usize {
        self.earlier.len() + usize::from(self.last.is_some())
    }

    /// Adds a deletion of the item under `key`, on condition.
    pub(in crate::ledger) fn delete(
        &mut self,
        tag: Tag,
        key: Key,
        condition: impl Into<String>,
    ) -> &mut Write {
        self.add(tag, Action::Delete(item::key(key)), condition)
    }

    /// Adds a condition on the item under `key`, which is not written. No other write of the transaction
    /// may be for the same item.
    pub(in crate::ledger) fn check(
        &mut self,
        tag: Tag,
        key: Key,
        condition: impl Into<String>,
    ) -> &mut Write {
        self.add(tag, Action::Check(item::key(key)), condition)
    }

    fn add(&mut self, tag: Tag, action: Action, condition: impl Into<String>) -> &mut Write {
        let write = Write {
            action,
            condition: condition.into(),
            names: HashMap::new(),
            values: HashMap::new(),
            refused_if_too_large: false,
        };
        self.earlier.extend(self.last.take());
        &mut self.last.insert((tag, write)).1
    }
}

impl Write {
    /// Replaces the condition.
    pub(in crate::ledger) fn only_if(&mut self, condition: impl Into<String>) -> &mut Self {
        self.condition = condition.into();
        self
    }

    /// An item that the write would make larger than DynamoDB's 400 KB counts as one whose condition does not
    /// hold. Of any other write that is an error.
    pub(in crate::ledger) fn refused_if_too_large(&mut self) -> &mut Self {
        self.refused_if_too_large = true;
        self
    }

    /// A name that an expression uses for an attribute.
    pub(in crate::ledger) fn name(
        &mut self,
        name: impl Into<String>,
        attribute: impl Into<String>,
    ) -> &mut Self {
        self.names.insert(name.into(), attribute.into());
        self
    }

    /// A value that an expression uses.
    pub(in crate::ledger) fn value(
        &mut self,
        name: impl Into<String>,
        value: AttributeValue,
    ) -> &mut Self {
        self.values.insert(name.into(), value);
        self
    }

    /// More values that an expression uses.
    pub(in crate::ledger) fn values<'a>(
        &mut self,
        values: impl IntoIterator<Item = (&'a str, AttributeValue)>,
    ) -> &mut Self {
        let values = values.into_iter();
        self.values
            .extend(values.map(|(name, value)| (name.to_owned(), value)));
        self
    }

    /// The write as the SDK wants it; each returns the item found if its condition does not hold, which
    /// costs nothing.
    fn build(mut self, table: &str) -> Result<TransactWriteItem, StoreError> {
        if self.condition != ABSENT {
            self.condition = guarded(&self.condition);
            self.name(GUARD_NAME, "v");
            self.value(GUARD_VALUE, item::version());
        }
        let found = ReturnValuesOnConditionCheckFailure::AllOld;
        let names = (!self.names.is_empty()).then_some(self.names);
        let values = (!self.values.is_empty()).then_some(self.values);
        let write = TransactWriteItem::builder();
        let write = match self.action {
            Action::Put(item) => write.put(
                Put::builder()
                    .table_name(table)
                    .set_item(Some(item))
                    .condition_expression(self.condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(found)
                    .build()?,
            ),
            Action::Update(key, expression) => write.update(
                Update::builder()
                    .table_name(table)
                    .set_key(Some(key))
                    .update_expression(expression)
                    .condition_expression(self.condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(found)
                    .build()?,
            ),
            Action::Delete(key) => write.delete(
                Delete::builder()
                    .table_name(table)
                    .set_key(Some(key))
                    .condition_expression(self.condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(found)
                    .build()?,
            ),
            Action::Check(key) => write.condition_check(
                ConditionCheck::builder()
                    .table_name(table)
                    .set_key(Some(key))
                    .condition_expression(self.condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(found)
                    .build()?,
            ),
        };
        Ok(write.build())
    }
}

impl<Tag: Copy + Eq + Debug> Refusals<Tag> {
    /// Whether a write under `tag` was refused.
    pub(in crate::ledger) fn contains(&self, tag: Tag) -> bool {
        self.0.iter().any(|(refused, _)| *refused == tag)
    }

    /// The item that was found in place of a refused write under `tag`, if there was one.
    pub(in crate::ledger) fn item(&self, tag: Tag) -> Option<&Item> {
        self.0
            .iter()
            .filter(|(refused, _)| *refused == tag)
            .find_map(|(_, item)| item.as_ref())
    }

    /// The same item, taken out.
    pub(in crate::ledger) fn take(&mut self, tag: Tag) -> Option<Item> {
        self.0
            .iter_mut()
            .filter(|(refused, _)| *refused == tag)
            .find_map(|(_, item)| item.take())
    }
}

impl Ledger {
    /// Writes all of `transaction` or nothing.
    ///
    /// DynamoDB refuses a transaction that meets another one on the same item. Nothing is wrong with either,
    /// so the transaction is sent again, as [`Retry`] says. It is also sent again if it may have been done
    /// and its answer was lost. DynamoDB knows it by its token then; a store that has forgotten the token
    /// refuses it, with the operation's own work as what was found.
    ///
    /// # Errors
    /// Returns [`StoreError::Contended`] if it met others each time, [`StoreError::Unavailable`] if
    /// DynamoDB does not answer in time or throttles it each time, and [`StoreError::Later`] if a later version
    /// wrote one of the items.
    pub(in crate::ledger) async fn commit<Tag: Copy + Eq + Debug>(
        &self,
        transaction: Transaction<Tag>,
    ) -> Result<Committed<Tag>, StoreError> {
        let retry = Retry::sending("these items").within(self.patience);
        self.send(transaction, retry, OnContention::SendAgain).await
    }

    /// Writes all of the transaction of a plan or nothing, within what is left of the patience of the loop
    /// that planned it.
    ///
    /// If it meets another transaction it is refused without refusals: what the plan was made from is about
    /// to change, so the loop reads again instead of sending what would be refused.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] if DynamoDB does not answer in time or throttles it each time.
    pub(in crate::ledger) async fn commit_plan<Tag: Copy + Eq + Debug>(
        &self,
        transaction: Transaction<Tag>,
        planning: &Retry,
    ) -> Result<Committed<Tag>, StoreError> {
        let retry = Retry::sending("these items").within(planning.left());
        self.send(transaction, retry, OnContention::Refuse).await
    }

    async fn send<Tag: Copy + Eq + Debug>(
        &self,
        transaction: Transaction<Tag>,
        mut retry: Retry,
        on_contention: OnContention,
    ) -> Result<Committed<Tag>, StoreError> {
        let mut tags = Vec::new();
        let mut writes = Vec::new();
        for (tag, write) in transaction.earlier.into_iter().chain(transaction.last) {
            tags.push((tag, write.refused_if_too_large));
            writes.push(write.build(&self.table)?);
        }
        let request = self
            .client
            .transact_write_items()
            .set_transact_items(Some(writes));
        let mut token = ids::guid();
        let mut uncertain = 0;
        let mut failure = None;
        loop {
            let contended = retry.next().await;
            contended.map_err(|contended| failure.take().unwrap_or(contended))?;
            let attempt = request.clone().client_request_token(token.to_string());
            let Err(error) = attempt.send().await else {
                return Ok(Committed::Done);
            };
            if may_be_done(&error) {
                uncertain += 1;
                if uncertain >= UNCERTAIN_SENDS {
                    return Err(translate(error));
                }
                failure = Some(translate(error));
                continue;
            }
            let busy = match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
                    let refusals = refusals(canceled, &tags);
                    let mut found = refusals.iter().filter_map(|(_, item)| item.as_ref());
                    if let Some(later) = found.find_map(item::later) {
                        return Err(later);
                    }
                    if !refusals.is_empty() {
                        return Ok(Committed::Refused(Refusals(refusals)));
                    }
                    busy(canceled)
                }
                Some(TransactWriteItemsError::TransactionInProgressException(_)) => {
                    // The try whose answer was lost still runs; its token is to find it.
                    failure = None;
                    continue;
                }
                _ => None,
            };
            failure = match busy {
                Some(Busy::Throttled) => {
                    let throttled = "transactions were throttled".to_owned();
                    Some(StoreError::Unavailable(throttled))
                }
                Some(Busy::Contended) if on_contention == OnContention::Refuse => {
                    return Ok(Committed::Refused(Refusals(Vec::new())));
                }
                Some(Busy::Contended) => None,
                None => return Err(translate(error)),
            };
            // This try was refused for certain, so the next one is another request to the store.
            token = ids::guid();
        }
    }
}

/// What becomes of a transaction that met another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OnContention {
    SendAgain,
    Refuse,
}

/// The writes whose conditions did not hold. DynamoDB gives one reason for each write, in their order.
/// With each tag is whether an item that would be too large counts.
fn refusals<Tag: Copy>(
    canceled: &TransactionCanceledException,
    tags: &[(Tag, bool)],
) -> Vec<(Tag, Option<Item>)> {
    let reasons = canceled.cancellation_reasons().iter();
    reasons
        .zip(tags)
        .filter(|(reason, (_, if_too_large))| match reason.code() {
            Some("ConditionalCheckFailed") => true,
            Some("ValidationError") => {
                let message = reason.message().unwrap_or_default();
                *if_too_large && message.contains("Item size")
            }
            _ => false,
        })
        .map(|(reason, (tag, _))| (*tag, reason.item().cloned()))
        .collect()
}

/// Why a transaction may succeed if it is sent again.
#[derive(Debug, PartialEq, Eq)]
enum Busy {
    /// Another write holds one of its items.
    Contended,
    /// The table or the partition is over its capacity.
    Throttled,
}

fn busy(canceled: &TransactionCanceledException) -> Option<Busy> {
    let reason = |codes: &[&str]| {
        let mut reasons = canceled.cancellation_reasons().iter();
        reasons.any(|reason| reason.code().is_some_and(|code| codes.contains(&code)))
    };
    let message = canceled.message().unwrap_or_default();
    if reason(&["TransactionConflict"]) || message.contains("TransactionConflict") {
        return Some(Busy::Contended);
    }
    reason(&["ThrottlingError", "ProvisionedThroughputExceeded"]).then_some(Busy::Throttled)
}

#[cfg(test)]
mod tests;
