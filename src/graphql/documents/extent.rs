//! How large a parsed document is, counted without expanding it: each fragment is looked at once,
//! and what it comes to is counted wherever it is spread.

use std::collections::HashMap;

use apollo_compiler::{
    Node,
    ast::{Definition, DirectiveList, Document, FragmentDefinition, OperationDefinition, Selection},
};

use super::{DocumentLimits, TooComplex, within};

/// The fields of introspection that are lists of types, fields, arguments or values.
const LISTS: [&str; 8] =
    ["types", "fields", "args", "inputFields", "interfaces", "possibleTypes", "enumValues", "directives"];

/// Those of them that lead from type to type: graphql-js refuses three of them within each other.
const NESTING: [&str; 4] = ["fields", "inputFields", "interfaces", "possibleTypes"];

/// Holds a document to its limits.
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
        variables += operation.variables.len();
        counter.directives(&operation.directives)?;
        for variable in &operation.variables {
            counter.directives(&variable.directives)?;
        }
        let extent = counter.set(&operation.selection_set)?;
        within("depth", limits.depth, extent.depth)?;
        selections = selections.saturating_add(extent.selections);
    }
    within("variables", limits.variables, variables)?;
    within("selections", limits.selections, selections)?;
    // Fragments that no operation spreads are validated too, so they are counted too.
    for fragment in fragments {
        counter.fragment(&fragment.name)?;
    }
    within("aliases", limits.aliases, counter.aliases)?;
    within("directives", limits.directives, counter.directives)
}

/// The size of a selection set, with all that is spread in it.
#[derive(Clone, Copy, Default)]
struct Extent {
    selections: usize,
    depth: usize,
    /// The most lists within lists, if it is part of an introspection.
    lists: usize,
    /// The most of those within each other that lead from type to type.
    nesting: usize,
}

struct Counter<'a> {
    limits: &'a DocumentLimits,
    definitions: HashMap<&'a str, &'a Node<FragmentDefinition>>,
    /// `None` while a fragment is being counted.
    fragments: HashMap<&'a str, Option<Extent>>,
    aliases: usize,
    directives: usize,
}

impl<'a> Counter<'a> {
    fn set(&mut self, set: &'a [Selection]) -> Result<Extent, TooComplex> {
        let mut whole = Extent::default();
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

    fn field(&self, name: &str, below: Extent) -> Result<Extent, TooComplex> {
        if matches!(name, "__schema" | "__type") {
            // The type where it begins counts as one, as it does beneath `types`.
            let lists = below.lists.max(below.nesting + 1);
            within("introspectionLists", self.limits.introspection_lists, lists)?;
            return Ok(Extent { depth: 1, lists: 0, nesting: 0, ..below });
        }
        let lists = below.lists + usize::from(LISTS.contains(&name));
        let nesting = below.nesting + usize::from(NESTING.contains(&name));
        Ok(Extent { depth: below.depth + 1, lists, nesting, ..below })
    }

    fn fragment(&mut self, name: &'a str) -> Result<Extent, TooComplex> {
        match self.fragments.get(name) {
            Some(Some(known)) => return Ok(*known),
            Some(None) => return Err(TooComplex { limit: "fragmentCycles", maximum: 0, actual: 1 }),
            None => {}
        }
        // A fragment that is not defined is left to validation, which names it.
        let Some(fragment) = self.definitions.get(name).copied() else {
            return Ok(Extent::default());
        };
        self.fragments.insert(name, None);
        self.directives(&fragment.directives)?;
        let extent = self.set(&fragment.selection_set)?;
        self.fragments.insert(name, Some(extent));
        Ok(extent)
    }

    fn directives(&mut self, directives: &DirectiveList) -> Result<(), TooComplex> {
        self.directives += directives.len();
        within("directivesPerNode", self.limits.directives_per_node, directives.len())
    }
}
