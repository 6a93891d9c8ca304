//! What a request costs, as its answer tells.

use serde_json::{Value, json};

use crate::support::{App, engine::Engine};

#[tokio::test]
async fn an_answer_tells_what_it_cost() {
    let app = App::new(Engine::Sqlite).await;
    let variables = json!({"n": 7, "ids": ["1", "2", "3"], "rows": [{"firstName": "A"}, {"firstName": "B"}]});
    let costs = [
        ("{ __typename __schema { types { name } } }", 0),
        ("{ viewer { id organization { id } teams { id } } }", 3),
        ("{ contacts { totalCount } }", 100),
        ("{ contacts(first: 10) { nodes { id phones { id } } } }", 20),
        ("{ contacts(last: 10) { edges { node { id } cursor } pageInfo { endCursor } } }", 10),
        ("query($n: Int) { contacts(first: $n) { nodes { id } } }", 7),
        ("query($other: Int = 9) { contacts(first: $other) { nodes { id } } }", 9),
        ("query($none: Int) { contacts(first: $none) { nodes { id } } }", 100),
        ("{ contacts(first: 0) { totalCount } }", 1),
        ("{ contacts(first: -3) { totalCount } }", 1),
        ("{ contacts(first: 2000000000) { totalCount } }", 200),
        (
            "{ contacts(first: 5) { nodes { companyRecord { contacts(first: 3) { nodes { id } } } } } }",
            5 * (1 + 1 + 3),
        ),
        (
            "{ a: contacts(first: 5) { ...P } b: contacts(first: 5) { ...P } } fragment P on ContactConnection { nodes { owner { id } } }",
            20,
        ),
        ("{ ... on Query { contacts(first: 5) { ... { nodes { id } } } } }", 5),
        (&format!("{{ contacts(first: 5) {{ nodes {{ {} }} }} }}", "id ".repeat(57 + 20)), 5),
        (&format!("{{ contacts(first: 5) {{ nodes {{ {} }} }} }}", "id ".repeat(57 + 23)), 5 * (1 + 3)),
        (
            &format!(
                "{{ viewer {{ {} }} }} fragment F on Viewer {{ {} }}",
                "...F ".repeat(3),
                "id ".repeat(100)
            ),
            1 + 300 - (7 + 20),
        ),
        (
            &format!("{{ contacts(first: 5) {{ nodes {{ phones {{ {} }} }} }} }}", "id ".repeat(10 + 23)),
            5 * (1 + 1 + 3 * 20),
        ),
        (&format!("{{ node(id: \"1\") {{ ... on Contact {{ {} }} }} }}", "id ".repeat(57 + 21)), 1 + 1),
        ("{ node(id: \"1\") { id ... on Contact { phones { id } } } }", 2),
        ("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", 1),
        (
            "{ companies(first: 4) { nodes { contacts(first: 2) { totalCount } } } tags { totalCount } }",
            4 * 3 + 100,
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

#[tokio::test]
async fn what_is_refused_before_it_runs_tells_no_cost() {
    let app = App::new(Engine::Sqlite).await;
    for document in ["{ nothing }", "{", "query($id: ID!) { contact(id: $id) { id } }"] {
        assert_eq!(app.tell(document).await.body.get("extensions"), None, "{document}");
    }
}
