//! Parts of a `tel:` link by RFC 3966, whose parameters may also follow a plain number.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// A number and its extension.
pub(super) struct TelParts {
    pub(super) number: String,
    pub(super) extension: Option<String>,
}

impl TelParts {
    /// Splits a text into its parts; `None` if a parameter is unknown, malformed or repeated.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let link = text.get(..4).filter(|scheme| scheme.eq_ignore_ascii_case("tel:")).map(|_| &text[4..]);
        let text = match link {
            Some(link) => percent_decode_str(link.trim_start_matches('/')).decode_utf8().ok()?,
            None => Cow::Borrowed(text),
        };
        let mut parts = text.split(';').map(str::trim);
        let mut number = parts.next()?.to_owned();
        let (mut extension, mut context, mut subaddress) = (None, None, None);
        for part in parts {
            // Behind a plain number, an extension may stand without a name.
            let unnamed = || (link.is_none() && is_digits(part)).then_some(("ext", part));
            let (name, value) = part.split_once('=').or_else(unnamed)?;
            let (parameter, is_valid) = match name.to_ascii_lowercase().as_str() {
                "ext" => (&mut extension, is_digits(value)),
                // The context may also be a domain, from which no number can be made.
                "phone-context" => (&mut context, value.strip_prefix('+').is_some_and(is_grouped)),
                "isub" => (&mut subaddress, !value.is_empty()),
                _ => return None,
            };
            if !is_valid || parameter.replace(value.to_owned()).is_some() {
                return None;
            }
        }
        // A number that begins with `+` is global, and a context completes local numbers only.
        if let Some(context) = context.filter(|_| !number.starts_with('+')) {
            number = format!("{context}{number}");
        }
        Some(Self { number, extension })
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

/// Returns true if a text has digits, and between them only the separators of RFC 3966.
fn is_grouped(text: &str) -> bool {
    is_digits(&text.replace(['-', '.', '(', ')'], ""))
}
