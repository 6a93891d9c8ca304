//! The API: inputs and rows are converted here, and each resolver calls one operation. It holds
//! no SQL and no rules.

mod api_key;
mod company;
mod contact;
pub(crate) mod error;
mod guard;
mod loaders;
mod mutation;
mod node;
mod organization;
mod payload;
mod pipeline;
mod query;
mod related;
mod scalars;
mod settings;
mod tag;
mod team;
mod user;

use std::{sync::Arc, time::Duration};

use async_graphql::{
    EmptySubscription, Name, Request, Response, SDLExportOptions, Schema, SchemaBuilder, Value,
    parser::types::{ExecutableDocument, OperationDefinition, OperationType},
};

use tokio::time::Instant;

use self::{error::transport_error, mutation::Mutation, query::Query};
use crate::{
    access::Caller,
    database::{Database, Deadlines},
    organizations::SettingsCache,
};

/// How long after its deadline a mutation may still read what it has written.
pub const GRACE: Duration = Duration::from_secs(5);

/// The one executor around the schema: whatever transport a request comes by, it is held to the
/// same rules here.
#[derive(Clone)]
pub struct Gateway {
    schema: Schema<Query, Mutation, EmptySubscription>,
    database: Database,
    sdl: Arc<str>,
}

/// Who asks, and how.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who.
    pub caller: Arc<Caller>,
    /// By which its errors can be found in the log.
    pub request_id: String,
    /// Whether the transport may only carry queries.
    pub queries_only: bool,
    /// By which its mutations can be repeated: 1 to 255 printable ASCII characters.
    pub idempotency_key: Option<String>,
    /// When it must be answered, with what there is by then.
    pub deadline: Instant,
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway").finish_non_exhaustive()
    }
}

impl Gateway {
    /// The API over a store.
    #[must_use]
    pub fn new(database: Database) -> Self {
        let schema = builder().data(SettingsCache::default()).finish();
        Self { schema, database, sdl: sdl().into() }
    }

    /// Answers a request. Every error of the answer has a code and the request's id.
    pub async fn execute(&self, mut request: Request, call: Call) -> Response {
        let request_id = call.request_id.clone();
        let operation_name = request.operation_name.clone();
        let document = match request.parsed_query() {
            Ok(document) => document,
            Err(error) => {
                let at =
                    error.locations.first().map(|at| format!(" at line {}, column {}", at.line, at.column));
                let message = format!("the document is not GraphQL{}", at.unwrap_or_default());
                return transport_error("GRAPHQL_PARSE_FAILED", message, &[], &request_id);
            }
        };
        let operation = match selected(document, operation_name.as_deref()) {
            Ok(operation) => operation,
            Err(message) => return transport_error("BAD_REQUEST", message, &[], &request_id),
        };
        if call.queries_only && operation.ty != OperationType::Query {
            let message = "only queries may be sent by GET; send this by POST";
            return transport_error("METHOD_NOT_ALLOWED", message, &[], &request_id);
        }
        let database = self.database.by(deadlines(operation.ty, call.deadline));
        let writes_anew = operation.ty == OperationType::Mutation && call.idempotency_key.is_none();
        let required = required_variables(operation);
        let given = error::given_by_variables(document);
        if let Some(name) = required.iter().find(|name| !is_given(&request, name)) {
            let message = format!("the variable `${name}` is required");
            return transport_error("BAD_USER_INPUT", message, &[], &request_id);
        }
        let mut response = self.schema.execute(request.data(call).data(database)).await;
        error::finish(&mut response, &given, &request_id);
        if writes_anew {
            error::forbid_repeating(&mut response);
        }
        response
    }

    /// The schema, in the schema definition language.
    #[must_use]
    pub fn sdl(&self) -> &str {
        &self.sdl
    }
}

fn builder() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    Schema::build(Query::default(), Mutation::default(), EmptySubscription).disable_suggestions()
}

/// A read is never worth more than its request. A write that has been committed is: no mutation
/// begins after the deadline, but what those before it have done is still read, and answered.
fn deadlines(operation: OperationType, deadline: Instant) -> Deadlines {
    let reads = if operation == OperationType::Mutation { deadline + GRACE } else { deadline };
    Deadlines { reads, writes: deadline }
}

/// The variables that an operation cannot do without.
fn required_variables(operation: &OperationDefinition) -> Vec<Name> {
    operation
        .variable_definitions
        .iter()
        .map(|variable| &variable.node)
        .filter(|variable| !variable.var_type.node.nullable && variable.default_value.is_none())
        .map(|variable| variable.name.node.clone())
        .collect()
}

fn is_given(request: &Request, name: &Name) -> bool {
    request.variables.get(name).is_some_and(|value| *value != Value::Null)
}

/// The operation that a request names, or the only one.
fn selected<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<&'a OperationDefinition, String> {
    let mut operations = document.operations.iter();
    let found = match (name, operations.next(), operations.next()) {
        (Some(name), _, _) => document
            .operations
            .iter()
            .find(|(operation, _)| operation.is_some_and(|operation| operation == name)),
        (None, Some(only), None) => Some(only),
        (None, _, _) => return Err("the document has several operations: give an `operationName`".to_owned()),
    };
    found
        .map(|(_, operation)| &operation.node)
        .ok_or_else(|| "the document has no operation of the given `operationName`".to_owned())
}

/// The schema, in the schema definition language.
#[must_use]
pub fn sdl() -> String {
    let options = SDLExportOptions::new().include_specified_by().prefer_single_line_descriptions();
    builder().finish().sdl_with_options(options)
}
