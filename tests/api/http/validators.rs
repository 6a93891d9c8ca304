//! `ETag` and `If-None-Match`: a client that asks by GET need not be sent again what it has.

use serde_json::json;

use super::{Answer, Server, bare, server, server_with};

const CONTACTS: &str = "query=%7Bcontacts%7Bnodes%7BfirstName%7D%7D%7D";

impl Server {
    async fn get_with(&self, query_string: &str, headers: &[(&str, &str)]) -> Answer {
        let request = headers
            .iter()
            .fold(self.get(query_string), |request, (name, value)| request.header(*name, *value));
        self.send(bare(request)).await
    }

    async fn tag(&self) -> String {
        let answer = self.get_with(CONTACTS, &[]).await;
        answer.header("etag").unwrap_or_else(|| panic!("{answer:?}")).to_owned()
    }
}

#[tokio::test]
async fn an_answer_by_get_can_be_kept_and_asked_about_by_its_own_client() {
    let server = server().await;
    server.app.created(json!({"firstName": "Jane"})).await;
    // The answer is made at first, and given again then.
    for _ in 0..3 {
        let answer = server.get_with(CONTACTS, &[]).await;
        assert_eq!(answer.status, 200);
        let tag = answer.header("etag").expect("a tag");
        assert!(tag.starts_with("W/\"") && tag.len() == 36, "{tag}");
        assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
        assert_eq!(answer.header("vary"), Some("Accept, Authorization, X-API-Key"));
        assert_eq!(answer.json()["data"]["contacts"]["nodes"], json!([{"firstName": "Jane"}]));
    }
}

#[tokio::test]
async fn a_client_that_has_the_answer_is_told_so_without_a_body() {
    let server = server().await;
    server.app.created(json!({"firstName": "Jane"})).await;
    let tag = server.tag().await;
    let strong = tag.strip_prefix("W/").expect("a weak tag");
    let list = format!("\"other\", {tag} , W/\"another\"");
    for known in [&*tag, strong, &list, "*"] {
        let answer = server.get_with(CONTACTS, &[("if-none-match", known), ("x-request-id", "mine")]).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (304, ""), "{known}: {answer:?}");
        assert_eq!(answer.header("etag"), Some(&*tag));
        assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
        assert_eq!(answer.header("vary"), Some("Accept, Authorization, X-API-Key"));
        assert_eq!(answer.header("x-request-id"), Some("mine"));
        assert!(answer.header("ratelimit").is_some(), "{answer:?}");
        assert_eq!(answer.header("content-type"), None);
    }
    let two = [("if-none-match", "\"other\""), ("if-none-match", &*tag)];
    assert_eq!(server.get_with(CONTACTS, &two).await.status, 304);
    for unknown in ["\"other\"", "W/\"\"", "nonsense", ""] {
        let answer = server.get_with(CONTACTS, &[("if-none-match", unknown)]).await;
        assert_eq!(answer.status, 200, "{unknown}");
        assert_eq!(answer.header("etag"), Some(&*tag));
    }
}

#[tokio::test]
async fn a_tag_is_of_the_data_and_no_longer_right_after_a_change_of_it() {
    let server = server().await;
    let id = server.app.created(json!({"firstName": "Jane"})).await;
    let tag = server.tag().await;
    let update = |set| {
        let query =
            "mutation($input: UpdateContactInput!) { updateContact(input: $input) { userErrors { code } } }";
        let app = &server.app;
        async move { app.ask_with(query, json!({"input": {"id": id, "set": set}})).await }
    };
    update(json!({"notes": "not asked for"})).await;
    let known = [("if-none-match", &*tag)];
    assert_eq!(server.get_with(CONTACTS, &known).await.status, 304);
    update(json!({"firstName": "Joan"})).await;
    let answer = server.get_with(CONTACTS, &known).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["data"]["contacts"]["nodes"], json!([{"firstName": "Joan"}]));
    update(json!({"firstName": "Jane"})).await;
    assert_eq!(server.get_with(CONTACTS, &known).await.status, 304);
}

#[tokio::test]
async fn other_answers_have_no_tag_and_are_not_stored() {
    let server = server().await;
    server.app.created(json!({"firstName": "Jane"})).await;
    let plain = |answer: &Answer| {
        assert_eq!(answer.header("etag"), None, "{answer:?}");
        assert_eq!(answer.header("vary"), None, "{answer:?}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{answer:?}");
    };
    let any = [("if-none-match", "*")];
    for query_string in [
        // The key itself may change.
        "query=%7Bcontacts%7BtotalCount%7Dviewer%7Bid%7D%7D",
        "query=%7Bcontacts%7BtotalCount%7Dwrong:contacts(first:201)%7BtotalCount%7D%7D",
        "query=%7Bcontacts(first:201)%7BtotalCount%7D%7D",
        "query=%7Bnothing%7D",
        "query=mutation%7BdeleteTag(input:%7Bname:%22a%22%7D)%7BdeletedId%7D%7D",
    ] {
        let answer = server.get_with(query_string, &any).await;
        assert_ne!(answer.status, 304, "{query_string}");
        plain(&answer);
    }
    let body = json!({"query": "{ contacts { nodes { firstName } } }"}).to_string();
    for _ in 0..3 {
        let request =
            server.post().header("if-none-match", "*").body(body.clone().into()).expect("a request");
        let answer = server.send(request).await;
        assert_eq!(answer.status, 200);
        plain(&answer);
    }
}

#[tokio::test]
async fn a_page_of_another_origin_may_read_the_tag_and_has_an_answer_of_its_own() {
    let server = server_with(contacts_gateway::http::Limits::default(), &["https://app.example"]).await;
    let answer = server.get_with(CONTACTS, &[("origin", "https://app.example")]).await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("https://app.example"));
    let vary: Vec<_> =
        answer.headers.get_all("vary").iter().map(|value| value.to_str().expect("ASCII")).collect();
    let vary = vary.join(", ").to_lowercase();
    for name in ["origin", "accept", "authorization", "x-api-key"] {
        assert!(vary.split(", ").any(|one| one == name), "{vary}");
    }
    let exposed = answer.header("access-control-expose-headers").unwrap_or_default();
    assert!(exposed.to_lowercase().contains("etag"), "{exposed}");
}
