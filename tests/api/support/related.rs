//! What contacts refer to: rows that no mutation makes yet, written past the gateway.

use entity::{company, pipeline, pipeline_stage, team, team_member, user};
use sea_orm::{ActiveModelTrait as _, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};
use uuid::Uuid;

use super::App;

/// Ids of two of each in one organization; the stages are the first pipeline's.
#[derive(Clone, Debug)]
pub(crate) struct Related {
    pub(crate) users: [Uuid; 2],
    pub(crate) teams: [Uuid; 2],
    pub(crate) companies: [Uuid; 2],
    pub(crate) pipelines: [Uuid; 2],
    pub(crate) stages: [Uuid; 2],
}

impl Related {
    /// Writes them; their names start with `name`. Both users are members of both teams.
    pub(crate) async fn insert(app: &App, org_id: Uuid, name: &str) -> Self {
        let two = || [Uuid::now_v7(), Uuid::now_v7()];
        let related = Self { users: two(), teams: two(), companies: two(), pipelines: two(), stages: two() };
        let named =
            |kind: &str, number: usize| (format!("{name} {kind} {number}"), format!("{kind}{number}"));
        for number in 0..2 {
            let (user_name, name_key) = named("user", number);
            let id = related.users[number];
            let email = Some(format!("{name}{number}@example.com"));
            add::<user::Entity>(
                app,
                user::Model {
                    org_id,
                    id,
                    external_id: None,
                    name: user_name,
                    name_key,
                    email,
                    created_at: 1,
                    updated_at: 1,
                    deleted_at: None,
                },
            )
            .await;
            let (team_name, name_key) = named("team", number);
            let id = related.teams[number];
            add::<team::Entity>(
                app,
                team::Model {
                    org_id,
                    id,
                    external_id: None,
                    name: team_name,
                    name_key,
                    created_at: 1,
                    updated_at: 1,
                    deleted_at: None,
                },
            )
            .await;
            let (company_name, name_key) = named("company", number);
            let id = related.companies[number];
            add::<company::Entity>(
                app,
                company::Model {
                    org_id,
                    id,
                    external_id: None,
                    name: company_name,
                    name_key,
                    website: None,
                    industry: None,
                    created_at: 1,
                    updated_at: 1,
                    deleted_at: None,
                },
            )
            .await;
            let (pipeline_name, name_key) = named("pipeline", number);
            let id = related.pipelines[number];
            add::<pipeline::Entity>(
                app,
                pipeline::Model {
                    org_id,
                    id,
                    external_id: None,
                    name: pipeline_name,
                    name_key,
                    is_default: number == 0,
                    created_at: 1,
                    updated_at: 1,
                    deleted_at: None,
                },
            )
            .await;
        }
        for number in 0..2 {
            let (stage_name, name_key) = named("stage", number);
            let (id, pipeline_id) = (related.stages[number], related.pipelines[0]);
            add::<pipeline_stage::Entity>(
                app,
                pipeline_stage::Model {
                    org_id,
                    id,
                    pipeline_id,
                    external_id: None,
                    name: stage_name,
                    name_key,
                    position: i32::from(number == 1),
                    created_at: 1,
                    updated_at: 1,
                    deleted_at: None,
                },
            )
            .await;
            for (user_id, position) in related.users.into_iter().zip(0..) {
                let team_id = related.teams[number];
                add::<team_member::Entity>(app, team_member::Model { org_id, team_id, user_id, position })
                    .await;
            }
        }
        related
    }

    /// An input for `createContact` that refers to one of each, by turns.
    pub(crate) fn input(&self, turn: usize) -> Value {
        json!({
            "firstName": format!("Jane {turn}"),
            "phones": [{"number": format!("+1416555{turn:04}")}, {"number": format!("+1416556{turn:04}")}],
            "emails": [{"address": format!("{turn}@example.com")}, {"address": format!("{turn}@example.org")}],
            "tags": ["lead", format!("tag {turn}")],
            "companyId": self.companies[turn % 2],
            "teamId": self.teams[turn % 2],
            "ownerId": self.users[turn % 2],
            "assigneeIds": self.users,
            "pipelineId": self.pipelines[0],
            "pipelineStageId": self.stages[turn % 2],
        })
    }
}

async fn add<E>(app: &App, row: E::Model)
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: Send,
{
    let row = row.into_active_model().reset_all();
    E::insert(row).exec_without_returning(&app.raw).await.expect("a row");
}
