//! README.md and the pages in docs/, with the blocks of code and the sections in them.

use std::{fs, path::Path};

/// A page of the documentation.
#[derive(Debug)]
pub(crate) struct Page {
    /// Its path from the root of the repository, such as `docs/api.md`.
    pub(crate) name: String,
    pub(crate) text: String,
}

/// A fenced block of code.
#[derive(Debug)]
pub(crate) struct Block {
    /// The page and line of its opening fence, such as `docs/api.md:31`.
    pub(crate) at: String,
    /// The words after the opening fence, such as `json answer`.
    pub(crate) info: String,
    pub(crate) text: String,
}

/// Returns the names of README.md and of all pages in docs/.
pub(crate) fn names() -> Vec<String> {
    let entries = fs::read_dir(root().join("docs")).expect("the folder docs");
    let files = entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"));
    let pages = files.filter_map(|file| Some(format!("docs/{}.md", file.strip_suffix(".md")?)));
    let mut names: Vec<_> = pages.collect();
    names.push("README.md".to_owned());
    names.sort();
    names
}

/// Reads README.md and all pages in docs/.
pub(crate) fn all() -> Vec<Page> {
    names().iter().map(|name| Page::read(name)).collect()
}

/// Returns the root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

impl Page {
    /// Reads a page by its path from the root of the repository.
    pub(crate) fn read(name: &str) -> Self {
        let text = fs::read_to_string(root().join(name));
        let text = text.unwrap_or_else(|error| panic!("{name} cannot be read: {error}"));
        Self { name: name.to_owned(), text }
    }

    /// Returns all fenced blocks, from the top.
    pub(crate) fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut open: Option<Block> = None;
        for (index, line) in self.text.lines().enumerate() {
            match (line.trim_start().strip_prefix("```"), &mut open) {
                (Some(info), None) => {
                    let at = format!("{}:{}", self.name, index + 1);
                    open = Some(Block { at, info: info.trim().to_owned(), text: String::new() });
                }
                (Some(_), Some(_)) => blocks.extend(open.take()),
                (None, Some(block)) => {
                    block.text.push_str(line);
                    block.text.push('\n');
                }
                (None, None) => {}
            }
        }
        assert!(open.is_none(), "the last block of {} is not closed", self.name);
        blocks
    }

    /// Returns the lines outside of fenced blocks.
    pub(crate) fn prose(&self) -> Vec<&str> {
        let mut in_block = false;
        let is_prose = |line: &&str| {
            let is_fence = line.trim_start().starts_with("```");
            in_block ^= is_fence;
            !in_block && !is_fence
        };
        self.text.lines().filter(is_prose).collect()
    }

    /// Returns the prose below a heading of the second level, up to the next one.
    pub(crate) fn section(&self, heading: &str) -> Vec<&str> {
        let mut lines = self.prose().into_iter();
        let found = lines.any(|line| line.strip_prefix("## ") == Some(heading));
        assert!(found, "{} has no section `{heading}`", self.name);
        lines.take_while(|line| !line.starts_with("## ")).collect()
    }
}
