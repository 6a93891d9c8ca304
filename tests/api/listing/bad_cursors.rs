//! Cursors that are of no use: refused, and told why.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{
    Listing,
    arguments::{errors, refusal},
    model::List,
};
use crate::support::engine::on_each_engine;

fn malformed(argument: &str) -> Value {
    json!({"code": "INVALID_CURSOR", "argument": argument, "reason": "MALFORMED"})
}

/// A cursor whose bytes were changed and whose checksum is right again.
fn forged(cursor: &str, change: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut bytes = URL_SAFE_NO_PAD.decode(cursor).expect("base64url without padding");
    bytes.truncate(bytes.len() - 4);
    change(&mut bytes);
    let checksum = crc32fast::hash(&bytes);
    bytes.extend(checksum.to_be_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

on_each_engine! {
    async fn a_garbled_cut_or_foreign_cursor_is_malformed(listing: Listing) {
        let cursors = [
            listing.page("first: 1").await.cursors[0].clone(),
            listing.page("first: 1, sortKey: NAME").await.cursors[0].clone(),
            listing.page("last: 1, sortKey: TAG_ADDED_AT").await.cursors[0].clone(),
        ];
        let orders = ["", "sortKey: NAME", "sortKey: TAG_ADDED_AT"];
        for (cursor, order) in cursors.iter().zip(orders) {
            assert_eq!(
                forged(cursor, |_| {}),
                *cursor,
                "what the test forges is checked as the gateway checks"
            );
            let mut garbled = cursor.clone().into_bytes();
            let middle = garbled.len() / 2;
            garbled[middle] = if garbled[middle] == b'x' { b'y' } else { b'x' };
            let mut bad = vec![
                String::new(),
                " ".to_owned(),
                "0".to_owned(),
                "cursor".to_owned(),
                "ü".to_owned(),
                "A".repeat(5000),
                String::from_utf8(garbled).expect("ASCII"),
                format!("{cursor}="),
                format!(" {cursor}"),
                format!("{cursor}{cursor}"),
                // Of another version.
                forged(cursor, |bytes| bytes[0] += 1),
                forged(cursor, |bytes| bytes[0] = 0),
                // Of no key, of no direction, with more at its end, and with less.
                forged(cursor, |bytes| bytes[1] = 0),
                forged(cursor, |bytes| bytes[1] = 200),
                forged(cursor, |bytes| bytes[2] = 2),
                forged(cursor, |bytes| bytes.push(0)),
                forged(cursor, |bytes| bytes.truncate(bytes.len() - 1)),
                forged(cursor, |bytes| bytes[3] = 9),
                forged(cursor, Vec::clear),
            ];
            bad.extend((1..cursor.len()).map(|length| cursor[..length].to_owned()));
            for text in bad {
                for argument in ["after", "before"] {
                    let arguments = format!("{argument}: {}, {order}", json!(text));
                    assert_eq!(refusal(&listing.app, &arguments).await, malformed(argument), "{arguments}");
                }
            }
        }
    }

    async fn a_cursor_of_another_order_is_a_mismatch_that_names_both(listing: Listing) {
        let mut cursors = Vec::new();
        for (list, descending) in List::both_ways() {
            let page = listing.page(&format!("first: 1, {}", list.arguments(descending))).await;
            cursors.push((list, descending, page.cursors[0].clone()));
        }
        for (made_for, made_descending, cursor) in &cursors {
            for (used_for, used_descending) in List::both_ways() {
                let arguments =
                    format!("first: 1, after: {cursor:?}, {}", used_for.arguments(used_descending));
                let (made, used) = (order(*made_for, *made_descending), order(used_for, used_descending));
                if made == used {
                    listing.page(&arguments).await;
                    continue;
                }
                let mismatch = json!({
                    "code": "CURSOR_MISMATCH", "argument": "after", "cursorOrder": made, "listOrder": used,
                });
                let errors = errors(&listing.app, &arguments).await;
                assert_eq!(errors[0]["extensions"], mismatch, "{arguments}");
                let message = errors[0]["message"].as_str().expect("a message");
                assert!(message.contains(&made) && message.contains(&used), "{arguments}: {message}");
            }
        }
    }
}

/// As errors name it.
fn order(list: List, descending: bool) -> String {
    let key = match list {
        List::Default | List::Event("UPDATED") => "UPDATED_AT",
        List::Event("CREATED") => "CREATED_AT",
        List::Event("TAG_ADDED") => "TAG_ADDED_AT",
        List::Event(_) => "ENRICHED_AT",
        List::Sorted(key) => key,
    };
    format!("{key} {}", if descending { "DESC" } else { "ASC" })
}
