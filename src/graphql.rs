//! The API: inputs and rows are converted here, and each resolver calls one operation. It holds
//! no SQL and no rules.

mod answer_size;
mod api_key;
mod company;
mod contact;
mod documents;
pub(crate) mod error;
mod guard;
mod loaders;
pub(crate) mod lossy;
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

use std::{collections::HashSet, sync::Arc, time::Duration};

use async_graphql::{
    EmptySubscription, Name, Pos, Request, Response, SDLExportOptions, Schema, SchemaBuilder, Value,
    parser::{
        parse_query,
        types::{ExecutableDocument, OperationDefinition, OperationType},
    },
};

use tokio::time::Instant;

pub use self::documents::DocumentLimits;
use self::{answer_size::AnswerSize, documents::Measures, error::ApiError, mutation::Mutation, query::Query};
use crate::{
    access::{Caller, Left, Rates},
    database::{Database, Deadlines},
    organizations::SettingsCache,
};

/// How long after its deadline a mutation may still read what it has written.
pub const GRACE: Duration = Duration::from_secs(5);

/// What is wrong with a document is told so many times, at most.
const ERRORS: usize = 10;

/// Letters of the name of an operation that is told.
const LONGEST_NAME: usize = 64;

/// The one executor around the schema: whatever transport a request comes by, it is held to the
/// same rules here.
#[derive(Clone)]
pub struct Gateway {
    schema: Schema<Query, Mutation, EmptySubscription>,
    database: Database,
    sdl: Arc<str>,
    measures: Arc<Measures>,
    limits: DocumentLimits,
    rates: Rates,
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
    /// What the organization's bucket held when the request came, if it is limited.
    pub left: Option<Left>,
    /// When it must be answered, with what there is by then.
    pub deadline: Instant,
}

/// What came of a request.
#[derive(Debug)]
pub struct Answer {
    /// What the client is told.
    pub response: Response,
    /// What of the request is known, as far as it came.
    pub known: Known,
}

/// What is known of a request before it is executed.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// What the client calls the operation.
    operation_name: Option<Name>,
    /// Query or mutation.
    pub operation: Option<OperationType>,
    /// Its points.
    pub cost: Option<usize>,
    /// What the organization's bucket still holds, if it is limited.
    pub left: Option<Left>,
}

/// A request that may be executed.
struct Admitted {
    operation: OperationType,
    /// Where its document takes values from variables.
    given: HashSet<Pos>,
}

impl Known {
    /// What the client calls the operation, unless that is long.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.operation_name.as_deref().filter(|name| name.len() <= LONGEST_NAME)
    }
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway").finish_non_exhaustive()
    }
}

impl Gateway {
    /// The API over a store, with limits for documents and for what an organization may ask.
    #[must_use]
    pub fn new(database: Database, limits: DocumentLimits, rates: Rates) -> Self {
        let sdl = sdl();
        Self {
            schema: builder().data(SettingsCache::default()).finish(),
            database,
            measures: Arc::new(Measures::new(&sdl)),
            sdl: sdl.into(),
            limits,
            rates,
        }
    }

    /// How much each organization may still ask.
    #[must_use]
    pub fn rates(&self) -> &Rates {
        &self.rates
    }

    /// Answers a request. Every error of the answer has a code and the request's id.
    ///
    /// Its gates come in this order: the text of the document, parsing, its size, the operation,
    /// its cost and what the organization may still ask, validation, execution.
    pub async fn execute(&self, mut request: Request, call: Call) -> Answer {
        let request_id = call.request_id.clone();
        let mut known = Known::default();
        let admitted = match self.admit(&mut request, &call, &mut known) {
            Ok(admitted) => admitted,
            Err(refused) => return Answer { response: refused.into_response(&request_id), known },
        };
        let Admitted { operation, given } = admitted;
        let database = self.database.by(deadlines(operation, call.deadline));
        let writes_anew = operation == OperationType::Mutation && call.idempotency_key.is_none();
        let size = AnswerSize::new(self.limits.answer_bytes);
        let mut response = self.schema.execute(request.data(call).data(database).data(size)).await;
        if let Some(cost) = known.cost.filter(|_| response.data != Value::Null) {
            response.extensions.insert("cost".to_owned(), cost.into());
        }
        if response.data == Value::Null {
            response.errors.truncate(ERRORS);
        }
        error::finish(&mut response, &given, &request_id);
        if writes_anew {
            error::forbid_repeating(&mut response);
        }
        Answer { response, known }
    }

    /// Holds a request to all that can be known before it is executed.
    fn admit(&self, request: &mut Request, call: &Call, known: &mut Known) -> Result<Admitted, ApiError> {
        self.limits.check_text(&request.query)?;
        let document = parse_query(&request.query).map_err(|error| {
            let at = error.positions().next().map(|at| format!(" at line {}, column {}", at.line, at.column));
            let message = format!("the document is not GraphQL{}", at.unwrap_or_default());
            ApiError::new("GRAPHQL_PARSE_FAILED", message)
        })?;
        self.limits.check(&document)?;
        let (name, operation) = selected(&document, request.operation_name.as_deref())
            .map_err(|message| ApiError::new("BAD_REQUEST", message))?;
        known.operation = Some(operation.ty);
        known.operation_name = name.cloned();
        if call.queries_only && operation.ty != OperationType::Query {
            let message = "only queries may be sent by GET; send this by POST";
            return Err(ApiError::new("METHOD_NOT_ALLOWED", message));
        }
        let cost = self.limits.cost(&self.measures, &document, operation, &request.variables)?;
        known.cost = Some(cost);
        known.left = call.left;
        if cost > 0 {
            known.left = self.rates.take(call.caller.org_id, cost).map_err(ApiError::rate_limited)?;
        }
        if let Some(at) = documents::first_conflict(&document) {
            let (line, column) = (at.line, at.column);
            let message = format!(
                "the field at line {line}, column {column} has the name of another one in the answer, and is not \
                the same: give it an alias"
            );
            return Err(ApiError::new("GRAPHQL_VALIDATION_FAILED", message));
        }
        if let Some(name) = required_variables(operation).iter().find(|name| !is_given(request, name)) {
            return Err(ApiError::new("BAD_USER_INPUT", format!("the variable `${name}` is required")));
        }
        let operation = operation.ty;
        let given = error::given_by_variables(&document);
        request.set_parsed_query(document);
        Ok(Admitted { operation, given })
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
) -> Result<(Option<&'a Name>, &'a OperationDefinition), String> {
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
        .map(|(name, operation)| (name, &operation.node))
        .ok_or_else(|| "the document has no operation of the given `operationName`".to_owned())
}

/// The schema, in the schema definition language.
#[must_use]
pub fn sdl() -> String {
    let options = SDLExportOptions::new().include_specified_by().prefer_single_line_descriptions();
    builder().finish().sdl_with_options(options)
}
