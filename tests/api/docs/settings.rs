//! The tables of settings name all settings of the program, with their defaults.

use std::collections::BTreeSet;

use crate::{
    program::{folder, run},
    support::pages::Page,
};

/// A setting, read from `--help`.
#[derive(Debug)]
struct Setting {
    flag: String,
    variable: String,
    default: String,
}

/// Returns the text in brackets after a word, as in `[default: 8]`.
fn bracketed<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    text.split_once(&format!("[{word}: "))?.1.split(']').next()
}

fn settings() -> Vec<Setting> {
    let help = run(folder().path(), &["--help"]).ok();
    // Help is wrapped: a bracket may begin in one line and end in the next.
    let mut texts: Vec<String> = Vec::new();
    for line in help.lines().map(str::trim) {
        if line.starts_with('-') && !line.starts_with("- ") {
            texts.push(String::new());
        }
        if let Some(text) = texts.last_mut() {
            text.push_str(line);
            text.push(' ');
        }
    }
    let setting = |text: &String| {
        let flag = text.split(' ').next().filter(|flag| flag.starts_with("--"))?.to_owned();
        let variable =
            bracketed(text, "env").expect("a variable").split('=').next().expect("a name").to_owned();
        let default = bracketed(text, "default").unwrap_or("none").to_owned();
        Some(Setting { flag, variable, default })
    };
    texts.iter().filter_map(setting).collect()
}

/// Returns the rows of all tables on a page, as cells without backticks and thousands separators.
fn rows(page: &str) -> Vec<Vec<String>> {
    let page = Page::read(page);
    let lines = page.prose().into_iter().filter(|line| line.starts_with('|'));
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().replace(['`', ','], "")).collect();
    lines.map(cells).collect()
}

fn has(row: &[String], text: &str) -> bool {
    row.iter().any(|cell| cell == text)
}

#[test]
fn every_setting_stands_in_a_table_with_its_default() {
    let settings = settings();
    assert!(settings.len() > 30, "{settings:#?}");
    let (operations, limits) = (rows("docs/operations.md"), rows("docs/limits.md"));
    for Setting { flag, variable, default } in &settings {
        let with_variable: Vec<_> = operations.iter().filter(|row| has(row, flag)).collect();
        let without: Vec<_> = limits.iter().filter(|row| has(row, flag)).collect();
        assert!(with_variable.len() + without.len() > 0, "{flag} stands in no table");
        for row in &with_variable {
            assert!(has(row, variable), "{flag} is also {variable}: {row:?}");
        }
        if !without.is_empty() {
            let regular = flag.trim_start_matches('-').to_uppercase().replace('-', "_");
            assert_eq!(*variable, regular, "the page says how a flag's variable is called");
        }
        for row in with_variable.iter().chain(&without) {
            assert!(has(row, default), "the default of {flag} is {default}: {row:?}");
        }
    }
    let cells = operations.iter().chain(&limits).flatten();
    let shown: BTreeSet<_> =
        cells.filter(|cell| cell.starts_with("--") && !cell.starts_with("---")).collect();
    let known: BTreeSet<_> = settings.iter().map(|setting| &setting.flag).collect();
    assert_eq!(shown, known);
}
