//! What the databases do for a filtered page: they read it off an index.

use entity::{contact, contact_email, contact_phone, contact_search, contact_tag, tag};
use sea_orm::{ActiveModelTrait as _, IntoActiveModel};
use sea_orm::{ConnectionTrait as _, FromQueryResult as _, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{
    App, ask,
    engine::{Engine, ForEngine, on_each_engine},
    related::Related,
};

/// Of names that differ behind it: an index has this much of them.
const LONG: &str = "Wolfeschlegelsteinhausenbergerdorff Wolfeschlegelsteinhausenberg";

/// More than are looked up before they are sorted.
const COUNT: usize = 12_000;

/// Thousands of contacts: one in a hundred has a rare status, stage, company, team, owner and tag;
/// all of them have a common tag.
struct Many {
    app: App,
    related: Related,
}

impl ForEngine for Many {
    async fn for_engine(engine: Engine) -> Self {
        let app = App::new(engine).await;
        let related = Related::insert(&app, app.org_id, "Acme").await;
        let template = app.created(json!({"firstName": "Jane", "company": "Common"})).await;
        let backend = app.raw.get_database_backend();
        let row = Statement::from_string(backend, "SELECT * FROM contact");
        let row = contact::Model::find_by_statement(row).one(&app.raw).await.expect("a row").expect("a row");
        assert_eq!(row.id, template);
        let tags = [Uuid::now_v7(), Uuid::now_v7()];
        let (mut contacts, mut emails, mut phones, mut documents, mut tagged) =
            (vec![], vec![], vec![], vec![], vec![]);
        for (n, seq) in (0..COUNT).zip(1_000_i64..) {
            let rare = n % 100 == 7;
            let id = Uuid::now_v7();
            contacts.push(contact::Model {
                id,
                external_id: Some(format!("ext-{n}")),
                status: if rare { "Rare" } else { "common" }.to_owned(),
                stage: Some(if rare { "Rare" } else { "common" }.to_owned()),
                company: Some(if rare { "Rare Inc" } else { "Common" }.to_owned()),
                company_fold: Some(if rare { "rare inc" } else { "common" }.to_owned()),
                last_name: Some(if rare { format!("{LONG}A{}", n % 200) } else { "Common".to_owned() }),
                last_name_fold: Some(if rare {
                    format!("{}a{}", LONG.to_lowercase(), n % 200)
                } else {
                    "common".to_owned()
                }),
                company_id: rare.then(|| related.companies[0]),
                team_id: rare.then(|| related.teams[0]),
                owner_id: Some(related.users[usize::from(rare)]),
                pipeline_id: rare.then(|| related.pipelines[0]),
                pipeline_stage_id: rare.then(|| related.stages[0]),
                updated_at: row.updated_at + seq,
                change_seq: seq,
                ..row.clone()
            });
            let org_id = app.org_id;
            let (address, number) = (format!("{n}@example.com"), format!("+1416{n:07}"));
            documents.push(contact_search::Model {
                org_id,
                contact_id: id,
                doc: format!("\n\njane\n\n{address}\n\nname{n}"),
            });
            emails.push(contact_email::Model {
                org_id,
                contact_id: id,
                id: Uuid::now_v7(),
                position: 0,
                address: address.clone(),
                address_key: address.clone(),
                address_fold: address,
                label: None,
                is_primary: true,
            });
            phones.push(contact_phone::Model {
                org_id,
                contact_id: id,
                id: Uuid::now_v7(),
                position: 0,
                number,
                extension: None,
                kind: contact_phone::PhoneType::Other,
                label: None,
                is_primary: true,
                is_whatsapp: false,
                do_not_call: false,
            });
            for (tag_id, position) in tags.into_iter().zip(0..).take(1 + usize::from(rare)) {
                tagged.push(contact_tag::Model { org_id, contact_id: id, tag_id, position });
            }
        }
        let named = ["common", "rare"].into_iter().zip(tags).map(|(name, id)| tag::Model {
            org_id: app.org_id,
            id,
            name: name.to_owned(),
            name_key: name.to_owned(),
            name_fold: name.to_owned(),
            sort_key: name.as_bytes().to_vec(),
            created_at: 1,
            deleted_at: None,
        });
        add::<tag::Entity>(&app, named.collect()).await;
        add::<contact::Entity>(&app, contacts).await;
        add::<contact_email::Entity>(&app, emails).await;
        add::<contact_phone::Entity>(&app, phones).await;
        add::<contact_tag::Entity>(&app, tagged).await;
        add::<contact_search::Entity>(&app, documents).await;
        ready(&app).await;
        Self { app, related }
    }
}

/// Fills the index of documents, and gathers the statistics that plans are made by.
async fn ready(app: &App) {
    match app.engine {
        Engine::Sqlite => {
            // The documents' index, which was filled past the gateway.
            super::trigrams::unmigrate(app).await;
            migration::up(&app.raw).await.expect("migrations");
            app.raw_execute("ANALYZE").await;
            // Statistics may be older than most changes.
            app.raw_execute("UPDATE sqlite_stat1 SET stat = '10 10 1 1' WHERE idx = 'contact_live_updated'")
                .await;
            app.raw_execute("ANALYZE sqlite_schema").await;
        }
        Engine::Postgres => app.raw_execute("VACUUM ANALYZE").await,
    }
}

async fn add<E>(app: &App, rows: Vec<E::Model>)
where
    E: sea_orm::EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: Send,
{
    for rows in rows.chunks(400) {
        let rows = rows.iter().map(|row| row.clone().into_active_model().reset_all());
        E::insert_many(rows).exec_without_returning(&app.raw).await.expect("rows");
    }
}

/// The steps of the page's plan.
async fn plan(app: &App, arguments: &Value, total: usize) -> String {
    const LIST: &str = "query($filter: ContactFilter, $query: String, $event: ContactEvent) { contacts(first: 10, filter: $filter, query: $query, event: $event) {
        nodes { id firstName } pageInfo { hasNextPage } } }";
    const TOTAL: &str = "query($filter: ContactFilter, $query: String, $event: ContactEvent) { contacts(first: 0, filter: $filter, query: $query, event: $event) { totalCount } }";
    let answer = app.ask_with(TOTAL, arguments.clone()).await;
    assert_eq!(answer["data"]["contacts"]["totalCount"], total, "{arguments} {answer:#}");
    // Without a cache of answers, so that the page is read the second time too.
    let router = app.beside(0);
    ask(router.clone(), &app.key, LIST, arguments.clone()).await;
    app.statements();
    let answer = ask(router, &app.key, LIST, arguments.clone()).await;
    assert_eq!(
        answer["data"]["contacts"]["nodes"].as_array().map(Vec::len),
        Some(total.min(10)),
        "{arguments} {answer:#}"
    );
    let sent = app.statements();
    let page = sent.iter().rfind(|statement| statement.sql.contains("\"first_name\"")).expect("the page");
    let explain = match app.engine {
        Engine::Sqlite => "EXPLAIN QUERY PLAN",
        Engine::Postgres => "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF)",
    };
    let explained = Statement { sql: format!("{explain} {}", page.sql), ..page.clone() };
    let rows = app.raw.query_all_raw(explained).await.expect("a plan");
    let column = if app.engine == Engine::Sqlite { "detail" } else { "QUERY PLAN" };
    let lines: Vec<String> = rows.iter().map(|row| row.try_get("", column).expect("a step")).collect();
    lines.join("\n")
}

fn is_sorted(plan: &str) -> bool {
    plan.contains("Sort") || plan.contains("TEMP B-TREE FOR ORDER")
}

on_each_engine! {
    async fn a_page_of_a_rare_value_is_read_off_an_index(many: Many) {
        let Many { app, related } = many;
        let rare = COUNT / 100;
        // In the order of the list.
        for (filter, index) in [
            (json!({"status": {"eq": "RARE"}}), "contact_live_status"),
            (json!({"stage": {"eq": "rare"}}), "contact_live_stage"),
            (json!({"companyId": {"eq": related.companies[0]}}), "contact_live_company_id"),
            (json!({"teamId": {"eq": related.teams[0]}}), "contact_live_team"),
            (json!({"ownerId": {"eq": related.users[1]}}), "contact_live_owner"),
            (json!({"pipelineStageId": {"eq": related.stages[0]}}), "contact_live_pipeline_stage"),
            (json!({"company": {"eq": "RÁRE Inc"}}), "contact_live_company_fold"),
        ] {
            let plan = plan(&app, &json!({"filter": filter}), rare).await;
            assert!(plan.contains(&format!("{index} ")) && !is_sorted(&plan), "{filter}\n{plan}");
        }
        // Found by their first 64 characters, and then compared whole.
        for (filter, total) in [
            (json!({"eq": format!("{LONG}A7")}), rare / 2),
            (json!({"eq": format!("{LONG}a107")}), rare / 2),
            (json!({"in": [format!("{LONG}A7"), "nobody"]}), rare / 2),
            (json!({"startsWith": format!("{LONG}A1")}), rare / 2),
            (json!({"startsWith": "wolfe"}), rare),
        ] {
            let plan = plan(&app, &json!({"filter": {"lastName": filter}}), total).await;
            // SQLite cannot tell how many values a list has.
            if filter.get("in").is_some() && app.engine == Engine::Sqlite {
                continue;
            }
            assert!(plan.contains("contact_live_last_name_fold"), "{filter}\n{plan}");
            assert!(!plan.contains("contact_live_changed") && !plan.contains("SCAN contact") && !plan.contains("Seq Scan on contact "), "{filter}\n{plan}");
        }
        // PostgreSQL reads the few pages of so small a table of tags as they lie.
        let link = if app.engine == Engine::Sqlite { "contact_tag_tag" } else { "contact_pkey" };
        // Looked up first, then sorted: as many rows as match, and no more.
        for (filter, index, total) in [
            (json!({"tags": {"hasAny": ["rare"]}}), link, rare),
            (json!({"tags": {"hasAll": ["rare", "common"]}}), link, rare),
            (json!({"email": {"eq": "77@example.com"}}), "contact_email_address", 1),
            (json!({"email": {"in": ["77@example.com", "78@example.com"]}}), "contact_email_address", 2),
            (json!({"phone": {"eq": "+14160000077"}}), "contact_phone_number", 1),
            (json!({"externalId": {"eq": "ext-77"}}), "contact_external_id", 1),
        ] {
            let plan = plan(&app, &json!({"filter": filter}), total).await;
            assert!(plan.contains(index), "{filter}\n{plan}");
            // All of them have changed.
            let changed = self::plan(&app, &json!({"filter": filter, "event": "UPDATED"}), total).await;
            let is_few = filter.get("tags").is_none();
            assert!(!is_few || changed.contains(index) && !changed.contains("contact_live_updated"), "{filter}\n{changed}");
            assert!(!plan.contains("Seq Scan on contact ") && !plan.contains("SCAN contact") && !plan.contains("contact_live_changed"), "{filter}\n{plan}");
        }
        let plan = plan(&app, &json!({"query": "name1234"}), 1).await;
        let index = if app.engine == Engine::Sqlite { "contact_search_index" } else { "contact_search_doc" };
        assert!(plan.contains(index) && !plan.contains("contact_live_changed"), "{plan}");
        let own = |line: &str| line.contains("Index Cond: ((org_id = ") && line.contains("(doc ~~ ");
        assert!(app.engine == Engine::Sqlite || plan.lines().any(own), "{plan}");
    }

    async fn a_page_of_a_common_value_is_read_in_the_order_of_the_list(many: Many) {
        let app = many.app;
        for arguments in [json!({"filter": {"tags": {"hasAny": ["common"]}}}), json!({"query": "example.com"})] {
            let plan = plan(&app, &arguments, COUNT).await;
            assert!(plan.contains("contact_live_changed") && !is_sorted(&plan), "{arguments}\n{plan}");
        }
    }
}
