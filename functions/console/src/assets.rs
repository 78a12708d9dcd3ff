//! The stylesheet and the script, named by their contents, so that browsers may keep them for good.

use std::sync::LazyLock;

use callbook::dialect::{Answer, console as dialect};
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("assets/console.css");
const SCRIPT: &str = include_str!("assets/console.js");

/// The file name of the stylesheet.
pub static STYLE_NAME: LazyLock<String> = LazyLock::new(|| named("console", STYLE, "css"));

/// The file name of the script.
pub static SCRIPT_NAME: LazyLock<String> = LazyLock::new(|| named("console", SCRIPT, "js"));

fn named(name: &str, text: &str, extension: &str) -> String {
    let hash: String = hex::encode(Sha256::digest(text)).chars().take(12).collect();
    format!("{name}-{hash}.{extension}")
}

/// Answers with the file of a name.
pub fn answer(name: &str) -> Option<Answer> {
    if name == *STYLE_NAME {
        return Some(dialect::asset("text/css; charset=utf-8", STYLE));
    }
    let script = "text/javascript; charset=utf-8";
    (name == *SCRIPT_NAME).then(|| dialect::asset(script, SCRIPT))
}
