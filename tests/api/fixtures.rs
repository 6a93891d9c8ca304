//! Rows that no mutation makes yet, and short ways to create contacts and to look at them.

use contacts_gateway::access::{Scope, mint};
use sea_orm::{
    ActiveModelTrait as _, ConnectionTrait as _, DbBackend, IntoActiveModel as _, Statement, Value as Cell,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{App, engine::Engine};

/// Every field of a contact that its own row and its lists hold.
pub(crate) const WHOLE: &str = "fragment Whole on Contact {
    id orgId externalId firstName lastName displayName email phone whatsappNumber company companyId jobTitle
    industry website linkedinUrl addressLine1 addressLine2 city state zip country timezone language tags status
    stage pipelineId pipelineStageId process source score notes isActive emailSubscribed metadata industryContext
    teamId ownerId sourceCreatedAt enrichedAt enrichmentStatus tagAddedAt createdAt updatedAt deletedAt version
    emails { address label isPrimary } phones { number type label isPrimary isWhatsapp doNotCall }
    companyRecord { id name } pipeline { id name } pipelineStage { id name } team { id name }
    owner { id name } assignees { id name } createdBy { id name } updatedBy { id name }
}";

/// The policies of the contract's table, each as the columns that differ from STANDARD.
pub(crate) const PIPELINE: &[(&str, &str)] = &[
    ("preset", "'PIPELINE'"),
    ("required_fields", r#"'["PHONE"]'"#),
    ("default_last_name", "NULL"),
    ("default_status", "NULL"),
    ("phone_format", "'E164_REQUIRED'"),
    ("unique_phone", "TRUE"),
    ("uses_pipelines", "TRUE"),
];
pub(crate) const DIALER: &[(&str, &str)] = &[
    ("preset", "'DIALER'"),
    ("default_last_name", "NULL"),
    ("default_status", "'not_contacted'"),
    ("default_stage", "'lead'"),
    ("default_country", "'US'"),
    ("default_phone_region", "'US'"),
    ("phone_format", "'E164_REQUIRED'"),
];
pub(crate) const MESSAGING: &[(&str, &str)] =
    &[("preset", "'MESSAGING'"), ("required_fields", "'[]'"), ("default_last_name", "NULL")];

/// Nothing is required.
pub(crate) const LENIENT: &[(&str, &str)] = &[("required_fields", "'[]'")];

impl App {
    /// Runs SQL with `$1`, `$2`, … past the gateway; both engines understand those.
    pub(crate) async fn execute(&self, sql: &str, values: impl IntoIterator<Item = Cell>) -> u64 {
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        let done = self.raw.execute_raw(statement).await;
        done.unwrap_or_else(|error| panic!("{sql}: {error}")).rows_affected()
    }

    /// The one number that a query gives.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let sql = format!("SELECT CAST(({sql}) AS BIGINT) AS number");
        let row = self.raw.query_one_raw(Statement::from_string(self.backend(), sql.clone())).await;
        let row = row.unwrap_or_else(|error| panic!("{sql}: {error}")).expect("a row");
        row.try_get("", "number").unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// The organization's clock: sequence, time, sequence of the settings.
    pub(crate) async fn clock(&self) -> (i64, i64, i64) {
        let sql = "SELECT change_seq, change_at, settings_seq FROM change_clock WHERE org_id = $1";
        let statement = Statement::from_sql_and_values(self.backend(), sql, [self.org_id.into()]);
        let row = self.raw.query_one_raw(statement).await.expect("the clock can be read").expect("a clock");
        let column = |name: &str| row.try_get::<i64>("", name).expect("a number");
        (column("change_seq"), column("change_at"), column("settings_seq"))
    }

    pub(crate) fn backend(&self) -> DbBackend {
        match self.engine {
            Engine::Sqlite => DbBackend::Sqlite,
            Engine::Postgres => DbBackend::Postgres,
        }
    }

    /// Sets columns of the policy, SQL as they are, and says so on the clock as any change of the
    /// settings does.
    pub(crate) async fn set_policy(&self, columns: &[(&str, &str)]) {
        let set: Vec<String> = columns.iter().map(|(column, value)| format!("{column} = {value}")).collect();
        let sql = format!("UPDATE organization SET {} WHERE id = $1", set.join(", "));
        self.execute(&sql, [self.org_id.into()]).await;
        self.settings_changed().await;
    }

    async fn settings_changed(&self) {
        let sql = "UPDATE change_clock SET settings_seq = settings_seq + 1, change_seq = change_seq + 1";
        self.execute(sql, []).await;
    }

    /// Adds a user.
    pub(crate) async fn user(&self, name: &str) -> Uuid {
        self.named("\"user\"", self.org_id, name).await
    }

    /// Adds a team.
    pub(crate) async fn team(&self, name: &str) -> Uuid {
        self.named("team", self.org_id, name).await
    }

    /// Adds a company.
    pub(crate) async fn company(&self, name: &str) -> Uuid {
        self.named("company", self.org_id, name).await
    }

    /// Adds a row with a name, to whichever organization.
    pub(crate) async fn named(&self, table: &str, org_id: Uuid, name: &str) -> Uuid {
        let id = Uuid::now_v7();
        let key = name.to_lowercase().into_bytes();
        let row: [Cell; 4] = [org_id.into(), id.into(), name.into(), key.into()];
        // Companies and users are searched by name.
        let (columns, values) = if table == "team" { ("", "") } else { (", name_fold", ", lower($3)") };
        let sql = format!(
            "INSERT INTO {table} (org_id, id, name, name_key, created_at, updated_at{columns})
             VALUES ($1, $2, $3, $4, 1, 1{values})"
        );
        self.execute(&sql, row).await;
        self.settings_changed().await;
        id
    }

    /// Adds a pipeline with its stages.
    pub(crate) async fn pipeline(&self, name: &str, is_default: bool, stages: &[&str]) -> (Uuid, Vec<Uuid>) {
        let id = Uuid::now_v7();
        let sql = "INSERT INTO pipeline (org_id, id, name, name_key, is_default, created_at, updated_at) \
                   VALUES ($1, $2, $3, $4, $5, 1, 1)";
        let key = name.to_lowercase().into_bytes();
        self.execute(sql, [self.org_id.into(), id.into(), name.into(), key.into(), is_default.into()]).await;
        let mut ids = Vec::new();
        for (position, stage) in (0_i32..).zip(stages) {
            let stage_id = Uuid::now_v7();
            let sql = "INSERT INTO pipeline_stage (org_id, id, pipeline_id, name, name_key, position, created_at, \
                       updated_at) VALUES ($1, $2, $3, $4, $5, $6, 1, 1)";
            let key = stage.to_lowercase().into_bytes();
            let row: [Cell; 6] = [
                self.org_id.into(),
                stage_id.into(),
                id.into(),
                (*stage).into(),
                key.into(),
                position.into(),
            ];
            self.execute(sql, row).await;
            ids.push(stage_id);
        }
        self.settings_changed().await;
        (id, ids)
    }

    /// A key with every scope, of a user, or limited to teams.
    pub(crate) async fn key_of(&self, user: Option<Uuid>, teams: Option<&[Uuid]>) -> String {
        let (key, mut row) = mint(self.org_id, "test", Scope::ALL.into_iter().collect(), None);
        row.user_id = user;
        row.all_teams = teams.is_none();
        let key_id = row.id;
        row.into_active_model().reset_all().insert(&self.raw).await.expect("a key");
        for team in teams.unwrap_or_default() {
            let sql = "INSERT INTO api_key_team (org_id, api_key_id, team_id) VALUES ($1, $2, $3)";
            self.execute(sql, [self.org_id.into(), key_id.into(), (*team).into()]).await;
        }
        key.reveal().to_owned()
    }

    /// Marks a row as deleted.
    pub(crate) async fn delete(&self, table: &str, id: Uuid) {
        let sql = format!("UPDATE {table} SET deleted_at = 1 WHERE id = $1");
        assert_eq!(self.execute(&sql, [id.into()]).await, 1, "{table} {id}");
        self.settings_changed().await;
    }

    /// The `createContact` payload for an input, as another key.
    pub(crate) async fn create_as(&self, key: &str, input: Value) -> Value {
        let mutation = format!(
            "mutation($input: CreateContactInput!) {{ createContact(input: $input) {{ contact {{ ...Whole }}
                userErrors {{ field code message conflictingContacts {{ id }} }} }} }} {WHOLE}"
        );
        let mut answer = self.ask_as(key, &mutation, json!({"input": input})).await;
        assert_eq!(answer.get("errors"), None, "{answer:#} for {input:#}");
        answer["data"]["createContact"].take()
    }

    /// Creates a contact and reads it back: whole, and the same in both answers.
    pub(crate) async fn stored(&self, input: Value) -> Value {
        self.stored_as(&self.key, input).await
    }

    /// As [`Self::stored`], with another key.
    pub(crate) async fn stored_as(&self, key: &str, input: Value) -> Value {
        let mut payload = self.create_as(key, input.clone()).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload:#} for {input:#}");
        let created = payload["contact"].take();
        let read = self.contact(&created["id"]).await;
        assert_eq!(created, read, "the mutation's answer and what is read back");
        read
    }

    /// A contact by its id, whole.
    pub(crate) async fn contact(&self, id: &Value) -> Value {
        let query = format!("query($id: ID!) {{ contact(id: $id) {{ ...Whole }} }} {WHOLE}");
        let mut answer = self.ask_with(&query, json!({"id": id})).await;
        assert_eq!(answer.get("errors"), None, "{answer:#}");
        answer["data"]["contact"].take()
    }

    /// What is wrong with an input, each as `path CODE` below `input`. Nothing may be written then:
    /// neither a row nor the clock.
    pub(crate) async fn faults(&self, input: Value) -> Vec<String> {
        self.faults_as(&self.key, input).await
    }

    /// As [`Self::faults`], with another key.
    pub(crate) async fn faults_as(&self, key: &str, input: Value) -> Vec<String> {
        let before = (self.clock().await, self.rows().await);
        let payload = self.create_as(key, input).await;
        let faults = paths_and_codes(&payload);
        if !faults.is_empty() {
            assert_eq!(payload["contact"], Value::Null, "{payload:#}");
            assert_eq!((self.clock().await, self.rows().await), before, "written all the same: {payload:#}");
        }
        faults
    }

    /// How many rows the tables have that hold contacts.
    pub(crate) async fn rows(&self) -> i64 {
        let tables = ["contact", "contact_phone", "contact_email", "contact_tag", "contact_assignee", "tag"];
        let counts = tables.map(|table| format!("(SELECT count(*) FROM {table})"));
        self.number(&format!("SELECT {}", counts.join(" + "))).await
    }
}

/// The `userErrors` of a payload, each as `path CODE` below `input`.
pub(crate) fn paths_and_codes(payload: &Value) -> Vec<String> {
    let errors = payload["userErrors"].as_array().unwrap_or_else(|| panic!("no userErrors: {payload:#}"));
    let entry = |error: &Value| {
        let path = error["field"].as_array().expect("a path");
        let path: Vec<&str> = path.iter().map(|part| part.as_str().expect("a part")).collect();
        assert_eq!(path[0], "input", "{error:#}");
        assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{error:#}");
        format!("{} {}", path[1..].join("."), error["code"].as_str().expect("a code"))
    };
    errors.iter().map(entry).collect()
}
