//! The form of a key: `cgw_`, 12 characters that name it, 32 that are its secret, and 6 that check the
//! rest, all of them base62.
//!
//! Scanners recognise the form, and a mistyped key is refused without a look-up.

use std::{fmt, str::FromStr};

use rand::{RngExt as _, distr::Alphanumeric};
use sha2::{Digest as _, Sha256};

const PREFIX: &str = "cgw_";
const PUBLIC: usize = 12;
const SECRET: usize = 32;
/// Six digits in base 62 hold any 32 bits: 62⁶ > 2³².
const CHECKSUM: usize = 6;
const LENGTH: usize = PREFIX.len() + PUBLIC + SECRET + CHECKSUM;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// An API key in clear. Only its hash is ever stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(String);

/// A text that does not have the form of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the form of an API key")]
pub struct MalformedKey;

impl Key {
    /// Returns a new key, from the system's randomness.
    #[must_use]
    pub fn generate() -> Self {
        let random = rand::rng().sample_iter(Alphanumeric).take(PUBLIC + SECRET);
        let mut text = PREFIX.to_owned();
        text.extend(random.map(char::from));
        text.push_str(&checksum(&text));
        Self(text)
    }

    /// Returns the part that names the key, which is not secret.
    #[must_use]
    pub fn public_id(&self) -> &str {
        &self.0[PREFIX.len()..PREFIX.len() + PUBLIC]
    }

    /// Returns the first characters, by which people tell keys apart.
    #[must_use]
    pub fn prefix_of(public_id: &str) -> String {
        format!("{PREFIX}{public_id}")
    }

    /// Returns the hash that is stored. A key is random enough for a fast one: nobody can guess it.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// Returns the whole key, secret included: to be shown once.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Key {
    /// Leaves the secret out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.public_id())
    }
}

impl FromStr for Key {
    type Err = MalformedKey;

    fn from_str(text: &str) -> Result<Self, MalformedKey> {
        let digits = text.strip_prefix(PREFIX).ok_or(MalformedKey)?;
        if text.len() != LENGTH || !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(MalformedKey);
        }
        // ASCII by now, so this is not within a character.
        let (rest, check) = text.split_at(LENGTH - CHECKSUM);
        if checksum(rest) == check { Ok(Self(text.to_owned())) } else { Err(MalformedKey) }
    }
}

/// Returns the CRC-32 in base62, most significant digit first.
fn checksum(text: &str) -> String {
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut digits = [b'0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(rest % 62) as usize];
        rest /= 62;
    }
    digits.into_iter().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_key_has_the_promised_form_and_parses() {
        let key = Key::generate();
        assert_eq!(key.reveal().len(), 54);
        assert_eq!(key.reveal().parse(), Ok(key.clone()));
        assert_eq!(Key::prefix_of(key.public_id()), key.reveal()[..16]);
    }

    #[test]
    fn a_key_with_one_wrong_character_is_malformed() {
        let key = Key::generate();
        for at in 0..key.reveal().len() {
            let mut wrong = key.reveal().to_owned().into_bytes();
            wrong[at] = if wrong[at] == b'x' { b'y' } else { b'x' };
            let wrong = String::from_utf8(wrong).expect("ASCII");
            assert_eq!(wrong.parse::<Key>(), Err(MalformedKey), "at {at}");
        }
    }

    #[test]
    fn a_key_that_is_short_long_or_not_ascii_is_malformed() {
        let key = Key::generate();
        for wrong in ["", "cgw_", &key.reveal()[..53], &format!("{}0", key.reveal()), "cgw_é"] {
            assert_eq!(wrong.parse::<Key>(), Err(MalformedKey), "{wrong}");
        }
    }

    #[test]
    fn debug_output_has_no_secret() {
        let key = Key::generate();
        assert_eq!(format!("{key:?}"), format!("Key({})", key.public_id()));
    }
}
