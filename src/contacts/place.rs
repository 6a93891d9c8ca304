//! Countries, time zones, languages and web addresses: each normalized by the library that knows
//! its register.

use chrono_tz::TZ_VARIANTS;
use oxilangtag::LanguageTag;
use url::Url;

/// ISO 3166-1 alpha-2 of a country given as alpha-2, alpha-3, `UK` or its English name.
///
/// A name may leave out what the register adds in brackets, as in "Bolivia (Plurinational State
/// of)", unless two countries differ in just that.
pub(crate) fn country(text: &str) -> Option<String> {
    let upper = text.trim().to_uppercase();
    let code = match upper.as_str() {
        "UK" | "UNITED KINGDOM" => return Some("GB".to_owned()),
        "UNITED STATES" => return Some("US".to_owned()),
        code if code.len() == 2 && text.is_ascii() => rust_iso3166::from_alpha2(code),
        code if code.len() == 3 && text.is_ascii() => rust_iso3166::from_alpha3(code),
        name => by_name(name),
    };
    code.map(|country| country.alpha2.to_owned())
}

fn by_name(upper: &str) -> Option<rust_iso3166::CountryCode> {
    let full = |country: &&rust_iso3166::CountryCode| country.name.to_uppercase() == upper;
    if let Some(country) = rust_iso3166::ALL.iter().find(full) {
        return Some(*country);
    }
    let mut short = rust_iso3166::ALL
        .iter()
        .filter(|country| country.name.split(" (").next().is_some_and(|name| name.to_uppercase() == upper));
    short.next().filter(|_| short.next().is_none()).copied()
}

/// An IANA time zone in its own spelling.
pub(super) fn timezone(text: &str) -> Option<String> {
    let text = text.trim();
    TZ_VARIANTS.iter().map(|zone| zone.name()).find(|name| name.eq_ignore_ascii_case(text)).map(str::to_owned)
}

/// A BCP 47 language tag in its usual case; `pt_BR` is taken for `pt-BR`.
pub(super) fn language(text: &str) -> Option<String> {
    let text = text.trim().replace('_', "-");
    LanguageTag::parse_and_normalize(&text).ok().map(LanguageTag::into_inner)
}

/// A web address: `https://` is added when it has no scheme; other schemes, and addresses with a
/// user in them, are none.
pub(crate) fn web_address(text: &str) -> Option<String> {
    let text = text.trim();
    let address = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&address).ok()?;
    let web = matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some_and(|host| !host.is_empty())
        && url.username().is_empty()
        && url.password().is_none();
    (web && !address.contains(char::is_whitespace)).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_found_by_code_and_by_name() {
        for (given, code) in [
            ("us", "US"),
            (" DEU ", "DE"),
            ("UK", "GB"),
            ("united kingdom", "GB"),
            ("Canada", "CA"),
            ("United States of America", "US"),
            ("united states", "US"),
            ("Bolivia", "BO"),
            ("Congo", "CG"),
        ] {
            assert_eq!(country(given).as_deref(), Some(code), "{given}");
        }
        for given in ["", "XX", "Korea", "Atlantis", "日本", "ß"] {
            assert_eq!(country(given), None, "{given}");
        }
    }

    #[test]
    fn zones_languages_and_addresses_are_normalized() {
        assert_eq!(timezone(" europe/berlin ").as_deref(), Some("Europe/Berlin"));
        assert_eq!(timezone("Berlin"), None);
        assert_eq!(language("pt_br").as_deref(), Some("pt-BR"));
        assert_eq!(language("not a language"), None);
        assert_eq!(web_address("acme.example/a").as_deref(), Some("https://acme.example/a"));
        assert_eq!(web_address("HTTP://acme.example").as_deref(), Some("HTTP://acme.example"));
        for given in [
            "ftp://a.example",
            "javascript:alert(1)",
            "mailto:a@b.example",
            "https://",
            "a b",
            "https://u@h.example",
        ] {
            assert_eq!(web_address(given), None, "{given}");
        }
    }
}
