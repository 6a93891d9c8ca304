//! Email addresses: their normal form, and the key by which they are compared.

use idna::{
    AsciiDenyList,
    uts46::{DnsLength, Hyphens, Uts46},
};

use super::{
    problem::{ProblemCode, Problems},
    text::{self, LineBreaks, is_format},
};

/// Maximum number of characters of an address.
const MAX_CHARS: usize = 320;
/// Maximum number of bytes before the `@` (RFC 5321, 4.5.3.1.1).
const MAX_USER_BYTES: usize = 64;

/// An address in its normal form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EmailAddress {
    /// Address with the user as given (in NFC), and the domain in Unicode and lower case.
    pub(crate) address: String,
    /// Key by which addresses are compared: in lower case, with the domain in its ASCII form.
    pub(crate) key: String,
}

impl EmailAddress {
    /// Normalizes an address, or reports a problem at the path.
    pub(crate) fn check(problems: &mut Problems, path: &str, address: &str) -> Option<Self> {
        let address = address.trim();
        if !text::check(problems, path, address, MAX_CHARS, LineBreaks::Refused) {
            return None;
        }
        let parsed = parse(address);
        if parsed.is_none() {
            problems.add(
                path,
                ProblemCode::EmailInvalid,
                "is not an email address. Use one such as jane@example.com",
            );
        }
        parsed
    }
}

/// Returns the key by which an address is compared. The key of a text that is not an address is the text in
/// lower case.
pub(crate) fn key(address: &str) -> String {
    let address = address.trim();
    // A filter may give a text of any length. One that is too long for an address is not parsed.
    let parsed = (address.len() <= MAX_CHARS * 4).then(|| parse(address)).flatten();
    parsed.map_or_else(|| to_lower(address), |email| email.key)
}

/// Converts a text to lower case and NFC. It does not fold the case: ß and ss have the same capitals, but
/// are two mailboxes.
fn to_lower(text: &str) -> String {
    // Lower case does not preserve NFC.
    text::composed(&text::composed(text).to_lowercase())
}

/// Parses an address. The user is converted to NFC, and the domain to Unicode by UTS 46.
///
/// A user may have letters of any script (SMTPUTF8). A domain may not be an IP address.
fn parse(address: &str) -> Option<EmailAddress> {
    let (user, domain) = address.rsplit_once('@')?;
    // UTS 46 would silently drop invisible characters from the domain.
    if address.chars().any(is_format) {
        return None;
    }
    let user = text::composed(user);
    let uts46 = Uts46::new();
    let ascii = uts46
        .to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify)
        .ok()?;
    let (domain, result) = uts46.to_unicode(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast);
    result.ok()?;
    // The library knows ASCII addresses only, so each letter of another script is checked as an `a`.
    let is_letter = |c: char| !c.is_ascii() && !c.is_whitespace() && !c.is_control();
    let plain: String = user.chars().map(|c| if is_letter(c) { 'a' } else { c }).collect();
    garde::rules::email::parse_email(&format!("{plain}@{ascii}")).ok()?;
    (user.len() <= MAX_USER_BYTES).then(|| EmailAddress {
        address: format!("{user}@{domain}"),
        key: format!("{}@{ascii}", to_lower(&user)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_domain_is_in_lower_case_and_the_user_is_kept() {
        let email = parse("Jane.Doe@EXAMPLE.com").expect("an address");
        assert_eq!(email.address, "Jane.Doe@example.com");
        assert_eq!(email.key, "jane.doe@example.com");
    }

    #[test]
    fn a_domain_in_its_own_script_equals_its_ascii_form() {
        let email = parse("a@Bücher.example").expect("an address");
        assert_eq!(email.address, "a@bücher.example");
        assert_eq!(email.key, parse("A@xn--bcher-kva.example").expect("an address").key);
    }

    #[test]
    fn a_domain_has_one_form() {
        for address in [
            "a@bücher.example",
            "a@BÜCHER.example",
            "a@xn--bcher-kva.example",
            "a@XN--BCHER-KVA.Example",
            "a@bu\u{308}cher.example",
            "a@bücher\u{3002}example",
            "a@bücher\u{ff61}example",
        ] {
            let email = parse(address).unwrap_or_else(|| panic!("{address}"));
            assert_eq!(email.address, "a@bücher.example", "{address}");
            assert_eq!(email.key, "a@xn--bcher-kva.example", "{address}");
        }
    }

    #[test]
    fn the_user_may_be_of_any_script() {
        for (address, stored) in [
            ("jörg@example.com", "jörg@example.com"),
            ("jo\u{308}rg@example.com", "jörg@example.com"),
            ("用户@例子.广告", "用户@例子.广告"),
            ("अजय@डाटा.भारत", "अजय@डाटा.भारत"),
            ("o'neil+tag@sub.example.co.uk", "o'neil+tag@sub.example.co.uk"),
        ] {
            assert_eq!(parse(address).map(|email| email.address).as_deref(), Some(stored), "{address}");
        }
        assert_eq!(key("JÖRG@example.com"), key("jo\u{308}rg@EXAMPLE.com"));
    }

    #[test]
    fn a_text_that_is_not_an_address_is_refused() {
        let long_domain = format!("a@{}.com", ["x".repeat(60).as_str(); 5].join("."));
        let long_label = format!("a@{}.com", "x".repeat(64));
        for text in [
            "",
            "jane",
            "jane@",
            "@example.com",
            "a b@example.com",
            "a\u{a0}b@example.com",
            "a@b@example.com",
            "a@-x.com",
            "a@x..com",
            "a@x.com.",
            "a@.com",
            "a@[::1]",
            "a@[IPv6:::1]",
            "a@[127.0.0.1]",
            "a@exa\u{200b}mple.com",
            "a@exa\u{ad}mple.com",
            "ja\u{200d}ne@example.com",
            "\u{202e}jane@example.com",
            "a@exa_mple.com",
            "a@xn--\u{fc}.com",
            "a@xn--0.example",
            &long_domain,
            &long_label,
            &format!("{}@example.com", "ö".repeat(40)),
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
