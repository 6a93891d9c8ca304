//! Values of arguments and variables: right ones mostly, and some that are refused.

use rand::{RngExt as _, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::{Value, json};
use uuid::Uuid;

use super::world::{SORTINGS, World};
use crate::support::schema::{Input as Definition, Ref};

/// Value of an input type.
#[derive(Clone, Debug)]
pub(super) enum Input {
    Scalar(Value),
    Enum(String),
    /// Variable, by its name.
    Variable(String),
    List(Vec<Input>),
    Object(Vec<(String, Input)>),
}

/// Place of a value, which tells what kind of value is of use.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Name of the argument or member.
    pub(super) name: String,
    /// Field that takes the argument.
    pub(super) field: String,
    /// Index of the order of the list, for cursors.
    pub(super) sorting: usize,
    /// Number of input objects around it.
    pub(super) depth: usize,
}

/// Source of values. It is asked for each value within a value whether a variable stands for it.
pub(super) struct Inputs<'a> {
    pub(super) world: &'a World,
    pub(super) variable: &'a mut dyn FnMut(&Ref, &Place, &mut StdRng) -> Option<String>,
}

impl Input {
    /// Returns it as it stands in a document.
    pub(super) fn literal(&self) -> String {
        match self {
            Self::Scalar(value) => literal(value),
            Self::Enum(name) => name.clone(),
            Self::Variable(name) => format!("${name}"),
            Self::List(items) => {
                let items: Vec<_> = items.iter().map(Self::literal).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Object(members) => {
                let members: Vec<_> =
                    members.iter().map(|(name, value)| format!("{name}: {}", value.literal())).collect();
                format!("{{{}}}", members.join(", "))
            }
        }
    }

    /// Returns it as the value of a variable.
    pub(super) fn json(&self) -> Value {
        match self {
            Self::Scalar(value) => value.clone(),
            Self::Enum(name) | Self::Variable(name) => json!(name),
            Self::List(items) => items.iter().map(Self::json).collect(),
            Self::Object(members) => {
                members.iter().map(|(name, value)| (name.clone(), value.json())).collect()
            }
        }
    }
}

fn literal(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
        Value::Object(members) => {
            // A document cannot say every name.
            let is_name = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase());
            let members = members.iter().filter(|(name, _)| is_name(name));
            let members: Vec<_> =
                members.map(|(name, value)| format!("{name}: {}", literal(value))).collect();
            format!("{{{}}}", members.join(", "))
        }
        other => other.to_string(),
    }
}

impl Inputs<'_> {
    pub(super) fn of(&mut self, ty: &Ref, place: &Place, dice: &mut StdRng) -> Input {
        if let Some(name) = (self.variable)(ty, place, dice) {
            return Input::Variable(name);
        }
        match ty.inner() {
            Some(_) if ty.is_list() => self.present(ty, place, dice),
            Some(inner) => self.present(inner, place, dice),
            None if place.name != "if" && dice.random_bool(0.04) => Input::Scalar(Value::Null),
            None => self.present(ty, place, dice),
        }
    }

    /// An item of a list is not a variable of its own: its type has no name that others share.
    fn item(&mut self, ty: &Ref, place: &Place, dice: &mut StdRng) -> Input {
        let is_non_null = !ty.is_list() && ty.inner().is_some();
        if is_non_null && dice.random_bool(0.8) {
            self.present(ty.inner().unwrap_or(ty), place, dice)
        } else {
            self.of(ty, place, dice)
        }
    }

    fn present(&mut self, ty: &Ref, place: &Place, dice: &mut StdRng) -> Input {
        if let Some(inner) = ty.inner().filter(|_| ty.is_list()) {
            let many = dice.random_range(0..4);
            return Input::List((0..many).map(|_| self.item(inner, place, dice)).collect());
        }
        let definition = self.world.schema.get(ty.named());
        match &*definition.kind {
            "ENUM" => {
                let values: Vec<&str> = definition.values().collect();
                Input::Enum((*values.choose(dice).expect("a value")).to_owned())
            }
            "INPUT_OBJECT" => {
                let members = definition.members();
                let chosen: Vec<&Definition> = if definition.is_one_of() {
                    members.choose(dice).into_iter().collect()
                } else {
                    let chance = if place.depth > 2 {
                        0.0
                    } else {
                        1.5 / f64::from(u32::try_from(members.len()).expect("few"))
                    };
                    let mut take =
                        |member: &&Definition| member.is_required() || dice.random_bool(chance.min(1.0));
                    members.iter().filter(|member| take(member)).collect()
                };
                let member = |member: &Definition, dice: &mut StdRng| {
                    let place = Place { name: member.name.clone(), depth: place.depth + 1, ..place.clone() };
                    (member.name.clone(), self.of(&member.ty, &place, dice))
                };
                let mut member = member;
                Input::Object(chosen.into_iter().map(|it| member(it, dice)).collect())
            }
            _ => Input::Scalar(self.scalar(ty.named(), place, dice)),
        }
    }

    fn scalar(&self, ty: &str, place: &Place, dice: &mut StdRng) -> Value {
        let known = &self.world.known;
        match (ty, &*place.name) {
            ("ID", _) => self.id(place, dice),
            ("Boolean", _) => json!(dice.random_bool(0.5)),
            ("Int", "first" | "last") if dice.random_bool(0.9) => json!(dice.random_range(0..9)),
            ("Int", "first" | "last") => json!(*[-1, 200, 201, 50].choose(dice).expect("a size")),
            ("Int", "offset") => json!(*[0, 0, 1, 2, 30, 100, -1, 10_001].choose(dice).expect("rows")),
            ("Int", _) => json!(*[i32::MIN, i32::MAX, 0, -1, 7, 3].choose(dice).expect("a number")),
            ("String", "after" | "before") => self.cursor(place, dice),
            ("DateTime", _) if dice.random_bool(0.05) => json!("yesterday"),
            ("DateTime", _) => json!(known.times.choose(dice).expect("a time")),
            ("JSON", _) => [json!(1), json!("x"), json!({"a": 1}), json!([1, "2", null]), Value::Null]
                .choose(dice)
                .expect("a value")
                .clone(),
            ("String", _) => {
                let text = known.texts.choose(dice).expect("a text");
                let short = dice.random_range(1..4);
                if dice.random_bool(0.4) {
                    text.chars().take(short).collect::<String>().into()
                } else {
                    json!(text)
                }
            }
            (ty, name) => panic!("teach me what `{name}: {ty}` may be"),
        }
    }

    fn id(&self, place: &Place, dice: &mut StdRng) -> Value {
        let known = &self.world.known;
        let is_contact = match &*place.field {
            "contact" => 0.95,
            "node" | "nodes" => 0.6,
            _ => 0.3,
        };
        if dice.random_bool(0.1) {
            let odd = [json!(Uuid::nil()), json!("none"), json!(""), json!(5), json!("\"")];
            return odd.choose(dice).expect("an id").clone();
        }
        let ids = if dice.random_bool(is_contact) { &known.contacts } else { &known.others };
        let id = ids.choose(dice).expect("an id");
        // Another spelling of the same id.
        if dice.random_bool(0.05) { json!(id.to_uppercase()) } else { json!(id) }
    }

    fn cursor(&self, place: &Place, dice: &mut StdRng) -> Value {
        if dice.random_bool(0.05) {
            return json!(["", "garbage", "AAAA", "\u{2028}"].choose(dice).expect("a text"));
        }
        let known = if dice.random_bool(0.93) { place.sorting } else { dice.random_range(0..SORTINGS.len()) };
        json!(self.world.known.cursors[known].choose(dice).expect("a cursor"))
    }
}
