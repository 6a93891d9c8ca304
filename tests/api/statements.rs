//! How many statements an answer takes: one for each relation of a page, none for what is not
//! selected.

use serde_json::{Value, json};

use crate::support::{
    App,
    engine::{Engine, ForEngine, on_each_engine},
    related::Related,
};

const CONTACTS: usize = 9;

/// Contacts with everything that a contact can refer to.
struct Linked {
    app: App,
    related: Related,
}

impl ForEngine for Linked {
    async fn for_engine(engine: Engine) -> Self {
        let app = App::new(engine).await;
        let related = Related::insert(&app, app.org_id, "Acme").await;
        app.act_as(related.users[0]).await;
        for turn in 0..CONTACTS {
            app.created(related.input(turn)).await;
        }
        Self { app, related }
    }
}

impl Linked {
    /// Asks, and gives the answer and the tables that were read, in the order of the statements.
    async fn read(&self, query: &str) -> (Value, Vec<String>) {
        self.app.statements();
        let data = self.app.data(query).await;
        (data, tables(&self.app))
    }
}

/// The first table of each statement since the last time this was asked, and every table into which one inserts.
fn tables(app: &App) -> Vec<String> {
    let named = |rest: &str| rest.split('"').next().unwrap_or_default().to_owned();
    let tables = |sql: &str| -> Vec<String> {
        if sql.starts_with("UPDATE change_clock ") {
            return vec!["change_clock".to_owned()];
        }
        if sql.starts_with("WITH part_0 AS (INSERT") {
            return sql.split("INTO \"").skip(1).map(named).collect();
        }
        let table = ["FROM \"", "INTO \"", "UPDATE \""].iter().find_map(|word| sql.split_once(word));
        vec![table.map_or(sql.to_owned(), |(_, rest)| named(rest))]
    };
    // SQLite's tables of trigrams go with `contact_search`, and PostgreSQL has none.
    let of_table =
        |sql: &&str| !sql.contains("contact_search_index") && !sql.contains("contact_search_organization");
    let statements = app.statements();
    let sent = statements.iter().map(|statement| statement.sql.as_str()).filter(of_table);
    sent.flat_map(tables).collect()
}

on_each_engine! {
    async fn a_relation_of_a_page_takes_one_statement(linked: Linked) {
        for (selection, expected) in [
            ("id firstName tags phone email company version", vec![]),
            ("phones { number isPrimary }", vec!["contact_phone"]),
            ("emails { address }", vec!["contact_email"]),
            ("companyRecord { name }", vec!["company"]),
            ("owner { name }", vec!["user"]),
            ("createdBy { name } updatedBy { name } owner { name }", vec!["user"]),
            ("assignees { name }", vec!["contact_assignee", "user"]),
            ("team { name members { name } }", vec!["team", "team_member", "user"]),
            ("pipeline { name stages { name } }", vec!["pipeline", "pipeline_stage"]),
            ("pipelineStage { name pipeline { name } }", vec!["pipeline_stage", "pipeline"]),
            ("organization { name }", vec!["organization"]),
        ] {
            let (data, tables) = linked.read(&format!("{{ contacts {{ nodes {{ {selection} }} }} }}")).await;
            let nodes = data["contacts"]["nodes"].as_array().expect("nodes");
            assert_eq!(nodes.len(), CONTACTS, "{selection}: {data:#}");
            assert!(nodes.iter().all(|node| !node.to_string().contains("null")), "{selection}: {data:#}");
            let expected: Vec<_> = ["contact"].into_iter().chain(expected).collect();
            assert_eq!(tables, expected, "{selection}");
            let edges = format!("{{ contacts {{ edges {{ node {{ {selection} }} }} }} }}");
            assert_eq!(linked.read(&edges).await.1, expected, "{edges}");
            let both = format!(
                "{{ contacts(first: 50) {{ nodes {{ {selection} }} edges {{ cursor node {{ {selection} }} }} }} }}"
            );
            assert_eq!(linked.read(&both).await.1, expected, "{both}");
            let spread = format!(
                "{{ contacts(first: 50) {{ ...Page }} }}
                fragment Page on ContactConnection {{
                    list: nodes {{ ...Row }} ... {{ edges {{ node {{ ...Row }} }} }} }}
                fragment Row on Contact {{ {selection} }}"
            );
            let (spread_data, tables) = linked.read(&spread).await;
            assert_eq!(tables, expected, "{spread}");
            assert_eq!(spread_data["contacts"]["list"], data["contacts"]["nodes"], "{spread}");
        }
    }

    async fn all_relations_together_take_one_statement_each(linked: Linked) {
        const ALL: &str = "id displayName phones { number } emails { address } tags organization { name }
            companyRecord { name } owner { name } createdBy { name } updatedBy { name } assignees { name }
            team { name members { name } } pipeline { stages { name } } pipelineStage { pipeline { name } }";
        let (data, mut tables) = linked
            .read(&format!(
                "{{ contacts(first: 50) {{ totalCount nodes {{ {ALL} }} edges {{ node {{ {ALL} }} }}
                pageInfo {{ hasNextPage hasPreviousPage }} }} }}"
            ))
            .await;
        assert_eq!(data["contacts"]["totalCount"], CONTACTS, "{data:#}");
        assert_eq!(
            data["contacts"]["nodes"][0]["team"]["members"].as_array().map(Vec::len),
            Some(2),
            "{data:#}"
        );
        assert_eq!(tables[0], "contact", "{tables:?}");
        tables.sort_unstable();
        // The users of owners and creators, of assignees, and of teams are known at different times.
        let users = tables.extract_if(.., |table| table == "user").count();
        assert!((1..=3).contains(&users), "{users} statements for users");
        // A stage is read by its id, and the stages of a pipeline by the pipeline's.
        assert_eq!(
            tables,
            [
                "company",
                "contact",
                "contact_assignee",
                "contact_email",
                "contact_phone",
                "organization",
                "pipeline",
                "pipeline_stage",
                "pipeline_stage",
                "team",
                "team_member",
            ]
        );
    }

    async fn totals_and_flags_ride_in_the_statement_of_the_page(linked: Linked) {
        let (page, _) = linked.read("{ contacts(first: 3) { edges { cursor } } }").await;
        let cursor =
            |edge: usize| page["contacts"]["edges"][edge]["cursor"].as_str().expect("a cursor").to_owned();
        for arguments in [
            "first: 2".to_owned(),
            "last: 2".to_owned(),
            "first: 2, offset: 3".to_owned(),
            format!("after: {:?}, before: {:?}", cursor(0), cursor(2)),
            format!("last: 2, before: {:?}, includeDeleted: true", cursor(2)),
        ] {
            for selection in [
                "totalCount",
                "pageInfo { hasNextPage hasPreviousPage }",
                "totalCount pageInfo { startCursor endCursor }",
                "totalCount nodes { id } edges { cursor } pageInfo { hasNextPage hasPreviousPage }",
            ] {
                let query = format!("{{ contacts({arguments}) {{ {selection} }} }}");
                assert_eq!(linked.read(&query).await.1, ["contact"], "{query}");
            }
        }
    }

    async fn nothing_is_read_that_is_not_selected(linked: Linked) {
        linked.app.statements();
        linked.app.data("{ contacts { nodes { firstName } } }").await;
        let sent = linked.app.statements();
        assert_eq!(sent.len(), 1, "{sent:#?}");
        for column in ["notes", "email", "metadata", "last_name", "COUNT", "EXISTS", "\"one\""] {
            assert!(!sent[0].sql.contains(column), "{column}: {}", sent[0]);
        }
        assert_eq!(linked.read("{ contacts { __typename } }").await.1, [""; 0]);
        assert_eq!(
            linked.read("{ contacts { pageInfo { __typename } nodes { __typename } } }").await.1,
            ["contact"]
        );
        // Of two lists each has a page of its own.
        let (_, tables) = linked.read("{ a: contacts { totalCount } b: contacts { nodes { id } } }").await;
        assert_eq!(tables, ["contact", "contact"]);
    }

    async fn one_contact_takes_one_statement_and_one_for_each_relation(linked: Linked) {
        let (data, _) = linked.read("{ contacts(first: 1) { nodes { id } } }").await;
        let id = &data["contacts"]["nodes"][0]["id"];
        let query = format!(
            "{{ contact(id: {id}) {{ firstName phones {{ number }} team {{ members {{ name }} }} }} }}"
        );
        let (_, mut tables) = linked.read(&query).await;
        tables.sort_unstable();
        assert_eq!(tables, ["contact", "contact_phone", "team", "team_member", "user"]);
    }

    async fn nodes_take_one_statement_to_find_and_one_for_each_table(linked: Linked) {
        let (data, _) = linked.read("{ contacts(first: 5) { nodes { id } } }").await;
        let contacts =
            data["contacts"]["nodes"].as_array().expect("nodes").iter().map(|node| node["id"].clone());
        let Related { users, teams, companies, pipelines, stages } = &linked.related;
        let others = [users, teams, companies, pipelines, stages].into_iter().flatten().map(|id| json!(id));
        let ids: Vec<Value> = contacts.chain(others).chain([json!(linked.app.org_id)]).collect();
        linked.app.statements();
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }";
        let answer = linked.app.ask_with(query, json!({"ids": ids})).await;
        let answered: Vec<_> = answer["data"]["nodes"]
            .as_array()
            .expect("nodes")
            .iter()
            .map(|node| node["id"].clone())
            .collect();
        assert_eq!(answered, ids, "{answer:#}");
        let tables = tables(&linked.app);
        assert_eq!(tables.len(), 8, "{tables:?}");
    }

    async fn creating_a_contact_takes_the_clock_and_a_statement_for_each_table(linked: Linked) {
        linked.app.statements();
        linked.app.created(json!({"firstName": "Jane"})).await;
        assert_eq!(
            tables(&linked.app),
            [
                "change_clock",     // taken first, held until the commit
                "contact",          // written
                "contact_assignee", // written
                "contact_search",   // what free text finds it by
            ]
        );
        linked.app.created(linked.related.input(100)).await;
        assert_eq!(
            tables(&linked.app),
            [
                "change_clock",
                "company", // whether it exists, and its name
                "user",    // whether owner and assignees exist
                "tag",     // which tags the organization has
                "tag",     // how many, as one is new
                "tag",     // the new one, written
                "contact", // written, as all that follow, each with all its rows
                "contact_phone",
                "contact_email",
                "contact_tag",
                "contact_assignee",
                "contact_search",
            ]
        );
        linked.app.created(json!({"firstName": "Jane", "externalId": "17"})).await;
        // Who has the external id.
        assert_eq!(tables(&linked.app), ["change_clock", "contact", "contact", "contact_assignee", "contact_search"]);
        let refused = linked.app.create(json!({"firstName": " ", "externalId": "17"})).await;
        assert_eq!(refused["userErrors"].as_array().map(Vec::len), Some(2), "{refused:#}");
        let sent = linked.app.statements();
        assert!(sent.iter().all(|sent| !sent.sql.starts_with("INSERT")), "something was written: {sent:#?}");
    }

    async fn the_answer_to_a_create_reads_nothing_that_it_has_written(linked: Linked) {
        let create = "mutation($input: CreateContactInput!) { createContact(input: $input) {
            contact { id firstName email phone tags company version createdAt } userErrors { code } } }";
        linked.app.statements();
        let answer =
            linked.app.ask_with(create, json!({"input": {"firstName": "Jane", "email": "j@x.org"}})).await;
        assert_eq!(answer["data"]["createContact"]["contact"]["email"], "j@x.org", "{answer:#}");
        assert_eq!(
            tables(&linked.app),
            ["change_clock", "contact", "contact_email", "contact_assignee", "contact_search"]
        );
    }
}
