//! The layers of ARCHITECTURE.md: an import runs downwards only, and every file is compiled.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Modules of the library, from the bottom up. A module may import those of the lines above its own.
const LAYERS: &[&[&str]] = &[
    &["request_id"],
    &["clock", "error", "metrics", "number", "turns"],
    &["database", "input"],
    &["access", "organizations"],
    &["paging", "writing"],
    &["contacts", "directory"],
    &["cascades"],
    &["reference"],
    &["api_keys", "companies", "pipelines", "tags", "teams", "users"],
    &["policies"],
    &["graphql"],
    &["http"],
    &["config"],
    &["maintenance", "telemetry"],
    &["cli"],
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let files = entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] });
    files.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

/// Returns the text of a file without comments, and without its unit tests, which may look upwards.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("a text");
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    let text = lines.collect::<Vec<_>>().join("\n");
    text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned()
}

/// Returns the top-level module that a file belongs to.
fn module(path: &Path) -> String {
    let path = path.strip_prefix(root()).expect("a file of the library").with_extension("");
    path.iter().next().expect("a name").to_string_lossy().into_owned()
}

/// Returns the modules that a text names directly below `crate`, as `crate::a::…` and
/// `use crate::{a::…, b};`.
fn imports(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let paths = match rest.strip_prefix('{') {
            Some(tree) => members(tree),
            None => vec![rest],
        };
        for path in paths {
            let name = path.trim().split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next();
            found.extend(name.filter(|name| !name.is_empty()).map(str::to_owned));
        }
    }
    found
}

/// Returns the members of a use tree whose opening brace has been read.
fn members(tree: &str) -> Vec<&str> {
    let (mut depth, mut start, mut members) = (0, 0, Vec::new());
    for (at, c) in tree.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                members.push(&tree[start..at]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                members.push(&tree[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    members
}

#[test]
fn an_import_runs_downwards() {
    let level: BTreeMap<&str, usize> = LAYERS
        .iter()
        .zip(0..)
        .flat_map(|(layer, level)| layer.iter().map(move |name| (*name, level)))
        .collect();
    let mut seen = BTreeSet::new();
    for path in files(&root()) {
        let own = module(&path);
        if ["lib", "main"].contains(&own.as_str()) {
            continue;
        }
        let own_level =
            level.get(own.as_str()).unwrap_or_else(|| panic!("`{own}` has no layer: give it one"));
        for import in imports(&code(&path)) {
            let Some(imported) = level.get(import.as_str()).filter(|_| import != own) else { continue };
            assert!(imported < own_level, "{}: `{own}` may not import `{import}`", path.display());
        }
        seen.insert(own);
    }
    assert_eq!(seen.len(), level.len(), "a layer names a module that does not exist");
}

#[test]
fn the_api_holds_no_sql_and_nothing_below_it_knows_graphql() {
    let above: BTreeSet<&str> = ["graphql", "http", "cli", "main", "lib"].into();
    for path in files(&root()) {
        let (own, code) = (module(&path), code(&path));
        if own == "graphql" {
            assert!(!code.contains("sea_orm"), "{} imports the SQL library", path.display());
        } else if !above.contains(own.as_str()) {
            assert!(!code.contains("async_graphql"), "{} imports the GraphQL library", path.display());
        }
    }
}

#[test]
fn every_file_is_compiled() {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![root().join("lib.rs"), root().join("main.rs")];
    while let Some(path) = waiting.pop() {
        let folder = match path.file_name().and_then(|name| name.to_str()) {
            Some("lib.rs" | "main.rs") => root(),
            _ => path.with_extension(""),
        };
        for line in fs::read_to_string(&path).expect("a text").lines() {
            let line = line.trim().strip_suffix(';').and_then(|line| line.split_once("mod "));
            if let Some((visibility, name)) = line
                && (visibility.is_empty() || visibility.starts_with("pub"))
            {
                waiting.push(folder.join(name).with_extension("rs"));
            }
        }
        assert!(reached.insert(path.clone()), "{} is compiled twice", path.display());
    }
    let unused: Vec<_> = files(&root()).into_iter().filter(|path| !reached.contains(path)).collect();
    assert!(unused.is_empty(), "no module declares {unused:?}");
}
