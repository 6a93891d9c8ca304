//! Cursors: positions in a list, as opaque text.
//!
//! A cursor names a place between rows, not a row: it survives the change and the deletion of the
//! row it was made from.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

use super::Order;

/// Version of the format. It goes up when positions change their meaning, as sort keys do with
/// the data of the collation.
const VERSION: u8 = 2;

/// A position in a list: the sort key and the tie-break of the row it was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// Sort key; `None` for a row without one, which is among the last.
    pub key: Option<Key>,
    /// Value that tells rows with equal keys apart.
    pub tie: Tie,
}

/// The value that a list is sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// A time in UTC milliseconds, or a score.
    Number(i64),
    /// The sort key of a name.
    Bytes(Vec<u8>),
}

/// The value that rows with equal keys are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tie {
    /// A place in the order of changes.
    Seq(i64),
    /// The id of the row.
    Id(Uuid),
}

/// The mark of an order in its cursors: a number for the sort key, unique among all lists, and
/// the direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Number of the sort key.
    pub key: u8,
    /// True if the largest key comes first.
    pub is_descending: bool,
}

/// A position in a list of a certain order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The order of the list that the cursor was made for.
    pub mark: Mark,
    /// The position in that list.
    pub position: Position,
}

/// Reason why a text is not a cursor of a list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CursorError {
    /// Garbled, cut short, or made by another version.
    #[error("not a cursor of this API")]
    Malformed,
    /// Made for a list in another order, unless it has been forged: see whether the mark is one of
    /// an order that exists.
    #[error("the cursor is of a list in another order")]
    Mismatch {
        /// The order that the cursor was made for.
        made_for: Mark,
        /// The order that it was used for.
        used_for: Mark,
    },
}

/// Returns the position that a text names in a list of this order.
pub(super) fn decode(text: &str, order: impl Order) -> Result<Position, CursorError> {
    let Cursor { mark, position } = Cursor::parse(text).ok_or(CursorError::Malformed)?;
    if mark != order.mark() {
        return Err(CursorError::Mismatch { made_for: mark, used_for: order.mark() });
    }
    if order.accepts(&position) { Ok(position) } else { Err(CursorError::Malformed) }
}

impl Cursor {
    /// Returns the text for clients.
    #[must_use]
    pub fn encode(&self) -> String {
        let Self { mark, position } = self;
        let mut bytes = vec![VERSION, mark.key, u8::from(mark.is_descending)];
        match &position.key {
            None => bytes.push(0),
            Some(Key::Number(number)) => {
                bytes.push(1);
                bytes.extend(number.to_be_bytes());
            }
            Some(Key::Bytes(key)) => {
                bytes.push(2);
                bytes.extend(u16::try_from(key.len()).unwrap_or(u16::MAX).to_be_bytes());
                bytes.extend(key);
            }
        }
        match position.tie {
            Tie::Seq(seq) => {
                bytes.push(1);
                bytes.extend(seq.to_be_bytes());
            }
            Tie::Id(id) => {
                bytes.push(2);
                bytes.extend(id.as_bytes());
            }
        }
        // Against accidents only, such as a cursor cut short in a log. It need not be secret: a forged
        // cursor shows nothing that its holder may not read anyway.
        let checksum = crc32fast::hash(&bytes);
        bytes.extend(checksum.to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (body, checksum) = bytes.split_last_chunk::<4>()?;
        if crc32fast::hash(body) != u32::from_be_bytes(*checksum) {
            return None;
        }
        let mut rest = Unread(body);
        let [version, key, descending] = rest.take()?;
        if version != VERSION {
            return None;
        }
        let mark = Mark { key, is_descending: flag(descending)? };
        let key = match rest.take()? {
            [0] => None,
            [1] => Some(Key::Number(i64::from_be_bytes(rest.take()?))),
            [2] => {
                let length = u16::from_be_bytes(rest.take()?);
                Some(Key::Bytes(rest.bytes(length.into())?))
            }
            _ => return None,
        };
        let tie = match rest.take()? {
            [1] => Tie::Seq(i64::from_be_bytes(rest.take()?)),
            [2] => Tie::Id(Uuid::from_bytes(rest.take()?)),
            _ => return None,
        };
        rest.0.is_empty().then_some(Self { mark, position: Position { key, tie } })
    }
}

fn flag(byte: u8) -> Option<bool> {
    match byte {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

/// Bytes that are still to be read.
struct Unread<'a>(&'a [u8]);

impl Unread<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn bytes(&mut self, length: usize) -> Option<Vec<u8>> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken.to_owned())
    }
}

#[cfg(test)]
mod tests;
