//! Number of rows of a list, before it is read.

use apollo_compiler::ast::FieldDefinition;
use async_graphql::parser::types::Field;
use async_graphql_value::Value;

use crate::paging::{DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE};

/// Items of a typical list that has no page arguments.
const TYPICAL_ITEMS: usize = 20;
/// Members of a typical team.
const TYPICAL_MEMBERS: usize = 50;
/// Items of a contact's typical list: its phones, emails and assignees.
const TYPICAL_ITEMS_OF_CONTACT: usize = 2;
/// Maximum number of changed contacts that a mutation answers.
const MAX_CHANGED: usize = 200;

/// Maximum depth at which an input's lists are counted: its own, and those of its `where`.
pub(super) const MAX_INPUT_LEVELS: usize = 2;

/// Returns the number of rows of an object field, which is 1 unless it is a list. `items` is the number of
/// items in the input of the mutation that the field is part of.
pub(super) fn of(field: &Field, definition: &FieldDefinition, parent: &str, items: usize) -> usize {
    if is_paged(definition) {
        return page_size(field);
    }
    // The connection has counted them.
    if !definition.ty.is_list() || parent.ends_with("Connection") {
        return 1;
    }
    match (definition.ty.inner_named_type().as_str(), parent) {
        ("Node", _) => self::items(field, "ids", 0).unwrap_or(1),
        // A mutation that selects contacts by a filter answers many.
        ("Contact" | "ContactRowResult", parent) if parent.ends_with("Payload") => {
            if items == 0 {
                MAX_CHANGED
            } else {
                items
            }
        }
        // Errors, and the contacts that they name, are few.
        ("UserError", _) | (_, "UserError") => 1,
        (_, "Contact") => TYPICAL_ITEMS_OF_CONTACT,
        ("User", "Team") => TYPICAL_MEMBERS,
        _ => TYPICAL_ITEMS,
    }
}

/// Returns true if a field takes page arguments.
pub(super) fn is_paged(definition: &FieldDefinition) -> bool {
    definition.argument_by_name("first").is_some()
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
pub(super) fn items(field: &Field, argument: &str, levels: usize) -> Option<usize> {
    Some(listed_items(&field.get_argument(argument)?.node, levels))
}

fn listed_items(value: &Value, levels: usize) -> usize {
    match value {
        Value::List(items) => items.len(),
        Value::Object(members) if levels > 0 => {
            members.values().map(|value| listed_items(value, levels - 1)).sum()
        }
        _ => 0,
    }
}
