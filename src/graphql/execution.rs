//! Execution of an operation: what has a plan is written from rows, and the library answers the rest.

use async_graphql::{
    Name, Request, Value,
    parser::types::{Field, Selection, SelectionSet},
};

use super::{
    Gateway, RequestContext,
    answer_size::AnswerSize,
    documents::NormalOperation,
    error::{ApiError, refused},
    plans::{self, GiveUp, Plan, Reader},
    response::{Data, Response, RootField},
};
use crate::database::Database;

/// The schema's own description, for introspection and the schema definition language.
pub(super) const DESCRIPTION: &str = "Contacts of an organization, for the frontends that show them: lists that lose no \
    change, writes that can be repeated, and related companies, tags, teams, users and pipelines. Start with \
    `contacts` and `createContact`.";

impl Gateway {
    /// Executes an operation that has been admitted.
    pub(super) async fn run(
        &self,
        mut normal: NormalOperation,
        context: RequestContext,
        database: Database,
        size: &AnswerSize,
    ) -> Response {
        let request_id = context.request_id.clone();
        let keys = response_keys(&normal.operation.selection_set.node);
        let mut planned = Box::pin(self.planned(&normal, &context, &database, size)).await;
        if planned.len() == keys.len() && planned.iter().all(Option::is_some) {
            let fields = planned.iter().flatten().map(|json| RootField::Json(json));
            return joined(&keys, fields, &request_id);
        }
        planned.resize_with(keys.len(), || None);
        let mut has_plan = planned.iter().map(Option::is_some);
        normal.operation.selection_set.node.items.retain(|_| !has_plan.next().unwrap_or_default());
        let schema_descriptions = normal.schema_descriptions.clone();
        let mut request = Request::new("");
        request.set_parsed_query(normal.into_document());
        let request = request.data(context).data(database).data(size.clone());
        let mut executed = self.schema.execute(request).await;
        describe_schema(&mut executed.data, &schema_descriptions);
        match &executed.data {
            Value::Object(others) if planned.iter().any(Option::is_some) => {
                let fields = keys.iter().zip(&planned).map(|(key, json)| match json {
                    Some(json) => RootField::Json(json),
                    None => RootField::Value(others.get(key).unwrap_or(&Value::Null)),
                });
                let response = joined(&keys, fields, &request_id);
                Response { errors: executed.errors, ..response }
            }
            _ => Response::executed(executed, &request_id),
        }
    }

    /// Answers the root fields that have a plan; `None` for the others. Empty if none has one.
    async fn planned(
        &self,
        normal: &NormalOperation,
        context: &RequestContext,
        database: &Database,
        size: &AnswerSize,
    ) -> Vec<Option<Vec<u8>>> {
        let plans = plans::plans(self.documents.types(), &normal.operation);
        if plans.iter().all(Option::is_none) {
            return Vec::new();
        }
        let tenant = database.tenant(context.caller.org_id);
        let mut reader =
            Reader { caller: &context.caller, tenant, settings: &self.settings, size: size.clone() };
        let mut answers = Vec::with_capacity(plans.len());
        for (plan, field) in plans.iter().zip(fields(&normal.operation.selection_set.node)) {
            let Some((plan, field)) = plan.as_ref().zip(field) else {
                answers.push(None);
                continue;
            };
            // What a plan counts in vain is forgotten.
            reader.size = AnswerSize::new(self.limits.answer_bytes);
            answers.push(answer(plan, &reader, field, size).await.ok());
        }
        answers
    }
}

async fn answer(
    plan: &Plan,
    reader: &Reader<'_>,
    field: &Field,
    size: &AnswerSize,
) -> Result<Vec<u8>, GiveUp> {
    let json = plan.answer(reader, field).await?;
    size.add_all(&reader.size)?;
    Ok(json)
}

/// Returns the response of root fields.
fn joined<'a>(keys: &'a [Name], fields: impl Iterator<Item = RootField<'a>>, request_id: &str) -> Response {
    match Data::joined(keys.iter().map(Name::as_str).zip(fields)) {
        Ok(data) => Response { errors: Vec::new(), data: Some(data), extensions: Default::default() },
        Err(error) => {
            tracing::error!(%error, "an answer could not be written as JSON");
            refused(vec![ApiError::internal()], request_id)
        }
    }
}

fn fields(root: &SelectionSet) -> impl Iterator<Item = Option<&Field>> {
    root.items.iter().map(|item| match &item.node {
        Selection::Field(field) => Some(&field.node),
        Selection::FragmentSpread(_) | Selection::InlineFragment(_) => None,
    })
}

/// Returns the response keys of the root fields, in their order.
fn response_keys(root: &SelectionSet) -> Vec<Name> {
    fields(root).flatten().map(|field| field.response_key().node.clone()).collect()
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
