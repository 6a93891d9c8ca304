//! B. The pipeline CRM: policy PIPELINE, a status that is a stage, one contact for each phone.

mod errors;
mod fields;
mod known_phones;

use serde_json::{Value, json};

use super::{KeyHeader, Newcomer};
use crate::support::App;

/// Ids of the source are 24 hexadecimal digits; here they are external ids.
const SALES: &str = "65f0c1d2e3a4b5c6d7e8f901";
const HIRING: &str = "65f0c1d2e3a4b5c6d7e8f902";
const STAGES: [&str; 3] =
    ["65f0c1d2e3a4b5c6d7e8f911", "65f0c1d2e3a4b5c6d7e8f912", "65f0c1d2e3a4b5c6d7e8f913"];

/// A pipeline that came over.
struct Pipeline {
    id: Value,
    stages: Vec<Value>,
}

/// An organization with the pipelines Sales (New Lead, Talking, Won), its default, and Hiring
/// (Applied).
struct PipelineCrm {
    newcomer: Newcomer,
    sales: Pipeline,
    hiring: Pipeline,
}

/// The pipelines come first: the preset would make one of its own.
async fn pipeline_crm(app: App) -> PipelineCrm {
    let hiring = pipeline(&app, ("Hiring", HIRING), false, &[("Applied", "65f0c1d2e3a4b5c6d7e8f921")]).await;
    let stages = [("New Lead", STAGES[0]), ("Talking", STAGES[1]), ("Won", STAGES[2])];
    let sales = pipeline(&app, ("Sales", SALES), true, &stages).await;
    let newcomer = Newcomer::new(app, "PIPELINE", KeyHeader::Bearer).await;
    PipelineCrm { newcomer, sales, hiring }
}

/// Brings a pipeline over; it and its stages are names with external ids.
async fn pipeline(
    app: &App,
    (name, external_id): (&str, &str),
    is_default: bool,
    stages: &[(&str, &str)],
) -> Pipeline {
    let names: Vec<&str> = stages.iter().map(|(name, _)| *name).collect();
    let (id, stage_ids) = app.pipeline(name, is_default, &names).await;
    let set = async |table: &str, id: uuid::Uuid, external_id: &str| {
        let sql = format!("UPDATE {table} SET external_id = $1 WHERE id = $2");
        app.execute(&sql, [external_id.into(), id.into()]).await;
    };
    set("pipeline", id, external_id).await;
    for (stage_id, (_, external_id)) in stage_ids.iter().zip(stages) {
        set("pipeline_stage", *stage_id, external_id).await;
    }
    Pipeline { id: json!(id), stages: stage_ids.into_iter().map(|id| json!(id)).collect() }
}
