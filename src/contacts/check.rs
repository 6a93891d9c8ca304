//! The rules of single fields: characters, lengths, and the normal form of those that have one.
//!
//! They hold for the fields that are given, whatever is done with them, and need no policy.

use entity::contact::{ActiveModel, Column};
use sea_orm::{ActiveModelTrait as _, ActiveValue, IdenStatic as _, Iterable as _, Value};
use serde_json::{Map, Value as Json};

use crate::input::{
    locale,
    patch::Patch,
    problem::{ProblemCode, Problems},
    text::{self, Lines, unwelcome, unwelcome_message},
};

const JSON_BYTES: usize = 16 * 1024;
const JSON_KEYS: usize = 200;

/// A column's name in the API.
pub(super) fn field_name(column: Column) -> String {
    let mut words = column.as_str().split('_');
    let mut name = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}

/// The longest text a column takes, in characters.
fn longest(column: Column) -> usize {
    match column {
        Column::FirstName | Column::LastName => 256,
        Column::ExternalId | Column::Status | Column::Stage | Column::Source | Column::Process => 255,
        Column::Notes => 65_536,
        _ => 1_024,
    }
}

/// The normal form of a column that has one: how to find it, and what is said when there is none.
type Normal = (fn(&str) -> Option<String>, ProblemCode, &'static str);

fn normal(column: Column) -> Option<Normal> {
    Some(match column {
        Column::Country => (
            locale::country,
            ProblemCode::CountryInvalid,
            "is not a recognised country. Use an ISO 3166-1 code or the English name",
        ),
        Column::Timezone => (
            locale::timezone,
            ProblemCode::TimezoneInvalid,
            "is not an IANA time zone. Use a name such as Europe/Berlin",
        ),
        Column::Language => (
            locale::language,
            ProblemCode::LanguageInvalid,
            "is not a BCP 47 language tag. Use a code such as en or pt-BR",
        ),
        Column::Website | Column::LinkedinUrl => (
            locale::web_address,
            ProblemCode::UrlInvalid,
            "is not a web address. Use one such as https://example.com",
        ),
        _ => return None,
    })
}

/// Checks every text that is given, and puts those that have one into their normal form.
pub(super) fn columns(problems: &mut Problems, contact: &mut ActiveModel) {
    for column in Column::iter() {
        let ActiveValue::Set(Value::String(Some(given))) = contact.get(column) else {
            continue;
        };
        let Some(checked) = text(problems, column, &given) else {
            continue;
        };
        let Some((normalize, code, message)) = normal(column) else {
            continue;
        };
        let normalized = normalize(checked);
        if normalized.is_none() {
            problems.add(&field_name(column), code, message);
        }
        contact.set(column, Value::String(normalized));
    }
}

/// Checks a text that goes into a column; `None` when it may not.
pub(super) fn text<'a>(problems: &mut Problems, column: Column, given: &'a str) -> Option<&'a str> {
    let lines = if matches!(column, Column::Notes) { Lines::Many } else { Lines::One };
    text::check(problems, &field_name(column), given, longest(column), lines).then_some(given)
}

/// A text of a column that is never null.
pub(super) fn label(problems: &mut Problems, column: Column, given: Patch<String>) -> Patch<String> {
    match given {
        Patch::Absent => Patch::Absent,
        Patch::Null => Patch::Null,
        Patch::Value(given) => {
            text(problems, column, &given).map_or(Patch::Absent, |given| Patch::Value(given.to_owned()))
        }
    }
}

/// The members of an object.
pub(super) fn object(
    problems: &mut Problems,
    path: &str,
    given: Patch<Option<Json>>,
) -> Patch<Map<String, Json>> {
    let value = match given {
        Patch::Absent => return Patch::Absent,
        Patch::Null => return Patch::Null,
        Patch::Value(Some(value)) => value,
        Patch::Value(None) => {
            let message = "holds a number that is neither a 64-bit integer nor a double. Send it as text";
            problems.add(path, ProblemCode::MetadataInvalid, message);
            return Patch::Absent;
        }
    };
    if let Some(character) = unwelcome_in(&value) {
        problems.add(path, ProblemCode::CharacterInvalid, unwelcome_message(character));
    }
    if let Json::Object(members) = value {
        Patch::Value(members)
    } else {
        problems.add(path, ProblemCode::MetadataInvalid, "is not a JSON object");
        Patch::Absent
    }
}

/// An object as it is stored, unless it is too large.
pub(super) fn stored_object(problems: &mut Problems, path: &str, members: Map<String, Json>) -> String {
    if members.len() > JSON_KEYS {
        problems.add(path, ProblemCode::TooMany, format!("has more than {JSON_KEYS} keys"));
    }
    let text = Json::Object(members).to_string();
    if text.len() > JSON_BYTES {
        problems.add(path, ProblemCode::TooLong, format!("is longer than {JSON_BYTES} bytes"));
    }
    text
}

/// The first character that is not welcome in any text of a value.
fn unwelcome_in(value: &Json) -> Option<char> {
    let text = |text: &str| unwelcome(text, Lines::Many);
    match value {
        Json::String(value) => text(value),
        Json::Array(items) => items.iter().find_map(unwelcome_in),
        Json::Object(members) => {
            members.iter().find_map(|(key, value)| text(key).or_else(|| unwelcome_in(value)))
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_called_in_the_api_as_in_the_table_but_in_camel_case() {
        assert_eq!(field_name(Column::AddressLine1), "addressLine1");
        assert_eq!(field_name(Column::Zip), "zip");
    }
}
