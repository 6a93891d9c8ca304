//! Execution of an operation: what has a plan is written from rows, and the library answers the rest.

use std::collections::BTreeMap;

use async_graphql::{Name, Request, ServerError, Value};

use super::{
    Gateway, RequestContext,
    admission::Admitted,
    answer_room::{AnswerRoom, COPIES},
    answer_size::AnswerSize,
    documents::NormalOperation,
    error::{ApiError, refused},
    plans::{Reader, Unplanned},
    prepared,
    response::{Data, Response, RootField},
};
use crate::database::Database;

/// The schema's own description, for introspection and the schema definition language.
pub(super) const DESCRIPTION: &str = "Contacts of an organization, for the frontends that show them: lists that lose no \
    change, writes that can be repeated, and related companies, tags, teams, users and pipelines. Start with \
    `contacts` and `createContact`.";

impl Gateway {
    /// Executes a request that has been admitted.
    pub(super) async fn run(
        &self,
        admitted: Admitted,
        context: RequestContext,
        database: Database,
        size: &AnswerSize,
        room: &mut AnswerRoom<'_>,
    ) -> Response {
        let request_id = context.request_id.clone();
        let fields = &admitted.prepared.fields;
        let Planned { answers: mut planned, mut errors } =
            Box::pin(self.planned(&admitted, &context, &database, size, room)).await;
        if let ([field], [Some(text)]) = (&**fields, &mut *planned) {
            let data = Data::of_one(&field.key, std::mem::take(text));
            return Response { errors, data: Some(data), extensions: BTreeMap::new() };
        }
        if planned.iter().all(Option::is_some) {
            let json = planned.iter().flatten().map(|json| RootField::Json(json));
            return joined(fields, json, errors, &request_id);
        }
        let normal = match admitted.normal {
            Some(normal) => normal,
            None => match self.normal(&admitted.request) {
                Ok(normal) => normal,
                Err(errors) => return refused(errors, &request_id),
            },
        };
        if let Err(error) = room.take(admitted.prepared.cost.text_bytes).await {
            return refused(vec![error], &request_id);
        }
        // Boxed, or the future of what is planned would have room for it.
        let mut executed = Box::pin(self.by_library(normal, &planned, context, database, size.clone())).await;
        match &executed.data {
            Value::Object(others) if planned.iter().any(Option::is_some) => {
                let values = fields.iter().zip(&planned).map(|(field, json)| match json {
                    Some(json) => RootField::Json(json),
                    None => RootField::Value(others.get(&field.key).unwrap_or(&Value::Null)),
                });
                errors.append(&mut executed.errors);
                joined(fields, values, errors, &request_id)
            }
            _ => Response::executed(executed, size.bytes(), &request_id),
        }
    }

    /// Answers the root fields that have a plan.
    async fn planned(
        &self,
        admitted: &Admitted,
        context: &RequestContext,
        database: &Database,
        size: &AnswerSize,
        room: &mut AnswerRoom<'_>,
    ) -> Planned {
        let Admitted { prepared, given, .. } = admitted;
        let tenant = database.tenant(context.caller.org_id);
        let mut reader =
            Reader { caller: &context.caller, tenant, settings: &self.settings, size: size.clone() };
        let mut planned = Planned::default();
        // What comes before the value of the only field is written first, and need not be put there later.
        let start = match &*prepared.fields {
            [field] => Data::start(&field.key),
            _ => Vec::new(),
        };
        for field in &prepared.fields {
            let Some(plan) = &field.plan else {
                planned.answers.push(None);
                continue;
            };
            // Whatever a plan counts before it gives up is forgotten.
            reader.size = size.part(room.is_taken());
            let mut answer = plan.answer(&reader, field.arguments(given), &start).await;
            if reader.size.needs_room() {
                answer = match room.take(self.limits.answer_bytes.saturating_mul(COPIES)).await {
                    Ok(()) => {
                        reader.size = size.part(true);
                        plan.answer(&reader, field.arguments(given), &start).await
                    }
                    Err(error) => Err(Unplanned::Failed(error)),
                };
            }
            let answer = match answer {
                Ok(json) => Some(json).filter(|_| size.add_all(&reader.size).is_ok()),
                Err(Unplanned::GiveUp) => None,
                Err(Unplanned::Failed(error)) => {
                    planned.errors.push(field.error(error));
                    Some([&*start, b"null"].concat())
                }
            };
            planned.answers.push(answer);
        }
        planned
    }

    /// Has the library answer the root fields that are not planned.
    async fn by_library(
        &self,
        mut normal: NormalOperation,
        planned: &[Option<Vec<u8>>],
        context: RequestContext,
        database: Database,
        size: AnswerSize,
    ) -> async_graphql::Response {
        let mut is_planned = planned.iter().map(Option::is_some);
        normal.operation.selection_set.node.items.retain(|_| is_planned.next() != Some(true));
        let schema_descriptions = std::mem::take(&mut normal.schema_descriptions);
        let mut request = Request::new("");
        request.set_parsed_query(normal.into_document());
        let request = request.data(context).data(database).data(size);
        let mut executed = self.schema.execute(request).await;
        describe_schema(&mut executed.data, &schema_descriptions);
        executed
    }
}

/// Root fields, as far as plans have answered them.
#[derive(Default)]
struct Planned {
    /// JSON of each, if it is the only one behind [`Data::start`]; `None` for those without a plan, and those that a
    /// plan gives up.
    answers: Vec<Option<Vec<u8>>>,
    errors: Vec<ServerError>,
}

/// Returns the response of root fields of which each fails in the same way.
pub(super) fn failed(fields: &[prepared::RootField], error: &ApiError, request_id: &str) -> Response {
    let errors = fields.iter().map(|field| field.error(error.clone())).collect();
    joined(fields, fields.iter().map(|_| RootField::Value(&Value::Null)), errors, request_id)
}

/// Returns the response of root fields.
fn joined<'a>(
    fields: &'a [prepared::RootField],
    values: impl Iterator<Item = RootField<'a>>,
    errors: Vec<ServerError>,
    request_id: &str,
) -> Response {
    match Data::joined(fields.iter().map(|field| field.key.as_str()).zip(values)) {
        Ok(data) => Response { errors, data: Some(data), extensions: BTreeMap::new() },
        Err(error) => {
            tracing::error!(request_id, %error, "an answer could not be written as JSON");
            refused(vec![ApiError::internal()], request_id)
        }
    }
}

/// Puts our description of the schema where the library has one of its own.
fn describe_schema(data: &mut Value, places: &[(Name, Name)]) {
    for (schema, description) in places {
        let Value::Object(root) = &mut *data else { return };
        if let Some(Value::Object(schema)) = root.get_mut(schema)
            && let Some(described) = schema.get_mut(description)
        {
            *described = DESCRIPTION.into();
        }
    }
}
