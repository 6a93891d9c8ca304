//! Arguments and selections for any field of the schema, made from the schema itself.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::{
    filled::Filled,
    schema::{Field, Input, Ref, Schema},
};

/// Members by name, from an argument down to a scalar; lists are passed through.
pub(crate) type Path = Vec<String>;

/// Makes arguments out of what an organization has.
#[derive(Clone, Copy)]
pub(crate) struct Arguments<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) own: &'a Filled,
    /// The field that takes them: its name says which kind of object an id is of.
    pub(crate) field: &'a str,
}

impl Arguments<'_> {
    /// What a field cannot do without, by argument.
    pub(crate) fn required(self, field: &Field) -> Map<String, Value> {
        let required = field.args.iter().filter(|argument| argument.is_required());
        required.map(|argument| (argument.name.clone(), self.least(argument))).collect()
    }

    /// The same, and one value in the place of a path.
    pub(crate) fn with(self, field: &Field, path: &[String], leaf: &Value) -> Map<String, Value> {
        let mut arguments = self.required(field);
        let argument = field.args.iter().find(|argument| argument.name == path[0]).expect("an argument");
        arguments.insert(path[0].clone(), self.value(&argument.ty, &path[1..], leaf));
        arguments
    }

    fn value(self, ty: &Ref, path: &[String], leaf: &Value) -> Value {
        if let Some(inner) = ty.inner() {
            let value = self.value(inner, path, leaf);
            return if ty.is_list() { json!([value]) } else { value };
        }
        let Some((first, rest)) = path.split_first() else {
            return leaf.clone();
        };
        let input = self.schema.get(ty.named());
        let mut members = Map::new();
        for member in input.members() {
            if member.name == *first {
                members.insert(first.clone(), self.value(&member.ty, rest, leaf));
            } else if member.is_required() {
                members.insert(member.name.clone(), self.least(member));
            }
        }
        members.into()
    }

    /// The least that a required input takes.
    fn least(self, input: &Input) -> Value {
        self.sound(&input.ty, &input.name)
    }

    fn sound(self, ty: &Ref, name: &str) -> Value {
        if let Some(inner) = ty.inner() {
            let value = self.sound(inner, name);
            return if ty.is_list() { json!([value]) } else { value };
        }
        let known = self.schema.get(ty.named());
        match (&*known.kind, ty.named()) {
            ("INPUT_OBJECT", _) => {
                let members = known.members().iter();
                let first = members.clone().take(usize::from(known.is_one_of()));
                let needed = members.filter(|member| member.is_required());
                first.chain(needed).map(|member| (member.name.clone(), self.least(member))).collect()
            }
            ("ENUM", _) => json!(known.first_value()),
            (_, "ID") => json!(self.own.id_for(self.field)),
            (_, "String") => json!(match name {
                "address" | "email" => self.own.email(),
                "number" => self.own.phone.clone(),
                _ => self.own.text.clone(),
            }),
            (_, "Int") => json!(0),
            (_, "Boolean") => json!(false),
            (_, "DateTime") => json!("2030-01-01T00:00:00Z"),
            (_, "JSON") => json!({}),
            (_, other) => panic!("teach me what to give for a {other}"),
        }
    }
}

/// Every path from a field's arguments to a scalar. Within itself an input object is gone into
/// once more, for one of its own members.
pub(crate) fn paths(schema: &Schema, field: &Field) -> Vec<(Path, Ref)> {
    let mut found = Vec::new();
    for argument in &field.args {
        walk(schema, argument, vec![], &mut vec![], &mut found);
    }
    found
}

fn walk(
    schema: &Schema,
    input: &Input,
    mut path: Path,
    within: &mut Vec<String>,
    found: &mut Vec<(Path, Ref)>,
) {
    path.push(input.name.clone());
    let name = input.ty.named();
    let ty = schema.get(name);
    if ty.kind != "INPUT_OBJECT" {
        found.push((path, input.ty.clone()));
        return;
    }
    let again = within.iter().any(|outer| outer == name);
    let inner = ty.members().iter().filter(|member| !again || member.ty.named() != name);
    within.push(name.to_owned());
    for member in inner.take(if again { 1 } else { usize::MAX }) {
        walk(schema, member, path.clone(), within, found);
    }
    within.pop();
}

/// Everything of a type that needs no arguments, and that to a depth of objects below it.
pub(crate) fn selection(schema: &Schema, ty: &str, depth: usize) -> String {
    beside(schema, ty, depth, &[])
}

/// The same beside selections of other types that the object may be: fields of one name but of
/// different types cannot be merged, so they get aliases.
fn beside(schema: &Schema, ty: &str, depth: usize, others: &[&str]) -> String {
    let mut text = String::from("__typename");
    for field in schema.get(ty).fields() {
        if field.args.iter().any(Input::is_required) {
            continue;
        }
        let is_another = |other: &&str| {
            let fields = schema.get(other).fields().iter();
            fields.clone().any(|it| it.name == field.name && it.ty.to_string() != field.ty.to_string())
        };
        let alias =
            if others.iter().any(is_another) { format!("{ty}_{}: ", field.name) } else { String::new() };
        let inner = field.ty.named();
        match &*schema.get(inner).kind {
            "OBJECT" | "INTERFACE" | "UNION" if depth == 0 => {}
            "OBJECT" | "INTERFACE" | "UNION" => {
                let inner = selection(schema, inner, depth - 1);
                let page =
                    if field.args.iter().any(|input| input.name == "first") { "(first: 2)" } else { "" };
                write!(text, " {alias}{}{page} {{ {inner} }}", field.name).expect("a text");
            }
            _ => write!(text, " {alias}{}", field.name).expect("a text"),
        }
    }
    let possible = schema.possible(ty);
    for one in &possible {
        write!(text, " ... on {one} {{ {} }}", beside(schema, one, depth, &possible)).expect("a text");
    }
    text
}
