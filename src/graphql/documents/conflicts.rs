//! Fields that cannot be merged: of the same name in an answer, but of another field or with other
//! arguments.
//!
//! The library finds them too, but all of them, with a message for each: a few thousand tokens could
//! have some ten million. So the first one is found before, and told.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Pos, Positioned,
    parser::types::{ExecutableDocument, Field, Selection, SelectionSet},
};

/// Where a field begins that conflicts with one before it.
pub(super) fn first(document: &ExecutableDocument) -> Option<Pos> {
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set);
    operations.chain(fragments).find_map(|set| below(document, &set.node))
}

/// That in a set, or in any set within.
fn below(document: &ExecutableDocument, set: &SelectionSet) -> Option<Pos> {
    let mut answer = Answer { document, fields: HashMap::new(), spread: HashSet::new() };
    let within = |selection: &Positioned<Selection>| match &selection.node {
        Selection::Field(field) => below(document, &field.node.selection_set.node),
        Selection::InlineFragment(fragment) => below(document, &fragment.node.selection_set.node),
        Selection::FragmentSpread(_) => None,
    };
    answer.add(None, set).or_else(|| set.items.iter().find_map(within))
}

/// The fields of one object in an answer.
struct Answer<'a> {
    document: &'a ExecutableDocument,
    /// By the type they are asked of, where it is said, and by their name in the answer.
    fields: HashMap<(Option<&'a str>, &'a str), &'a Field>,
    spread: HashSet<&'a str>,
}

impl<'a> Answer<'a> {
    fn add(&mut self, on: Option<&'a str>, set: &'a SelectionSet) -> Option<Pos> {
        set.items.iter().find_map(|selection| match &selection.node {
            Selection::Field(field) => {
                let name = field.node.alias.as_ref().unwrap_or(&field.node.name).node.as_str();
                let first = *self.fields.entry((on, name)).or_insert(&field.node);
                (!is_same(first, &field.node)).then_some(field.pos)
            }
            Selection::InlineFragment(fragment) => {
                let on = fragment.node.type_condition.as_ref().map(|on| on.node.on.node.as_str());
                self.add(on, &fragment.node.selection_set.node)
            }
            Selection::FragmentSpread(spread) => {
                let (name, fragment) =
                    self.document.fragments.get_key_value(&spread.node.fragment_name.node)?;
                if !self.spread.insert(name.as_str()) {
                    return None;
                }
                let on = fragment.node.type_condition.node.on.node.as_str();
                self.add(Some(on), &fragment.node.selection_set.node)
            }
        })
    }
}

fn is_same(one: &Field, other: &Field) -> bool {
    std::ptr::eq(one, other)
        || one.name.node == other.name.node
            && one.arguments.len() == other.arguments.len()
            && one.arguments.iter().all(|(name, value)| {
                other.get_argument(&name.node).is_some_and(|other| other.node == value.node)
            })
}
