//! The schema as its clients see it, for tests that walk all of it: what is added to it is walked
//! by itself, or stops the test that cannot tell what to do with it.

use std::fmt::{self, Display};

use serde::Deserialize;

use super::App;

/// Every type, by introspection.
#[derive(Debug)]
pub(crate) struct Schema(Vec<Type>);

/// A type of the schema; lists that its kind has not are empty.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Type {
    pub(crate) kind: String,
    pub(crate) name: String,
    is_one_of: Option<bool>,
    fields: Option<Vec<Field>>,
    input_fields: Option<Vec<Input>>,
    enum_values: Option<Vec<Named>>,
    possible_types: Option<Vec<Named>>,
}

/// A field of an object.
#[derive(Debug, Deserialize)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) args: Vec<Input>,
    #[serde(rename = "type")]
    pub(crate) ty: Ref,
}

/// An argument, or a member of an input object.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) ty: Ref,
    default_value: Option<String>,
}

/// A type as it is referred to.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ref {
    kind: String,
    name: Option<String>,
    of_type: Option<Box<Ref>>,
}

#[derive(Debug, Deserialize)]
struct Named {
    name: String,
}

impl Schema {
    pub(crate) async fn of(app: &App) -> Self {
        const TYPE: &str = "kind name ofType { kind name ofType { kind name ofType { kind name } } }";
        let query = format!(
            "{{ __schema {{ types {{ kind name isOneOf possibleTypes {{ name }} enumValues {{ name }}
                fields {{ name args {{ name defaultValue type {{ {TYPE} }} }} type {{ {TYPE} }} }}
                inputFields {{ name defaultValue type {{ {TYPE} }} }} }} }} }}"
        );
        let mut data = app.data(&query).await;
        Self(serde_json::from_value(data["__schema"]["types"].take()).expect("types"))
    }

    #[track_caller]
    pub(crate) fn get(&self, name: &str) -> &Type {
        self.0.iter().find(|ty| ty.name == name).unwrap_or_else(|| panic!("no type {name}"))
    }

    pub(crate) fn types(&self) -> impl Iterator<Item = &Type> {
        self.0.iter()
    }

    /// The objects whose fields take arguments, but for the roots and the introspection's own.
    pub(crate) fn nested(&self) -> impl Iterator<Item = (&Type, &Field)> {
        let objects = self.0.iter().filter(|ty| ty.kind == "OBJECT" && !ty.name.starts_with("__"));
        let inner = objects.filter(|ty| !["Query", "Mutation", "Subscription"].contains(&&*ty.name));
        inner.flat_map(|ty| {
            ty.fields().iter().filter(|field| !field.args.is_empty()).map(move |field| (ty, field))
        })
    }

    /// The types that an interface stands for.
    pub(crate) fn possible(&self, interface: &str) -> Vec<&str> {
        let types = self.get(interface).possible_types.iter().flatten();
        types.map(|ty| ty.name.as_str()).collect()
    }
}

impl Type {
    pub(crate) fn fields(&self) -> &[Field] {
        self.fields.as_deref().unwrap_or_default()
    }

    pub(crate) fn members(&self) -> &[Input] {
        self.input_fields.as_deref().unwrap_or_default()
    }

    pub(crate) fn is_one_of(&self) -> bool {
        self.is_one_of == Some(true)
    }

    /// An enum's values.
    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        self.enum_values.iter().flatten().map(|value| value.name.as_str())
    }

    /// The first of an enum's values.
    pub(crate) fn first_value(&self) -> Option<&str> {
        self.values().next()
    }
}

impl Input {
    /// Whether nothing works without it.
    pub(crate) fn is_required(&self) -> bool {
        self.ty.kind == "NON_NULL" && self.default_value.is_none()
    }
}

impl Ref {
    /// What it is once lists and `!` are taken away.
    pub(crate) fn named(&self) -> &str {
        match &self.of_type {
            Some(inner) => inner.named(),
            None => self.name.as_deref().expect("a name"),
        }
    }

    /// What one `!` or one list stands around.
    pub(crate) fn inner(&self) -> Option<&Self> {
        self.of_type.as_deref()
    }

    pub(crate) fn is_list(&self) -> bool {
        self.kind == "LIST"
    }
}

/// As a document spells it: `[ID!]!`.
impl Display for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&*self.kind, &self.of_type) {
            ("NON_NULL", Some(inner)) => write!(f, "{inner}!"),
            ("LIST", Some(inner)) => write!(f, "[{inner}]"),
            _ => f.write_str(self.named()),
        }
    }
}
