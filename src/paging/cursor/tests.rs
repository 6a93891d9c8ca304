use entity::user;
use proptest::prelude::*;
use sea_orm::sea_query::Expr;

use super::*;
use crate::{database::Row, error::DatabaseError, paging::KeyType};

/// An order that has a certain mark and accepts every position.
#[derive(Clone, Copy)]
struct Marked(Mark);

impl Order for Marked {
    type Entity = user::Entity;

    const ID: user::Column = user::Column::Id;

    fn mark(self) -> Mark {
        self.0
    }
    fn is_descending(self) -> bool {
        self.0.is_descending
    }
    fn key(self) -> user::Column {
        user::Column::NameKey
    }
    fn tie(self) -> user::Column {
        user::Column::Id
    }
    fn key_type(self) -> KeyType {
        KeyType::Bytes
    }
    fn is_nullable(self) -> bool {
        true
    }
    fn accepts(self, _: &Position) -> bool {
        true
    }
    fn value(self, _: &Key) -> Expr {
        Expr::cust("NULL")
    }
    fn position(self, _: &Row<user::Entity>) -> Result<Position, DatabaseError> {
        Err(DatabaseError::internal("reading a position", "this order has no rows"))
    }
}

fn any_cursor() -> impl Strategy<Value = Cursor> {
    let key = prop_oneof![
        any::<i64>().prop_map(Key::Number),
        proptest::collection::vec(any::<u8>(), 0..257).prop_map(Key::Bytes),
    ];
    let tie = prop_oneof![
        any::<i64>().prop_map(Tie::Seq),
        any::<u128>().prop_map(|id| Tie::Id(Uuid::from_u128(id))),
    ];
    let mark = any::<(u8, bool)>().prop_map(|(key, is_descending)| Mark { key, is_descending });
    (mark, proptest::option::of(key), tie)
        .prop_map(|(mark, key, tie)| Cursor { mark, position: Position { key, tie } })
}

proptest! {
    #[test]
    fn a_cursor_survives_its_text(cursor in any_cursor()) {
        prop_assert_eq!(decode(&cursor.encode(), Marked(cursor.mark)), Ok(cursor.position));
    }

    #[test]
    fn a_cursor_cut_short_or_changed_is_malformed(cursor in any_cursor(), at in any::<prop::sample::Index>()) {
        let order = Marked(cursor.mark);
        let text = cursor.encode();
        let at = at.index(text.len());
        prop_assert_eq!(decode(&text[..at], order), Err(CursorError::Malformed));
        let mut changed = text.into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).expect("ASCII");
        prop_assert_eq!(decode(&changed, order), Err(CursorError::Malformed));
    }

    #[test]
    fn any_text_is_a_cursor_or_malformed_and_never_a_panic(text in ".{0,80}") {
        let order = Marked(Mark { key: 5, is_descending: false });
        prop_assert_eq!(decode(&text, order), Err(CursorError::Malformed));
    }

    #[test]
    fn a_cursor_of_another_order_is_a_mismatch(cursor in any_cursor()) {
        let other = Mark { is_descending: !cursor.mark.is_descending, ..cursor.mark };
        let mismatch = CursorError::Mismatch { made_for: cursor.mark, used_for: other };
        prop_assert_eq!(decode(&cursor.encode(), Marked(other)), Err(mismatch));
    }
}

/// Clients keep cursors, so their bytes stay as they are.
#[test]
fn the_text_of_a_cursor_stays_as_it_is() {
    let id = Uuid::from_u128(0x0192_8374_6556_4738_2910_abcd_ef01_2345);
    let cursors = [
        (1, true, Some(Key::Number(1_700_000_000_000)), Tie::Seq(7)),
        (5, false, Some(Key::Bytes(vec![1, 2, 3])), Tie::Id(id)),
        (6, true, None, Tie::Id(id)),
        (66, false, Some(Key::Bytes(vec![255])), Tie::Id(id)),
    ];
    let texts = cursors.map(|(key, is_descending, value, tie)| {
        Cursor { mark: Mark { key, is_descending }, position: Position { key: value, tie } }.encode()
    });
    let expected = [
        "AgEBAQAAAYvP5WgAAQAAAAAAAAAHBA4lAg",
        "AgUAAgADAQIDAgGSg3RlVkc4KRCrze8BI0XJKD7Q",
        "AgYBAAIBkoN0ZVZHOCkQq83vASNFtmR53A",
        "AkIAAgAB_wIBkoN0ZVZHOCkQq83vASNFcJk71Q",
    ];
    assert_eq!(texts, expected);
}
