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
    let newcomer = Newcomer { app, header: KeyHeader::Bearer };
    let applied = [("Applied", "65f0c1d2e3a4b5c6d7e8f921")];
    let hiring = pipeline(&newcomer, ("Hiring", HIRING), false, &applied).await;
    let stages = [("New Lead", STAGES[0]), ("Talking", STAGES[1]), ("Won", STAGES[2])];
    let sales = pipeline(&newcomer, ("Sales", SALES), true, &stages).await;
    newcomer.choose("PIPELINE").await;
    PipelineCrm { newcomer, sales, hiring }
}

/// Brings a pipeline over; it and its stages are names with external ids.
async fn pipeline(
    newcomer: &Newcomer,
    (name, external_id): (&str, &str),
    is_default: bool,
    stages: &[(&str, &str)],
) -> Pipeline {
    let stage = |(name, external_id): &(&str, &str)| json!({"name": name, "externalId": external_id});
    let stages: Vec<Value> = stages.iter().map(stage).collect();
    let input = json!({"name": name, "externalId": external_id, "isDefault": is_default, "stages": stages});
    let made = newcomer.done("createPipeline", input, "pipeline { id stages { id } }").await;
    let stages = made["pipeline"]["stages"].as_array().expect("stages");
    Pipeline {
        id: made["pipeline"]["id"].clone(),
        stages: stages.iter().map(|stage| stage["id"].clone()).collect(),
    }
}
