//! Size of a parsed document, measured without expanding it: each fragment is measured once, and its size
//! is added wherever it is spread.

use std::collections::HashMap;

use apollo_compiler::{
    Node,
    ast::{Definition, DirectiveList, Document, FragmentDefinition, OperationDefinition, Selection},
};

use super::{DocumentLimits, TooComplex, within};

/// Introspection fields that are lists of types, fields, arguments or values.
const LIST_FIELDS: [&str; 8] =
    ["types", "fields", "args", "inputFields", "interfaces", "possibleTypes", "enumValues", "directives"];

/// Introspection lists that lead from type to type. graphql-js refuses three of them within each other.
const NESTING_FIELDS: [&str; 4] = ["fields", "inputFields", "interfaces", "possibleTypes"];

/// Checks the limits that depend on the document only, and not on its variables.
pub(super) fn check(limits: &DocumentLimits, document: &Document) -> Result<(), TooComplex> {
    let operations: Vec<&Node<OperationDefinition>> =
        document.definitions.iter().filter_map(Definition::as_operation_definition).collect();
    let fragments: Vec<&Node<FragmentDefinition>> =
        document.definitions.iter().filter_map(Definition::as_fragment_definition).collect();
    within("operations", limits.operations, operations.len())?;
    within("fragments", limits.fragments, fragments.len())?;
    let by_name = fragments.iter().map(|fragment| (fragment.name.as_str(), *fragment)).collect();
    let mut counter =
        Counter { limits, definitions: by_name, fragments: HashMap::new(), aliases: 0, directives: 0 };
    let (mut variables, mut selections) = (0, 0_usize);
    for operation in operations {
        // One operation is executed, but all are validated, so all of them count.
        variables += operation.variables.len();
        counter.directives(&operation.directives)?;
        for variable in &operation.variables {
            counter.directives(&variable.directives)?;
        }
        let size = counter.set(&operation.selection_set)?;
        within("depth", limits.depth, size.depth)?;
        selections = selections.saturating_add(size.selections);
    }
    within("variables", limits.variables, variables)?;
    within("selections", limits.selections, selections)?;
    // Fragments that no operation spreads are validated too, so their aliases and directives count.
    for fragment in fragments {
        counter.fragment(&fragment.name)?;
    }
    within("aliases", limits.aliases, counter.aliases)?;
    within("directives", limits.directives, counter.directives)
}

/// Size of a selection set, including the fragments that it spreads.
#[derive(Clone, Copy, Default)]
struct SelectionSize {
    selections: usize,
    depth: usize,
    /// Maximum depth of [`LIST_FIELDS`] within each other, if it is part of an introspection.
    lists: usize,
    /// Maximum depth of [`NESTING_FIELDS`] within each other.
    nesting: usize,
}

struct Counter<'a> {
    limits: &'a DocumentLimits,
    definitions: HashMap<&'a str, &'a Node<FragmentDefinition>>,
    /// Sizes of fragments; `None` while a fragment is being measured.
    fragments: HashMap<&'a str, Option<SelectionSize>>,
    aliases: usize,
    directives: usize,
}

impl<'a> Counter<'a> {
    fn set(&mut self, set: &'a [Selection]) -> Result<SelectionSize, TooComplex> {
        let mut whole = SelectionSize::default();
        for selection in set {
            let part = match selection {
                Selection::Field(field) => {
                    self.aliases += usize::from(field.alias.is_some());
                    self.directives(&field.directives)?;
                    let below = self.set(&field.selection_set)?;
                    self.field(field.name.as_str(), below)?
                }
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.directives)?;
                    self.fragment(&spread.fragment_name)?
                }
                Selection::InlineFragment(fragment) => {
                    self.directives(&fragment.directives)?;
                    self.set(&fragment.selection_set)?
                }
            };
            whole.selections = whole.selections.saturating_add(part.selections).saturating_add(1);
            whole.depth = whole.depth.max(part.depth);
            whole.lists = whole.lists.max(part.lists);
            whole.nesting = whole.nesting.max(part.nesting);
        }
        Ok(whole)
    }

    fn field(&self, name: &str, below: SelectionSize) -> Result<SelectionSize, TooComplex> {
        if matches!(name, "__schema" | "__type") {
            // The type that `__type` returns counts as one list, so that both fields have the same limit:
            // `__schema` reaches a type only through `types`.
            let lists = below.lists.max(below.nesting + 1);
            within("introspectionLists", self.limits.introspection_lists, lists)?;
            return Ok(SelectionSize { depth: 1, lists: 0, nesting: 0, ..below });
        }
        let lists = below.lists + usize::from(LIST_FIELDS.contains(&name));
        let nesting = below.nesting + usize::from(NESTING_FIELDS.contains(&name));
        Ok(SelectionSize { depth: below.depth + 1, lists, nesting, ..below })
    }

    fn fragment(&mut self, name: &'a str) -> Result<SelectionSize, TooComplex> {
        match self.fragments.get(name) {
            Some(Some(known)) => return Ok(*known),
            Some(None) => return Err(TooComplex { limit: "fragmentCycles", maximum: 0, actual: 1 }),
            None => {}
        }
        // Validation reports a fragment that is not defined.
        let Some(fragment) = self.definitions.get(name).copied() else {
            return Ok(SelectionSize::default());
        };
        // A fragment that is spread while it is being measured spreads itself.
        self.fragments.insert(name, None);
        self.directives(&fragment.directives)?;
        let size = self.set(&fragment.selection_set)?;
        self.fragments.insert(name, Some(size));
        Ok(size)
    }

    fn directives(&mut self, directives: &DirectiveList) -> Result<(), TooComplex> {
        self.directives += directives.len();
        within("directivesPerNode", self.limits.directives_per_node, directives.len())
    }
}
