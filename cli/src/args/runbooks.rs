//! Every command line of the runbooks in `docs/operate` is one that this command takes.

use std::fs;
use std::path::Path;

use clap::{CommandFactory, Parser};

use super::Cli;

/// The text of each page, by its name.
fn pages() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operate");
    let files = fs::read_dir(folder).expect("docs/operate exists");
    let paths = files.map(|file| file.expect("a file").path());
    let pages = paths.map(|path| {
        let name = path.file_name().expect("a name").to_string_lossy();
        (
            name.into_owned(),
            fs::read_to_string(&path).expect("a text"),
        )
    });
    pages.collect()
}

/// The command lines of a page's shell blocks that run `callbook`, with lines joined that end in a backslash.
fn lines(page: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut inside, mut begun) = (false, String::new());
    for line in page.lines().map(str::trim) {
        if line.starts_with("```") {
            inside = line == "```sh";
            continue;
        }
        begun.push_str(line);
        if begun.ends_with('\\') {
            begun.pop();
            continue;
        }
        let line = std::mem::take(&mut begun);
        if inside && line.starts_with("callbook ") {
            lines.push(line);
        }
    }
    lines
}

/// Splits a line into words as a shell does, up to a comment, a pipe or a redirection.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in line.chars() {
        match character {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            _ => words.last_mut().expect("a word").push(character),
        }
    }
    words.retain(|word| !word.is_empty());
    let ends = ["|", ">", "#", "&&", "||"];
    let words = words.into_iter();
    words
        .take_while(|word| !ends.contains(&word.as_str()))
        .collect()
}

#[test]
fn every_command_of_the_runbooks_parses() {
    let mut tried = 0;
    for (name, page) in pages() {
        let lines = lines(&page);
        assert!(!lines.is_empty(), "{name} has no command");
        for line in lines {
            if let Err(error) = Cli::try_parse_from(words(&line)) {
                panic!("{name}: {line}\n{error}");
            }
            tried += 1;
        }
    }
    assert!(tried > 50, "only {tried} lines were found");
}

/// Commands in the middle of a sentence: their first words are subcommands.
#[test]
fn every_command_that_a_runbook_mentions_exists() {
    let mut tried = 0;
    for (name, page) in pages() {
        for mention in page.split('`').filter(|part| part.starts_with("callbook ")) {
            let words = words(mention);
            let mut command = Cli::command();
            for word in words.iter().skip(1) {
                if word.starts_with('-') || !command.has_subcommands() {
                    break;
                }
                let next = command.find_subcommand(word).cloned();
                command = next.unwrap_or_else(|| panic!("{name}: {mention}"));
                tried += 1;
            }
        }
    }
    assert!(tried > 10, "only {tried} words were found");
}

#[test]
fn lines_are_joined_and_cut_as_a_shell_does() {
    let page = "callbook no\n```sh\ncallbook a 'b c' \\\n  --d | sh\nsam build\n```\ncallbook no\n";
    let found = lines(page);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(words(&found[0]), ["callbook", "a", "b c", "--d"]);
}
