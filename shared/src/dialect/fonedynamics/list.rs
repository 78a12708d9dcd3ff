//! Lists as Fone Dynamics' clients page through them: so many, from there on, and how many there are.
//!
//! A page ends at a name of its last row (a sid, a number) and the next one begins behind that name, so
//! what is made or removed between two pages neither hides a row nor shows one twice.

use std::collections::BTreeMap;

use super::field;
use crate::request::Parameters;
use crate::request::fields::{Fields, invalid};
use crate::request::page_token::{ListQuestion, PageKey};

/// The most of a list that one answer holds, and what it holds unless it is asked for less.
const MOST_RESULTS: usize = 200;

/// Which part of a list is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    count: usize,
    from: From,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum From {
    /// So many are passed over.
    Skip(usize),
    /// What this is the name of, and all in front of it, was shown before.
    Behind(String),
}

/// One page of a list.
#[derive(Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// Its rows.
    pub rows: Vec<T>,
    /// How many rows the list has, on this page and the others.
    pub total: usize,
    /// What the next page is asked for by, where there is one.
    pub next: Option<String>,
}

impl Wanted {
    /// Reads `Results_Count`, `Results_Skip` and `PageToken`; `None` where one of them is at fault. A token
    /// is good for the very list that it was given out for.
    pub fn read(
        fields: &mut Fields,
        parameters: &Parameters,
        key: &PageKey,
        question: &ListQuestion<'_>,
    ) -> Option<Self> {
        let count = fields.optional(
            field::RESULTS_COUNT,
            parameters.given(field::RESULTS_COUNT),
            |text| {
                whole(text)
                    .filter(|count| (1..=MOST_RESULTS).contains(count))
                    .ok_or_else(|| {
                        invalid(format!("expected a whole number from 1 to {MOST_RESULTS}"))
                    })
            },
        );
        let token = parameters.given(field::PAGE_TOKEN);
        let skip = fields.optional(
            field::RESULTS_SKIP,
            parameters.given(field::RESULTS_SKIP),
            |text| match (whole(text), token) {
                (None, _) => Err(invalid("expected a whole number")),
                (Some(_), Some(_)) => Err(invalid("expected this or PageToken, not both")),
                (Some(skip), None) => Ok(skip),
            },
        );
        let behind = fields.optional(field::PAGE_TOKEN, token, |token| {
            key.list_position(question, token)
                .ok_or_else(|| invalid("this token is none of this list's pages"))
        });
        let from = match (behind?, skip?) {
            (Some(name), _) => From::Behind(name),
            (None, skip) => From::Skip(skip.unwrap_or(0)),
        };
        Some(Self {
            count: count?.unwrap_or(MOST_RESULTS),
            from,
        })
    }

    /// How many rows a page has at most.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// How many rows are passed over; 0 where a token says where the page begins.
    #[must_use]
    pub fn skip(&self) -> usize {
        match self.from {
            From::Skip(skip) => skip,
            From::Behind(_) => 0,
        }
    }

    /// The name that a token says the page begins behind.
    #[must_use]
    pub fn behind(&self) -> Option<&str> {
        match &self.from {
            From::Skip(_) => None,
            From::Behind(name) => Some(name),
        }
    }

    /// The page of a list whose rows come one by one.
    #[must_use]
    pub fn gather<T>(&self) -> Gathering<'_, T> {
        Gathering {
            wanted: self,
            rows: BTreeMap::new(),
            total: 0,
        }
    }

    /// Cuts the page out of the whole list.
    #[must_use]
    pub fn cut<T>(
        &self,
        list: Vec<T>,
        name: impl Fn(&T) -> String,
        key: &PageKey,
        question: &ListQuestion<'_>,
    ) -> Page<T> {
        let mut page = self.gather();
        for row in list {
            page.add(name(&row), row);
        }
        page.finish(key, question)
    }
}

/// A page on its way out of a list. No more rows are held than lie on the page or are passed over in front
/// of it, however long the list is.
#[derive(Debug)]
pub struct Gathering<'a, T> {
    wanted: &'a Wanted,
    /// The first of those that may be on the page, by their names, and one more, which tells whether any
    /// follow.
    rows: BTreeMap<String, T>,
    total: usize,
}

impl<T> Gathering<'_, T> {
    /// Adds a row of the list, in whatever order; no two have the same name.
    pub fn add(&mut self, name: String, row: T) {
        self.total += 1;
        if self
            .wanted
            .behind()
            .is_some_and(|last| name.as_str() <= last)
        {
            return;
        }
        self.rows.insert(name, row);
        if self.rows.len() > self.wanted.skip().saturating_add(self.wanted.count + 1) {
            self.rows.pop_last();
        }
    }

    /// The page, when every row has been added.
    #[must_use]
    pub fn finish(self, key: &PageKey, question: &ListQuestion<'_>) -> Page<T> {
        let Self {
            wanted,
            rows,
            total,
        } = self;
        let mut rows = rows.into_iter().skip(wanted.skip());
        let page: Vec<(String, T)> = rows.by_ref().take(wanted.count).collect();
        let last = page.last().filter(|_| rows.next().is_some());
        let next = last.map(|(name, _)| key.list_token(question, name));
        Page {
            rows: page.into_iter().map(|(_, row)| row).collect(),
            total,
            next,
        }
    }
}

/// Digits that a count fits.
fn whole(text: &str) -> Option<usize> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_holds_no_more_of_a_list_than_lies_on_it() {
        for (from, most) in [
            (From::Skip(0), 3),
            (From::Skip(4), 7),
            (From::Behind("00500".to_owned()), 3),
        ] {
            let wanted = Wanted { count: 2, from };
            let mut page = wanted.gather();
            // In no order: each of them comes once.
            for n in (0..1_000).map(|n| n * 371 % 1_000) {
                page.add(format!("{n:05}"), n);
                assert!(page.rows.len() <= most);
            }
            let held: Vec<_> = page.rows.into_values().collect();
            let first = match wanted.behind() {
                Some(_) => 501,
                None => 0,
            };
            assert_eq!(held, (first..first + held.len()).collect::<Vec<_>>());
            assert_eq!(held.len(), most);
        }
    }
}
