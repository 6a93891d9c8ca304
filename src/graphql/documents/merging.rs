//! Fields of one response key whose lists differ in length.
//!
//! The compiler finds all fields that cannot be merged but these: it compares lists item by item, and
//! stops at the end of the shorter one.

use std::collections::HashSet;

use apollo_compiler::{
    ExecutableDocument, Name, Node,
    ast::Value,
    executable::{Field, Selection, SelectionSet},
};
use async_graphql::indexmap::IndexMap;

use super::{places::Places, types::Types};
use crate::graphql::error::ApiError;

/// The first field that has a list as argument where another one of its response key has a longer or
/// shorter one.
pub(super) fn first_conflict(
    types: &Types,
    places: &Places,
    document: &ExecutableDocument,
) -> Option<ApiError> {
    let merging = Merging { types, document };
    let found =
        document.operations.iter().find_map(|operation| merging.conflict(&[&operation.selection_set]))?;
    let message =
        "the field has the name of another one in the answer, but other arguments: give it an alias";
    Some(ApiError::new("GRAPHQL_VALIDATION_FAILED", message).at(places.of(found.location())))
}

struct Merging<'a> {
    types: &'a Types,
    document: &'a ExecutableDocument,
}

/// A field and the type it is selected on.
type Selected<'a> = (&'a Name, &'a Node<Field>);

impl<'a> Merging<'a> {
    /// A conflict among the fields of selections that are merged, or below them.
    fn conflict(&self, sets: &[&'a SelectionSet]) -> Option<&'a Node<Field>> {
        let mut fields: IndexMap<&str, Vec<Selected<'a>>> = IndexMap::new();
        let mut spread = HashSet::new();
        for set in sets {
            self.collect(set, &mut spread, &mut fields);
        }
        fields.values().find_map(|same| {
            // Fields of different objects never meet; each object meets those of its interfaces.
            let mut objects: Vec<&Name> =
                same.iter().map(|(on, _)| *on).filter(|on| self.types.possible(on).is_none()).collect();
            objects.sort_unstable();
            objects.dedup();
            if objects.is_empty() {
                return self.of_one_object(same.iter().map(|(_, field)| *field));
            }
            objects.into_iter().find_map(|object| {
                let meet = same.iter().filter(|(on, _)| *on == object || self.types.possible(on).is_some());
                self.of_one_object(meet.map(|(_, field)| *field))
            })
        })
    }

    fn of_one_object(
        &self,
        fields: impl Iterator<Item = &'a Node<Field>> + Clone,
    ) -> Option<&'a Node<Field>> {
        let first = fields.clone().next()?;
        if let Some(other) = fields.clone().find(|field| !has_same_arguments(first, field)) {
            return Some(other);
        }
        let below: Vec<_> =
            fields.map(|field| &field.selection_set).filter(|set| !set.selections.is_empty()).collect();
        if below.is_empty() { None } else { self.conflict(&below) }
    }

    fn collect(
        &self,
        set: &'a SelectionSet,
        spread: &mut HashSet<&'a str>,
        fields: &mut IndexMap<&'a str, Vec<Selected<'a>>>,
    ) {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => {
                    fields.entry(field.response_key().as_str()).or_default().push((&set.ty, field));
                }
                Selection::InlineFragment(fragment) => self.collect(&fragment.selection_set, spread, fields),
                Selection::FragmentSpread(one) => {
                    let fragment = self.document.fragments.get(&one.fragment_name);
                    if let Some(fragment) = fragment.filter(|_| spread.insert(&one.fragment_name)) {
                        self.collect(&fragment.selection_set, spread, fields);
                    }
                }
            }
        }
    }
}

fn has_same_arguments(one: &Field, other: &Field) -> bool {
    one.arguments.iter().all(|argument| {
        other
            .specified_argument_by_name(&argument.name)
            .is_none_or(|other| has_same_lengths(&argument.value, other))
    })
}

fn has_same_lengths(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| has_same_lengths(one, other))
        }
        (Value::Object(one), Value::Object(other)) => one.iter().all(|(name, value)| {
            let same = other.iter().find(|(other, _)| other == name);
            same.is_none_or(|(_, other)| has_same_lengths(value, other))
        }),
        _ => true,
    }
}
