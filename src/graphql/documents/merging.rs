//! Validation rule: fields of one response key have the same arguments.
//!
//! The compiler has this rule, but misses two differences. It compares lists item by item and stops at the
//! end of the shorter one, and it takes a block string for the plain string of the same text, which
//! graphql-js does not.

use std::collections::HashSet;

use apollo_compiler::{
    ExecutableDocument, Name, Node,
    ast::Value,
    executable::{Field, Selection, SelectionSet},
};
use async_graphql::indexmap::IndexMap;

use super::{locations::SourceLocations, types::Types};
use crate::{error::ErrorCode, graphql::error::ApiError};

/// Returns the error for the first field whose arguments differ in such a way from those of another field of
/// its response key.
pub(super) fn first_conflict(
    types: &Types,
    locations: &SourceLocations,
    document: &ExecutableDocument,
) -> Option<ApiError> {
    let merging = Merging { types, locations, document };
    let found =
        document.operations.iter().find_map(|operation| merging.conflict(&[&operation.selection_set]))?;
    let message =
        "another field has the same name in the answer, but different arguments: give one of them an alias";
    Some(ApiError::new(ErrorCode::GraphqlValidationFailed, message).at(locations.start_of(found.location())))
}

/// Validator of a document for the rule `FieldsInSetCanMerge` of the specification.
/// <https://spec.graphql.org/October2021/#FieldsInSetCanMerge()>
struct Merging<'a> {
    types: &'a Types,
    locations: &'a SourceLocations,
    document: &'a ExecutableDocument,
}

/// A field and the type it is selected on.
type Selected<'a> = (&'a Name, &'a Node<Field>);

impl<'a> Merging<'a> {
    /// Returns a conflict among the fields of selection sets that are merged, or below them.
    fn conflict(&self, sets: &[&'a SelectionSet]) -> Option<&'a Node<Field>> {
        let mut fields: IndexMap<&str, Vec<Selected<'a>>> = IndexMap::new();
        let mut spread = HashSet::new();
        for set in sets {
            self.collect(set, &mut spread, &mut fields);
        }
        fields.values().find_map(|same| {
            // Fields of two object types are never in one object of the answer, so they may differ. A field
            // of an interface may be in one with those of any object type.
            let mut objects: Vec<&Name> =
                same.iter().map(|(on, _)| *on).filter(|on| self.types.possible(on).is_none()).collect();
            objects.sort_unstable();
            objects.dedup();
            if objects.is_empty() {
                return self.conflict_of_one_object(same.iter().map(|(_, field)| *field));
            }
            objects.into_iter().find_map(|object| {
                let merged = same.iter().filter(|(on, _)| *on == object || self.types.possible(on).is_some());
                self.conflict_of_one_object(merged.map(|(_, field)| *field))
            })
        })
    }

    fn conflict_of_one_object(
        &self,
        fields: impl Iterator<Item = &'a Node<Field>> + Clone,
    ) -> Option<&'a Node<Field>> {
        let first = fields.clone().next()?;
        // The compiler has checked the rest of the rule, so comparing each field with the first is enough.
        if let Some(other) = fields.clone().find(|field| !self.has_same_arguments(first, field)) {
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

    fn has_same_arguments(&self, one: &Field, other: &Field) -> bool {
        one.arguments.iter().all(|argument| {
            let other = other.specified_argument_by_name(&argument.name);
            other.is_none_or(|other| self.is_same_syntax(&argument.value, other))
        })
    }

    fn is_same_syntax(&self, one: &Node<Value>, other: &Node<Value>) -> bool {
        match (one.as_ref(), other.as_ref()) {
            (Value::List(one), Value::List(other)) => {
                one.len() == other.len()
                    && one.iter().zip(other).all(|(one, other)| self.is_same_syntax(one, other))
            }
            (Value::Object(one), Value::Object(other)) => one.iter().all(|(name, value)| {
                let same = other.iter().find(|(other, _)| other == name);
                same.is_none_or(|(_, other)| self.is_same_syntax(value, other))
            }),
            (Value::String(_), Value::String(_)) => {
                self.locations.is_block_string(one.location())
                    == self.locations.is_block_string(other.location())
            }
            // The compiler has compared all other values.
            _ => true,
        }
    }
}
