//! Price of finding the rows of a list, by the arguments that choose them. The rule which conditions an
//! index serves is that of the lists themselves.

use async_graphql::parser::types::{Field, Selection};
use async_graphql_value::{Name, Value, indexmap::IndexMap};

use crate::{
    contacts::{
        Comparison, Conditions, Event, ListOrder, ParentTable, Place, PricedArguments, SortKey, Values,
    },
    paging::price::ListPrice,
};

type Members = IndexMap<Name, Value>;

/// Returns the price of a field of the type `of` and of the object type `parent`, beyond that of its rows.
pub(super) fn price(field: &Field, of: &str, parent: &str) -> ListPrice {
    match (of, parent) {
        ("ContactConnection", _) => contacts(field, parent),
        ("CompanyConnection" | "UserConnection" | "TagConnection", "Query") => {
            let conditions =
                usize::from(text_argument(field, "query").is_some_and(|query| !query.trim().is_empty()));
            ListPrice { conditions, total: counts(field), ..ListPrice::default() }
        }
        ("ApiKeyConnection", "Query") => ListPrice { total: counts(field), ..ListPrice::default() },
        ("Contact", "Query") => identified(field),
        (_, "Mutation") => argument(field, "input").map_or_else(ListPrice::default, matching),
        _ => ListPrice::default(),
    }
}

fn contacts(field: &Field, parent: &str) -> ListPrice {
    let arguments = PricedArguments {
        event: constant(field, "event").and_then(Event::named),
        sort_key: constant(field, "sortKey").and_then(SortKey::named),
        has_updated_since: argument(field, "updatedSince").is_some(),
        include_deleted: matches!(argument(field, "includeDeleted"), Some(Value::Boolean(true))),
        parent: match parent {
            "Query" => None,
            "Tag" => Some(ParentTable::Other),
            _ => Some(ParentTable::Contact),
        },
        query: text_argument(field, "query"),
        offset: match argument(field, "offset") {
            Some(Value::Number(rows)) => {
                rows.as_u64().and_then(|rows| usize::try_from(rows).ok()).unwrap_or(0)
            }
            _ => 0,
        },
        total: counts(field),
    };
    of_filter(argument(field, "filter"), &arguments)
}

/// Returns the price of finding one contact by what a person is known by.
fn identified(field: &Field) -> ListPrice {
    let mut conditions = Conditions::default();
    let arguments = PricedArguments::default();
    if let Some(Value::Object(identifier)) = argument(field, "identifier") {
        for (name, value) in identifier {
            conditions.add(name, one_of(value), Place::Required, arguments.order());
        }
    }
    arguments.price(conditions)
}

/// Returns the price of the selection of contacts by a filter, anywhere in the input of a mutation.
fn matching(input: &Value) -> ListPrice {
    let Value::Object(members) = input else { return ListPrice::default() };
    let Some(Value::Object(criteria)) = members.get("matching") else {
        // It stands in the input's `where`.
        return members.get("where").map_or_else(ListPrice::default, matching);
    };
    let query = match criteria.get("query") {
        Some(Value::String(query)) => Some(query.as_str()),
        _ => None,
    };
    let arguments = PricedArguments { query, total: true, ..PricedArguments::default() };
    of_filter(criteria.get("filter"), &arguments)
}

fn of_filter(filter: Option<&Value>, arguments: &PricedArguments<'_>) -> ListPrice {
    let mut conditions = Conditions::default();
    if let Some(Value::Object(filter)) = filter {
        add_filter(&mut conditions, filter, Place::Required, arguments.order());
    }
    arguments.price(conditions)
}

fn add_filter(conditions: &mut Conditions, filter: &Members, place: Place, order: ListOrder) {
    for (name, value) in filter {
        match (name.as_str(), value) {
            (_, Value::Null) => {}
            ("not", value) => add_filters(conditions, value, place.negated(), order),
            ("or", Value::List(filters)) if filters.len() > 1 => {
                add_filters(conditions, value, Place::Alternative, order);
            }
            ("and" | "or", value) => add_filters(conditions, value, place, order),
            ("metadata", Value::List(members)) => {
                for member in members {
                    add_operators(conditions, "metadata", member, place, order);
                }
            }
            (field, value) => add_operators(conditions, field, value, place, order),
        }
    }
}

fn add_filters(conditions: &mut Conditions, value: &Value, place: Place, order: ListOrder) {
    match value {
        Value::Object(filter) => add_filter(conditions, filter, place, order),
        Value::List(filters) => {
            for filter in filters {
                add_filters(conditions, filter, place, order);
            }
        }
        _ => {}
    }
}

fn add_operators(conditions: &mut Conditions, field: &str, value: &Value, place: Place, order: ListOrder) {
    let Value::Object(operators) = value else {
        // A flag, which is compared with itself.
        return conditions.add(field, Comparison::Other, place, order);
    };
    for (operator, value) in operators {
        match (operator.as_str(), value) {
            (_, Value::Null) | ("key", _) => {}
            ("hasAll", Value::List(names)) => {
                conditions.add(field, one_of(value), place, order);
                // A contact that lacks one of them is not compared with the next.
                if names.len() > 1 {
                    conditions.add(field, Comparison::Other, place, order);
                }
            }
            ("eq" | "in" | "hasAny", value) => conditions.add(field, one_of(value), place, order),
            ("gt" | "gte" | "lt" | "lte", _) => conditions.add(field, Comparison::Range, place, order),
            _ => conditions.add(field, Comparison::Other, place, order),
        }
    }
}

fn one_of(value: &Value) -> Comparison {
    Comparison::OneOf(match value {
        Value::List(values) => Values::of(values.iter().map(text)),
        value => Values::of([text(value)]),
    })
}

/// Returns a value as a text. Numbers, and ids that are given as numbers, have no letters.
fn text(value: &Value) -> &str {
    if let Value::String(text) = value { text } else { "0" }
}

/// Returns an argument that is given and not null.
fn argument<'a>(field: &'a Field, name: &str) -> Option<&'a Value> {
    field.get_argument(name).map(|value| &value.node).filter(|value| **value != Value::Null)
}

fn text_argument<'a>(field: &'a Field, name: &str) -> Option<&'a str> {
    match argument(field, name)? {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn constant<'a>(field: &'a Field, name: &str) -> Option<&'a str> {
    match argument(field, name)? {
        Value::Enum(constant) => Some(constant),
        // In a variable, the constant is a text.
        Value::String(constant) => Some(constant),
        _ => None,
    }
}

/// Returns true if the number of all rows is selected of a connection.
fn counts(connection: &Field) -> bool {
    connection.selection_set.node.items.iter().any(|selection| {
        matches!(&selection.node, Selection::Field(field) if field.node.name.node == "totalCount")
    })
}

#[cfg(test)]
mod tests;
