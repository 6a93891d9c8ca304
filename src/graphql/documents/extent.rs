//! How large a parsed document is, counted without expanding it: each fragment is looked at once,
//! and what it comes to is counted wherever it is spread.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned,
    parser::types::{Directive, ExecutableDocument, Selection, SelectionSet},
};

use super::{DocumentLimits, TooComplex, within};

/// The fields of introspection that are lists of types, fields, arguments or values.
const LISTS: [&str; 8] =
    ["types", "fields", "args", "inputFields", "interfaces", "possibleTypes", "enumValues", "directives"];

/// Holds a document to its limits.
pub(super) fn check(limits: &DocumentLimits, document: &ExecutableDocument) -> Result<(), TooComplex> {
    within("operations", limits.operations, document.operations.iter().count())?;
    within("fragments", limits.fragments, document.fragments.len())?;
    let mut counter = Counter { limits, document, fragments: HashMap::new(), aliases: 0, directives: 0 };
    let (mut variables, mut selections) = (0, 0_usize);
    for (_, operation) in document.operations.iter() {
        let operation = &operation.node;
        variables += operation.variable_definitions.len();
        counter.directives(&operation.directives)?;
        for variable in &operation.variable_definitions {
            counter.directives(&variable.node.directives)?;
        }
        let extent = counter.set(&operation.selection_set.node)?;
        within("depth", limits.depth, extent.depth)?;
        selections = selections.saturating_add(extent.selections);
    }
    within("variables", limits.variables, variables)?;
    within("selections", limits.selections, selections)?;
    // Those that no operation spreads are looked at too: validation looks at all.
    for name in document.fragments.keys() {
        counter.fragment(name)?;
    }
    within("aliases", limits.aliases, counter.aliases)?;
    within("directives", limits.directives, counter.directives)
}

/// What a selection set comes to.
#[derive(Clone, Copy, Default)]
struct Extent {
    selections: usize,
    depth: usize,
    /// The most lists within lists, if it is part of an introspection.
    lists: usize,
}

struct Counter<'a> {
    limits: &'a DocumentLimits,
    document: &'a ExecutableDocument,
    /// `None` while a fragment is being looked at.
    fragments: HashMap<&'a Name, Option<Extent>>,
    aliases: usize,
    directives: usize,
}

impl<'a> Counter<'a> {
    fn set(&mut self, set: &'a SelectionSet) -> Result<Extent, TooComplex> {
        let mut whole = Extent::default();
        for selection in &set.items {
            let part = match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    self.aliases += usize::from(field.alias.is_some());
                    self.directives(&field.directives)?;
                    let below = self.set(&field.selection_set.node)?;
                    self.field(field.name.node.as_str(), below)?
                }
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.node.directives)?;
                    self.fragment(&spread.node.fragment_name.node)?
                }
                Selection::InlineFragment(fragment) => {
                    self.directives(&fragment.node.directives)?;
                    self.set(&fragment.node.selection_set.node)?
                }
            };
            whole.selections = whole.selections.saturating_add(part.selections).saturating_add(1);
            whole.depth = whole.depth.max(part.depth);
            whole.lists = whole.lists.max(part.lists);
        }
        Ok(whole)
    }

    fn field(&self, name: &str, below: Extent) -> Result<Extent, TooComplex> {
        if matches!(name, "__schema" | "__type") {
            within("introspectionLists", self.limits.introspection_lists, below.lists)?;
            return Ok(Extent { depth: 1, lists: 0, ..below });
        }
        let lists = below.lists + usize::from(LISTS.contains(&name));
        Ok(Extent { depth: below.depth + 1, lists, ..below })
    }

    fn fragment(&mut self, name: &'a Name) -> Result<Extent, TooComplex> {
        match self.fragments.get(name) {
            Some(Some(known)) => return Ok(*known),
            Some(None) => return Err(TooComplex { limit: "fragmentCycles", maximum: 0, actual: 1 }),
            None => {}
        }
        // One that is not there is left to validation, which names it.
        let Some(fragment) = self.document.fragments.get(name) else {
            return Ok(Extent::default());
        };
        self.fragments.insert(name, None);
        self.directives(&fragment.node.directives)?;
        let extent = self.set(&fragment.node.selection_set.node)?;
        self.fragments.insert(name, Some(extent));
        Ok(extent)
    }

    fn directives(&mut self, directives: &[Positioned<Directive>]) -> Result<(), TooComplex> {
        self.directives += directives.len();
        within("directivesPerNode", self.limits.directives_per_node, directives.len())
    }
}
