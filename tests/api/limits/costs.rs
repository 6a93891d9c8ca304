//! What a request costs, as its answer tells.

use serde_json::{Value, json};

use crate::support::{App, engine::Engine};

#[tokio::test]
async fn an_answer_tells_what_it_cost() {
    let app = App::new(Engine::Sqlite).await;
    let variables = json!({"n": 7, "ids": ["1", "2", "3"], "rows": [{"firstName": "A"}, {"firstName": "B"}]});
    let costs = [
        ("{ __typename }", 0),
        ("{ __schema { types { name } } }", 100),
        ("{ __type(name: \"Contact\") { name } }", 10),
        ("{ viewer { id organization { id } teams { id } } }", 1 + 1 + 20),
        ("{ contacts { totalCount } }", 100 + 5),
        ("{ contacts(first: 10) { nodes { id phones { id } } } }", 10 * (1 + 2)),
        ("{ contacts(last: 10) { edges { node { id } cursor } pageInfo { endCursor } } }", 10),
        ("query($n: Int) { contacts(first: $n) { nodes { id } } }", 7),
        ("query($other: Int = 9) { contacts(first: $other) { nodes { id } } }", 9),
        ("query($none: Int) { contacts(first: $none) { nodes { id } } }", 100),
        ("{ contacts(first: 0) { totalCount } }", 5 + 5),
        ("{ contacts(first: -3) { totalCount } }", 5 + 5),
        ("{ contacts(first: 2000000000) { totalCount } }", 200 + 5),
        (
            "{ contacts(first: 5) { nodes { companyRecord { contacts(first: 3) { nodes { id } } } } } }",
            5 * (1 + 1 + 5),
        ),
        (
            "{ a: contacts(first: 5) { ...P } b: contacts(first: 5) { ...P } } fragment P on ContactConnection { nodes { owner { id } } }",
            20,
        ),
        ("{ ... on Query { contacts(first: 5) { ... { nodes { id } } } } }", 5),
        // A field that is selected again is the same field.
        (&format!("{{ contacts(first: 5) {{ nodes {{ {} }} }} }}", "id ".repeat(100)), 5),
        (
            "{ contacts(first: 5) { nodes { id } } contacts(first: 5) { nodes { phones { id } } } }",
            5 * (1 + 2),
        ),
        // Of several types an object is one.
        (
            "{ node(id: \"1\") { ... on Contact { phones { id } emails { id } } ... on Company { contacts(first: 9) { totalCount } } } }",
            1 + 9 + 5,
        ),
        ("{ node(id: \"1\") { id ... on Contact { phones { id } } } }", 1 + 2),
        ("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", 3),
        ("{ pipelines { id stages { id contactsCount } } }", 20 * (1 + 20 * (1 + 10))),
        ("{ teams { members { id } } }", 20 * (1 + 50)),
        (
            "{ companies(first: 4) { nodes { contacts(first: 2) { totalCount } } } tags { totalCount } }",
            4 * (1 + 5 + 5) + 100 + 5,
        ),
        ("mutation { createContact(input: {firstName: \"A\"}) { contact { id } } }", 10 + 2),
        (
            "mutation { createContact(input: {firstName: \"A\", tags: [\"a\", \"b\"]}) { userErrors { code } } }",
            10 + 2 + 2,
        ),
        (
            "mutation($rows: [CreateContactInput!]!) { createContacts(input: {contacts: $rows}) { createdCount } }",
            10 + 2 + 1,
        ),
        (
            "mutation($ids: [ID!]!) { deleteContacts(input: {where: {ids: $ids}}) { affectedCount } }",
            10 + 3 + 1,
        ),
    ];
    for (document, cost) in costs {
        let told = app.tell_as(&app.key, document, variables.clone()).await;
        assert_ne!(told.body["data"], Value::Null, "{document}: {:#}", told.body);
        assert_eq!(told.body["extensions"], json!({"cost": cost}), "{document}");
    }
}

/// Costs of lists with a page of ten contacts, by their other arguments.
#[tokio::test]
async fn a_list_costs_what_it_takes_to_be_found() {
    let app = App::new(Engine::Sqlite).await;
    let (rows, scan, condition, total) = (10, 150, 50, 500);
    let costs = [
        // An index serves these.
        ("sortKey: NAME, order: DESC", rows),
        ("event: TAG_ADDED, updatedSince: \"2026-01-01T00:00:00Z\"", rows),
        ("event: UPDATED", rows),
        ("updatedSince: \"2026-01-01T00:00:00Z\"", rows),
        ("includeDeleted: true", rows),
        ("filter: {status: {eq: \"active\"}}", rows),
        ("filter: {lastName: {eq: \"Doe\"}}", rows),
        ("filter: {updatedAt: {gt: \"2026-01-01T00:00:00Z\"}}", rows),
        ("sortKey: SCORE, filter: {score: {gte: 1}}", rows),
        ("filter: {email: {in: [\"a\", \"b\"]}, city: {contains: \"a\"}, not: {score: {gt: 1}}}", rows),
        ("filter: {}", rows),
        ("filter: {or: [{status: {eq: \"active\"}}]}", rows),
        ("filter: {or: []}", rows),
        // Rows of other tables are looked up.
        ("filter: {tags: {hasAny: [\"a\", \"b\"]}}", rows + 100),
        ("query: \"jane\"", rows + 100),
        ("query: \" jane  of york \"", rows + 100 + 2 * 100),
        ("query: \" \"", rows),
        // No index serves these.
        ("filter: {city: {eq: \"York\"}}", rows + scan + condition),
        ("filter: {city: {eq: \"York\", neq: null}, isActive: true}", rows + scan + 2 * condition),
        ("filter: {status: {eq: \"active\"}, teamId: {eq: \"1\"}}", rows + scan + condition),
        ("filter: {status: {in: [\"active\", \"new\"]}}", rows + scan + condition),
        ("filter: {not: {email: {eq: \"a\"}}}", rows + scan + condition),
        ("filter: {metadata: [{key: \"a\", eq: 1, isNull: false}]}", rows + scan + 2 * condition),
        ("filter: {or: [{email: {eq: \"a\"}}, {}]}", rows + scan + 10 * condition),
        ("filter: {tags: {hasAny: [\"a\"]}, status: {eq: \"active\"}}", rows + scan + condition + 100),
        ("sortKey: NAME, filter: {status: {eq: \"active\"}}", rows + scan + condition),
        ("includeDeleted: true, filter: {status: {eq: \"active\"}}", rows + scan + condition),
        ("sortKey: NAME, updatedSince: \"2026-01-01T00:00:00Z\"", rows + scan + condition),
        ("event: UPDATED, filter: {status: {eq: \"active\"}}", rows + scan + condition),
        ("sortKey: NAME, includeDeleted: true", rows + scan + 10 * condition),
        ("offset: 10000", rows + 10_000 / 40),
        ("offset: 10000, query: \"a\"", rows + 100 + 4 * 10_000 / 40),
    ];
    for (arguments, cost) in costs {
        let is_served =
            cost < rows + scan || arguments.starts_with("offset") || arguments.starts_with("query");
        let counted = if is_served { 5 } else { total };
        for (selection, more) in [("nodes { id }", 0), ("nodes { id } totalCount", counted)] {
            let document = format!("{{ contacts(first: 10, {arguments}) {{ {selection} }} }}");
            let told = app.tell(&document).await;
            assert_eq!(told.body["extensions"], json!({"cost": cost + more}), "{document}: {:#}", told.body);
        }
    }
}

#[tokio::test]
async fn other_lists_and_look_ups_cost_what_they_take_to_be_found() {
    let app = App::new(Engine::Sqlite).await;
    let costs = [
        ("{ companies(first: 5, query: \"a\") { nodes { id } } }", 5 + 150 + 50),
        ("{ users(first: 5, query: \"a\") { totalCount } }", 5 + 150 + 50 + 500),
        ("{ tags(first: 5, query: \" \") { nodes { id } } }", 5),
        ("{ tags(first: 5) { nodes { contacts(first: 3) { nodes { id } } } } }", 5 * (1 + 5 + 100)),
        ("{ contactByIdentifier(identifier: {phone: \"+14165550100\"}) { id } }", 1),
        ("{ contactByIdentifier(identifier: {phone: \"12345 ext\"}) { id } }", 1 + 150 + 50),
        (
            "mutation { deleteContacts(input: {where: {matching: {filter: {city: {eq: \"a\"}}, expectedCount: 0}}}) { affectedCount } }",
            10 + 1 + 150 + 50 + 500,
        ),
        (
            "mutation { updateContacts(input: {where: {matching: {query: \"a\", expectedCount: 0}}, set: {}}) { contacts { id } } }",
            10 + 1 + 200 + 100 + 5,
        ),
    ];
    for (document, cost) in costs {
        let told = app.tell(document).await;
        assert_eq!(told.body["extensions"], json!({"cost": cost}), "{document}: {:#}", told.body);
    }
}

#[tokio::test]
async fn what_is_refused_before_it_runs_tells_no_cost() {
    let app = App::new(Engine::Sqlite).await;
    for document in ["{ nothing }", "{", "query($id: ID!) { contact(id: $id) { id } }"] {
        assert_eq!(app.tell(document).await.body.get("extensions"), None, "{document}");
    }
}
