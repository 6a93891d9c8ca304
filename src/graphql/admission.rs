//! Everything about a request that is checked before it is executed.

use std::sync::Arc;

use async_graphql::{Name, Request, parser::types::OperationType};

use super::{
    Gateway, Known, RequestContext,
    answer_cache::Question,
    documents::{self, GivenValues, NormalOperation},
    error::ApiError,
    prepared::{self, Prepared},
};
use crate::error::ErrorCode;

/// A request that may be executed.
pub(super) struct Admitted {
    pub(super) request: Request,
    pub(super) prepared: Arc<Prepared>,
    pub(super) given: GivenValues,
    /// Normal form, unless the operation was remembered.
    pub(super) normal: Option<NormalOperation>,
    /// True if its answer changes only when something is written.
    pub(super) is_versioned: bool,
    /// Question to look up in the cache.
    pub(super) question: Option<Question>,
}

impl Gateway {
    /// Checks everything about a request that can be checked before it is executed, and brings it into its
    /// normal form.
    pub(super) fn admit(
        &self,
        request: Request,
        context: &RequestContext,
        known: &mut Known,
    ) -> Result<Admitted, Vec<ApiError>> {
        let document = self.documents.read(&request.query)?;
        let operation = document.operation(request.operation_name.as_deref())?;
        let kind = documents::kind(operation);
        known.operation = Some(kind);
        known.operation_name = operation.name.as_ref().map(Name::new);
        if context.queries_only && kind != OperationType::Query {
            let message = "only queries may be sent by GET; send this by POST";
            return Err(vec![ApiError::new(ErrorCode::MethodNotAllowed, message)]);
        }
        let variables = self.documents.coerce(&document, operation, &request.variables)?;
        let given = document.given_values(operation, &variables);
        let key = prepared::key(&document, operation, &given);
        let (prepared, normal) = match key.as_ref().and_then(|key| self.prepared.find(key)) {
            Some(prepared) => (prepared, None),
            None => {
                let normal = self.documents.normalize(&document, operation, &variables)?;
                let cost = self.documents.cost(&normal.operation)?;
                let types = self.has_plans.then(|| self.documents.types());
                let prepared = Arc::new(Prepared::new(types, &normal, cost, &given));
                if let Some(key) = key {
                    self.prepared.insert(key, &prepared);
                }
                (prepared, Some(normal))
            }
        };
        let cost = prepared.cost.points;
        known.cost = Some(cost);
        known.remaining = context.remaining;
        if cost > 0 {
            let left = self.rate_limiter.take(context.caller.org_id, cost);
            known.remaining = left.map_err(|empty| vec![ApiError::rate_limited(empty)])?;
        }
        // Without a cost it reads nothing.
        let is_versioned = cost > 0 && document.is_versioned(operation);
        let question = if is_versioned { self.question(context, &request) } else { None };
        Ok(Admitted { request, prepared, given, normal, is_versioned, question })
    }

    /// Returns the normal form of a request that has been admitted.
    pub(super) fn normal(&self, request: &Request) -> Result<NormalOperation, Vec<ApiError>> {
        let document = self.documents.read(&request.query)?;
        let operation = document.operation(request.operation_name.as_deref())?;
        let variables = self.documents.coerce(&document, operation, &request.variables)?;
        self.documents.normalize(&document, operation, &variables)
    }
}
