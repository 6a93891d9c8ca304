//! Looks for what only the tests need: a PostgreSQL server and Chromium.
//!
//! Where they are found, the tests that need them are compiled (`cfg(postgres_found)`,
//! `cfg(chromium_found)`), so that a test which cannot run does not exist instead of passing. The
//! gateway itself is the same either way.
//!
//! | variable | meaning |
//! | --- | --- |
//! | `PG_BIN_DIR` | the folder of `initdb`, `postgres` and `pg_ctl`; empty: use no PostgreSQL |
//! | `REQUIRE_POSTGRES=1`, `REQUIRE_CHROMIUM=1` | not to find it fails the build |

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders whose entries are PostgreSQL installations, a version each, and how those entries begin.
const INSTALLATIONS: [(&str, &str); 7] = [
    ("/usr/lib/postgresql", ""),
    ("/usr", "pgsql-"),
    ("/usr/libexec", "postgresql"),
    ("/opt/homebrew/opt", "postgresql"),
    ("/usr/local/opt", "postgresql"),
    ("/opt/local/lib", "postgresql"),
    ("/Applications/Postgres.app/Contents/Versions", ""),
];

const CHROMIUM_NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
const CHROMIUM_FILES: [&str; 2] = [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

fn main() {
    println!("cargo::rustc-check-cfg=cfg(postgres_found, chromium_found)");
    println!("cargo::rerun-if-changed=build.rs");
    for name in ["PG_BIN_DIR", "REQUIRE_POSTGRES", "REQUIRE_CHROMIUM"] {
        println!("cargo::rerun-if-env-changed={name}");
    }

    let postgres = postgres_bin_dir();
    if let Some(dir) = &postgres {
        println!("cargo::rustc-cfg=postgres_found");
        println!("cargo::rustc-env=POSTGRES_BIN_DIR={}", dir.display());
        println!("cargo::rerun-if-changed={}", dir.join("postgres").display());
    } else {
        missing(
            "REQUIRE_POSTGRES",
            "PostgreSQL was not found: the tests run on SQLite only (install its server and touch build.rs, or name the folder of initdb in PG_BIN_DIR)",
        );
    }

    let chromium = chromium();
    if let Some(file) = &chromium {
        println!("cargo::rustc-cfg=chromium_found");
        println!("cargo::rustc-env=CHROMIUM={}", file.display());
        println!("cargo::rerun-if-changed={}", file.display());
    } else {
        missing(
            "REQUIRE_CHROMIUM",
            "Chromium was not found: the tests in a browser do not run (have `chromium` in PATH)",
        );
    }

    // To run again compiles the gateway again. So PATH counts only where it could change what was
    // found, and never where somebody merely builds a release.
    if is_for_development() && (postgres.is_none() || chromium.is_none()) {
        println!("cargo::rerun-if-env-changed=PATH");
    }
}

/// An error where the variable demands what is missing, otherwise one line to who may run tests.
fn missing(required_by: &str, line: &str) {
    if env::var_os(required_by).is_some_and(|value| !value.is_empty() && value != "0") {
        println!("cargo::error={line}; {required_by} is set");
    } else if is_for_development() {
        println!("cargo::warning={line}");
    }
}

/// False in `--release` and the profiles made of it.
fn is_for_development() -> bool {
    env::var_os("PROFILE").is_some_and(|profile| profile == "debug")
}

fn postgres_bin_dir() -> Option<PathBuf> {
    if let Some(dir) = env::var_os("PG_BIN_DIR") {
        let found = postgres_in(Path::new(&dir));
        if found.is_none() && !dir.is_empty() {
            println!("cargo::error=PG_BIN_DIR has no initdb, postgres and pg_ctl: {}", dir.display());
        }
        return found;
    }
    path_entries().find_map(|dir| postgres_in(&dir)).or_else(|| {
        INSTALLATIONS.iter().find_map(|(folder, prefix)| {
            versions(Path::new(folder), prefix)
                .iter()
                .find_map(|dir| postgres_in(&dir.join("bin")).or_else(|| postgres_in(dir)))
        })
    })
}

/// The folder, links followed, where the programs of a server lie together: `initdb` looks for
/// `postgres` beside its real self.
fn postgres_in(dir: &Path) -> Option<PathBuf> {
    let initdb = fs::canonicalize(dir.join("initdb")).ok()?;
    let dir = initdb.parent()?;
    ["initdb", "postgres", "pg_ctl"].iter().all(|name| dir.join(name).is_file()).then(|| dir.to_owned())
}

/// The entries that begin with the prefix, the highest version first.
fn versions(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let rest = name.strip_prefix(prefix)?.trim_start_matches(['@', '-']);
            let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
            Some((digits.parse().unwrap_or(0), entry.path()))
        })
        .collect();
    found.sort_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, dir)| dir).collect()
}

fn chromium() -> Option<PathBuf> {
    path_entries()
        .flat_map(|dir| CHROMIUM_NAMES.map(|name| dir.join(name)))
        .chain(CHROMIUM_FILES.map(PathBuf::from))
        .find(|file| file.is_file())
}

/// The entries of PATH that are absolute.
fn path_entries() -> impl Iterator<Item = PathBuf> {
    let path: OsString = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).filter(|dir| dir.is_absolute()).collect::<Vec<_>>().into_iter()
}
