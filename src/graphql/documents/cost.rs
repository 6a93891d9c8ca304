//! What an operation costs, in points, known before anything is executed.
//!
//! An object costs 1, and a value nothing unless an object is asked for more than [`VALUES`]: who
//! asks for one value thousands of times has each resolved. A list with page arguments costs its
//! page size times what a row of it costs; `edges`, `node`, `nodes` and `pageInfo` are part of the
//! page. A list without them counts once. A mutation costs [`WRITE`] besides, and a point for each
//! item of its input's lists.

use std::{collections::HashMap, convert::Infallible};

use async_graphql::{
    Name, Value, Variables,
    parser::{
        parse_schema,
        types::{
            ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet, TypeKind,
            TypeSystemDefinition,
        },
    },
};

use crate::contacts::{PAGE_DEFAULT, PAGE_LARGEST};

/// What each mutation costs beside what it answers.
const WRITE: usize = 10;
/// Values of an object that cost nothing, fragments expanded; each further one costs 1.
const VALUES: usize = 200;

/// What the fields of each type are.
#[derive(Debug)]
pub(in crate::graphql) struct Costs(HashMap<String, HashMap<String, Below>>);

/// What lies below a field that is no plain value.
#[derive(Debug)]
struct Below {
    of: String,
    is_paged: bool,
}

impl Costs {
    /// Reads them off the schema.
    pub(in crate::graphql) fn new(sdl: &str) -> Self {
        let mut types = HashMap::new();
        let definitions = parse_schema(sdl).map(|schema| schema.definitions).unwrap_or_default();
        for definition in definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let definition = definition.node;
            let fields = match definition.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                _ => continue,
            };
            let below = fields.into_iter().map(|field| {
                let field = field.node;
                let is_paged = field.arguments.iter().any(|argument| argument.node.name.node == "first");
                (field.name.node.to_string(), Below { of: named(&field.ty.node.to_string()), is_paged })
            });
            types.insert(definition.name.node.to_string(), below.collect::<HashMap<_, _>>());
        }
        // What has no fields is a value.
        let objects: Vec<String> = types.keys().cloned().collect();
        for fields in types.values_mut() {
            fields.retain(|_, below| objects.contains(&below.of));
        }
        Self(types)
    }

    /// The points of an operation.
    pub(super) fn of(
        &self,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
        variables: &Variables,
    ) -> usize {
        let mut counter = Counter { costs: self, document, operation, variables, fragments: HashMap::new() };
        let root = match operation.ty {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        };
        counter.set(&operation.selection_set.node, root).points()
    }
}

/// What a selection set costs.
#[derive(Clone, Copy, Default)]
struct Cost {
    objects: usize,
    values: usize,
}

impl Cost {
    fn plus(self, other: Self) -> Self {
        Self {
            objects: self.objects.saturating_add(other.objects),
            values: self.values.saturating_add(other.values),
        }
    }

    fn points(self) -> usize {
        self.objects.saturating_add(self.values.saturating_sub(VALUES))
    }
}

struct Counter<'a> {
    costs: &'a Costs,
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    /// What a fragment costs at each place where it is spread.
    fragments: HashMap<&'a Name, Cost>,
}

impl<'a> Counter<'a> {
    fn set(&mut self, set: &'a SelectionSet, parent: &str) -> Cost {
        let mut whole = Cost::default();
        for selection in &set.items {
            let part = match &selection.node {
                Selection::Field(field) => self.field(&field.node, parent),
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node),
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let parent = condition.map_or(parent, |condition| condition.node.on.node.as_str());
                    self.set(&fragment.node.selection_set.node, parent)
                }
            };
            whole = whole.plus(part);
        }
        whole
    }

    fn field(&mut self, field: &'a Field, parent: &str) -> Cost {
        let costs = self.costs;
        let below = costs.0.get(parent).and_then(|fields| fields.get(field.name.node.as_str()));
        let Some(Below { of, is_paged }) = below else {
            // A value, or introspection, or nothing that there is.
            return Cost { objects: 0, values: 1 };
        };
        let part_of_page = parent.ends_with("Connection") || parent.ends_with("Edge");
        let own = self.set(&field.selection_set.node, of).points().saturating_add(usize::from(!part_of_page));
        let rows = if *is_paged { self.page_size(field) } else { 1 };
        let write = if parent == "Mutation" { WRITE + self.items(field) } else { 0 };
        Cost { objects: own.saturating_mul(rows).saturating_add(write), values: 0 }
    }

    fn fragment(&mut self, name: &'a Name) -> Cost {
        if let Some(known) = self.fragments.get(name) {
            return *known;
        }
        let Some(fragment) = self.document.fragments.get(name) else {
            return Cost::default();
        };
        let parent = fragment.node.type_condition.node.on.node.as_str();
        let cost = self.set(&fragment.node.selection_set.node, parent);
        self.fragments.insert(name, cost);
        cost
    }

    /// The rows of a page; a size that the list will refuse is taken for the largest.
    fn page_size(&self, field: &Field) -> usize {
        let given = |name| {
            let value = field.get_argument(name)?.node.clone();
            match value.into_const_with(|variable| Ok::<_, Infallible>(self.number(&variable))) {
                Ok(Value::Number(rows)) => Some(rows.as_i64().unwrap_or(PAGE_LARGEST)),
                _ => None,
            }
        };
        let rows = given("first").max(given("last")).map(|rows| rows.clamp(1, PAGE_LARGEST));
        rows.and_then(|rows| usize::try_from(rows).ok()).unwrap_or(PAGE_DEFAULT)
    }

    /// A variable that is a number; null otherwise.
    fn number(&self, variable: &Name) -> Value {
        self.value(variable).filter(|value| matches!(value, Value::Number(_))).cloned().unwrap_or_default()
    }

    /// The items of lists in a mutation's input.
    fn items(&self, field: &Field) -> usize {
        let Some(input) = field.get_argument("input") else {
            return 0;
        };
        let mut items = 0;
        let written = input.node.clone().into_const_with(|variable| {
            items += self.value(&variable).map_or(0, |value| listed(value, INPUT_LEVELS));
            Ok::<_, Infallible>(Value::Null)
        });
        items + written.map_or(0, |value| listed(&value, INPUT_LEVELS))
    }

    fn value(&self, variable: &Name) -> Option<&Value> {
        let default = || {
            let mut definitions =
                self.operation.variable_definitions.iter().map(|definition| &definition.node);
            let definition = definitions.find(|definition| definition.name.node == *variable)?;
            definition.default_value.as_ref().map(|value| &value.node)
        };
        self.variables.get(variable).or_else(default)
    }
}

/// How deep an input's lists are looked for: in it, and in its `where`.
const INPUT_LEVELS: usize = 2;

fn listed(value: &Value, levels: usize) -> usize {
    match value {
        Value::List(items) => items.len(),
        Value::Object(members) if levels > 0 => members.values().map(|value| listed(value, levels - 1)).sum(),
        _ => 0,
    }
}

/// The name in a type such as `[Contact!]!`.
fn named(of: &str) -> String {
    of.trim_matches(['[', ']', '!']).to_owned()
}
