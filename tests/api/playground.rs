//! GraphiQL: the bundle and its source, and how it runs in a browser.

#[cfg(chromium_found)]
mod browser;

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

/// The files below a folder, as paths relative to the root.
fn files_below(root: &Path, folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path: PathBuf = entry.expect("an entry").path();
        if path.is_dir() {
            files_below(root, &path, found);
        } else {
            let relative = path.strip_prefix(root).expect("it lies below");
            found.push(relative.to_str().expect("UTF-8").replace('\\', "/"));
        }
    }
}

#[test]
fn the_bundle_was_built_from_the_source_beside_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("playground");
    let mut files = ["build.js", "index.html", "package-lock.json", "package.json", "vite.config.js"]
        .map(str::to_owned)
        .to_vec();
    files_below(&root, &root.join("src"), &mut files);
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        let content = fs::read(root.join(&file)).expect("a source file");
        hash.update(format!("{file}\0{}\0", content.len()));
        hash.update(content);
    }
    let mut hex = String::new();
    for byte in hash.finalize() {
        write!(hex, "{byte:02x}").expect("a string takes it");
    }
    let built_from = fs::read_to_string(root.join("dist/SOURCE.sha256")).expect("the bundle's hash");
    assert_eq!(built_from, format!("{hex}\n"), "build it again: playground/README.md");
}
