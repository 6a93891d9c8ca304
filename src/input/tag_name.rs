//! Names of tags: their normal form, and the key by which they are compared.

use super::{
    problem::{ProblemCode, Problems},
    text::{self, LineBreaks, comparison_key, is_blank},
};

/// Maximum number of characters of a tag's name.
const MAX_CHARS: usize = 64;

/// Name of a tag in its normal form: trimmed, and in NFC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TagName {
    pub(crate) name: String,
    /// Key by which tags are compared: the name with its case folded.
    pub(crate) key: String,
}

impl TagName {
    /// Normalizes a name, or reports a problem at the path.
    pub(crate) fn check(problems: &mut Problems, path: &str, name: &str) -> Option<Self> {
        let name = text::composed(name.trim());
        if is_blank(&name) {
            problems.add(path, ProblemCode::TagInvalid, "is blank. Give the tag a name");
            return None;
        }
        text::check(problems, path, &name, MAX_CHARS, LineBreaks::Refused)
            .then(|| Self { key: comparison_key(&name), name })
    }
}
