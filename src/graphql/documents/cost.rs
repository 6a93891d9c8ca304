//! Cost of an operation in points, calculated before it is executed.
//!
//! An object costs 1, and a scalar nothing. A list with page arguments costs its page size times the cost
//! of one row; `edges`, `node`, `nodes` and `pageInfo` cost nothing by themselves. A list without page
//! arguments costs as much as one row. A mutation costs [`MUTATION_COST`] more, and a point for each item of
//! its input's lists.
//!
//! The size of arguments is calculated in the same pass: they are copied each time that a field is executed.

use async_graphql::parser::types::{Field, OperationDefinition, OperationType, Selection, SelectionSet};
use async_graphql_value::Value;

use super::{
    DocumentLimits, TooComplex,
    inputs::{InputSize, InputTypes},
    types::Types,
    values::BYTES_PER_VALUE,
    within,
};
use crate::paging::{DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE};

/// Points of a mutation in addition to those of its answer.
const MUTATION_COST: usize = 10;

/// Cost model of the schema.
#[derive(Debug)]
pub(super) struct CostModel {
    inputs: InputTypes,
}

impl CostModel {
    pub(super) fn new(types: &Types) -> Self {
        Self { inputs: InputTypes::new(types) }
    }

    /// Returns the points of an operation in its normal form, or the limit that its arguments or its points
    /// exceed.
    pub(super) fn check(
        &self,
        limits: &DocumentLimits,
        types: &Types,
        operation: &OperationDefinition,
    ) -> Result<usize, TooComplex> {
        let mut counter = Counter { model: self, types, input: InputSize::default() };
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
        within("complexity", limits.complexity, whole.points)?;
        Ok(whole.points)
    }
}

/// Cost of a selection set.
#[derive(Clone, Copy, Default)]
struct Cost {
    points: usize,
    argument_bytes: usize,
}

impl Cost {
    fn plus(self, other: Self) -> Self {
        Self {
            points: self.points.saturating_add(other.points),
            argument_bytes: self.argument_bytes.saturating_add(other.argument_bytes),
        }
    }

    /// Returns the larger of each part, for selections of two types of which an object has only one.
    fn or_larger(self, other: Self) -> Self {
        Self {
            points: self.points.max(other.points),
            argument_bytes: self.argument_bytes.max(other.argument_bytes),
        }
    }
}

struct Counter<'a> {
    model: &'a CostModel,
    types: &'a Types,
    input: InputSize,
}

impl Counter<'_> {
    fn set(&mut self, set: &SelectionSet, parent: &str) -> Cost {
        let (mut whole, mut largest) = (Cost::default(), Cost::default());
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => whole = whole.plus(self.field(&field.node, parent)),
                // In the normal form each is on another type, so an object has the fields of one of them.
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
            // `__typename` and introspection are answered from memory.
            return Cost { points: 0, argument_bytes };
        };
        let definitions = definition.arguments.iter().map(|definition| &**definition);
        self.input = self.input.plus(self.model.inputs.size(field, definitions));
        let of = definition.ty.inner_named_type().as_str();
        if types.is_leaf(of) {
            return Cost { points: 0, argument_bytes };
        }
        let is_paged = definition.argument_by_name("first").is_some();
        // The objects within a connection belong to it: the connection has the page size and counts the rows.
        let part_of_page = parent.ends_with("Connection") || parent.ends_with("Edge");
        let set = self.set(&field.selection_set.node, of);
        let rows = if is_paged { page_size(field) } else { 1 };
        // A list without pages costs as one row, but its fields are executed for each item.
        let executed = if definition.ty.is_list() && !part_of_page {
            items(field, "ids", 0).unwrap_or(DEFAULT_ITEMS)
        } else {
            rows
        };
        let row = set.points.saturating_add(usize::from(!part_of_page));
        let write = if parent == "Mutation" {
            MUTATION_COST + items(field, "input", MAX_INPUT_LEVELS).unwrap_or_default()
        } else {
            0
        };
        Cost {
            points: row.saturating_mul(rows).saturating_add(write),
            argument_bytes: set.argument_bytes.saturating_mul(executed).saturating_add(argument_bytes),
        }
    }
}

/// Returns the number of rows of a page. A size outside of the limits is clamped: the list refuses it later.
fn page_size(field: &Field) -> usize {
    let given = |name| match field.get_argument(name).map(|value| &value.node) {
        Some(Value::Number(rows)) => Some(rows.as_i64().unwrap_or(MAX_PAGE_SIZE)),
        _ => None,
    };
    let rows = given("first").max(given("last")).map(|rows| rows.clamp(1, MAX_PAGE_SIZE));
    rows.and_then(|rows| usize::try_from(rows).ok()).unwrap_or(DEFAULT_PAGE_SIZE)
}

/// Counts the items of lists in an argument, if it is given, up to a number of levels below it.
fn items(field: &Field, argument: &str, levels: usize) -> Option<usize> {
    Some(listed_items(&field.get_argument(argument)?.node, levels))
}

/// Items assumed for a list without page arguments and without `ids`, such as the stages of a pipeline.
const DEFAULT_ITEMS: usize = 20;

/// Maximum depth at which an input's lists are counted: its own, and those of its `where`.
const MAX_INPUT_LEVELS: usize = 2;

fn listed_items(value: &Value, levels: usize) -> usize {
    match value {
        Value::List(items) => items.len(),
        Value::Object(members) if levels > 0 => {
            members.values().map(|value| listed_items(value, levels - 1)).sum()
        }
        _ => 0,
    }
}

/// Returns the bytes of a field's arguments.
fn argument_bytes(field: &Field) -> usize {
    field.arguments.iter().map(|(_, value)| bytes(&value.node)).fold(0, usize::saturating_add)
}

/// Returns the same as [`super::values::bytes`], for the library's other type of values.
fn bytes(value: &Value) -> usize {
    match value {
        Value::String(text) => BYTES_PER_VALUE.saturating_add(text.len()),
        Value::List(items) => items.iter().map(bytes).fold(BYTES_PER_VALUE, usize::saturating_add),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| name.len().saturating_add(bytes(value)));
            members.fold(BYTES_PER_VALUE, usize::saturating_add)
        }
        _ => BYTES_PER_VALUE,
    }
}
