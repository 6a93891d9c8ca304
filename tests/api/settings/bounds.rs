//! Numbers of objects that an organization may have: at each, and one above.

use contacts_gateway::{api_keys, writing::idempotency};
use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{change, faults};
use crate::support::{
    App, ask,
    engine::{Engine, on_each_engine},
};

impl App {
    /// Adds rows to a table of the organization by one statement; `values` says those beside its organization and
    /// id, with `i` for the number of the row.
    pub(crate) async fn fill(&self, table: &str, columns: &str, values: &str, rows: usize) {
        let id = match self.engine {
            Engine::Sqlite => "randomblob(16)",
            #[cfg(postgres_found)]
            Engine::Postgres => "gen_random_uuid()",
        };
        let sql = format!(
            "INSERT INTO {table} (org_id, id, {columns}) SELECT $1, {id}, {values} FROM
             (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) SELECT i FROM n) AS n"
        );
        self.execute(&sql, [self.org_id.into()]).await;
    }

    fn bytes(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite => "CAST('a' || i AS BLOB)",
            #[cfg(postgres_found)]
            Engine::Postgres => "convert_to('a' || i, 'UTF8')",
        }
    }

    pub(crate) async fn fill_tags(&self, rows: usize) {
        let values = format!("'a' || i, 'a' || i, 'a' || i, {}, 1", self.bytes());
        self.fill("tag", "name, name_key, name_fold, sort_key, created_at", &values, rows).await;
    }

    pub(crate) async fn fill_teams(&self, rows: usize) {
        let values = format!("'a' || i, {}, 1, 1", self.bytes());
        self.fill("team", "name, name_key, created_at, updated_at", &values, rows).await;
    }

    pub(crate) async fn fill_pipelines(&self, rows: usize) {
        let values = format!("'a' || i, {}, i = 1, 1, 1", self.bytes());
        self.fill("pipeline", "name, name_key, is_default, created_at, updated_at", &values, rows).await;
    }

    pub(crate) async fn fill_users(&self, rows: usize) {
        let values = format!("'a' || i, {}, 'a' || i, 1, 1", self.bytes());
        self.fill("\"user\"", "name, name_key, name_fold, created_at, updated_at", &values, rows).await;
    }

    /// Ids of all users.
    pub(crate) async fn user_ids(&self) -> Vec<Uuid> {
        use sea_orm::{ConnectionTrait as _, Statement};
        let select = Statement::from_string(self.raw.get_database_backend(), "SELECT id FROM \"user\"");
        let rows = self.raw.query_all_raw(select).await.expect("users");
        rows.iter().map(|row| row.try_get("", "id").expect("an id")).collect()
    }

    pub(crate) async fn fill_keys(&self, rows: usize) {
        let public_id = "'made' || i";
        let values = format!("{public_id}, {}, 'a', 1, TRUE, 1", self.bytes());
        self.fill("api_key", "public_id, secret_hash, name, scopes, all_teams, created_at", &values, rows)
            .await;
    }
}

async fn make(app: &App, name: &str) -> Vec<String> {
    let input = json!({"name": name, "scopes": ["CONTACTS_READ"]});
    faults(&change(app, "createApiKey", "secret", input).await)
}

on_each_engine! {
    async fn an_organization_has_at_most_200_pipelines(app: App) {
        app.fill_pipelines(199).await;
        let input = |name| json!({"name": name, "stages": [{"name": "New"}]});
        let last = app.done("createPipeline", input("last"), "pipeline { id }").await["pipeline"]["id"].take();
        let payload = change(&app, "createPipeline", "pipeline { id }", input("beyond")).await;
        assert_eq!(faults(&payload), ["TOO_MANY "]);
        let message = "The input would make more than 200 pipelines, the maximum of an organization";
        assert_eq!(payload["userErrors"][0]["message"], message);
        app.done("updatePipeline", json!({"id": last, "name": "renamed"}), "pipeline { id }").await;
        assert_eq!(app.data("{ pipelines { id } }").await["pipelines"].as_array().map(Vec::len), Some(200));
        app.execute("UPDATE pipeline SET deleted_at = 1 WHERE name = $1", ["a2".into()]).await;
        app.done("createPipeline", input("again"), "pipeline { id }").await;
    }

    async fn an_organization_has_at_most_500_teams_however_many_make_them_at_once(app: App) {
        app.fill_teams(495).await;
        let routers = match app.engine {
            Engine::Sqlite => vec![app.router()],
            #[cfg(postgres_found)]
            Engine::Postgres => vec![app.router(), app.replica().await],
        };
        let query = "mutation($name: String!) { createTeam(input: {name: $name}) { userErrors { code } } }";
        let answers = (0..16).map(|turn| {
            ask(routers[turn % routers.len()].clone(), &app.key, query, json!({"name": format!("team {turn}")}))
        });
        let answers = join_all(answers).await;
        let made = |answer: &&Value| answer["data"]["createTeam"]["userErrors"] == json!([]);
        let refused = |answer: &&Value| answer["data"]["createTeam"]["userErrors"] == json!([{"code": "TOO_MANY"}]);
        assert_eq!(answers.iter().filter(made).count(), 5, "{answers:?}");
        assert_eq!(answers.iter().filter(refused).count(), 11, "{answers:?}");
        assert_eq!(app.number("SELECT count(*) FROM team").await, 500);
    }

    async fn an_organization_above_a_bound_reads_all_and_makes_no_more(app: App) {
        app.fill_teams(510).await;
        assert_eq!(app.data("{ teams { id } }").await["teams"].as_array().map(Vec::len), Some(510));
        let payload = change(&app, "createTeam", "team { id }", json!({"name": "more"})).await;
        assert_eq!(faults(&payload), ["TOO_MANY "]);
    }

    async fn an_organization_has_at_most_10_000_tags_whichever_way_they_come(app: App) {
        app.fill_tags(9_998).await;
        let id = app.created(json!({"firstName": "A", "tags": ["a1", "second to last"]})).await;
        // A refused contact takes no room, neither alone nor as a row beside others.
        let rows = json!({"input": {"contacts": [
            {"firstName": "B", "tags": ["dropped"], "email": "none"}, {"firstName": "C", "tags": ["last"]},
            {"firstName": "D", "tags": ["beyond"]}, {"firstName": "E", "tags": ["LAST", "a2"]},
        ]}});
        let query = "mutation($input: CreateContactsInput!) { createContacts(input: $input) { results { userErrors { code field } } } }";
        let answer = app.ask_with(query, rows).await;
        let codes: Vec<_> = answer["data"]["createContacts"]["results"].as_array().unwrap_or_else(|| panic!("{answer:#}"))
            .iter().map(|row| row["userErrors"][0]["code"].clone()).collect();
        assert_eq!(codes, [json!("EMAIL_INVALID"), json!(null), json!("TOO_MANY"), json!(null)], "{answer:#}");
        assert_eq!(app.number("SELECT count(*) FROM tag WHERE deleted_at IS NULL").await, 10_000);
        for (mutation, input) in [
            ("createContact", json!({"firstName": "F", "tags": ["new"]})),
            ("updateContact", json!({"id": id, "set": {"addTags": ["new"]}})),
            ("upsertContact", json!({"match": ["EXTERNAL_ID"], "contact": {"externalId": "1", "firstName": "F", "tags": ["new"]}})),
        ] {
            let path = if mutation == "updateContact" { "addTags" } else { "tags" };
            let faults = app.refused(mutation, input).await;
            assert!(faults.len() == 1 && faults[0].ends_with(&format!("{path} TOO_MANY")), "{mutation}: {faults:?}");
        }
        let query = "mutation { updateContacts(input: {where: {matching: {filter: {firstName: {eq: \"A\"}}, expectedCount: 1}}, set: {addTags: [\"new\"]}}) { userErrors { code } } }";
        let answer = app.ask(query).await;
        assert!(answer.to_string().contains("TOO_MANY"), "{answer:#}");
        assert_eq!(app.number("SELECT count(*) FROM tag WHERE deleted_at IS NULL").await, 10_000);
        app.done("deleteTag", json!({"name": "a3"}), "deletedId").await;
        app.created(json!({"firstName": "G", "tags": ["new"]})).await;
    }

    async fn an_organization_has_at_most_1_000_keys_that_are_neither_revoked_nor_expired(app: App) {
        app.fill_keys(998).await;
        app.execute("UPDATE api_key SET expires_at = 2 WHERE public_id = $1", ["made1".into()]).await;
        app.execute("UPDATE api_key SET revoked_at = 2 WHERE public_id = $1", ["made2".into()]).await;
        for name in ["a", "b", "c"] {
            assert_eq!(make(&app, name).await, [""; 0], "{name}");
        }
        assert_eq!(make(&app, "d").await, ["TOO_MANY "]);
        app.execute("UPDATE api_key SET revoked_at = 2 WHERE public_id = $1", ["made3".into()]).await;
        assert_eq!(make(&app, "d").await, [""; 0]);
    }

    async fn keys_are_listed_in_pages_oldest_first_and_ended_ones_only_on_request(app: App) {
        app.fill_keys(3).await;
        app.execute("UPDATE api_key SET expires_at = 2 WHERE public_id = $1", ["made1".into()]).await;
        app.execute("UPDATE api_key SET revoked_at = 2 WHERE public_id = $1", ["made2".into()]).await;
        let page = "{ totalCount pageInfo { hasNextPage hasPreviousPage endCursor startCursor } nodes { prefix } edges { cursor node { id } } }";
        let data = app.data(&format!("{{ live: apiKeys {page} all: apiKeys(includeInactive: true, first: 3) {page} }}")).await;
        assert_eq!(data["live"]["totalCount"], 2, "{data:#}");
        assert_eq!(data["live"]["nodes"][0]["prefix"], "cgw_made3", "{data:#}");
        assert_eq!((&data["all"]["totalCount"], &data["all"]["pageInfo"]["hasNextPage"]), (&json!(4), &json!(true)));
        let after = &data["all"]["pageInfo"]["endCursor"];
        let rest = app.data(&format!("{{ apiKeys(includeInactive: true, after: {after}) {page} }}")).await;
        assert_eq!(rest["apiKeys"]["nodes"].as_array().map(Vec::len), Some(1), "{rest:#}");
        let back = app.data(&format!("{{ apiKeys(includeInactive: true, last: 3, before: {}) {page} }}", rest["apiKeys"]["pageInfo"]["startCursor"])).await;
        assert_eq!(back["apiKeys"]["nodes"], data["all"]["nodes"]);
        let wrong = app.ask(&format!("{{ companies(after: {after}) {{ totalCount }} a: apiKeys(first: 201) {{ totalCount }} }}")).await;
        assert_eq!(wrong["errors"][0]["extensions"]["code"], "CURSOR_MISMATCH", "{wrong:#}");
        assert_eq!(wrong["errors"][1]["extensions"]["code"], "BAD_USER_INPUT", "{wrong:#}");
    }

    async fn keys_go_30_days_after_they_ended_and_no_poller_sees_it(app: App) {
        const DAY: i64 = 86_400_000;
        let made = change(&app, "createApiKey", "secret apiKey { id }", json!({"name": "gone", "scopes": ["CONTACTS_WRITE"]})).await;
        let id = &made["apiKey"]["id"];
        app.stored_as(made["secret"].as_str().expect("a secret"), json!({"firstName": "Jane"})).await;
        change(&app, "revokeApiKey", "apiKey { id }", json!({"id": id})).await;
        let query = format!("{{ node(id: {id}) {{ id }} apiKeys(includeInactive: true) {{ totalCount }} contacts {{ nodes {{ firstName }} }} }}");
        let sweep_after = async |ms: i64| {
            app.execute("UPDATE api_key SET revoked_at = revoked_at - $1 WHERE revoked_at IS NOT NULL", [ms.into()]).await;
            api_keys::sweep(&app.database).await;
            app.data(&query).await
        };
        let clock = app.clock().await;
        let kept = sweep_after(30 * DAY - 60_000).await;
        assert_eq!((&kept["node"], &kept["apiKeys"]["totalCount"]), (&json!({"id": id}), &json!(2)));
        let gone = sweep_after(60_000).await;
        assert_eq!((&gone["node"], &gone["apiKeys"]["totalCount"]), (&Value::Null, &json!(1)));
        assert_eq!(gone["contacts"], kept["contacts"]);
        assert_eq!(app.clock().await, clock);
        assert_eq!(faults(&change(&app, "revokeApiKey", "apiKey { id }", json!({"id": id})).await), ["API_KEY_NOT_FOUND input.id"]);
    }

    async fn sweeps_write_nothing_where_there_is_nothing_to_sweep(app: App) {
        let sql = match app.engine {
            Engine::Sqlite => "randomblob(16)",
            #[cfg(postgres_found)]
            Engine::Postgres => "gen_random_uuid()",
        };
        let columns = app.texts_of_columns("organization").await;
        let rest = columns.iter().filter(|name| *name != "id").cloned().collect::<Vec<_>>().join(", ");
        app.execute(&format!("INSERT INTO organization (id, {rest}) SELECT {sql}, {rest} FROM organization,
            (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) SELECT i FROM n) AS n"), []).await;
        app.statements();
        idempotency::sweep(&app.database).await;
        api_keys::sweep(&app.database).await;
        let statements = app.statements();
        assert_eq!(statements.len(), 2, "{statements:?}");
        assert!(statements.iter().all(|statement| statement.sql.starts_with("SELECT")), "{statements:?}");
    }
}

impl App {
    /// Names of a table's columns.
    async fn texts_of_columns(&self, table: &str) -> Vec<String> {
        use sea_orm::{ConnectionTrait as _, Statement};
        let sql = match self.engine {
            Engine::Sqlite => {
                format!("SELECT '\"' || name || '\"' AS name FROM pragma_table_info('{table}')")
            }
            #[cfg(postgres_found)]
            Engine::Postgres => format!(
                "SELECT column_name::text AS name FROM information_schema.columns WHERE table_name = '{table}' AND table_schema = 'public'"
            ),
        };
        let rows = self.raw.query_all_raw(Statement::from_string(self.raw.get_database_backend(), sql)).await;
        let names =
            rows.expect("columns").into_iter().map(|row| row.try_get::<String>("", "name").expect("a name"));
        names.map(|name| name.trim_matches('"').to_owned()).collect()
    }
}
