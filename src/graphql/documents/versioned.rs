//! Queries that read nothing but rows that are stamped with a version: while the version of an organization's
//! data stays the same, so do their answers.

use std::collections::HashSet;

use apollo_compiler::{
    ExecutableDocument, ast,
    executable::{Operation, Selection, SelectionSet},
};

/// Root fields that read nothing else, but for [`UNVERSIONED_TYPES`] below them.
const ROOT_FIELDS: &[&str] = &["__typename", "contact", "contactByIdentifier", "contacts", "node", "nodes"];

/// Types whose rows change without a new version, by the last use or the revocation of a key.
const UNVERSIONED_TYPES: &[&str] = &["ApiKey"];

/// Returns true if an operation is such a query. `@skip` and `@include` are not looked at.
pub(super) fn is_versioned(document: &ExecutableDocument, operation: &Operation) -> bool {
    let mut spread = HashSet::new();
    operation.operation_type == ast::OperationType::Query
        && all_versioned(document, &operation.selection_set, &operation.selection_set.ty, &mut spread)
}

fn all_versioned<'a>(
    document: &'a ExecutableDocument,
    set: &'a SelectionSet,
    root: &str,
    spread: &mut HashSet<&'a str>,
) -> bool {
    if UNVERSIONED_TYPES.contains(&set.ty.as_str()) {
        return false;
    }
    set.selections.iter().all(|selection| {
        let below = match selection {
            Selection::Field(field) if set.ty == root && !ROOT_FIELDS.contains(&field.name.as_str()) => {
                return false;
            }
            Selection::Field(field) => &field.selection_set,
            Selection::InlineFragment(fragment) => &fragment.selection_set,
            Selection::FragmentSpread(one) => {
                let fragment = document.fragments.get(&one.fragment_name);
                match fragment.filter(|_| spread.insert(&one.fragment_name)) {
                    Some(fragment) => &fragment.selection_set,
                    None => return true,
                }
            }
        };
        all_versioned(document, below, root, spread)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use apollo_compiler::{ExecutableDocument, Schema, schema::ExtendedType, validation::Valid};

    use super::*;
    use crate::graphql::{documents::types::Types, sdl};

    fn is_versioned_text(text: &str) -> bool {
        let types = Types::new(&sdl());
        let document = ExecutableDocument::parse_and_validate(types.schema(), text, "").expect("valid");
        is_versioned(&document, document.operations.get(None).expect("one operation"))
    }

    #[test]
    fn queries_of_contacts_and_what_belongs_to_them_are_versioned() {
        for text in [
            "{ contacts { nodes { id organization { policy { preset } } } } __typename }",
            "query { a: contact(id: 1) { ...f } b: contactByIdentifier(identifier: {email: \"a\"}) { ...f } }
             fragment f on Contact { company companyRecord { contacts { totalCount } } owner { name } }",
            "{ node(id: 1) { id ... on Team { members { name } } } nodes(ids: [1]) { __typename } }",
        ] {
            assert!(is_versioned_text(text), "{text}");
        }
    }

    #[test]
    fn a_single_field_of_anything_else_makes_a_query_unversioned() {
        for text in [
            "{ contacts { totalCount } viewer { id } }",
            "{ ...f } fragment f on Query { contacts { totalCount } ... { apiKeys { nodes { id } } } }",
            "{ node(id: 1) { ... on ApiKey { lastUsedAt } } }",
            "{ nodes(ids: []) { ...f } } fragment f on Node { ...g } fragment g on ApiKey { id }",
            "{ contacts { totalCount } __schema { types { name } } }",
            "mutation { deleteTag(input: {name: \"a\"}) { deletedId } }",
        ] {
            assert!(!is_versioned_text(text), "{text}");
        }
    }

    /// Lists the types that a root field leads to, but for those that a selection rules out.
    fn reachable(schema: &Valid<Schema>) -> BTreeSet<String> {
        let mut found = BTreeSet::from(["Query".to_owned()]);
        let mut waiting: Vec<String> = found.iter().cloned().collect();
        while let Some(name) = waiting.pop() {
            let fields = match &schema.types[name.as_str()] {
                ExtendedType::Object(object) => &object.fields,
                ExtendedType::Interface(interface) => &interface.fields,
                _ => continue,
            };
            let fields =
                fields.values().filter(|field| name != "Query" || ROOT_FIELDS.contains(&field.name.as_str()));
            let types = fields.map(|field| field.ty.inner_named_type().to_string());
            let implementers = schema.types.iter().filter_map(|(object, definition)| match definition {
                ExtendedType::Object(node) if node.implements_interfaces.contains(name.as_str()) => {
                    Some(object.to_string())
                }
                _ => None,
            });
            for name in types.chain(implementers) {
                if !UNVERSIONED_TYPES.contains(&name.as_str()) && found.insert(name.clone()) {
                    waiting.push(name);
                }
            }
        }
        found
    }

    #[test]
    fn each_type_that_such_a_query_may_lead_to_has_been_looked_at() {
        let schema = Types::new(&sdl());
        let objects =
            reachable(schema.schema()).into_iter().filter(|name| schema.schema().get_object(name).is_some());
        // A type belongs here if each change of its rows moves the organization's change clock on.
        let expected = [
            "Company",
            "Contact",
            "ContactConnection",
            "ContactEdge",
            "ContactEmail",
            "ContactPhone",
            "ContactPolicy",
            "Organization",
            "PageInfo",
            "Pipeline",
            "PipelineStage",
            "Query",
            "Tag",
            "Team",
            "User",
        ];
        assert_eq!(objects.collect::<Vec<_>>(), expected);
    }
}
