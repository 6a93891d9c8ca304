//! Variables whose values neither the cost nor the plan of an operation depends on.

use std::collections::HashSet;

use apollo_compiler::{
    ExecutableDocument, Name,
    ast::{DirectiveList, Value as Literal},
    executable::{Operation, Selection, SelectionSet},
};
use async_graphql::Value;

use super::values::{Variable, Variables};

/// Maximum bytes of a value in a key, and of an opaque one, which the bytes of arguments would count.
const MAX_VALUE_BYTES: usize = 1024;

/// Arguments that choose a row or a place in a list: whatever they are, the work is the same.
const OPAQUE_ARGUMENTS: [&str; 4] = ["id", "after", "before", "updatedSince"];

/// Returns the names of the variables of an operation that stand for opaque arguments only, in the order of their
/// definitions.
pub(super) fn opaque_variables(document: &ExecutableDocument, operation: &Operation) -> Vec<Name> {
    let mut uses = Uses { document, spread: HashSet::new(), opaque: HashSet::new(), others: HashSet::new() };
    uses.directives(&operation.directives);
    uses.set(&operation.selection_set);
    let is_opaque = |name: &str| uses.opaque.contains(name) && !uses.others.contains(name);
    let names = operation.variables.iter().map(|variable| &variable.name);
    names.filter(|name| is_opaque(name.as_str())).cloned().collect()
}

/// Values of a request's variables: those that matter as a key, and the opaque ones.
#[derive(Debug)]
pub(in crate::graphql) struct GivenValues {
    /// The values that matter, and which of the opaque ones are given; `None` if a value is too long for a key.
    pub(in crate::graphql) key: Option<Box<[u8]>>,
    /// The opaque ones that are given, and not null, by their names.
    pub(in crate::graphql) opaque: Vec<(Name, Value)>,
}

impl GivenValues {
    /// Takes the values of an operation's variables apart.
    pub(super) fn of(operation: &Operation, variables: &Variables<'_>, opaque: &[Name]) -> Self {
        let mut given = Self { key: None, opaque: Vec::with_capacity(opaque.len()) };
        let mut key = Vec::new();
        let mut has_key = true;
        for definition in &operation.variables {
            let is_opaque = opaque.contains(&definition.name);
            let value = match variables.get(definition.name.as_str()) {
                Some(Variable::Coerced { value, bytes }) => {
                    has_key &= *bytes <= MAX_VALUE_BYTES;
                    Some(value)
                }
                Some(Variable::Declared(_) | Variable::Omitted) | None => None,
            };
            match value {
                None => key.push(OMITTED),
                Some(Value::Null) => key.push(NULL),
                Some(value) if is_opaque => {
                    key.push(OPAQUE);
                    given.opaque.push((definition.name.clone(), value.clone()));
                }
                Some(value) if has_key => has_key = serde_json::to_writer(&mut key, value).is_ok(),
                Some(_) => {}
            }
            key.push(END);
        }
        given.key = has_key.then(|| key.into());
        given
    }
}

// Marks of values in a key, which no JSON begins or ends with.
const OMITTED: u8 = 0;
const NULL: u8 = 1;
const OPAQUE: u8 = 2;
const END: u8 = 3;

/// Variables, by what they are used for.
struct Uses<'a> {
    document: &'a ExecutableDocument,
    /// Fragments that have been looked at.
    spread: HashSet<&'a str>,
    opaque: HashSet<&'a str>,
    others: HashSet<&'a str>,
}

impl<'a> Uses<'a> {
    fn set(&mut self, set: &'a SelectionSet) {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => {
                    self.directives(&field.directives);
                    for argument in &field.arguments {
                        match argument.value.as_ref() {
                            Literal::Variable(name) if OPAQUE_ARGUMENTS.contains(&argument.name.as_str()) => {
                                self.opaque.insert(name);
                            }
                            value => self.value(value),
                        }
                    }
                    self.set(&field.selection_set);
                }
                Selection::InlineFragment(fragment) => {
                    self.directives(&fragment.directives);
                    self.set(&fragment.selection_set);
                }
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.directives);
                    let fragment = self.document.fragments.get(&spread.fragment_name);
                    if let Some(fragment) = fragment.filter(|_| self.spread.insert(&spread.fragment_name)) {
                        self.directives(&fragment.directives);
                        self.set(&fragment.selection_set);
                    }
                }
            }
        }
    }

    fn directives(&mut self, directives: &'a DirectiveList) {
        for directive in directives {
            for argument in &directive.arguments {
                self.value(&argument.value);
            }
        }
    }

    fn value(&mut self, value: &'a Literal) {
        match value {
            Literal::Variable(name) => drop(self.others.insert(name)),
            Literal::List(items) => items.iter().for_each(|item| self.value(item)),
            Literal::Object(members) => members.iter().for_each(|(_, value)| self.value(value)),
            Literal::Null
            | Literal::Enum(_)
            | Literal::String(_)
            | Literal::Float(_)
            | Literal::Int(_)
            | Literal::Boolean(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use apollo_compiler::{Schema, validation::Valid};

    use super::*;

    const SDL: &str = "
        type Query {
            contacts(first: Int, after: String, before: String, updatedSince: DateTime, query: String,
                ids: [ID!], filter: Filter): [Contact!]
            contact(id: ID!): Contact
        }
        type Contact { id: ID!, tags: [String!], owner(id: ID): Contact }
        input Filter { id: IdFilter, and: [Filter!], createdAt: DateTime, after: String }
        input IdFilter { eq: ID, in: [ID!] }
        scalar DateTime";

    /// Returns the opaque variables of the first operation of a document.
    fn opaque(document: &str) -> Vec<String> {
        let schema = Schema::parse_and_validate(SDL, "").expect("a schema");
        let document: Valid<ExecutableDocument> =
            ExecutableDocument::parse_and_validate(&schema, document, "").expect("a document");
        let operation = document.operations.iter().next().expect("an operation");
        opaque_variables(&document, operation).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_variable_that_stands_for_a_row_or_a_place_is_opaque() {
        let document = "query($since: DateTime, $after: String, $first: Int, $before: String, $id: ID!, $query: String) {
            contacts(first: $first, after: $after, before: $before, updatedSince: $since, query: $query) { id }
            contact(id: $id) { id } }";
        assert_eq!(opaque(document), ["since", "after", "before", "id"]);
    }

    #[test]
    fn a_variable_may_be_opaque_in_several_places() {
        let document = "query($it: String, $id: ID!) { contacts(after: $it, before: $it) { id }
            contact(id: $id) { id owner(id: $id) { id } } ...F }
            fragment F on Query { more: contacts(after: $it) { id } }";
        assert_eq!(opaque(document), ["it", "id"]);
    }

    #[test]
    fn a_variable_that_is_used_for_anything_else_too_is_not_opaque() {
        for elsewhere in [
            "contacts(query: $it) { id }",
            "contacts(filter: {after: $it}) { id }",
            "contacts(filter: {and: [{after: $it}]}) { id }",
            "contacts(ids: [$id]) { id }",
            "contacts(filter: {id: {eq: $id}}) { id }",
            "contacts(filter: {and: [{id: {in: [$id]}}]}) { id }",
            "... on Query { contacts(filter: {id: {eq: $id}, after: $it}) { id } }",
            "...F",
            "contacts { id tags @include(if: $is) }",
        ] {
            let fragment = if elsewhere == "...F" {
                "fragment F on Query { ...G } fragment G on Query { f: contacts(query: $it, ids: [$id]) { id } }"
            } else {
                ""
            };
            let (elsewhere, uses) =
                (elsewhere.replacen("contacts", "e: contacts", 1), format!("{elsewhere} {fragment}"));
            let declared = if uses.contains("$is") { ", $is: Boolean!" } else { "" };
            let document = format!(
                "query($it: String, $id: ID!{declared}) {{ {elsewhere} contacts(after: $it) {{ id }} contact(id: $id) {{ id }} }} {fragment}"
            );
            let expected: Vec<&str> = [("it", "$it"), ("id", "$id")]
                .into_iter()
                .filter(|(_, use_of)| !uses.contains(use_of))
                .map(|(name, _)| name)
                .collect();
            assert_eq!(opaque(&document), expected, "{document}");
        }
    }

    #[test]
    fn a_variable_of_a_directive_is_not_opaque() {
        let document = "query($is: Boolean!, $it: String) { contacts(after: $it) @skip(if: $is) { id }
            ... @include(if: $is) { contact(id: \"1\") { id } } ...F @skip(if: $is) } fragment F on Query { contacts(after: $it) { id } }";
        assert_eq!(opaque(document), ["it"]);
    }

    #[test]
    fn operations_have_opaque_variables_of_their_own() {
        let document = "query A($it: String) { contacts(after: $it) { id } }
            query B($it: String) { contacts(query: $it) { id } }";
        assert_eq!(opaque(document), ["it"]);
    }
}
