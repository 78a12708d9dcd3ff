//! What the console reads of a browser: its cookie, the path to go on with, and the days of a page.

use std::sync::LazyLock;

use callbook::model::time::{Instant, Zone};
use console::{Days, Pairs, Session};

use super::parsers::same;

/// What browsers send.
pub const EXAMPLES: [&str; 4] = [
    "vendor;vendor,day",
    "30d",
    "/console/costs?kind=all",
    "84e2b789-d5f4-4634-98fe-dacc9fe42ba3.84e2b789-d5f4-4634-98fe-dacc9fe42ba3.0123456789abcdef0123456789abcdef",
];

/// Zones with every kind of offset.
pub static ZONES: LazyLock<Vec<Zone>> = LazyLock::new(|| {
    let zones = [
        "America/Los_Angeles",
        "Australia/Lord_Howe",
        "Pacific/Kiritimati",
        "UTC",
    ];
    zones
        .map(|zone| Zone::parse(zone).expect("a zone"))
        .to_vec()
});

/// A cookie is read as it is written.
pub fn cookie(text: &str) -> Result<(), String> {
    let parse = |text: &str| {
        let session = Session::parse(text);
        session.map(|session| session.value()).ok_or(())
    };
    same(text, parse, Clone::clone)
}

/// A browser is sent to a path of the console, as it was sent, or nowhere.
pub fn next(text: &str) -> Result<(), String> {
    let is_own = |path: &str| {
        let rest = path.strip_prefix("/console").unwrap_or("x");
        let inside = rest.is_empty() || rest.starts_with(['/', '?']);
        let plain = path
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        inside && plain && !rest.starts_with("//")
    };
    match console::next(text) {
        Some(path) if path != text || !is_own(path) => {
            Err(format!("a browser is sent to {path:?}"))
        }
        _ => Ok(()),
    }
}

/// The days of a page are in order, and its links say the same days.
pub fn days(text: &str) -> Result<(), String> {
    let now = Instant::from_millis(crate::NOON);
    for zone in ZONES.iter() {
        for names in [&["from", "to"][..], &["range"]] {
            let pairs: Vec<_> = names.iter().map(|name| (*name, text)).collect();
            let days = Days::read(&Pairs::of(&pairs), "7d", now, zone);
            let again = Days::read(&days.as_chosen(), "7d", now, zone);
            if days.from > days.to || days != again {
                return Err(format!("{days:?} are read as {again:?}"));
            }
        }
    }
    Ok(())
}
