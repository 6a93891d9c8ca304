//! Languages by their BCP 47 tags.

use std::{collections::HashSet, sync::LazyLock};

use oxilangtag::LanguageTag;

/// Language subtags of the IANA Language Subtag Registry of 2025-08-25, without the range for private use.
const SUBTAGS: &str = include_str!("languages.txt");

static LANGUAGES: LazyLock<HashSet<&str>> = LazyLock::new(|| SUBTAGS.split_ascii_whitespace().collect());

/// Returns a BCP 47 language tag in its recommended case. `pt_BR` is read as `pt-BR`.
///
/// A well-formed tag need not name a language: "English" is well-formed. Therefore the first subtag must be
/// in the registry.
pub(crate) fn language(text: &str) -> Option<String> {
    let text = text.trim().replace('_', "-");
    let tag = LanguageTag::parse_and_normalize(&text).ok()?;
    let (first, rest) = tag.split_once('-').unwrap_or((&tag, ""));
    // A shorter or longer subtag could sort into the range too.
    let is_private = first.len() == 3 && ("qaa"..="qtz").contains(&first);
    // Tags that begin with `i-` are registered as a whole, and the parser accepts only registered ones.
    let is_registered = LANGUAGES.contains(first) || is_private || (first == "i" && !rest.is_empty());
    is_registered.then(|| tag.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_begins_with_a_language_of_the_registry() {
        for (given, tag) in [
            ("pt_br", "pt-BR"),
            ("EN", "en"),
            ("haw", "haw"),
            ("yue-hant-HK", "yue-Hant-HK"),
            ("ber", "ber"),
            ("cel", "cel"),
            ("tlh", "tlh"),
            ("mul", "mul"),
            ("und", "und"),
            ("qaa", "qaa"),
            ("qtz-x-own", "qtz-x-own"),
            ("sr-Latn", "sr-Latn"),
            ("es-419", "es-419"),
            ("de-1996", "de-1996"),
            ("i-klingon", "i-klingon"),
        ] {
            assert_eq!(language(given).as_deref(), Some(tag), "{given}");
        }
        for given in [
            "English",
            "german",
            "Deutsch",
            "xx",
            "zz-ZZ",
            "qzz",
            "not a language",
            "",
            "e",
            "en-",
            "-",
            "x-own",
            "i",
            "i-own",
            "en US",
            "eng",
            "spa-ES",
        ] {
            assert_eq!(language(given), None, "{given}");
        }
    }
}
