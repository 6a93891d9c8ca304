//! Operations that are ready to be executed, and the memory of those that come again.
//!
//! The cost and the plans of an operation are worked out once for each set of values that matter. Ids, cursors and
//! times do not: a poller that sends another `updatedSince` each time asks the same.

use std::sync::Arc;

use apollo_compiler::executable::Operation;
use async_graphql::{
    Error, InputType, Name, PathSegment, Pos, ServerError,
    parser::types::{Field, OperationType, Selection, SelectionSet},
};
use async_graphql_value::Value;
use moka::sync::Cache;

use super::{
    documents::{Cost, GivenValues, NormalOperation, Types, ValidDocument, VariableArgument},
    error::ApiError,
    plans::{self, Plan},
};

/// Maximum bytes of operations that are remembered, as far as they are known.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// Approximate bytes of an operation, and of each selection in it.
const BYTES_PER_OPERATION: usize = 1024;
const BYTES_PER_SELECTION: usize = 256;

/// An operation that is ready to be executed.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) operation: OperationType,
    pub(super) cost: Cost,
    pub(super) fields: Vec<RootField>,
    selections: usize,
}

/// Root field of an operation.
#[derive(Debug)]
pub(super) struct RootField {
    pub(super) key: Name,
    /// Place in the document.
    place: Pos,
    /// Plan by which it is answered; `None` if the library has to.
    pub(super) plan: Option<Plan>,
    arguments: Vec<(Name, Value)>,
    /// Arguments that are opaque values of the request, by their index among these.
    opaque: Vec<(Name, usize)>,
}

/// Arguments of a root field, as one request gives them.
#[derive(Clone, Copy)]
pub(super) struct Arguments<'a> {
    field: &'a RootField,
    given: &'a GivenValues,
}

/// The operations that are remembered.
pub(super) struct PreparedOperations(Cache<Key, Arc<Prepared>>);

/// Document, name of the operation, and values that matter.
pub(super) type Key = (u64, Option<Box<str>>, Box<[u8]>);

impl Default for PreparedOperations {
    fn default() -> Self {
        let weigh = |(_, name, values): &Key, prepared: &Arc<Prepared>| {
            let key = name.as_ref().map_or(0, |name| name.len()) + values.len();
            let bytes = BYTES_PER_OPERATION + key + prepared.selections * BYTES_PER_SELECTION;
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        Self(Cache::builder().weigher(weigh).max_capacity(MAX_BYTES).build())
    }
}

impl PreparedOperations {
    /// Returns the operation, if it is remembered.
    pub(super) fn find(&self, key: &Key) -> Option<Arc<Prepared>> {
        self.0.get(key)
    }

    /// Remembers an operation, if it is answered without the library, which needs the normal form each time.
    pub(super) fn insert(&self, key: Key, prepared: &Arc<Prepared>) {
        if prepared.is_planned() {
            self.0.insert(key, prepared.clone());
        }
    }
}

/// Returns the key of an operation with these values; `None` if it is not to be remembered.
pub(super) fn key(document: &ValidDocument, operation: &Operation, given: &GivenValues) -> Option<Key> {
    let values = given.key.clone()?;
    Some((document.id, operation.name.as_ref().map(|name| name.as_str().into()), values))
}

impl Prepared {
    /// Returns true if every root field has a plan.
    pub(super) fn is_planned(&self) -> bool {
        self.fields.iter().all(|field| field.plan.is_some())
    }

    /// Prepares an operation in its normal form, into which these values went. It has no plans without the types
    /// of the schema.
    pub(super) fn new(
        types: Option<&Types>,
        normal: &NormalOperation,
        cost: Cost,
        given: &GivenValues,
    ) -> Self {
        let mut plans = types.map(|types| plans::plans(types, &normal.operation)).into_iter().flatten();
        let root = &normal.operation.selection_set.node;
        let fields = plans::fields(root).flatten().map(|field| (field, plans.next().flatten()));
        let fields = fields.map(|(field, plan)| RootField::new(field, plan, normal, given)).collect();
        Self { operation: normal.operation.ty, cost, fields, selections: selections(root) }
    }
}

impl RootField {
    fn new(field: &Field, plan: Option<Plan>, normal: &NormalOperation, given: &GivenValues) -> Self {
        // In the normal form, the name has the place of the whole field.
        let (place, key) = (field.name.pos, field.response_key().node.clone());
        if plan.is_none() {
            // The library takes them from the normal form.
            return Self { key, place, plan, arguments: Vec::new(), opaque: Vec::new() };
        }
        let of_field = normal.variable_arguments.iter().filter(|variable| variable.field == key);
        let opaque = of_field.filter_map(|VariableArgument { argument, variable, .. }| {
            let index = given.opaque.iter().position(|(name, _)| *name == **variable)?;
            Some((argument.clone(), index))
        });
        let opaque: Vec<_> = opaque.collect();
        let others =
            field.arguments.iter().filter(|(name, _)| opaque.iter().all(|(opaque, _)| *opaque != name.node));
        let arguments = others.map(|(name, value)| (name.node.clone(), value.node.clone())).collect();
        Self { key, place, plan, arguments, opaque }
    }

    /// Returns an error as that of the field.
    pub(super) fn error(&self, error: ApiError) -> ServerError {
        let error = Error::from(error).into_server_error(self.place);
        ServerError { path: vec![PathSegment::Field(self.key.to_string())], ..error }
    }

    /// Returns the arguments, with the opaque values of a request.
    pub(super) fn arguments<'a>(&'a self, given: &'a GivenValues) -> Arguments<'a> {
        Arguments { field: self, given }
    }
}

impl Arguments<'_> {
    /// Reads an argument by the library's rules; `None` if the library refuses it.
    pub(super) fn read<T: InputType>(&self, name: &str) -> Option<T> {
        let opaque = self.field.opaque.iter().find(|(argument, _)| argument == name);
        let value = match opaque {
            Some((_, index)) => Some(self.given.opaque.get(*index)?.1.clone()),
            None => {
                let given = self.field.arguments.iter().find(|(argument, _)| argument == name);
                match given {
                    Some((_, value)) => Some(value.clone().into_const()?),
                    None => None,
                }
            }
        };
        T::parse(value).ok()
    }
}

fn selections(set: &SelectionSet) -> usize {
    set.items
        .iter()
        .map(|item| match &item.node {
            Selection::Field(field) => 1 + selections(&field.node.selection_set.node),
            Selection::InlineFragment(fragment) => selections(&fragment.node.selection_set.node),
            Selection::FragmentSpread(_) => 0,
        })
        .sum()
}
