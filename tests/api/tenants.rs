//! Two organizations in one store: for a key of one, the other does not exist.

pub(crate) mod dump;
mod values;
mod walk;

use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{
    App,
    engine::{Engine, ForEngine, on_each_engine},
    related::Related,
};

const SECRET: &str = "Secret";

/// The first organization, whose every name says `Secret`, and a second one with a key.
struct Tenants {
    app: App,
    /// The first organization's.
    related: Related,
    contacts: Vec<Uuid>,
    /// The second one's.
    key: String,
    own: Related,
    own_contacts: Vec<Uuid>,
}

impl ForEngine for Tenants {
    async fn for_engine(engine: Engine) -> Self {
        let app = App::new(engine).await;
        let related = Related::insert(&app, app.org_id, SECRET).await;
        let (org_id, key) = app.organization("Globex").await;
        let own = Related::insert(&app, org_id, "Globex").await;
        let mut tenants = Self { app, related, contacts: vec![], key, own, own_contacts: vec![] };
        // By turns, so that the rows of both lie among each other.
        for turn in 0..6 {
            let mut input = tenants.related.input(turn);
            input["firstName"] = json!(format!("{SECRET} {turn}"));
            input["externalId"] = json!(format!("external {turn}"));
            input["score"] = json!(turn);
            let mut own = tenants.own.input(turn + 100);
            own["score"] = json!(turn);
            tenants.contacts.push(tenants.app.created(input).await);
            let created = tenants.create(own).await;
            tenants.own_contacts.push(id(&created["data"]["createContact"]["contact"]["id"]));
        }
        tenants
    }
}

impl Tenants {
    /// Asks as the second organization; the answer has nothing of the first.
    async fn ask(&self, query: &str, variables: Value) -> Value {
        let answer = self.app.ask_as(&self.key, query, variables).await;
        let text = answer.to_string();
        assert!(!text.contains(SECRET), "{query}: {answer:#}");
        assert!(!text.contains(&self.app.org_id.to_string()), "{query}: {answer:#}");
        for contact in &self.contacts {
            assert!(!text.contains(&contact.to_string()), "{query}: {answer:#}");
        }
        answer
    }

    async fn create(&self, input: Value) -> Value {
        const CREATE: &str = "mutation($input: CreateContactInput!) { createContact(input: $input) {
            contact { id tags companyId teamId owner { name } pipelineStageId }
            userErrors { field code message conflictingContacts { id firstName } } } }";
        self.ask(CREATE, json!({"input": input})).await
    }

    /// Every object of the first organization.
    fn foreign(&self) -> Vec<Uuid> {
        let Related { users, teams, companies, pipelines, stages } = &self.related;
        let related = [users, teams, companies, pipelines, stages].into_iter().flatten();
        related.chain(&self.contacts).copied().chain([self.app.org_id]).collect()
    }
}

/// Makes an input that refers to an id.
type Input = fn(&str) -> Value;

fn id(value: &Value) -> Uuid {
    value.as_str().and_then(|id| id.parse().ok()).unwrap_or_else(|| panic!("no id: {value}"))
}

/// The answer's text, with the id that was asked for and the request's own left out.
fn text(mut answer: Value, asked: &str) -> String {
    for error in answer["errors"].as_array_mut().into_iter().flatten() {
        error["extensions"].as_object_mut().and_then(|values| values.remove("requestId"));
    }
    if answer["errors"].is_null() {
        answer.as_object_mut().and_then(|answer| answer.remove("errors"));
    }
    answer.to_string().replace(asked, "ID")
}

on_each_engine! {
    async fn a_foreign_id_is_answered_like_an_unknown_one(tenants: Tenants) {
        let key: Value = tenants.app.data("{ viewer { apiKey { id } } }").await;
        let mut foreign = tenants.foreign();
        foreign.push(id(&key["viewer"]["apiKey"]["id"]));
        for query in [
            "query($id: ID!) { contact(id: $id) { id firstName phones { number } } }",
            "query($id: ID!) { node(id: $id) { id __typename } }",
            "query($id: ID!) { nodes(ids: [$id]) { id ... on Contact { firstName } ... on Team { name } } }",
            "query($id: ID!) { viewer { id } contact(id: $id) { id } nodes(ids: [$id, $id]) { id } }",
        ] {
            let unknown = Uuid::now_v7().to_string();
            let expected = text(tenants.ask(query, json!({"id": unknown})).await, &unknown);
            assert!(!expected.contains("errors"), "{expected}");
            for id in foreign.iter().map(Uuid::to_string).chain(["nothing".to_owned(), String::new()]) {
                let asked = if id.is_empty() { "no id" } else { &id };
                assert_eq!(
                    text(tenants.ask(query, json!({"id": id})).await, asked),
                    expected,
                    "{query} of {id}"
                );
            }
        }
    }

    async fn foreign_ids_among_own_ones_leave_null_in_their_places(tenants: Tenants) {
        let ids =
            [tenants.own_contacts[0], tenants.contacts[0], tenants.own.users[1], tenants.related.users[0]];
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
        let answer = tenants.ask(query, json!({"ids": ids})).await;
        assert_eq!(
            answer["data"]["nodes"],
            json!([{"id": ids[0]}, null, {"id": ids[2]}, null]),
            "{answer:#}"
        );
    }

    async fn a_foreign_reference_is_refused_like_an_unknown_one(tenants: Tenants) {
        let Related { users, teams, companies, pipelines, stages } = &tenants.related;
        let cases: [(Uuid, &str, Input); 6] = [
            (companies[0], "COMPANY_NOT_FOUND", |id| json!({"firstName": "Eve", "companyId": id})),
            (teams[0], "TEAM_NOT_FOUND", |id| json!({"firstName": "Eve", "teamId": id})),
            (users[0], "USER_NOT_FOUND", |id| json!({"firstName": "Eve", "ownerId": id})),
            (pipelines[0], "PIPELINE_NOT_FOUND", |id| json!({"firstName": "Eve", "pipelineId": id})),
            (stages[0], "STAGE_NOT_FOUND", |id| json!({"firstName": "Eve", "pipelineStageId": id})),
            (users[1], "USER_NOT_FOUND", |id| json!({"firstName": "Eve", "assigneeIds": [id]})),
        ];
        for (foreign, code, input) in &cases {
            let unknown = Uuid::now_v7().to_string();
            let expected = tenants.create(input(&unknown)).await;
            let payload = &expected["data"]["createContact"];
            assert_eq!(payload["contact"], Value::Null, "{expected:#}");
            assert_eq!(payload["userErrors"].as_array().map(Vec::len), Some(1), "{expected:#}");
            assert_eq!(payload["userErrors"][0]["code"], *code, "{expected:#}");
            let expected = text(expected, &unknown);
            for id in [foreign.to_string(), tenants.contacts[0].to_string(), "nothing".to_owned()] {
                let answer = tenants.create(input(&id)).await;
                assert_eq!(text(answer, &id), expected, "{code} of {id}");
            }
        }
    }

    async fn a_list_has_own_rows_only_and_foreign_cursors_are_mere_places_in_it(tenants: Tenants) {
        for order in [
            "",
            "sortKey: NAME",
            "sortKey: SCORE",
            "sortKey: COMPANY",
            "event: TAG_ADDED, order: ASC",
            "event: CREATED",
            "includeDeleted: true",
        ] {
            let list = |more: &str| {
                format!(
                    "{{ contacts({order}{} first: 50 {more}) {{ totalCount edges {{ cursor node {{ id
                    firstName phones {{ number }} companyRecord {{ name }} assignees {{ name }} }} }} }} }}",
                    if order.is_empty() { "" } else { "," }
                )
            };
            let all = tenants.ask(&list(""), json!({})).await["data"]["contacts"].take();
            assert_eq!(all["totalCount"], tenants.own_contacts.len(), "{order}: {all:#}");
            let ids = |page: &Value| -> Vec<Uuid> {
                page["edges"].as_array().expect("edges").iter().map(|edge| id(&edge["node"]["id"])).collect()
            };
            let own = ids(&all);
            assert!(own.iter().all(|id| tenants.own_contacts.contains(id)), "{order}: {all:#}");
            let foreign = tenants.app.data(&list("")).await["contacts"].take();
            assert_eq!(foreign["totalCount"], tenants.contacts.len());
            for edge in foreign["edges"].as_array().expect("edges") {
                let cursor = edge["cursor"].as_str().expect("a cursor");
                let after = tenants.ask(&list(&format!("after: {cursor:?}")), json!({})).await;
                let before = list(&format!("before: {cursor:?}")).replace("first: 50", "last: 50");
                let before = tenants.ask(&before, json!({})).await;
                let (mut before, after) = (ids(&before["data"]["contacts"]), ids(&after["data"]["contacts"]));
                before.extend(after);
                assert_eq!(before, own, "{order} at {cursor}");
            }
        }
    }

    async fn what_one_organization_holds_is_free_in_another(tenants: Tenants) {
        let unique = "UPDATE organization SET unique_phone = TRUE, unique_email = TRUE";
        tenants.app.raw.execute_unprepared(unique).await.expect("a policy");
        let settings = "UPDATE change_clock SET settings_seq = settings_seq + 1";
        tenants.app.raw.execute_unprepared(settings).await.expect("new settings");
        let input = json!({"firstName": "Eve", "externalId": "external 1", "tags": ["TAG 1", "LEAD"],
            "phones": [{"number": "+14165550001"}], "emails": [{"address": "1@example.com"}]});
        let taken = tenants.app.create(input.clone()).await;
        assert_eq!(taken["userErrors"].as_array().map(Vec::len), Some(3), "{taken:#}");
        assert_eq!(
            taken["userErrors"][0]["conflictingContacts"][0]["id"],
            json!(tenants.contacts[1]),
            "{taken:#}"
        );
        let answer = tenants.create(input.clone()).await;
        let payload = &answer["data"]["createContact"];
        assert_eq!(payload["userErrors"], json!([]), "{answer:#}");
        // A tag's first spelling is the organization's own: only "lead" was known here.
        assert_eq!(payload["contact"]["tags"], json!(["TAG 1", "lead"]), "{answer:#}");
        let again = tenants.create(input).await;
        let holders = &again["data"]["createContact"]["userErrors"][0]["conflictingContacts"];
        assert_eq!(holders[0]["id"], payload["contact"]["id"], "{again:#}");
    }

    async fn the_viewer_is_told_of_its_own_organization_only(tenants: Tenants) {
        let query = "{ viewer { id organization { id name policy { preset } } user { id } apiKey { id name }
            teams { id name members { id name } } } }";
        let answer = tenants.ask(query, json!({})).await;
        let viewer = &answer["data"]["viewer"];
        assert_eq!(viewer["organization"]["name"], "Globex", "{answer:#}");
        let teams: Vec<_> =
            viewer["teams"].as_array().expect("teams").iter().map(|team| id(&team["id"])).collect();
        assert_eq!(teams, tenants.own.teams, "{answer:#}");
    }
}
