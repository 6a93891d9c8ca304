//! What an operation costs, in points, known before anything is executed.
//!
//! An object costs 1, and a value nothing unless an object is asked for more than it has fields and
//! [`VALUES`] besides: who asks for one value thousands of times has each resolved, in a list without
//! page arguments for each item. A list with page arguments costs its page size times what a row of
//! it costs; `edges`, `node`, `nodes` and `pageInfo` are part of the page. A list without them counts
//! once. A mutation costs [`WRITE`] besides, and a point for each item of its input's lists.
//!
//! What arguments come to is counted beside: it is copied as often as a field is executed.

use std::collections::HashMap;

use async_graphql::{
    Name, Value, Variables,
    parser::types::{
        ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
        TypeDefinition, TypeKind,
    },
};

use super::{
    DocumentLimits, Measures, TooComplex,
    arguments::{Arguments, filled_with},
    fields,
    inputs::{self, Inputs},
    named, within,
};
use crate::contacts::{PAGE_DEFAULT, PAGE_LARGEST};

/// What each mutation costs beside what it answers.
const WRITE: usize = 10;
/// So many values of an object beyond its fields cost nothing, fragments expanded; each further one
/// costs 1.
const VALUES: usize = 20;

/// What the fields of each type are.
#[derive(Debug)]
pub(super) struct Costs(HashMap<String, Type>);

#[derive(Debug)]
struct Type {
    fields: HashMap<String, Below>,
    /// Values of one object that cost nothing.
    free: usize,
}

/// What lies below a field that is no plain value.
#[derive(Debug)]
struct Below {
    of: String,
    is_list: bool,
    is_paged: bool,
}

impl Costs {
    pub(super) fn new(definitions: &[TypeDefinition]) -> Self {
        let mut types = HashMap::new();
        let mut most = 0;
        for definition in definitions {
            let Some(fields) = fields(definition) else { continue };
            let below = fields.iter().map(|field| {
                let field = &field.node;
                let is_paged = field.arguments.iter().any(|argument| argument.node.name.node == "first");
                let ty = field.ty.node.to_string();
                let below = Below { of: named(&ty), is_list: ty.starts_with('['), is_paged };
                (field.name.node.to_string(), below)
            });
            let name = definition.name.node.to_string();
            most = most.max(fields.len());
            types.insert(name, Type { fields: below.collect(), free: fields.len() + VALUES });
        }
        // What has no fields is a value.
        let objects: Vec<String> = types.keys().cloned().collect();
        for of in types.values_mut() {
            of.fields.retain(|_, below| objects.contains(&below.of));
        }
        // What is asked of an interface may be of any type.
        for definition in definitions {
            if let (TypeKind::Interface(_), Some(of)) =
                (&definition.kind, types.get_mut(definition.name.node.as_str()))
            {
                of.free = most + VALUES;
            }
        }
        Self(types)
    }
}

/// The points of an operation, if it keeps the limits that depend on its arguments.
pub(super) fn check(
    limits: &DocumentLimits,
    measures: &Measures,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
) -> Result<usize, TooComplex> {
    let mut arguments = Arguments::new(operation, variables);
    within("argumentBytes", limits.argument_bytes, arguments.bytes_to_validate(document))?;
    let mut counter = Counter {
        costs: &measures.costs,
        inputs: &measures.inputs,
        document,
        arguments,
        fragments: HashMap::new(),
        input: inputs::Size::default(),
    };
    let root = match operation.ty {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    };
    let whole = counter.set(&operation.selection_set.node, root);
    within("argumentBytes", limits.argument_bytes, whole.argument_bytes)?;
    within("inputObjects", limits.input_objects, counter.input.objects)?;
    within("filterLevels", limits.filter_levels, counter.input.filter.levels)?;
    within("filterConditions", limits.filter_conditions, counter.input.filter.conditions)?;
    let points = whole.objects.saturating_add(counter.excess(whole, root));
    within("complexity", limits.complexity, points)?;
    Ok(points)
}

/// What a selection set costs.
#[derive(Clone, Copy, Default)]
struct Cost {
    objects: usize,
    values: usize,
    argument_bytes: usize,
}

impl Cost {
    fn plus(self, other: Self) -> Self {
        Self {
            objects: self.objects.saturating_add(other.objects),
            values: self.values.saturating_add(other.values),
            argument_bytes: self.argument_bytes.saturating_add(other.argument_bytes),
        }
    }
}

struct Counter<'a> {
    costs: &'a Costs,
    inputs: &'a Inputs,
    document: &'a ExecutableDocument,
    arguments: Arguments<'a>,
    /// What a fragment costs at each place where it is spread.
    fragments: HashMap<&'a Name, Cost>,
    /// That of fields in fragments is counted once.
    input: inputs::Size,
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
        let argument_bytes = self.arguments.bytes(field);
        self.input = self.input.and(self.inputs.size(parent, field, &self.arguments));
        let costs = self.costs;
        let below = costs.0.get(parent).and_then(|of| of.fields.get(field.name.node.as_str()));
        let Some(Below { of, is_list, is_paged }) = below else {
            // A value, or introspection, or nothing that there is.
            return Cost { objects: 0, values: 1, argument_bytes };
        };
        let part_of_page = parent.ends_with("Connection") || parent.ends_with("Edge");
        let set = self.set(&field.selection_set.node, of);
        let rows = if *is_paged { self.page_size(field) } else { 1 };
        // What a list counts once is executed for each of its items.
        let executed =
            if *is_list && !part_of_page { self.items(field, "ids", 0).unwrap_or(LISTED) } else { rows };
        let excess = self.excess(set, of).saturating_mul(executed);
        let own = set.objects.saturating_add(usize::from(!part_of_page));
        let items = || self.items(field, "input", INPUT_LEVELS).unwrap_or(0);
        let write = if parent == "Mutation" { WRITE + items() } else { 0 };
        Cost {
            objects: own.saturating_mul(rows).saturating_add(excess).saturating_add(write),
            values: 0,
            argument_bytes: set.argument_bytes.saturating_mul(executed).saturating_add(argument_bytes),
        }
    }

    /// What the values of an object cost.
    fn excess(&self, set: Cost, of: &str) -> usize {
        let free = self.costs.0.get(of).map_or(VALUES, |of| of.free);
        set.values.saturating_sub(free)
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
        let number = |variable: &Name| {
            self.arguments.variable(variable).filter(|value| matches!(value, Value::Number(_))).cloned()
        };
        let given = |name| match filled_with(field, name, number) {
            Some(Value::Number(rows)) => Some(rows.as_i64().unwrap_or(PAGE_LARGEST)),
            _ => None,
        };
        let rows = given("first").max(given("last")).map(|rows| rows.clamp(1, PAGE_LARGEST));
        rows.and_then(|rows| usize::try_from(rows).ok()).unwrap_or(PAGE_DEFAULT)
    }

    /// The items of lists in an argument, if it is given: those so many levels below it too.
    fn items(&self, field: &Field, argument: &str, levels: usize) -> Option<usize> {
        let mut items = 0;
        let written = filled_with(field, argument, |variable| {
            items += self.arguments.variable(variable).map_or(0, |value| listed(value, levels));
            None
        });
        written.map(|value| items + listed(&value, levels))
    }
}

/// Items of a list that is no page and was not asked for by ids, such as the stages of a pipeline.
const LISTED: usize = 20;

/// How deep an input's lists are looked for: in it, and in its `where`.
const INPUT_LEVELS: usize = 2;

fn listed(value: &Value, levels: usize) -> usize {
    match value {
        Value::List(items) => items.len(),
        Value::Object(members) if levels > 0 => members.values().map(|value| listed(value, levels - 1)).sum(),
        _ => 0,
    }
}
