//! A key that is limited to teams: every mutation, against what belongs to other teams.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{change_as, faults};
use crate::support::{App, engine::on_each_engine, schema::Schema};

/// Two teams, and a key that is limited to one of them.
struct World {
    app: App,
    /// Limited to the team `north`; with every scope.
    key: String,
    north: Uuid,
    south: Uuid,
    /// Contacts of the other team: a live one, and a deleted one.
    theirs: Uuid,
    deleted: Uuid,
}

impl World {
    async fn new(app: App) -> Self {
        let (north, south) = (app.team("North").await, app.team("South").await);
        let key = app.key_of(None, Some(&[north])).await;
        let theirs = json!({"firstName": "T", "externalId": "t", "email": "t@example.com", "teamId": south, "tags": ["shared"]});
        let theirs = app.created(theirs).await;
        let deleted = app.created(json!({"firstName": "D", "teamId": south})).await;
        app.done("deleteContact", json!({"id": deleted}), "contactId").await;
        Self { app, key, north, south, theirs, deleted }
    }

    /// All of the other team that belongs to it: its row, its members, and its contacts, live and deleted.
    async fn other_team(&self) -> Value {
        let south = self.south;
        let query = format!(
            "{{ team(id: \"{south}\") {{ name externalId members {{ id }} }}
                contacts(first: 200, includeDeleted: true, sortKey: CREATED_AT, filter: {{teamId: {{eq: \"{south}\"}}}})
                {{ nodes {{ id deletedAt }} }} }}"
        );
        self.app.data(&query).await
    }

    /// Runs a mutation with the limited key, and returns its faults. The other team stays what it is.
    async fn run(&self, mutation: &str, input: Value) -> Vec<String> {
        let before = self.other_team().await;
        let rows =
            if mutation == "createContacts" { "results { userErrors { code field } }" } else { "__typename" };
        let payload = change_as(&self.app, &self.key, mutation, rows, input.clone()).await;
        assert_eq!(self.other_team().await, before, "{mutation} of {input:#}");
        let rows = payload["results"].as_array().into_iter().flatten().flat_map(faults);
        rows.chain(faults(&payload)).collect()
    }

    async fn with(&self, mutation: &str, field: &str, input: Value) -> Value {
        let selection = format!("{field} {{ id }}");
        self.app.done(mutation, input, &selection).await[field]["id"].take()
    }
}

on_each_engine! {
    async fn no_mutation_of_a_limited_key_changes_another_team(app: App) {
        let world = World::new(app).await;
        let World { app, north, south, theirs, deleted, .. } = &world;
        let (ann, sue) = (app.user("Ann").await, app.user("Sue").await);
        app.done("updateTeam", json!({"id": south, "memberIds": [sue]}), "team { id }").await;
        app.done("updateTeam", json!({"id": north, "memberIds": [ann]}), "team { id }").await;
        app.done("updateContact", json!({"id": theirs, "set": {"ownerId": ann, "assigneeIds": [ann, sue]}}), "contact { id }").await;
        let company = world.with("createCompany", "company", json!({"name": "Acme"})).await;
        app.done("updateContact", json!({"id": theirs, "set": {"companyId": company}}), "contact { id }").await;
        let stages = json!([{"name": "New"}]);
        let pipeline = world.with("createPipeline", "pipeline", json!({"name": "Sales", "stages": stages})).await;
        let spare = world.with("createPipeline", "pipeline", json!({"name": "Spare", "stages": stages})).await;
        let key_of = async |teams: Value| {
            world.with("createApiKey", "apiKey", json!({"name": "a", "scopes": ["CONTACTS_READ"], "teamIds": teams})).await
        };
        let (theirs_key, own_key) = (key_of(json!([south])).await, key_of(json!([north])).await);
        let (own, free) = (app.created(json!({"firstName": "O", "teamId": north})).await, app.created(json!({"firstName": "F"})).await);
        let by_filter = json!({"matching": {"filter": {"externalId": {"eq": "t"}}, "expectedCount": 1}});
        let (fine, denied) = ("", "TEAM_ACCESS_DENIED");
        let cases = [
            ("createContact", json!({"firstName": "A", "teamId": south}), "TEAM_ACCESS_DENIED input.teamId"),
            ("createContact", json!({"firstName": "A", "teamId": north}), fine),
            ("createContacts", json!({"contacts": [{"externalId": "t", "teamId": north}], "onConflict": "UPDATE", "match": ["EXTERNAL_ID"]}), denied),
            ("upsertContact", json!({"match": ["EXTERNAL_ID"], "contact": {"externalId": "t", "teamId": north}}), denied),
            ("updateContact", json!({"id": theirs, "set": {"teamId": null}}), denied),
            // Which team a contact belongs to is the team's; its other fields are not.
            ("updateContact", json!({"id": theirs, "set": {"firstName": "Tim"}}), fine),
            ("updateContacts", json!({"where": {"ids": [own, theirs]}, "set": {"teamId": north}}), denied),
            ("recordContactEnrichment", json!({"id": theirs, "set": {"teamId": north}}), denied),
            ("recordContactEnrichment", json!({"id": theirs, "score": 1}), fine),
            ("deleteContact", json!({"id": theirs}), "TEAM_ACCESS_DENIED input.id"),
            ("deleteContacts", json!({"where": {"ids": [own, theirs]}}), "TEAM_ACCESS_DENIED input.where.ids.1"),
            ("deleteContacts", json!({"where": by_filter}), "TEAM_ACCESS_DENIED input.where.matching"),
            ("restoreContacts", json!({"ids": [deleted]}), "TEAM_ACCESS_DENIED input.ids.0"),
            ("purgeContacts", json!({"ids": [free, theirs]}), "TEAM_ACCESS_DENIED input.ids.1"),
            ("purgeContacts", json!({"ids": [deleted]}), "TEAM_ACCESS_DENIED input.ids.0"),
            ("deleteContact", json!({"id": own}), fine),
            ("restoreContacts", json!({"ids": [own]}), fine),
            ("deleteContacts", json!({"where": {"ids": [own, free]}}), fine),
            ("purgeContacts", json!({"ids": [own, free]}), fine),
            ("createTeam", json!({"name": "East"}), denied),
            ("updateTeam", json!({"id": south, "memberIds": [ann]}), "TEAM_ACCESS_DENIED input.id"),
            ("deleteTeam", json!({"id": south}), "TEAM_ACCESS_DENIED input.id"),
            ("createUser", json!({"name": "Eve"}), fine),
            ("updateUser", json!({"id": sue, "name": "Susan"}), fine),
            ("deleteUser", json!({"id": sue}), "TEAM_ACCESS_DENIED input.id"),
            ("deleteUser", json!({"id": ann}), fine),
            ("createApiKey", json!({"name": "a", "scopes": ["CONTACTS_READ"], "teamIds": [south]}), "SCOPE_NOT_GRANTABLE input.teamIds.0"),
            ("revokeApiKey", json!({"id": theirs_key}), "SCOPE_NOT_GRANTABLE input.id"),
            ("revokeApiKey", json!({"id": own_key}), fine),
            // These belong to the organization, and to no team.
            ("createCompany", json!({"name": "New"}), fine),
            ("updateCompany", json!({"id": company, "name": "Renamed"}), fine),
            ("deleteCompany", json!({"id": company}), fine),
            ("renameTag", json!({"name": "shared", "newName": "renamed"}), fine),
            ("deleteTag", json!({"name": "renamed"}), fine),
            ("createPipeline", json!({"name": "More", "stages": [{"name": "New"}]}), fine),
            ("updatePipeline", json!({"id": pipeline, "name": "Renamed"}), fine),
            ("deletePipeline", json!({"id": spare}), fine),
            ("updateContactPolicy", json!({"defaultSource": "web"}), fine),
        ];
        let known: BTreeSet<&str> = cases.iter().map(|(mutation, ..)| *mutation).collect();
        let schema = Schema::of(app).await;
        let all: BTreeSet<&str> = schema.get("Mutation").fields().iter().map(|field| &*field.name).collect();
        assert_eq!(known, all, "each mutation needs a case");
        for (mutation, input, expected) in cases {
            let faults = world.run(mutation, input.clone()).await;
            let is_expected = if expected == fine { faults.is_empty() } else { faults.first().is_some_and(|fault| fault.starts_with(expected)) };
            assert!(is_expected, "{mutation} of {input:#}: {faults:?}, not {expected:?}");
        }
    }

    async fn many_contacts_of_other_teams_that_match_are_one_fault_and_nothing_is_deleted(app: App) {
        let world = World::new(app).await;
        for _ in 0..2 {
            let rows: Vec<_> = (0..150).map(|_| json!({"firstName": "many", "teamId": world.south})).collect();
            world.app.done("createContacts", json!({"contacts": rows}), "createdCount").await;
        }
        let matching = json!({"where": {"matching": {"filter": {"firstName": {"eq": "many"}}, "expectedCount": 300}}});
        assert_eq!(world.run("deleteContacts", matching.clone()).await, ["TEAM_ACCESS_DENIED input.where.matching"]);
        assert_eq!(world.app.done("deleteContacts", matching, "affectedCount").await["affectedCount"], 300);
    }
}
