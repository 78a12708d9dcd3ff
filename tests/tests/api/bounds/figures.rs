//! The figures as `shared/src/ledger/keys/bounds.rs` writes them.

use std::collections::BTreeMap;

const TEXT: &str = include_str!("../../../../shared/src/ledger/keys/bounds.rs");

/// The most units of each pattern.
pub struct Figures(BTreeMap<String, Figure>);

/// A number, or a number for each so many of what the pattern grows with.
#[derive(Clone, Copy)]
struct Figure {
    least: usize,
    per: Option<usize>,
}

impl Figures {
    /// Reads the table.
    pub fn read() -> Self {
        let mut all = BTreeMap::new();
        for line in TEXT.lines().filter_map(|line| line.strip_prefix("//! | ")) {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let [patterns, most, ..] = cells.as_slice() else {
                continue;
            };
            let Some(figure) = Figure::read(most) else {
                continue;
            };
            for pattern in patterns.split(", ") {
                all.insert(pattern.to_owned(), figure);
            }
        }
        assert!(all.len() > 30, "{}", all.len());
        Self(all)
    }

    /// The most units of a pattern, for `many` of what it grows with.
    pub fn most(&self, pattern: &str, many: usize) -> f64 {
        let figure = self.0.get(pattern);
        let Figure { least, per } = figure.unwrap_or_else(|| panic!("{pattern} has no figure"));
        let most = least + per.map_or(0, |per| many.div_ceil(per));
        f64::from(u32::try_from(most).expect("not that many"))
    }
}

impl Figure {
    /// `3`, `n/16` or `3 + n/16`.
    fn read(text: &str) -> Option<Self> {
        let (least, rest) = match text.split_once(" + ") {
            Some((least, rest)) => (least, Some(rest)),
            None if text.starts_with("n/") => ("0", Some(text)),
            None => (text, None),
        };
        let per = match rest {
            Some(rest) => Some(rest.strip_prefix("n/")?.parse().ok()?),
            None => None,
        };
        Some(Self {
            least: least.parse().ok()?,
            per,
        })
    }
}
