//! The API: inputs and rows are converted here, and each resolver calls one operation. It holds
//! no SQL and no rules.

mod account;
mod admission;
mod answer_cache;
mod answer_room;
mod answer_size;
mod api_key;
mod company;
mod contact;
mod context;
mod documents;
pub(crate) mod error;
mod execution;
mod loaders;
pub(crate) mod lossy;
mod mutations;
mod node;
mod organization;
mod patch;
mod pipeline;
mod plans;
mod prepared;
mod query;
mod request;
mod response;
mod scalars;
mod tag;
mod team;
mod user;
mod user_error;

use std::{sync::Arc, time::Duration};

use async_graphql::{
    EmptySubscription, Request, SDLExportOptions, Schema, SchemaBuilder, ValidationMode,
    parser::types::OperationType,
};
use tokio::time::Instant;
use uuid::Uuid;

use self::{
    account::Bucket,
    answer_cache::{AnswerCache, CachedAnswer, LookUp},
    answer_room::AnswerRooms,
    answer_size::AnswerSize,
    documents::Documents,
    execution::DESCRIPTION,
    mutations::Mutation,
    prepared::{Prepared, PreparedOperations},
    query::Query,
    response::Data,
};
pub use self::{
    documents::DocumentLimits,
    request::{Answer, Known, RequestContext},
    response::Response,
};
use crate::{
    access::RateLimiter,
    database::{Database, Deadlines},
    organizations::SettingsCache,
};

/// Time after its deadline for which a mutation may still read what it has written.
pub const MAX_READ_AFTER_WRITE: Duration = Duration::from_secs(5);

/// The executor around the schema: it applies the same rules to a request, whatever the transport.
#[derive(Clone)]
pub struct Gateway {
    schema: Schema<Query, Mutation, EmptySubscription>,
    settings: SettingsCache,
    database: Database,
    sdl: Arc<str>,
    documents: Arc<Documents>,
    prepared: Arc<PreparedOperations>,
    limits: DocumentLimits,
    rate_limiter: RateLimiter,
    rooms: AnswerRooms,
    answers: Option<AnswerCache>,
    has_plans: bool,
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway").finish_non_exhaustive()
    }
}

impl Gateway {
    /// Creates the API over a store, with limits for documents and for the rate of an organization.
    #[must_use]
    pub fn new(database: Database, limits: DocumentLimits, rate_limiter: RateLimiter) -> Self {
        let (sdl, settings) = (sdl(), SettingsCache::default());
        Self {
            schema: builder().data(settings.clone()).finish(),
            settings,
            database,
            documents: Arc::new(Documents::new(&sdl, limits)),
            prepared: Arc::default(),
            sdl: sdl.into(),
            limits,
            rate_limiter,
            rooms: AnswerRooms::default(),
            answers: None,
            has_plans: true,
        }
    }

    /// Has the library answer every field of every request, and prepares each request anew. Tests take its
    /// answers as the right ones.
    #[must_use]
    pub fn without_plans(self) -> Self {
        Self { has_plans: false, prepared: Arc::default(), ..self }
    }

    /// Has a long answer be refused as `OVERLOADED`, before it is made, to an organization for which this holds when
    /// there is room to make it.
    #[must_use]
    pub fn refusing_while(self, is_full: impl Fn(Uuid) -> bool + Send + Sync + 'static) -> Self {
        Self { rooms: self.rooms.refusing_while(is_full), ..self }
    }

    /// Returns the rate limiter of the organizations.
    #[must_use]
    pub fn rate_limiter(&self) -> &RateLimiter {
        &self.rate_limiter
    }

    /// Answers a request. Every error of the answer has a code and the request's id.
    ///
    /// Its checks come in this order: the text of the document, parsing, its size, validation, the
    /// operation, its variables, its cost, the organization's rate, execution.
    pub async fn execute(&self, request: Request, context: RequestContext) -> Answer {
        let request_id = context.request_id.clone();
        let mut known = Known::default();
        let mut admitted = match self.admit(request, &context, &mut known) {
            Ok(admitted) => admitted,
            Err(errors) => return Answer::refused(errors, &request_id, known),
        };
        let Prepared { operation, cost, .. } = *admitted.prepared;
        let org_id = context.caller.org_id;
        let account = Arc::new(Bucket::new(self.rate_limiter.clone(), org_id));
        let database = self.database.charged_to(account.clone(), deadlines(operation, context.deadline));
        let is_validated = admitted.is_versioned && context.queries_only;
        let keep = match self.look_up(admitted.question.take(), &database).await {
            LookUp::Hit(answer) => return self.again(&answer, known, &account, is_validated),
            LookUp::Miss(keep) => Ok(keep),
            LookUp::Failed(error) if admitted.prepared.is_planned() => Err(error),
            // Its other fields may need no database.
            LookUp::Failed(_) => Ok(None),
        };
        let mut room = self.rooms.of_answer(org_id, context.deadline);
        // A plan finds out what its answer takes, and may begin anew; the library does not know before it has it all.
        if !admitted.prepared.is_planned()
            && let Err(error) = room.take(cost.text_bytes).await
        {
            return Answer::refused(vec![error], &request_id, known);
        }
        let writes_anew = operation == OperationType::Mutation && context.idempotency_key.is_none();
        let size = AnswerSize::new(self.limits.answer_bytes);
        let (mut response, keep) = match keep {
            Ok(keep) => (self.run(admitted, context, database, &size, &mut room).await, keep),
            Err(error) => (execution::failed(&admitted.prepared.fields, &error, &request_id), None),
        };
        let points_beyond = size.points_beyond(known.cost.unwrap_or_default());
        account.charge_points(points_beyond);
        known.charged = account.charged();
        // Statements may have been charged while they ran, too.
        known.remaining = self.rate_limiter.remaining(org_id);
        if let Some(cost) = known.cost.filter(|_| response.data.as_ref().is_some_and(|data| !data.is_null()))
        {
            response.extensions.insert("cost".to_owned(), cost.into());
        }
        error::finish(&mut response.errors, &request_id);
        if writes_anew {
            error::forbid_repeating(&mut response.errors);
        }
        let data = response.data.as_ref().filter(|_| response.errors.is_empty());
        if let (Some(answers), Some(keep), Some(data)) = (&self.answers, keep, data) {
            answers.keep(keep, &CachedAnswer { data: data.clone(), points_beyond });
        }
        let validator = data.filter(|_| is_validated).map(Data::sha256);
        Answer { response, known, room: room.into_taken(), validator }
    }

    /// Returns the schema, in the schema definition language.
    #[must_use]
    pub fn sdl(&self) -> &str {
        &self.sdl
    }
}

fn builder() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    // The documents it is given have been validated.
    Schema::build(Query::default(), Mutation::default(), EmptySubscription)
        .disable_suggestions()
        .validation_mode(ValidationMode::Fast)
}

/// Returns the deadlines of a request's reads and writes. No mutation begins after the deadline, but those
/// before it have been committed: their objects are still read, and answered.
fn deadlines(operation: OperationType, deadline: Instant) -> Deadlines {
    let reads = if operation == OperationType::Mutation { deadline + MAX_READ_AFTER_WRITE } else { deadline };
    Deadlines { reads, writes: deadline }
}

/// Returns the schema, in the schema definition language.
#[must_use]
pub fn sdl() -> String {
    let options = SDLExportOptions::new().include_specified_by().prefer_single_line_descriptions();
    let sdl = builder().finish().sdl_with_options(options);
    sdl.replacen("\nschema {", &format!("\n\"{DESCRIPTION}\"\nschema {{"), 1)
}
