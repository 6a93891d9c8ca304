//! Garbling JSON as JSON.

use rand::{RngExt as _, rngs::StdRng};
use serde_json::{Value, json};

use super::{Garbler, chosen};

impl Garbler {
    /// Changes one value somewhere in another one.
    pub(super) fn garble_json(&self, whole: &mut Value, dice: &mut StdRng) {
        let mut places = vec![];
        gather(whole, String::new(), &mut places);
        let (place, other) = (chosen(&places, dice).clone(), chosen(&places, dice).clone());
        let other = whole.pointer(&other).cloned().unwrap_or_default();
        let deep = dice.random_range(1..150);
        let odd = self.odd(dice);
        let word = chosen(&self.words, dice).clone();
        let kind = dice.random_range(0..8);
        let Some(value) = whole.pointer_mut(&place) else { return };
        match (kind, value) {
            (0, value) => *value = other,
            (1, Value::Object(members)) if !members.is_empty() => {
                let name = members.keys().nth(deep % members.len()).cloned().unwrap_or_default();
                members.remove(&name);
            }
            (2, Value::Object(members)) if !members.is_empty() => {
                let name = members.keys().nth(deep % members.len()).cloned().unwrap_or_default();
                let moved = members.remove(&name).unwrap_or_default();
                members.insert(word, moved);
            }
            (3, Value::Object(members)) => drop(members.insert(word, odd)),
            (1..4, Value::Array(items)) => *items = vec![items.first().cloned().unwrap_or(odd); deep * 2],
            (4, value) => {
                for _ in 0..deep {
                    *value = json!([value.take()]);
                }
            }
            (5, value) => {
                for _ in 0..deep {
                    *value = json!({ &word: value.take() });
                }
            }
            (_, value) => *value = odd,
        }
    }

    /// A value that somebody may have forgotten to think of.
    fn odd(&self, dice: &mut StdRng) -> Value {
        let many = dice.random_range(1..3_000);
        match dice.random_range(0..20) {
            0 => Value::Null,
            1 => json!(dice.random_bool(0.5)),
            2 => json!(i64::MIN),
            3 => json!(u64::MAX),
            4 => json!(1e308),
            5 => json!(-0.0),
            6 => json!(dice.random::<i32>()),
            7 => json!(""),
            8 => json!("\u{0}"),
            9 => json!("\u{202e}\u{feff}\u{10ffff}\u{1f469}\u{200d}\u{1f469}"),
            10 => json!("a".repeat(many)),
            11 => json!("ä\u{301}".repeat(many)),
            12 => json!("9999-12-31T23:59:59.999999999+23:59"),
            13 => json!("-0001-01-01T00:00:00Z"),
            14 => json!("%_\\'\";--"),
            15 => json!("+999999999999999999999999"),
            16 => json!([]),
            17 => json!({}),
            18 => json!(["", null, {}, 0]),
            _ => json!(chosen(&self.words, dice)),
        }
    }
}

/// Pointers to all values.
fn gather(value: &Value, place: String, places: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                gather(member, format!("{place}/{name}"), places);
            }
        }
        Value::Array(items) => {
            // The items of a long list are alike.
            for (at, item) in items.iter().enumerate().take(3) {
                gather(item, format!("{place}/{at}"), places);
            }
        }
        _ => {}
    }
    places.push(place);
}
