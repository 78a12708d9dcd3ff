//! Lists as Fone Dynamics' clients page through them: so many, from there on, and how many there are.
//!
//! A page ends at a name of its last row (a sid, a number) and the next one begins behind that name, so
//! what is made or removed between two pages neither hides a row nor shows one twice.

use crate::dialect::fonedynamics::field;
use crate::edge::Parameters;
use crate::fields::{Fields, invalid};
use crate::paging::{ListQuestion, PageKey};

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

    /// Cuts the page out of the whole list, whose names are in order.
    #[must_use]
    pub fn cut<T>(
        &self,
        mut list: Vec<T>,
        name: impl Fn(&T) -> String,
        key: &PageKey,
        question: &ListQuestion<'_>,
    ) -> Page<T> {
        let total = list.len();
        let from = match &self.from {
            From::Skip(skip) => (*skip).min(total),
            From::Behind(last) => list.partition_point(|row| name(row) <= *last),
        };
        let mut rows = list.split_off(from);
        let more = rows.len() > self.count;
        rows.truncate(self.count);
        let next = rows
            .last()
            .filter(|_| more)
            .map(|last| key.list_token(question, &name(last)));
        Page { rows, total, next }
    }
}

/// Digits that a count fits.
fn whole(text: &str) -> Option<usize> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}
