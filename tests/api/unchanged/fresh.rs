//! Whatever is written, the next read shows it.

use serde_json::{Value, json};

use crate::{
    repeating,
    support::{App, ask, engine::on_each_engine, steps::Steps},
};

/// All that a contact shows of what it refers to.
const LINKED: &str = "{ contacts(first: 5) { totalCount nodes { id version updatedAt displayName notes company status stage tags enrichmentStatus
    emails { address } phones { number } organization { policy { defaultSource } }
    companyRecord { name contacts { totalCount } } team { name members { name } contacts { totalCount } }
    owner { name } assignees { name } pipeline { name stages { name } } pipelineStage { name contactsCount } } } }";

on_each_engine! {
    async fn each_mutation_makes_the_next_read_fresh(app: App) {
        for (before, (mutation, input)) in repeating::traffic() {
            let app = App::new(app.engine).await;
            let mut steps = Steps::new(&app, &app.key);
            for (mutation, input) in &before {
                steps.take(mutation, input).await;
            }
            steps.key.clone_from(&app.key);
            app.kept(&app.key, LINKED).await;
            steps.take(mutation, &input).await;
            let (answer, statements) = app.counted(app.router(), &app.key, LINKED, json!({})).await;
            let fresh = ask(app.beside(0), &app.key, LINKED, json!({})).await;
            assert_eq!(answer, fresh, "after {mutation}");
            // A key's revocation leaves the clock alone: nothing that may be kept shows it.
            assert_eq!(statements > app.again(), mutation != "revokeApiKey", "after {mutation}");
        }
    }

    async fn a_contact_shows_each_change_of_what_it_refers_to(app: App) {
        let mut steps = Steps::new(&app, &app.key);
        for (mutation, input) in [
            ("createUser", json!({"name": "Ann"})),
            ("createTeam", json!({"name": "North", "memberIds": ["$0"]})),
            ("createCompany", json!({"name": "Acme"})),
            ("createPipeline", json!({"name": "Sales", "stages": [{"name": "New"}, {"name": "Old"}], "isDefault": true})),
        ] {
            steps.take(mutation, &input).await;
        }
        let pipelines = app.data("{ pipelines { stages { id name } } }").await;
        let stages = &pipelines["pipelines"][0]["stages"];
        steps.name("new", &stages[0]["id"]);
        steps.name("old", &stages[1]["id"]);
        let contact = json!({
            "firstName": "Jane", "tags": ["lead"], "companyId": "$2", "teamId": "$1", "ownerId": "$0", "assigneeIds": ["$0"],
            "pipelineId": "$3", "pipelineStageId": "$new",
        });
        steps.take("createContact", &contact).await;
        for (mutation, input) in [
            ("updateUser", json!({"id": "$0", "name": "Anna"})),
            ("updateTeam", json!({"id": "$1", "name": "South"})),
            ("updateCompany", json!({"id": "$2", "name": "Apex"})),
            ("updatePipeline", json!({"id": "$3", "name": "Deals"})),
            ("updatePipeline", json!({"id": "$3", "stages": [{"id": "$new", "name": "Newer"}, {"id": "$old", "name": "Old"}]})),
            ("renameTag", json!({"name": "lead", "newName": "warm"})),
            ("updateContactPolicy", json!({"defaultSource": "web"})),
            ("updateContact", json!({"id": "$4", "set": {"notes": "a"}})),
            ("updateContacts", json!({"where": {"ids": ["$4"]}, "set": {"notes": "b"}})),
            ("recordContactEnrichment", json!({"id": "$4", "status": "DONE"})),
            ("createContacts", json!({"contacts": [{"firstName": "Joe"}]})),
            ("deleteTag", json!({"name": "warm"})),
            ("deleteUser", json!({"id": "$0"})),
            ("deleteTeam", json!({"id": "$1"})),
            ("deleteCompany", json!({"id": "$2"})),
            ("deleteContact", json!({"id": "$4"})),
            ("restoreContacts", json!({"ids": ["$4"]})),
            ("deleteContacts", json!({"where": {"ids": ["$4"]}})),
            ("purgeContacts", json!({"ids": ["$4"]})),
        ] {
            let before = app.kept(&app.key, LINKED).await;
            steps.take(mutation, &input).await;
            let after = app.ask(LINKED).await;
            assert_eq!(after, ask(app.beside(0), &app.key, LINKED, json!({})).await, "after {mutation}");
            let is_shown = mutation != "purgeContacts";
            assert_eq!(after != before, is_shown, "after {mutation}: {after:#}");
        }
    }

    async fn a_write_that_changes_nothing_or_is_refused_leaves_the_answers(app: App) {
        let id = app.created(json!({"firstName": "Jane"})).await;
        app.kept(&app.key, LINKED).await;
        let same = json!({"input": {"id": id, "set": {"firstName": "Jane"}}});
        let update = "mutation($input: UpdateContactInput!) { updateContact(input: $input) { contact { id } userErrors { code } } }";
        let answer = app.ask_with(update, same).await;
        assert_eq!(answer["data"]["updateContact"]["userErrors"], json!([]), "{answer:#}");
        let refused = app.ask_with(update, json!({"input": {"id": id, "set": {"firstName": "", "lastName": ""}}})).await;
        assert_ne!(refused["data"]["updateContact"]["userErrors"], json!([]), "{refused:#}");
        assert_eq!(app.statements_of(&app.key, LINKED, 1).await, [app.again()]);
    }
}

/// On two servers over one store, each with a cache of its own.
#[cfg(postgres_found)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_by_one_server_is_seen_at_once_by_another() {
    use crate::support::engine::Engine;

    let app = App::new(Engine::Postgres).await;
    let replica = app.replica().await;
    for number in 1..4 {
        app.created(json!({"firstName": "Jane"})).await;
        for _ in 0..4 {
            let answer = ask(replica.clone(), &app.key, "{ contacts { totalCount } }", json!({})).await;
            assert_eq!(answer["data"]["contacts"]["totalCount"], Value::from(number));
        }
    }
}
