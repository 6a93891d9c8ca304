//! Lists without page arguments, at the bounds of an organization.

use serde_json::{Value, json};

use crate::support::{
    App,
    engine::{Engine, on_each_engine},
};

impl App {
    /// Gives each pipeline so many stages.
    async fn fill_stages(&self, stages: usize) {
        let (id, key) = match self.engine {
            Engine::Sqlite => ("randomblob(16)", "CAST('a' || i AS BLOB)"),
            #[cfg(postgres_found)]
            Engine::Postgres => ("gen_random_uuid()", "convert_to('a' || i, 'UTF8')"),
        };
        let sql = format!(
            "INSERT INTO pipeline_stage (org_id, id, pipeline_id, name, name_key, position, created_at, updated_at)
             SELECT org_id, {id}, pipeline.id, 'a' || i, {key}, i, 1, 1 FROM pipeline,
             (WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {stages} - 1) SELECT i FROM n) AS n"
        );
        self.execute(&sql, []).await;
    }
}

/// Number of all objects of lists that stand in the field of objects.
fn objects(list: &Value, field: &str) -> usize {
    let lists = list.as_array().into_iter().flatten();
    lists.map(|object| object[field].as_array().map_or(0, Vec::len)).sum()
}

on_each_engine! {
    async fn all_stages_of_all_pipelines_are_answered_with_their_counts(app: App) {
        app.fill_pipelines(200).await;
        app.fill_stages(200).await;
        let stages = app.data("{ pipelines { stages { id } } }").await;
        let stage = &stages["pipelines"][3]["stages"][5]["id"];
        app.created(json!({"firstName": "A", "pipelineStageId": stage})).await;
        app.statements();
        let data = app.data("{ pipelines { id stages { id contactsCount pipeline { id } } } }").await;
        // The pipelines, their stages, and the counts: at most one statement for each pipeline, none for a stage.
        let statements = app.statements().len();
        assert!(statements <= 1 + 1 + 200, "{statements} statements");
        assert_eq!(objects(&data["pipelines"], "stages"), 200 * 200);
        let mut counted = 0;
        for pipeline in data["pipelines"].as_array().expect("pipelines") {
            for each in pipeline["stages"].as_array().expect("stages") {
                assert_eq!(each["pipeline"]["id"], pipeline["id"]);
                assert_eq!(each["contactsCount"], json!(i32::from(each["id"] == *stage)));
                counted += 1;
            }
        }
        assert_eq!(counted, 40_000);
    }

    async fn a_page_of_contacts_for_each_of_40_000_stages_is_too_much(app: App) {
        app.fill_pipelines(200).await;
        app.fill_stages(200).await;
        let page = "contacts(first: 1) { nodes { id } }";
        app.data("{ viewer { id } }").await;
        app.statements();
        let answer = app.ask(&format!("{{ pipelines {{ stages {{ {page} }} }} teams {{ id }} }}")).await;
        assert_eq!(answer["data"], json!({"pipelines": null, "teams": []}));
        assert_eq!(answer["errors"].as_array().map(Vec::len), Some(1));
        assert_eq!(answer["errors"][0]["extensions"]["limit"], "answerBytes", "{:#}", answer["errors"]);
        let statements = app.statements().len();
        assert!(statements <= 2_048 + 3, "{statements} statements: more pages than an answer may have");
        let first = app.data("{ pipelines { id } }").await["pipelines"][0]["id"].take();
        let data = app.data(&format!("{{ pipeline(id: {first}) {{ stages {{ {page} }} }} }}")).await;
        assert_eq!(objects(&json!([data["pipeline"]]), "stages"), 200);
    }

    async fn members_of_all_teams_at_once_are_too_many_and_those_of_a_hundred_teams_are_not(app: App) {
        app.fill_teams(500).await;
        app.fill_users(500).await;
        let members = "INSERT INTO team_member (org_id, team_id, user_id, position)
            SELECT team.org_id, team.id, \"user\".id, 1 FROM team, \"user\"";
        app.execute(members, []).await;
        let answer = app.ask("{ teams { members { id } } all: teams { id } }").await;
        assert_eq!(answer["errors"][0]["extensions"]["limit"], "answerBytes", "{:#}", answer["errors"]);
        let teams: Vec<&Value> = answer["data"]["all"].as_array().expect("teams").iter().map(|team| &team["id"]).collect();
        assert_eq!(teams.len(), 500);
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Team { members { id } } } }";
        let answer = app.ask_with(query, json!({"ids": teams[..100]})).await;
        assert_eq!(objects(&answer["data"]["nodes"], "members"), 100 * 500, "{:#}", answer["errors"]);
    }
}
