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
        for number in 0..2 {
            add::<user::Entity>(app, user(org_id, related.users[number], name)).await;
            add::<team::Entity>(app, team(org_id, related.teams[number], name)).await;
            add::<company::Entity>(app, company(org_id, related.companies[number], name)).await;
            add::<pipeline::Entity>(app, pipeline(org_id, related.pipelines[number], name, number == 0))
                .await;
        }
        for (team_id, id) in related.teams.into_iter().zip(related.stages) {
            let stage = stage(org_id, id, related.pipelines[0], name, id == related.stages[1]);
            add::<pipeline_stage::Entity>(app, stage).await;
            for (user_id, position) in related.users.into_iter().zip(0..) {
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

fn user(org_id: Uuid, id: Uuid, name: &str) -> user::Model {
    user::Model {
        org_id,
        id,
        external_id: None,
        name: format!("{name} user"),
        name_key: format!("{name} user {id}").to_lowercase().into_bytes(),
        name_fold: format!("{name} user").to_lowercase(),
        email: Some(format!("{id}@example.com")),
        created_at: 1,
        updated_at: 1,
        deleted_at: None,
    }
}

fn team(org_id: Uuid, id: Uuid, name: &str) -> team::Model {
    team::Model {
        org_id,
        id,
        external_id: None,
        name: format!("{name} team"),
        name_key: format!("{name} team {id}").to_lowercase().into_bytes(),
        created_at: 1,
        updated_at: 1,
        deleted_at: None,
    }
}

fn company(org_id: Uuid, id: Uuid, name: &str) -> company::Model {
    company::Model {
        org_id,
        id,
        external_id: None,
        name: format!("{name} company"),
        name_key: format!("{name} company {id}").to_lowercase().into_bytes(),
        name_fold: format!("{name} company").to_lowercase(),
        website: None,
        industry: None,
        created_at: 1,
        updated_at: 1,
        deleted_at: None,
    }
}

fn pipeline(org_id: Uuid, id: Uuid, name: &str, is_default: bool) -> pipeline::Model {
    pipeline::Model {
        org_id,
        id,
        external_id: None,
        name: format!("{name} pipeline"),
        name_key: format!("{name} pipeline {id}").to_lowercase().into_bytes(),
        is_default,
        moved_to_stage_id: None,
        created_at: 1,
        updated_at: 1,
        deleted_at: None,
    }
}

fn stage(org_id: Uuid, id: Uuid, pipeline_id: Uuid, name: &str, is_second: bool) -> pipeline_stage::Model {
    pipeline_stage::Model {
        org_id,
        id,
        external_id: None,
        name: format!("{name} stage {}", i32::from(is_second)),
        name_key: format!("{name} stage {id}").to_lowercase().into_bytes(),
        pipeline_id,
        position: i32::from(is_second),
        moved_to_stage_id: None,
        created_at: 1,
        updated_at: 1,
        deleted_at: None,
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
