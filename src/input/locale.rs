//! Countries, time zones, languages and web addresses, each normalized by the library or the list that has
//! its registry.

mod country;
mod language;

use chrono_tz::TZ_VARIANTS;
use url::{Host, Url};

pub(crate) use country::country;
use language::language;

use super::problem::{ProblemCode, Problems};

/// A normal form: the conversion, and the problem of a text that has none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NormalForm {
    normalize: fn(&str) -> Option<String>,
    code: ProblemCode,
    message: &'static str,
}

impl NormalForm {
    pub(crate) const fn new(
        normalize: fn(&str) -> Option<String>,
        code: ProblemCode,
        message: &'static str,
    ) -> Self {
        Self { normalize, code, message }
    }

    /// Returns the text in the normal form, or reports a problem at the path.
    pub(crate) fn check(&self, problems: &mut Problems, path: &str, text: &str) -> Option<String> {
        let normalized = (self.normalize)(text);
        if normalized.is_none() {
            problems.add(path, self.code, self.message);
        }
        normalized
    }
}

/// ISO 3166-1 alpha-2.
pub(crate) const COUNTRY: NormalForm = NormalForm::new(
    country,
    ProblemCode::CountryInvalid,
    "is not a recognised country. Use an ISO 3166-1 code or the English name",
);
/// An IANA time zone.
pub(crate) const TIMEZONE: NormalForm = NormalForm::new(
    timezone,
    ProblemCode::TimezoneInvalid,
    "is not an IANA time zone. Use a name such as Europe/Berlin",
);
/// A BCP 47 language tag.
pub(crate) const LANGUAGE: NormalForm = NormalForm::new(
    language,
    ProblemCode::LanguageInvalid,
    "is not a BCP 47 language tag. Use a code such as en or pt-BR",
);
/// An http or https address.
pub(crate) const WEB_ADDRESS: NormalForm = NormalForm::new(
    web_address,
    ProblemCode::UrlInvalid,
    "is not a web address. Use one such as https://example.com",
);

/// Returns the registered spelling of an IANA time zone, whose case does not matter.
fn timezone(text: &str) -> Option<String> {
    let text = text.trim();
    TZ_VARIANTS.iter().map(|zone| zone.name()).find(|name| name.eq_ignore_ascii_case(text)).map(str::to_owned)
}

/// Returns a web address; `https://` is added if it has no scheme. Other schemes, addresses with a user, and
/// hosts without a dot are refused.
fn web_address(text: &str) -> Option<String> {
    let text = text.trim();
    // Paths and queries may contain addresses, so the scheme is searched for before them only.
    let start = text.split(['/', '?', '#']).next().unwrap_or_default();
    let has_scheme = start.ends_with(':') && text[start.len()..].starts_with("//");
    let address = if has_scheme { text.to_owned() } else { format!("https://{text}") };
    // The library would correct these silently, as browsers do. But the text is stored as given, so it must
    // be correct itself.
    let (_, rest) = address.split_once("://")?;
    if rest.starts_with('/') || address.contains(|c: char| c.is_whitespace() || c == '\\') {
        return None;
    }
    // The library drops an empty user, so this cannot be asked of the parsed address.
    if rest.split(['/', '?', '#']).next().is_some_and(|authority| authority.contains('@')) {
        return None;
    }
    let url = Url::parse(&address).ok()?;
    let is_host = match url.host()? {
        Host::Domain(name) => is_dotted(name),
        // The library also reads notations such as `0x7f.1`, and a number without dots.
        Host::Ipv4(number) => rest.starts_with(&number.to_string()),
        Host::Ipv6(_) => false,
    };
    (matches!(url.scheme(), "http" | "https") && is_host).then_some(address)
}

/// Returns true if a host name has at least two labels, and none of them is empty, or begins or ends with a
/// hyphen.
fn is_dotted(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_label = |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
    name.contains('.') && name.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_normalized() {
        assert_eq!(timezone(" europe/berlin ").as_deref(), Some("Europe/Berlin"));
        assert_eq!(timezone("Berlin"), None);
    }

    #[test]
    fn web_addresses_are_kept_as_given_or_get_a_scheme() {
        for (given, kept) in [
            ("acme.example/a", "https://acme.example/a"),
            ("acme.example/?u=http://x", "https://acme.example/?u=http://x"),
            ("acme.example?u=http://x", "https://acme.example?u=http://x"),
            ("acme.example#http://x", "https://acme.example#http://x"),
            ("acme.example:8443/a", "https://acme.example:8443/a"),
            (
                "web.archive.example/web/http://acme.example",
                "https://web.archive.example/web/http://acme.example",
            ),
            ("HTTP://acme.example", "HTTP://acme.example"),
            ("http://acme.example/http://x", "http://acme.example/http://x"),
            ("bücher.example", "https://bücher.example"),
            ("my_site.acme.example", "https://my_site.acme.example"),
            ("http://192.0.2.1:8080/", "http://192.0.2.1:8080/"),
            ("acme.example.", "https://acme.example."),
        ] {
            assert_eq!(web_address(given).as_deref(), Some(kept), "{given}");
        }
    }

    #[test]
    fn a_text_that_is_not_a_web_address_is_refused() {
        for given in [
            "",
            "ftp://a.example",
            "javascript:alert(1)",
            "mailto:a@b.example",
            "https://",
            "a b",
            "https://u@h.example",
            "http://@acme.example",
            "http://:@acme.example",
            "@acme.example",
            "https://u:p@h.example",
            "//acme.example",
            "/acme.example",
            "///acme.example",
            "http:/acme.example",
            "http:acme.example",
            "http:///acme.example",
            "https:////acme.example",
            "://acme.example",
            "https:\\\\acme.example",
            "acme.example\\a",
            "http://http://acme.example",
            "https://https://acme.example",
            "N/A",
            "n/a",
            "-",
            "--",
            "-.-",
            "in/jane",
            "acme",
            "localhost",
            "http://localhost:3000",
            ".",
            "..",
            "acme..example",
            ".example",
            "12345",
            "1.5",
            "http://0x7f.1/",
            "http://[::1]/",
            "none",
            "?",
            "#",
            "+1 201 555 0123",
            "@jane",
        ] {
            assert_eq!(web_address(given), None, "{given}");
        }
    }
}
