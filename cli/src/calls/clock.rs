//! Whether a file's clock was wrong: then most of its rows are at one distance from calls that are already
//! known from another source.

/// How far apart a row and its call may be, in seconds: no clock is set more than a time zone wrong.
const FARTHEST: i64 = 14 * 3_600;

/// How many seconds apart the distances of rows may be that have one cause.
const SPREAD: usize = 5;

/// How many rows a file has at least before its distances say anything.
const LEAST: u32 = 5;

/// Counts how far rows are from calls. Its memory does not grow with the rows.
pub struct Distances {
    /// How many rows there are at each distance, from `-FARTHEST` seconds to `FARTHEST`.
    rows: Vec<u32>,
    /// How many rows were measured.
    measured: u32,
}

impl Default for Distances {
    fn default() -> Self {
        let bins = usize::try_from(2 * FARTHEST + 1).unwrap_or_default();
        Self {
            rows: vec![0; bins],
            measured: 0,
        }
    }
}

impl Distances {
    /// Counts a row: how far the call that it may have been meant for started after it, in milliseconds.
    pub fn count(&mut self, distance: Option<i64>) {
        self.measured += 1;
        let seconds = distance.map(|millis| (millis + 500).div_euclid(1_000));
        // A row that is its call says that the clock is right.
        let bin = seconds.filter(|seconds| *seconds != 0 && seconds.abs() <= FARTHEST);
        let bin = bin.and_then(|seconds| usize::try_from(seconds + FARTHEST).ok());
        if let Some(rows) = bin.and_then(|bin| self.rows.get_mut(bin)) {
            *rows += 1;
        }
    }

    /// What to say about the clock, which was corrected by so many seconds; `None` if nothing speaks against
    /// it.
    #[must_use]
    pub fn hint(&self, clock: i32) -> Option<String> {
        let windows = self.rows.windows(SPREAD).enumerate();
        let sum = |window: &[u32]| window.iter().sum::<u32>();
        let (begins, window) = windows.max_by_key(|(_, window)| sum(window))?;
        let rows = sum(window);
        if rows < LEAST || rows <= self.measured / 2 {
            return None;
        }
        let bins = window.iter().enumerate();
        let seconds = |at: usize| i64::try_from(begins + at).unwrap_or_default() - FARTHEST;
        let found = bins.clone().filter(|(_, rows)| **rows > 0);
        let first = found.clone().map(|(at, _)| seconds(at)).next()?;
        let last = found.map(|(at, _)| seconds(at)).next_back()?;
        let all: i64 = bins.map(|(at, rows)| seconds(at) * i64::from(*rows)).sum();
        let rows_of_all = i64::from(rows);
        let mean = (2 * all + rows_of_all).div_euclid(2 * rows_of_all);
        let clock = i64::from(clock) + mean;
        let (least, most) = (first.abs().min(last.abs()), first.abs().max(last.abs()));
        let range = match least == most {
            true => format!("{least}"),
            false => format!("{least} to {most}"),
        };
        let way = if last > 0 { "later" } else { "earlier" };
        Some(format!(
            "{rows} of {} rows have a call {range} seconds {way}; is this file's clock wrong? Then import \
             it with --clock {clock}",
            self.measured
        ))
    }
}
