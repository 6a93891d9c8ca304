//! `/graphql` over POST and GET.

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use tokio::task::coop::consume_budget;
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use super::accept::{MediaType, is_json};
use super::admission::{Admission, AdmissionLimits};
use super::bodies::{Bodies, BodyLimits};
use super::concurrency::{self, ConcurrencyLimit};
use super::observe::Record;
use super::rejection::Rejection;
use super::{App, answer, body, conditional, credential, payload, rate};
use crate::access::Caller;
use crate::error::ErrorCode;
use crate::graphql::error::ApiError;
use crate::graphql::{Answer, Gateway, RequestContext};
use crate::turns::Permit;

/// Path of the endpoint.
pub(super) const PATH: &str = "/graphql";

/// Points of a request, whatever it asks.
const REQUEST_POINTS: usize = 10;
/// Bytes of a body or a query string that are read and checked for a point.
const BYTES_PER_POINT: usize = 1024;

/// The endpoint, with its limits on the requests of organizations. They are its alone: a full API still
/// answers health checks.
pub(super) struct Endpoint {
    app: Arc<App>,
    gateway: Gateway,
    /// Places for requests that run, and queues before them.
    admission: Admission<Uuid>,
    /// Bodies under way, and those that wait for their turn. They have no place.
    bodies: Bodies,
    /// Bytes of answers that were made and not taken.
    untaken: ConcurrencyLimit<Uuid>,
}

/// Place and bytes of an answer, which are kept until its client has taken it.
struct Taken {
    _place: Permit<Uuid>,
    bytes: concurrency::Permit<Uuid>,
}

impl Endpoint {
    pub(super) fn new(app: Arc<App>) -> Self {
        let limits = &app.limits;
        let admission = AdmissionLimits {
            running: limits.requests,
            running_per_holder: limits.requests_per_organization,
            waiting_per_holder: limits.waiting_requests_per_organization,
        };
        let untaken =
            ConcurrencyLimit::new(limits.untaken_answer_bytes, limits.untaken_answer_bytes_per_organization);
        let of_gateway = untaken.clone();
        Self {
            gateway: app.gateway.clone().refusing_while(move |org_id| of_gateway.is_reached(org_id)),
            admission: Admission::new(admission),
            bodies: Bodies::new(BodyLimits {
                under_way: limits.bodies,
                bytes: limits.held_bytes,
                bytes_per_holder: limits.held_bytes_per_organization,
                pace: (limits.body_time, limits.body_bytes),
            }),
            untaken,
            app,
        }
    }

    async fn execute(
        &self,
        parts: &Parts,
        body: Body,
        media: Option<MediaType>,
        record: &Record,
    ) -> Result<(Answer, Taken), Rejection> {
        let caller = match self.admit(parts, media, record).await {
            Ok(admitted) => admitted,
            Err(rejection) => {
                body::discard(&parts.headers, body, &self.app.limits);
                return Err(rejection);
            }
        };
        let org_id = caller.org_id;
        let (body, _held) = match parts.method {
            Method::GET => (None, None),
            _ => {
                let mut held = self.bodies.begin(org_id);
                let body = body::read(&parts.headers, body, &self.app.limits, &mut held).await?;
                (Some(body), Some(held))
            }
        };
        let bytes = body.as_ref().map_or_else(|| parts.uri.query().map_or(0, str::len), Vec::len);
        let remaining = self.gateway.rate_limiter().take(caller.org_id, bytes / BYTES_PER_POINT);
        let remaining = remaining.map_err(ApiError::rate_limited)?;
        // From now on, not from the head of the request: a slow body is not held against the answer.
        let deadline = Instant::now() + self.app.limits.request_time;
        // If the client hangs up, this future is dropped.
        let place = self.admission.acquire(caller.org_id, deadline).await.map_err(Rejection::out_of_turn)?;
        // Others of the organization may have been answered while this one waited.
        self.check_untaken(org_id)?;
        let request = match body {
            None => payload::from_query(parts.uri.query().unwrap_or_default())?,
            Some(body) => payload::from_body(&body, &self.app.limits)?,
        };
        let context = RequestContext {
            caller,
            request_id: record.id().shared(),
            queries_only: parts.method == Method::GET,
            idempotency_key: idempotency_key(&parts.headers)?,
            remaining,
            deadline,
        };
        let answer = self.gateway.execute(request, context).await;
        // A request that has waited for nothing, since its answer is in memory, lets others run all the same.
        consume_budget().await;
        Ok((answer, Taken { _place: place, bytes: self.untaken.nothing(org_id) }))
    }

    /// Refuses a request while the clients of its organization leave too much untaken.
    fn check_untaken(&self, org_id: Uuid) -> Result<(), Rejection> {
        if self.untaken.is_reached(org_id) { Err(ApiError::untaken_answers().into()) } else { Ok(()) }
    }

    /// Passes the gates that need no body: method, media type, key, rate, and length of the queue.
    async fn admit(
        &self,
        parts: &Parts,
        media: Option<MediaType>,
        record: &Record,
    ) -> Result<Arc<Caller>, Rejection> {
        match parts.method {
            Method::GET => {}
            Method::POST => json_only(&parts.headers)?,
            _ => return Err(Rejection::wrong_method("GET, POST")),
        }
        if media.is_none() {
            return Err(Rejection::new(
                ErrorCode::NotAcceptable,
                "Answers are `application/graphql-response+json` or `application/json`.",
            ));
        }
        let caller = timeout(self.app.limits.request_time, credential::authenticate(&self.app.keys, parts))
            .await
            .unwrap_or_else(|_| Err(ApiError::timeout().into()))?;
        record.caller(&caller);
        // A request costs points by itself, and what its document costs when that is known.
        let rate_limiter = self.gateway.rate_limiter();
        rate_limiter.take(caller.org_id, REQUEST_POINTS).map_err(ApiError::rate_limited)?;
        // Who could not even wait is refused before the body, which may be large.
        self.admission.check(caller.org_id).map_err(Rejection::out_of_turn)?;
        self.check_untaken(caller.org_id)?;
        Ok(caller)
    }
}

/// Answers one GraphQL request.
pub(super) async fn graphql(
    State(endpoint): State<Arc<Endpoint>>,
    Extension(record): Extension<Record>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let media = MediaType::negotiate(&parts.headers);
    let outcome = endpoint.execute(&parts, body, media, &record).await;
    let media = media.unwrap_or(MediaType::Json);
    match outcome {
        Ok((Answer { response, known, room, validator }, mut taken)) => {
            let etag = validator.and_then(|sha256| conditional::etag(&sha256));
            // Of requests that ran at the same time, some may have made more than all may leave untaken. A query loses
            // nothing but its answer; what was written must be told.
            let is_query = known.operation == Some(OperationType::Query);
            let bytes = response.data_bytes();
            if !is_query {
                taken.bytes.exceed(bytes);
            } else if !taken.bytes.try_exceed(bytes) {
                return Rejection::from(ApiError::untaken_answers()).answer(media, record.id());
            }
            let mut answer = match &etag {
                Some(etag) if conditional::is_known(&parts.headers, etag) => {
                    StatusCode::NOT_MODIFIED.into_response()
                }
                Some(_) | None => answer::graphql(response, media, taken),
            };
            // It is made, and counts from now on as an answer that is not taken.
            drop(room);
            if let Some(etag) = etag {
                conditional::add_headers(etag, answer.headers_mut());
            }
            if let Some(remaining) = known.remaining {
                rate::add_headers(remaining, answer.headers_mut());
            }
            record.known(known);
            if answer.status() == StatusCode::METHOD_NOT_ALLOWED {
                // The method was good for the path, but not for a mutation.
                answer.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
            }
            answer
        }
        Err(rejection) => rejection.answer(media, record.id()),
    }
}

/// Returns the `Idempotency-Key`, if the request has one.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Rejection> {
    let mut keys = headers.get_all("idempotency-key").iter();
    let Some(key) = keys.next() else {
        return Ok(None);
    };
    // The value is stored and compared byte by byte, so only what no proxy rewrites is taken.
    let printable = |byte: &u8| (0x20..0x7f).contains(byte);
    let sound = (1..=255).contains(&key.len()) && key.as_bytes().iter().all(printable);
    match key.to_str() {
        Ok(key) if sound && keys.next().is_none() => Ok(Some(key.to_owned())),
        _ => Err(Rejection::new(
            ErrorCode::BadRequest,
            "Give one `Idempotency-Key` of 1 to 255 printable ASCII characters.",
        )),
    }
}

/// Refuses any type but JSON. That also keeps a web page of another origin from posting a form, which
/// a browser sends without asking first.
fn json_only(headers: &HeaderMap) -> Result<(), Rejection> {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(given), None) = (types.next(), types.next()) else {
        return Err(unsupported("Give one `Content-Type: application/json`."));
    };
    if !given.to_str().is_ok_and(is_json) {
        return Err(unsupported("The body must be `application/json`, encoded as UTF-8."));
    }
    let plain =
        |encoding: &HeaderValue| encoding.is_empty() || encoding.as_bytes().eq_ignore_ascii_case(b"identity");
    if !headers.get_all(CONTENT_ENCODING).iter().all(plain) {
        return Err(unsupported("The body must not be compressed."));
    }
    Ok(())
}

fn unsupported(message: &'static str) -> Rejection {
    Rejection::new(ErrorCode::UnsupportedMediaType, message)
}
