//! What an operation costs, in points, known before anything is executed.
//!
//! An object costs 1, and a value nothing. A list with page arguments costs its page size times what a
//! row of it costs; `edges`, `node`, `nodes` and `pageInfo` are part of the page. A list without them counts
//! once. A mutation costs [`WRITE`] besides, and a point for each item of its input's lists.
//!
//! What arguments come to is counted beside: it is copied as often as a field is executed.

use async_graphql::parser::types::{Field, OperationDefinition, OperationType, Selection, SelectionSet};
use async_graphql_value::Value;

use super::{
    DocumentLimits, TooComplex,
    inputs::{self, Inputs},
    types::Types,
    values::VALUE,
    within,
};
use crate::paging::{DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE};

/// What each mutation costs beside what it answers.
const WRITE: usize = 10;

/// Measures operations by the schema.
#[derive(Debug)]
pub(super) struct Costs {
    inputs: Inputs,
}

impl Costs {
    pub(super) fn new(types: &Types) -> Self {
        Self { inputs: Inputs::new(types) }
    }

    /// The points of an operation in its normal form, if it keeps the limits that depend on its arguments.
    pub(super) fn check(
        &self,
        limits: &DocumentLimits,
        types: &Types,
        operation: &OperationDefinition,
    ) -> Result<usize, TooComplex> {
        let mut counter = Counter { costs: self, types, input: inputs::Size::default() };
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
        within("complexity", limits.complexity, whole.objects)?;
        Ok(whole.objects)
    }
}

/// What a selection set costs.
#[derive(Clone, Copy, Default)]
struct Cost {
    objects: usize,
    argument_bytes: usize,
}

impl Cost {
    fn plus(self, other: Self) -> Self {
        Self {
            objects: self.objects.saturating_add(other.objects),
            argument_bytes: self.argument_bytes.saturating_add(other.argument_bytes),
        }
    }

    /// Of two types that an object may be.
    fn or_larger(self, other: Self) -> Self {
        Self {
            objects: self.objects.max(other.objects),
            argument_bytes: self.argument_bytes.max(other.argument_bytes),
        }
    }
}

struct Counter<'a> {
    costs: &'a Costs,
    types: &'a Types,
    input: inputs::Size,
}

impl Counter<'_> {
    fn set(&mut self, set: &SelectionSet, parent: &str) -> Cost {
        let (mut whole, mut largest) = (Cost::default(), Cost::default());
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => whole = whole.plus(self.field(&field.node, parent)),
                // In the normal form each is on a type of its own.
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let on = condition.map_or(parent, |condition| condition.node.on.node.as_str());
                    largest = largest.or_larger(self.set(&fragment.node.selection_set.node, on));
                }
                Selection::FragmentSpread(_) => {}
            }
        }
        whole.plus(largest)
    }

    fn field(&mut self, field: &Field, parent: &str) -> Cost {
        let argument_bytes = argument_bytes(field);
        let types = self.types;
        let Some(definition) = types.fields(parent).and_then(|fields| fields.get(field.name.node.as_str()))
        else {
            // `__typename`, or introspection.
            return Cost { objects: 0, argument_bytes };
        };
        let definitions = definition.arguments.iter().map(|definition| &**definition);
        self.input = self.input.and(self.costs.inputs.size(field, definitions));
        let of = definition.ty.inner_named_type().as_str();
        if types.is_leaf(of) {
            return Cost { objects: 0, argument_bytes };
        }
        let is_paged = definition.argument_by_name("first").is_some();
        let part_of_page = parent.ends_with("Connection") || parent.ends_with("Edge");
        let set = self.set(&field.selection_set.node, of);
        let rows = if is_paged { page_size(field) } else { 1 };
        // What a list counts once is executed for each of its items.
        let executed = if definition.ty.is_list() && !part_of_page {
            items(field, "ids", 0).unwrap_or(LISTED)
        } else {
            rows
        };
        let own = set.objects.saturating_add(usize::from(!part_of_page));
        let write = if parent == "Mutation" {
            WRITE + items(field, "input", INPUT_LEVELS).unwrap_or_default()
        } else {
            0
        };
        Cost {
            objects: own.saturating_mul(rows).saturating_add(write),
            argument_bytes: set.argument_bytes.saturating_mul(executed).saturating_add(argument_bytes),
        }
    }
}

/// The rows of a page; a size that the list will refuse is taken for the largest.
fn page_size(field: &Field) -> usize {
    let given = |name| match field.get_argument(name).map(|value| &value.node) {
        Some(Value::Number(rows)) => Some(rows.as_i64().unwrap_or(MAX_PAGE_SIZE)),
        _ => None,
    };
    let rows = given("first").max(given("last")).map(|rows| rows.clamp(1, MAX_PAGE_SIZE));
    rows.and_then(|rows| usize::try_from(rows).ok()).unwrap_or(DEFAULT_PAGE_SIZE)
}

/// The items of lists in an argument, if it is given: those so many levels below it too.
fn items(field: &Field, argument: &str, levels: usize) -> Option<usize> {
    Some(listed(&field.get_argument(argument)?.node, levels))
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

/// The bytes of a field's arguments, which are copied each time it is executed.
fn argument_bytes(field: &Field) -> usize {
    field.arguments.iter().map(|(_, value)| bytes(&value.node)).fold(0, usize::saturating_add)
}

/// As [`super::values::bytes`], of the library's other type for values.
fn bytes(value: &Value) -> usize {
    match value {
        Value::String(text) => VALUE.saturating_add(text.len()),
        Value::List(items) => items.iter().map(bytes).fold(VALUE, usize::saturating_add),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| name.len().saturating_add(bytes(value)));
            members.fold(VALUE, usize::saturating_add)
        }
        _ => VALUE,
    }
}
