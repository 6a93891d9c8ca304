//! Cursors: positions in a list, as opaque text.
//!
//! A cursor names a place between rows, not a row: it survives the change and the deletion of the
//! row it was made from.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

use super::list::{Order, SortKey};

/// Goes up when positions change their meaning, as sort keys do with the data of the collation.
const VERSION: u8 = 2;

/// A place in a list: the sort key and the tie-break of the row it was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// `None`: among the rows without a key, which come last.
    pub key: Option<Key>,
    /// What tells rows with equal keys apart.
    pub tie: Tie,
}

/// The value a list is sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// A time in UTC milliseconds, or a score.
    Number(i64),
    /// The sort key of a name.
    Bytes(Vec<u8>),
}

/// The second value a list is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tie {
    /// A place in the order of changes.
    Seq(i64),
    /// The contact's id.
    Id(Uuid),
}

/// Which list, in which order: a cursor is good for one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListOrder {
    /// The contacts, in one of their orders.
    Contacts(Order),
    /// Something else, by name.
    Directory(Directory),
}

/// A list that is sorted by name, then id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Directory {
    Companies,
    Users,
    Tags,
}

impl Directory {
    const ALL: [Self; 3] = [Self::Companies, Self::Users, Self::Tags];

    /// Its mark in a cursor; contacts' sort keys have those below.
    fn code(self) -> u8 {
        match self {
            Self::Companies => 64,
            Self::Users => 65,
            Self::Tags => 66,
        }
    }
}

impl fmt::Display for ListOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Contacts(order) => return order.fmt(f),
            Self::Directory(Directory::Companies) => "the NAME of companies",
            Self::Directory(Directory::Users) => "the NAME of users",
            Self::Directory(Directory::Tags) => "the NAME of tags",
        })
    }
}

impl From<Order> for ListOrder {
    fn from(order: Order) -> Self {
        Self::Contacts(order)
    }
}

impl ListOrder {
    fn codes(self) -> [u8; 2] {
        match self {
            Self::Contacts(order) => [order.key.code(), u8::from(order.descending)],
            Self::Directory(directory) => [directory.code(), 0],
        }
    }

    fn from_codes(key: u8, descending: u8) -> Option<Self> {
        if let Some(directory) = Directory::ALL.into_iter().find(|directory| directory.code() == key) {
            return (descending == 0).then_some(Self::Directory(directory));
        }
        Some(Order { key: SortKey::from_code(key)?, descending: flag(descending)? }.into())
    }

    /// Whether a position can be one in this list.
    fn takes(self, position: &Position) -> bool {
        match self {
            Self::Contacts(order) => order.key.takes(position),
            Self::Directory(_) => position.key.is_some() && SortKey::Name.takes(position),
        }
    }
}

/// A position in a list of a certain order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The order of the list it was made for.
    pub order: ListOrder,
    /// Where.
    pub position: Position,
}

/// Why a text is of no use as a cursor here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CursorError {
    /// Garbled, cut short, or made by another version.
    #[error("not a cursor of this API")]
    Malformed,
    /// Made for a list of another order.
    #[error("the cursor is of a list sorted by {made_for}, and this one is sorted by {used_for}")]
    Mismatch {
        /// The order it was made for.
        made_for: ListOrder,
        /// The order it was used for.
        used_for: ListOrder,
    },
}

impl Cursor {
    /// As text for clients.
    #[must_use]
    pub fn encode(&self) -> String {
        let Self { order, position } = self;
        let [key, descending] = order.codes();
        let mut bytes = vec![VERSION, key, descending];
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
        let checksum = crc32fast::hash(&bytes);
        bytes.extend(checksum.to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The position that a text names in a list of this order.
    ///
    /// # Errors
    /// See [`CursorError`].
    pub fn decode(text: &str, order: impl Into<ListOrder>) -> Result<Position, CursorError> {
        let order = order.into();
        let cursor = Self::parse(text).ok_or(CursorError::Malformed)?;
        if cursor.order == order {
            Ok(cursor.position)
        } else {
            Err(CursorError::Mismatch { made_for: cursor.order, used_for: order })
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (body, checksum) = bytes.split_last_chunk::<4>()?;
        if crc32fast::hash(body) != u32::from_be_bytes(*checksum) {
            return None;
        }
        let mut rest = Bytes(body);
        let [version, key, descending] = rest.take::<3>()?;
        let order = ListOrder::from_codes(key, descending)?;
        if version != VERSION {
            return None;
        }
        let key = match rest.take::<1>()? {
            [0] => None,
            [1] => Some(Key::Number(i64::from_be_bytes(rest.take()?))),
            [2] => {
                let length = u16::from_be_bytes(rest.take()?);
                Some(Key::Bytes(rest.bytes(length.into())?))
            }
            _ => return None,
        };
        let tie = match rest.take::<1>()? {
            [1] => Tie::Seq(i64::from_be_bytes(rest.take()?)),
            [2] => Tie::Id(Uuid::from_bytes(rest.take()?)),
            _ => return None,
        };
        let position = Position { key, tie };
        let fits = rest.0.is_empty() && order.takes(&position);
        fits.then_some(Self { order, position })
    }
}

fn flag(byte: u8) -> Option<bool> {
    match byte {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

/// What is left to read.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_key() -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec(any::<u8>(), 0..257)
    }

    fn any_cursor() -> impl Strategy<Value = Cursor> {
        let seq = any::<i64>().prop_map(Tie::Seq);
        let id = any::<u128>().prop_map(|id| Tie::Id(Uuid::from_u128(id)));
        let times = (
            prop_oneof![Just(SortKey::UpdatedAt), Just(SortKey::CreatedAt)],
            any::<i64>().prop_map(|time| Some(Key::Number(time))),
            seq,
        );
        let names = (
            prop_oneof![Just(SortKey::Name), Just(SortKey::Company)],
            proptest::option::of(any_key().prop_map(Key::Bytes)),
            id,
        );
        let of_contacts =
            (prop_oneof![times, names], any::<bool>()).prop_map(|((key, value, tie), descending)| Cursor {
                order: Order { key, descending }.into(),
                position: Position { key: value, tie },
            });
        let directory =
            prop_oneof![Just(Directory::Companies), Just(Directory::Users), Just(Directory::Tags)];
        let of_directories = (directory, any_key(), any::<u128>()).prop_map(|(directory, key, id)| Cursor {
            order: ListOrder::Directory(directory),
            position: Position { key: Some(Key::Bytes(key)), tie: Tie::Id(Uuid::from_u128(id)) },
        });
        prop_oneof![of_contacts, of_directories]
    }

    proptest! {
        #[test]
        fn a_cursor_survives_its_text(cursor in any_cursor()) {
            prop_assert_eq!(Cursor::decode(&cursor.encode(), cursor.order), Ok(cursor.position));
        }

        #[test]
        fn a_cursor_cut_short_or_changed_is_malformed(cursor in any_cursor(), at in any::<prop::sample::Index>()) {
            let text = cursor.encode();
            let at = at.index(text.len());
            prop_assert_eq!(Cursor::decode(&text[..at], cursor.order), Err(CursorError::Malformed));
            let mut changed = text.into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("ASCII");
            prop_assert_eq!(Cursor::decode(&changed, cursor.order), Err(CursorError::Malformed));
        }

        #[test]
        fn any_text_is_a_cursor_or_malformed_and_never_a_panic(text in ".{0,80}") {
            let order = Order { key: SortKey::Name, descending: false };
            prop_assert_eq!(Cursor::decode(&text, order), Err(CursorError::Malformed));
        }

        #[test]
        fn a_cursor_of_another_order_is_a_mismatch(cursor in any_cursor()) {
            let other = match cursor.order {
                ListOrder::Contacts(order) => Order { descending: !order.descending, ..order }.into(),
                ListOrder::Directory(_) => Order { key: SortKey::Name, descending: false }.into(),
            };
            let mismatch = CursorError::Mismatch { made_for: cursor.order, used_for: other };
            prop_assert_eq!(Cursor::decode(&cursor.encode(), other), Err(mismatch));
        }
    }
}
