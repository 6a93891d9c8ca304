//! Cost of an operation in points, calculated before it is executed.
//!
//! An object costs 1, and a scalar nothing. A list costs the number of its rows times the cost of one row:
//! with page arguments its page size, without them that of a [typical](rows) one; `edges`, `node`, `nodes` and
//! `pageInfo` cost nothing by themselves. What a page takes to be found has a [price](lists) of its own. A
//! mutation costs [`MUTATION_COST`] more, and a point for each item of its input's lists.
//!
//! The size of arguments is calculated in the same pass: they are copied each time that a field is executed.

mod lists;
mod rows;

use async_graphql::parser::types::{Field, OperationDefinition, OperationType, Selection, SelectionSet};
use async_graphql_value::Value;

use super::{
    DocumentLimits, TooComplex,
    inputs::{InputSize, InputTypes},
    types::Types,
    values::BYTES_PER_VALUE,
    within,
};
use crate::graphql::answer_room;

/// Points of a mutation in addition to those of its answer.
const MUTATION_COST: usize = 10;
/// Minimum points of a page, however few rows it has.
const MIN_PAGE_COST: usize = 5;
/// Points of counting the contacts of a tag or of a stage, beside those for the counted ones.
pub(in crate::graphql) const COUNT_COST: usize = 10;
/// Points of a description of the whole schema, and of one of its types.
const SCHEMA_COST: usize = 100;
const TYPE_COST: usize = 10;

/// Cost model of the schema.
#[derive(Debug)]
pub(super) struct CostModel {
    inputs: InputTypes,
}

impl CostModel {
    pub(super) fn new(types: &Types) -> Self {
        Self { inputs: InputTypes::new(types) }
    }

    /// Returns the cost of an operation in its normal form, or the limit that its arguments or its points
    /// exceed.
    pub(super) fn check(
        &self,
        limits: &DocumentLimits,
        types: &Types,
        operation: &OperationDefinition,
    ) -> Result<Cost, TooComplex> {
        let mut counter = Counter { model: self, types, input: InputSize::default(), items: 0 };
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
        Ok(whole)
    }
}

/// Cost of an operation, or of a selection set.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::graphql) struct Cost {
    pub(in crate::graphql) points: usize,
    /// Bytes that long texts of contacts may take.
    pub(in crate::graphql) text_bytes: usize,
    argument_bytes: usize,
}

impl Cost {
    fn plus(self, other: Self) -> Self {
        Self {
            points: self.points.saturating_add(other.points),
            text_bytes: self.text_bytes.saturating_add(other.text_bytes),
            argument_bytes: self.argument_bytes.saturating_add(other.argument_bytes),
        }
    }

    /// Returns the larger of each part, for selections of two types of which an object has only one.
    fn or_larger(self, other: Self) -> Self {
        Self {
            points: self.points.max(other.points),
            text_bytes: self.text_bytes.max(other.text_bytes),
            argument_bytes: self.argument_bytes.max(other.argument_bytes),
        }
    }
}

struct Counter<'a> {
    model: &'a CostModel,
    types: &'a Types,
    input: InputSize,
    /// Number of items in the lists of the input of the mutation at hand.
    items: usize,
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
        let name = field.name.node.as_str();
        let Some(definition) = types.fields(parent).and_then(|fields| fields.get(name)) else {
            // `__typename` and introspection are answered from memory.
            return Cost { points: introspection(name), text_bytes: 0, argument_bytes };
        };
        let definitions = definition.arguments.iter().map(|definition| &**definition);
        self.input = self.input.plus(self.model.inputs.size(field, definitions));
        let of = definition.ty.inner_named_type().as_str();
        if types.is_leaf(of) {
            let points = if name == "contactsCount" { COUNT_COST } else { 0 };
            return Cost { points, text_bytes: answer_room::bytes_of(parent, name), argument_bytes };
        }
        if parent == "Mutation" {
            self.items = rows::items(field, "input", rows::MAX_INPUT_LEVELS).unwrap_or_default();
        }
        let set = self.set(&field.selection_set.node, of);
        // The objects within a connection belong to it: the connection has the page size and counts the rows.
        let part_of_page = parent.ends_with("Connection") || parent.ends_with("Edge");
        let rows = rows::of(field, definition, parent, self.items);
        let row = set.points.saturating_add(usize::from(!part_of_page));
        let write = if parent == "Mutation" { MUTATION_COST.saturating_add(self.items) } else { 0 };
        // Each page is a statement at least.
        let least = if rows::is_paged(definition) { MIN_PAGE_COST } else { 0 };
        let others = write.saturating_add(lists::price(field, of, parent).points());
        Cost {
            points: row.saturating_mul(rows).max(least).saturating_add(others),
            text_bytes: set.text_bytes.saturating_mul(rows),
            argument_bytes: set.argument_bytes.saturating_mul(rows).saturating_add(argument_bytes),
        }
    }
}

/// Returns the points of a field of introspection.
fn introspection(name: &str) -> usize {
    match name {
        "__schema" => SCHEMA_COST,
        "__type" => TYPE_COST,
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
