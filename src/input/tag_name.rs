//! Names of tags: their normal form, and the key by which they are told apart.

use unicode_normalization::UnicodeNormalization as _;

use super::{
    problem::{ProblemCode, Problems},
    text::{self, Lines, comparison_key, is_blank},
};

/// Maximum characters of a tag's name.
const MAX_CHARS: usize = 64;

/// A tag's name in its normal form: trimmed and composed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TagName {
    pub(crate) name: String,
    /// What tags are compared by: the name without case.
    pub(crate) key: String,
}

impl TagName {
    /// Normalizes a name, or reports a problem at the path.
    pub(crate) fn check(problems: &mut Problems, path: &str, name: &str) -> Option<Self> {
        let name: String = name.trim().nfc().collect();
        if is_blank(&name) {
            problems.add(path, ProblemCode::TagInvalid, "is blank");
            return None;
        }
        text::check(problems, path, &name, MAX_CHARS, Lines::One)
            .then(|| Self { key: comparison_key(&name), name })
    }
}
