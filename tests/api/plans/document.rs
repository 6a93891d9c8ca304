//! Documents, as they are generated: what is printed is declared, and nothing else.

use std::{collections::BTreeSet, fmt::Write as _};

use serde_json::{Map, Value};

/// Query with its fragments and variables.
#[derive(Clone, Debug, Default)]
pub(super) struct Document {
    pub(super) root: Vec<Selection>,
    pub(super) fragments: Vec<Fragment>,
    pub(super) variables: Vec<Variable>,
}

#[derive(Clone, Debug)]
pub(super) struct Fragment {
    pub(super) name: String,
    pub(super) on: String,
    pub(super) set: Vec<Selection>,
}

/// Variable, whose values differ from one request to the next.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    pub(super) name: String,
    /// Type as it is declared.
    pub(super) ty: String,
    pub(super) default: Option<String>,
    /// Values of the requests, in their order; `None` if it is omitted.
    pub(super) values: Vec<Option<Value>>,
}

#[derive(Clone, Debug)]
pub(super) enum Selection {
    Field(Field),
    Inline { on: Option<String>, directives: String, set: Vec<Selection> },
    Spread { name: String, directives: String },
}

#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) alias: Option<String>,
    pub(super) name: String,
    /// Arguments by name, as they are printed.
    pub(super) arguments: Vec<(String, String)>,
    pub(super) directives: String,
    pub(super) set: Vec<Selection>,
}

impl Field {
    /// Name under which it is answered.
    pub(super) fn key(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.name)
    }
}

impl Selection {
    pub(super) fn set(&self) -> &[Self] {
        match self {
            Self::Field(Field { set, .. }) | Self::Inline { set, .. } => set,
            Self::Spread { .. } => &[],
        }
    }
}

impl Document {
    /// Returns the text.
    pub(super) fn text(&self) -> String {
        let mut body = String::new();
        print_set(&self.root, &mut body);
        let (mut printed, mut pending) = (BTreeSet::new(), spread(&self.root));
        while let Some(name) = pending.pop() {
            let fragment = self.fragments.iter().find(|fragment| fragment.name == name);
            let Some(Fragment { on, set, .. }) = fragment.filter(|_| printed.insert(name.clone())) else {
                continue;
            };
            write!(body, "\nfragment {name} on {on}").expect("a text");
            print_set(set, &mut body);
            pending.extend(spread(set));
        }
        let declared: Vec<String> = self.used(&body).map(Variable::declared).collect();
        if declared.is_empty() { body } else { format!("query({}){body}", declared.join(" ")) }
    }

    /// Returns the variables of a request.
    pub(super) fn values(&self, request: usize) -> Value {
        let mut given = Map::new();
        for variable in &self.variables {
            if let Some(value) = &variable.values[request] {
                given.insert(variable.name.clone(), value.clone());
            }
        }
        given.into()
    }

    fn used<'a>(&'a self, body: &str) -> impl Iterator<Item = &'a Variable> {
        let names: BTreeSet<&str> = body
            .split('$')
            .skip(1)
            .filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next())
            .collect();
        let names: BTreeSet<String> = names.into_iter().map(str::to_owned).collect();
        self.variables.iter().filter(move |variable| names.contains(&variable.name))
    }

    /// Returns the documents that have one part less, larger parts first.
    pub(super) fn smaller(&self) -> Vec<Self> {
        let fragments = 0..self.fragments.len();
        let mut smaller = Vec::new();
        for place in [None].into_iter().chain(fragments.map(Some)) {
            let of = |document: &Self| match place {
                None => document.root.clone(),
                Some(index) => document.fragments[index].set.clone(),
            };
            for part in 0.. {
                let (mut set, mut rest) = (of(self), part);
                if !remove(&mut set, &mut rest) {
                    break;
                }
                let mut document = self.clone();
                match place {
                    None => document.root = set,
                    Some(index) => document.fragments[index].set = set,
                }
                smaller.push(document);
            }
        }
        smaller.sort_by_key(|document| document.text().len());
        smaller
    }
}

impl Variable {
    fn declared(&self) -> String {
        let default = self.default.as_ref().map(|default| format!(" = {default}")).unwrap_or_default();
        format!("${}: {}{default}", self.name, self.ty)
    }
}

/// Removes the part of an index: a selection, an argument, or the directives of either.
fn remove(set: &mut Vec<Selection>, part: &mut usize) -> bool {
    let is_it = |part: &mut usize| {
        let is_it = *part == 0;
        *part = part.wrapping_sub(1);
        is_it
    };
    for index in 0..set.len() {
        if is_it(part) {
            set.remove(index);
            return true;
        }
        let (Selection::Field(Field { directives, .. })
        | Selection::Inline { directives, .. }
        | Selection::Spread { directives, .. }) = &mut set[index];
        if !directives.is_empty() && is_it(part) {
            directives.clear();
            return true;
        }
        if let Selection::Field(field) = &mut set[index] {
            for argument in 0..field.arguments.len() {
                if is_it(part) {
                    field.arguments.remove(argument);
                    return true;
                }
            }
        }
        let (Selection::Field(Field { set, .. }) | Selection::Inline { set, .. }) = &mut set[index] else {
            continue;
        };
        if remove(set, part) {
            return true;
        }
    }
    false
}

/// Names of the fragments that are spread in a set.
fn spread(set: &[Selection]) -> Vec<String> {
    let of = |selection: &Selection| match selection {
        Selection::Spread { name, .. } => vec![name.clone()],
        Selection::Field(_) | Selection::Inline { .. } => spread(selection.set()),
    };
    set.iter().flat_map(of).collect()
}

fn print_set(set: &[Selection], text: &mut String) {
    text.push_str(" {");
    for selection in set {
        text.push(' ');
        print(selection, text);
    }
    text.push_str(" }");
}

fn print(selection: &Selection, text: &mut String) {
    match selection {
        Selection::Field(field) => {
            if let Some(alias) = &field.alias {
                write!(text, "{alias}: ").expect("a text");
            }
            text.push_str(&field.name);
            text.push_str(&arguments(field));
            text.push_str(&field.directives);
        }
        Selection::Inline { on, directives, .. } => {
            let on = on.as_ref().map(|on| format!(" on {on}")).unwrap_or_default();
            write!(text, "...{on}{directives}").expect("a text");
        }
        Selection::Spread { name, directives } => write!(text, "...{name}{directives}").expect("a text"),
    }
    if !selection.set().is_empty() {
        print_set(selection.set(), text);
    }
}

/// Prints the arguments of a field.
pub(super) fn arguments(field: &Field) -> String {
    let arguments: Vec<_> = field.arguments.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) }
}
