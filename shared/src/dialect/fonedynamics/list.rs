//! Pages of Fone Dynamics' lists: `Results_Count`, `Results_Skip` and `PageToken`.
//!
//! A page ends at the key of its last row (a sid, a number), and the next page begins after that key.
//! Rows that are created or deleted between two pages do not hide other rows or make them appear twice.

use std::collections::BTreeMap;

use super::field;
use crate::model::field::Field;
use crate::problem::Fault;
use crate::request::Reader;
use crate::request::page_token::{Cursor, Pager};

/// The maximum and the default of `Results_Count`.
const MOST_RESULTS: usize = 200;

/// The page that a request asks for.
pub struct PageRequest<'a> {
    pager: Pager<'a>,
    count: usize,
    start: PageStart,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum PageStart {
    /// After this many rows of the list.
    Skip(usize),
    /// Where the previous page ended.
    Cursor(Cursor),
}

/// One page of a list.
#[derive(Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows of the page.
    pub rows: Vec<T>,
    /// The number of rows in the whole list.
    pub total: usize,
    /// The token of the next page, if there is one.
    pub next_token: Option<String>,
}

impl<'a> PageRequest<'a> {
    /// The parameters of every list.
    pub const FIELDS: [Field; 3] = [field::RESULTS_COUNT, field::RESULTS_SKIP, field::PAGE_TOKEN];

    /// Reads the page parameters. Returns `None` if one of them is at fault.
    pub fn read(reader: &mut Reader<'_>, pager: Pager<'a>) -> Option<Self> {
        let count = reader.optional(field::RESULTS_COUNT, |text| {
            whole(text)
                .filter(|count| (1..=MOST_RESULTS).contains(count))
                .ok_or_else(|| {
                    Fault::invalid(format!("expected a whole number from 1 to {MOST_RESULTS}"))
                })
        });
        let has_token = reader.has_value(field::PAGE_TOKEN);
        let skip = reader.optional(field::RESULTS_SKIP, |text| match whole(text) {
            None => Err(Fault::invalid("expected a whole number")),
            Some(_) if has_token => Err(Fault::invalid("expected this or PageToken, not both")),
            Some(skip) => Ok(skip),
        });
        let cursor = reader.optional(field::PAGE_TOKEN, |token| {
            pager.open(field::PAGE_TOKEN, token)
        });
        let start = match (cursor?, skip?) {
            (Some(cursor), _) => PageStart::Cursor(cursor),
            (None, skip) => PageStart::Skip(skip.unwrap_or(0)),
        };
        Some(Self {
            count: count?.unwrap_or(MOST_RESULTS),
            pager,
            start,
        })
    }

    /// Returns the maximum number of rows on the page.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Returns the number of rows to skip. It is 0 if a token says where the page begins.
    #[must_use]
    pub fn skip(&self) -> usize {
        match self.start {
            PageStart::Skip(skip) => skip,
            PageStart::Cursor(_) => 0,
        }
    }

    /// Returns the cursor of the request's page token.
    #[must_use]
    pub fn cursor(&self) -> Option<&Cursor> {
        match &self.start {
            PageStart::Skip(_) => None,
            PageStart::Cursor(cursor) => Some(cursor),
        }
    }

    /// Returns the token of the page that begins at `cursor`.
    #[must_use]
    pub fn token(&self, cursor: &Cursor) -> String {
        self.pager.sign(cursor)
    }

    /// Returns a builder for a list whose rows are added one by one.
    #[must_use]
    pub fn builder<T>(&self) -> PageBuilder<'_, T> {
        PageBuilder {
            request: self,
            rows: BTreeMap::new(),
            total: 0,
        }
    }

    /// Cuts the page out of the whole list. `key` must be unique for each row.
    #[must_use]
    pub fn page<T>(&self, list: Vec<T>, key: impl Fn(&T) -> String) -> Page<T> {
        let mut page = self.builder();
        for row in list {
            page.add(key(&row), row);
        }
        page.finish()
    }
}

/// Builds a page from the rows of a list.
///
/// It holds only the rows of the page and those that `Results_Skip` skips, however long the list is.
pub struct PageBuilder<'a, T> {
    request: &'a PageRequest<'a>,
    /// The first rows by key, up to the end of the page, and one more to detect a next page.
    rows: BTreeMap<String, T>,
    total: usize,
}

impl<T> PageBuilder<'_, T> {
    /// Adds a row, in any order. Each row has a unique key.
    pub fn add(&mut self, key: String, row: T) {
        self.total += 1;
        let request = self.request;
        if request.cursor().is_some_and(|cursor| key <= cursor.after) {
            return;
        }
        self.rows.insert(key, row);
        if self.rows.len() > request.skip().saturating_add(request.count + 1) {
            self.rows.pop_last();
        }
    }

    /// Returns the page, once every row has been added.
    #[must_use]
    pub fn finish(self) -> Page<T> {
        let Self {
            request,
            rows,
            total,
        } = self;
        let mut rows = rows.into_iter().skip(request.skip());
        let page: Vec<(String, T)> = rows.by_ref().take(request.count).collect();
        let last = page.last().filter(|_| rows.next().is_some());
        let next_token = last.map(|(key, _)| request.token(&Cursor::after(key)));
        Page {
            rows: page.into_iter().map(|(_, row)| row).collect(),
            total,
            next_token,
        }
    }
}

/// Parses a whole number: only digits, and small enough for a `usize`.
fn whole(text: &str) -> Option<usize> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::account::AccountId;
    use crate::model::rules::NormalPath;
    use crate::request::page_token::PageKey;

    #[test]
    fn a_builder_holds_only_the_rows_of_its_page_and_the_skipped_ones() {
        let key = PageKey::new(&"k".repeat(32)).unwrap();
        let account = AccountId::parse("12345").unwrap();
        let path = NormalPath::of("/v2/Properties");
        for (start, most) in [
            (PageStart::Skip(0), 3),
            (PageStart::Skip(4), 7),
            (PageStart::Cursor(Cursor::after("00500")), 3),
        ] {
            let request = PageRequest {
                pager: Pager::new(&key, &account, &path, &()).unwrap(),
                count: 2,
                start,
            };
            let mut page = request.builder();
            // Every number once, in a mixed order.
            for n in (0..1_000).map(|n| n * 371 % 1_000) {
                page.add(format!("{n:05}"), n);
                assert!(page.rows.len() <= most);
            }
            let held: Vec<_> = page.rows.into_values().collect();
            let first = match request.cursor() {
                Some(_) => 501,
                None => 0,
            };
            assert_eq!(held, (first..first + held.len()).collect::<Vec<_>>());
            assert_eq!(held.len(), most);
        }
    }
}
