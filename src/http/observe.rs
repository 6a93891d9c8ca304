//! The surroundings of every request: its id, its log line, and panics.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Instant;

use async_graphql::parser::types::OperationType;
use axum::extract::{MatchedPath, Request};
use axum::http::header::X_CONTENT_TYPE_OPTIONS;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::Response;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tower::Service;

use super::accept::MediaType;
use super::codes::Codes;
use super::endpoint;
use super::rejection::Rejection;
use super::request_id::{RequestId, X_REQUEST_ID};
use crate::access::Caller;
use crate::error::ErrorCode;
use crate::graphql::Known;
use crate::graphql::error::ApiError;
use crate::metrics::{self, Operation, Outcome};
use crate::request_id;

/// Service that gives each request its id, and logs one line when it is answered.
///
/// The line has the path of the route, not the path of the request: a client may write anything there,
/// even an address or a key. Of the client's own texts it has only the request's id and the name of the
/// operation.
// Not a function for `from_fn`, which clones the services within for each request; so with `Guard`.
#[derive(Clone)]
pub(super) struct Observe<S>(pub(super) S);

impl<S> Service<Request> for Observe<S>
where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send + 'static>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let observed = Observed::begin(&mut request);
        let response = request_id::scope(observed.record.id().shared(), self.0.call(request));
        Box::pin(async move {
            let Ok(mut response) = response.await;
            observed.end(&mut response);
            Ok(response)
        })
    }
}

/// A request under way.
struct Observed {
    started: Instant,
    method: Method,
    path: Option<MatchedPath>,
    record: Record,
}

impl Observed {
    /// Gives the request its id, and a record for what is found out about it.
    fn begin(request: &mut Request) -> Self {
        let (started, record) = (Instant::now(), Record::new(RequestId::of(request.headers())));
        let (method, path) = (request.method().clone(), request.extensions().get::<MatchedPath>().cloned());
        request.extensions_mut().insert(record.clone());
        Self { started, method, path, record }
    }

    /// Completes the headers of its answer, and logs its line.
    fn end(self, response: &mut Response) {
        let Self { started, method, path, record } = self;
        let id = record.id();
        let headers = response.headers_mut();
        if let Some(id) = id.header() {
            headers.insert(X_REQUEST_ID, id);
        }
        // A browser that guesses types could take a text of a contact for a page.
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        let path = path.as_ref().map_or("-", MatchedPath::as_str);
        let duration = started.elapsed();
        let codes = response.extensions().get::<Codes>().cloned().unwrap_or_default();
        let (caller, known) = (record.0.caller.get(), record.0.known.get());
        let operation = known.and_then(|known| known.operation).map(kind);
        // Metrics are about the API: health checks would drown them.
        if path == endpoint::PATH {
            let outcome = outcome(response, &codes);
            metrics::request(
                operation,
                outcome,
                codes.first().map(ErrorCode::name),
                duration,
                known.and_then(|known| known.cost),
            );
        }
        tracing::info!(
            request_id = %id,
            organization_id = caller.map(|caller| display(caller.org_id)),
            key_id = caller.map(|caller| display(caller.key_id)),
            %method,
            path,
            operation = operation.map(Operation::name),
            operation_name = known.and_then(|known| known.name()),
            cost = known.and_then(|known| known.cost),
            from_cache = known.is_some_and(|known| known.from_cache).then_some(true),
            charged = known.and_then(|known| known.charged),
            codes = (!codes.is_empty()).then(|| display(&codes)),
            status = response.status().as_u16(),
            duration_us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX),
            "answered"
        );
    }
}

/// The id of a request, and the facts that the routes find out about it, for its log line. Each is noted once.
#[derive(Clone, Debug)]
pub(super) struct Record(Arc<Facts>);

#[derive(Debug)]
struct Facts {
    id: RequestId,
    caller: OnceLock<Arc<Caller>>,
    known: OnceLock<Known>,
}

impl Record {
    fn new(id: RequestId) -> Self {
        Self(Arc::new(Facts { id, caller: OnceLock::new(), known: OnceLock::new() }))
    }

    /// Returns the id.
    pub(super) fn id(&self) -> &RequestId {
        &self.0.id
    }

    /// Notes the caller.
    pub(super) fn caller(&self, caller: &Arc<Caller>) {
        drop(self.0.caller.set(caller.clone()));
    }

    /// Notes the operation.
    pub(super) fn known(&self, known: Known) {
        drop(self.0.known.set(known));
    }
}

fn kind(operation: OperationType) -> Operation {
    match operation {
        OperationType::Query => Operation::Query,
        OperationType::Mutation => Operation::Mutation,
        OperationType::Subscription => Operation::Subscription,
    }
}

fn outcome(response: &Response, codes: &Codes) -> Outcome {
    match response.status() {
        _ if codes.is_empty() => Outcome::Answered,
        StatusCode::OK if !codes.of_request => Outcome::Partial,
        _ => Outcome::Refused,
    }
}

/// Service that answers a request whose handler panicked; the connection and the server go on.
#[derive(Clone)]
pub(super) struct Guard<S>(pub(super) S);

impl<S> Service<Request> for Guard<S>
where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send + 'static>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let id = RequestId::given(request.extensions(), request.headers());
        let response = AssertUnwindSafe(self.0.call(request));
        Box::pin(async move {
            response.catch_unwind().await.unwrap_or_else(|_| {
                // The panic itself has been logged by the hook of `telemetry`, without what it may hold of
                // the request.
                tracing::error!(request_id = %id, "a handler panicked");
                Ok(Rejection::from(ApiError::internal()).answer(MediaType::Json, &id))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::routing::get;
    use serde_json::{Value, json};
    use tower::ServiceExt as _;
    use tower::layer::layer_fn;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_answered_without_its_text() {
        let router = Router::new()
            .route("/", get(async || -> () { panic!("secret") }))
            .layer((layer_fn(Observe), layer_fn(Guard)));
        let request = Request::get("/").header(X_REQUEST_ID, "a");
        let request = request.body(Body::empty()).expect("a request");

        let Ok(answer) = router.oneshot(request).await;
        assert_eq!(answer.status(), 500);
        let body = to_bytes(answer.into_body(), 1024).await.expect("a body");
        let body: Value = serde_json::from_slice(&body).expect("JSON");
        let extensions = json!({"code": "INTERNAL_SERVER_ERROR", "requestId": "a"});
        let error = json!({"message": "Something went wrong on our side.", "extensions": extensions});
        assert_eq!(body, json!({ "errors": [error] }));
    }

    #[tokio::test]
    async fn what_is_logged_for_a_request_has_its_id_and_nothing_else_has_one() {
        let told = async || request_id::current().map(|id| format!("{id:?}")).unwrap_or_default();
        let router = Router::new().route("/", get(told)).layer(layer_fn(Observe));
        for id in ["a", "b"] {
            let request = Request::get("/").header(X_REQUEST_ID, id).body(Body::empty()).expect("a request");
            let Ok(answer) = router.clone().oneshot(request).await;
            assert_eq!(to_bytes(answer.into_body(), 1024).await.expect("a body"), id);
        }
        assert!(request_id::current().is_none());
    }
}
