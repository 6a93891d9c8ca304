//! What one organization has, each beside something of the same shape that nobody has.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::DateTime;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::support::{
    App,
    filled::Filled,
    schema::{Ref, Schema},
};

/// Something of the other organization, and what nobody has.
#[derive(Clone, Debug)]
pub(super) struct Pair(pub(super) [Value; 2]);

/// What can be sent to a field, by the kind of what it takes.
pub(super) struct Values {
    ids: Vec<Pair>,
    texts: Vec<Pair>,
    cursors: Vec<Pair>,
    numbers: Vec<Pair>,
    times: Vec<Pair>,
    objects: Vec<Pair>,
    /// By what texts and numbers are known in an answer, of theirs and of nobody's, and how both
    /// are called then.
    marks: [Vec<(String, &'static str)>; 2],
    /// Where the place of a thing is enough to compare it: their ids and cursors.
    names: Vec<String>,
}

impl Values {
    /// `nobody` is like `theirs`, but has nothing in the store.
    pub(super) async fn of(app: &App, schema: &Schema, theirs: &Filled, nobody: &Filled) -> Self {
        let pair = |part: &dyn Fn(&Filled) -> Value| Pair([part(theirs), part(nobody)]);
        let ids = theirs.ids.iter().zip(&nobody.ids);
        let cursors = cursors(app, schema, theirs).await.into_iter().map(|cursor| {
            let strange = strange(&cursor, theirs, nobody);
            Pair([json!(cursor), json!(strange)])
        });
        let mut values = Self {
            ids: ids.map(|((_, theirs), (_, nobody))| Pair([json!(theirs), json!(nobody)])).collect(),
            texts: vec![
                pair(&|it| json!(it.text)),
                pair(&|it| json!(it.email())),
                pair(&|it| json!(it.phone)),
                pair(&|it| json!(it.url())),
            ],
            cursors: cursors.collect(),
            numbers: vec![pair(&|it| json!(it.score))],
            times: vec![pair(&|it| json!(it.time))],
            objects: vec![pair(&|it| json!({ &it.text: &it.text })), pair(&|it| json!(it.text))],
            marks: Default::default(),
            names: theirs.ids.iter().map(|(_, id)| id.clone()).collect(),
        };
        values
            .names
            .extend(values.cursors.iter().filter_map(|Pair([cursor, _])| cursor.as_str().map(Into::into)));
        for (side, of) in [theirs, nobody].into_iter().enumerate() {
            let local = &of.phone[of.phone.len() - 4..];
            values.marks[side] = vec![
                (of.text.clone(), "<text>"),
                (format!("555{local}"), "<phone>"),
                (format!("555-{local}"), "<phone>"),
                (of.time.clone(), "<time>"),
                (of.score.to_string(), "<score>"),
            ];
        }
        values
    }

    /// What to send where an argument, or a member of one, ends in a scalar.
    pub(super) fn for_path(&self, schema: &Schema, path: &[String], ty: &Ref) -> Vec<Pair> {
        let name = path.last().map(|name| name.to_lowercase()).unwrap_or_default();
        let is_place = ["after", "before"].contains(&&*name) || name.contains("cursor");
        match (&*schema.get(ty.named()).kind, ty.named()) {
            // What they have is not in the schema.
            ("ENUM", _) | (_, "Boolean") => vec![],
            (_, "ID") => self.ids.clone(),
            // What a field itself takes may be anything; members of inputs are many.
            (_, "String") if is_place || path.len() == 1 => [&*self.texts, &self.cursors].concat(),
            (_, "String") => self.texts.clone(),
            (_, "Int") => self.numbers.clone(),
            (_, "DateTime") => self.times.clone(),
            (_, "JSON") => self.objects.clone(),
            (_, other) => panic!("teach me which {other} the other organization has"),
        }
    }

    /// An answer with names in the place of all that two organizations cannot have in common: what
    /// was sent, ids, times.
    pub(super) fn masked(&self, answer: &Value, side: usize) -> Value {
        self.mask(answer, "", side, &mut vec![])
    }

    fn mask(&self, value: &Value, name: &str, side: usize, seen: &mut Vec<Uuid>) -> Value {
        match value {
            Value::Object(members) => {
                let members = members
                    .iter()
                    .map(|(name, member)| (self.known(name, side), self.mask(member, name, side, seen)));
                members.collect::<Map<_, _>>().into()
            }
            Value::Array(items) => items.iter().map(|item| self.mask(item, name, side, seen)).collect(),
            Value::Number(number) => match self.known(&number.to_string(), side) {
                text if text.starts_with('<') => text.into(),
                _ => value.clone(),
            },
            Value::String(text) => {
                let made = ["cursor", "startCursor", "endCursor", "secret", "prefix", "requestId"];
                let text = self.known(text, side);
                if made.contains(&name) || DateTime::parse_from_rfc3339(&text).is_ok() {
                    return json!("<made>");
                }
                if let Ok(id) = text.parse::<Uuid>() {
                    let turn = seen.iter().position(|known| *known == id).unwrap_or_else(|| {
                        seen.push(id);
                        seen.len() - 1
                    });
                    return json!(format!("<id {turn}>"));
                }
                // Ends with a part of its id where it has no other name.
                let nameless = name == "displayName" && text.starts_with("Contact ");
                json!(if nameless { "<nameless>" } else { &*text })
            }
            other => other.clone(),
        }
    }

    fn known(&self, text: &str, side: usize) -> String {
        let mut known = text.to_owned();
        for (mark, name) in &self.marks[side] {
            // A shorter text has no mark, and most are shorter or have none.
            if known.len() >= mark.len() && known.contains(mark) {
                known = known.replace(mark, name);
            }
        }
        known
    }

    /// What of theirs a text has.
    pub(super) fn leaked(&self, text: &str) -> Option<&str> {
        let marks = self.marks[0].iter().map(|(mark, _)| mark.as_str());
        marks.chain(self.names.iter().map(String::as_str)).find(|mark| text.contains(mark))
    }
}

/// A cursor of every list, in each of its orders.
async fn cursors(app: &App, schema: &Schema, theirs: &Filled) -> Vec<String> {
    let mut cursors = vec![];
    for field in schema.get("Query").fields() {
        if field.args.iter().all(|argument| argument.name != "after") {
            continue;
        }
        let orders = field.args.iter().find(|argument| argument.name == "sortKey");
        let orders = orders.map_or(vec![String::new()], |argument| {
            let orders = schema.get(argument.ty.named()).values();
            orders.map(|order| format!(", sortKey: {order}")).collect()
        });
        for order in orders {
            let query = format!("{{ list: {}(first: 1{order}) {{ edges {{ cursor }} }} }}", field.name);
            let answer = app.ask_as(&theirs.key, &query, json!({})).await;
            let cursor = answer["data"]["list"]["edges"][0]["cursor"].as_str();
            cursors.push(cursor.unwrap_or_else(|| panic!("{query}: {answer:#}")).to_owned());
        }
    }
    cursors
}

/// A cursor of the same order whose place is on the same side of all that others have, and which
/// no list has made.
fn strange(cursor: &str, theirs: &Filled, nobody: &Filled) -> String {
    let mut bytes = URL_SAFE_NO_PAD.decode(cursor).expect("base64url without padding");
    bytes.truncate(bytes.len() - 4);
    // Version, order and direction stay. Numbers become smaller, as nobody's score is.
    match bytes[3] {
        1 => {
            let number = i64::from_be_bytes(bytes[4..12].try_into().expect("a number"));
            bytes[4..12].copy_from_slice(&(number - 101).to_be_bytes());
        }
        2 => {
            let (old, new) = (theirs.text.as_bytes(), nobody.text.as_bytes());
            for at in 0..bytes.len() - old.len() {
                if bytes[at..].starts_with(old) {
                    bytes[at..at + old.len()].copy_from_slice(new);
                }
            }
        }
        kind => panic!("teach me a cursor of kind {kind}"),
    }
    // The place among equals.
    let last = bytes.len() - 1;
    bytes[last] ^= 0x55;
    let checksum = crc32fast::hash(&bytes);
    bytes.extend(checksum.to_be_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}
