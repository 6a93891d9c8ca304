//! Thousands of rows, written past the gateway.

use entity::contact::{self, Operation};
use sea_orm::{ActiveModelTrait as _, ConnectionTrait as _, EntityTrait as _, IntoActiveModel as _};
use uuid::Uuid;

use super::super::fixture::START;
use crate::support::{App, engine::Engine};

pub(super) const COUNT: i64 = 3_000;

/// When the change with this number happened: five share a millisecond.
pub(super) fn time_of(seq: i64) -> i64 {
    START + seq / 5
}

/// Fills two organizations, and lets PostgreSQL see what it has, as its autovacuum would.
pub(super) async fn insert(app: &App) {
    let (other, _) = app.organization("Globex").await;
    for org_id in [app.org_id, other] {
        let rows: Vec<_> = (1..=COUNT).map(|n| row(org_id, n)).collect();
        for rows in rows.chunks(250) {
            let rows = rows.iter().map(|row| row.clone().into_active_model().reset_all());
            contact::Entity::insert_many(rows).exec_without_returning(&app.raw).await.expect("rows");
        }
    }
    if app.engine == Engine::Postgres {
        app.raw.execute_unprepared("VACUUM ANALYZE contact").await.expect("statistics");
    }
}

/// A contact: a third were never changed after their creation, a third have no tag, no enrichment,
/// no score; many names are equal, some are missing. No two changes have the same number.
fn row(org_id: Uuid, n: i64) -> contact::Model {
    let stamp = |seq: i64| (time_of(seq), seq);
    // 3001 is a prime: every number below it comes once.
    let created = stamp(n * 7 % (COUNT + 1));
    let deleted = n % 11 == 0;
    let updated = if n % 3 == 0 && !deleted { created } else { stamp(COUNT + n) };
    let tagged = (n % 3 != 1).then_some(created);
    let enriched = (n % 3 != 2).then_some(updated);
    let name = (n % 13 != 0).then(|| format!("name{}", n % 400));
    let company = (n % 4 != 0).then(|| format!("company{}", n % 150));
    contact::Model {
        org_id,
        id: Uuid::from_u128(u128::from(n.unsigned_abs()) * 0x9e37_79b9_7f4a_7c15_f39c),
        external_id: None,
        first_name: name.clone(),
        last_name: None,
        email: Some(format!("{n}@example.com")),
        phone: None,
        whatsapp_number: None,
        company: company.clone(),
        company_id: None,
        job_title: None,
        industry: None,
        website: None,
        linkedin_url: None,
        address_line1: None,
        address_line2: None,
        city: None,
        state: None,
        zip: None,
        country: None,
        timezone: None,
        language: None,
        tags: "[]".to_owned(),
        status: "active".to_owned(),
        stage: None,
        pipeline_id: None,
        pipeline_stage_id: None,
        process: None,
        source: "api".to_owned(),
        score: i32::try_from(n % 100).ok().filter(|_| n % 3 != 0),
        notes: None,
        is_active: true,
        email_subscribed: true,
        metadata: "{}".to_owned(),
        industry_context: "{}".to_owned(),
        team_id: None,
        owner_id: None,
        source_created_at: None,
        enriched_at: enriched.map(|(at, _)| at),
        enriched_seq: enriched.map(|(_, seq)| seq),
        enrichment_status: None,
        tag_added_at: tagged.map(|(at, _)| at),
        tag_added_seq: tagged.map(|(_, seq)| seq),
        created_at: created.0,
        created_seq: created.1,
        created_by: None,
        updated_at: updated.0,
        change_seq: updated.1,
        updated_by: None,
        updated_by_key: None,
        version: 1,
        operation: Operation::Created,
        deleted_at: deleted.then_some(updated.0),
        merged_into_id: None,
        name_key: name.as_ref().map(|name| format!("\u{1}{name}").into_bytes()),
        company_key: company.as_ref().map(|company| company.clone().into_bytes()),
        first_name_fold: name,
        last_name_fold: None,
        company_fold: company,
    }
}
