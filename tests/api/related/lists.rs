//! Companies, users and tags by name, page by page.

use serde_json::{Value, json};

use crate::support::{
    App,
    engine::{Engine, ForEngine, on_each_engine},
};

/// In the order of their names: that of Unicode's root collation.
const NAMES: [&str; 9] =
    ["Abel", "abel & Co", "Ábelson", "Bar 100%", "Bar_100", "Bar1000", "Österreich", "zeta", "Zeta"];

/// Nine of each.
struct Lists(App);

impl ForEngine for Lists {
    async fn for_engine(engine: Engine) -> Self {
        let app = App::new(engine).await;
        for (index, name) in NAMES.iter().enumerate().rev() {
            app.done("createCompany", json!({"name": name}), "__typename").await;
            app.done("createUser", json!({"name": name}), "__typename").await;
            app.created(json!({"firstName": "A", "tags": [format!("{index} {name}")]})).await;
        }
        Self(app)
    }
}

impl Lists {
    async fn page(&self, field: &str, arguments: &str) -> Value {
        let arguments = if arguments.is_empty() { String::new() } else { format!("({arguments})") };
        let query = format!(
            "{{ {field}{arguments} {{ totalCount nodes {{ name }} edges {{ cursor node {{ name }} }}
                pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
        );
        self.0.data(&query).await[field].take()
    }

    async fn names(&self, field: &str, arguments: &str) -> Vec<String> {
        names(&self.page(field, arguments).await)
    }
}

fn names(page: &Value) -> Vec<String> {
    let nodes = page["nodes"].as_array().expect("nodes").iter();
    nodes.map(|node| node["name"].as_str().expect("a name").to_owned()).collect()
}

on_each_engine! {
    async fn names_are_in_order_whatever_case_and_accents(lists: Lists) {
        for field in ["companies", "users"] {
            assert_eq!(lists.names(field, "").await, NAMES);
        }
        let tags = lists.names("tags", "").await;
        assert!(tags.is_sorted(), "{tags:?}");
    }

    async fn pages_in_both_directions_make_the_whole_list(lists: Lists) {
        for field in ["companies", "users", "tags"] {
            let whole = lists.names(field, "").await;
            for size in [1, 2, 7] {
                let (mut after, mut seen) = (String::new(), Vec::new());
                while seen.len() < whole.len() {
                    let page = lists.page(field, &format!("first: {size} {after}")).await;
                    let info = &page["pageInfo"];
                    assert_eq!(info["hasPreviousPage"], !seen.is_empty(), "{page:#}");
                    seen.extend(names(&page));
                    assert_eq!(info["hasNextPage"], seen.len() < whole.len(), "{page:#}");
                    assert_eq!(page["totalCount"], whole.len());
                    assert_eq!(info["endCursor"], page["edges"].as_array().and_then(|edges| edges.last()).expect("an edge")["cursor"]);
                    after = format!("after: {}", info["endCursor"]);
                }
                assert_eq!(seen, whole, "{field} by {size}");
                let (mut before, mut seen) = (String::new(), Vec::new());
                while seen.len() < whole.len() {
                    let page = lists.page(field, &format!("last: {size} {before}")).await;
                    let info = &page["pageInfo"];
                    assert_eq!(info["hasNextPage"], !seen.is_empty(), "{page:#}");
                    let mut found = names(&page);
                    found.extend(seen);
                    seen = found;
                    assert_eq!(info["hasPreviousPage"], seen.len() < whole.len(), "{page:#}");
                    before = format!("before: {}", info["startCursor"]);
                }
                assert_eq!(seen, whole, "{field} by {size} backward");
            }
        }
    }

    async fn page_flags_speak_of_the_whole_list_whatever_is_selected(lists: Lists) {
        for field in ["companies", "users", "tags"] {
            let whole = lists.page(field, "").await;
            let cursors: Vec<_> = whole["edges"].as_array().expect("edges").iter().map(|edge| edge["cursor"].clone()).collect();
            let [first, second, fourth, last] = [&cursors[0], &cursors[1], &cursors[3], &cursors[8]];
            for (arguments, count, previous, next) in [
                (String::new(), 9, false, false),
                ("first: 0".to_owned(), 0, false, true),
                ("last: 0".to_owned(), 0, true, false),
                ("last: 9".to_owned(), 9, false, false),
                ("last: 8".to_owned(), 8, true, false),
                (format!("after: {last}"), 0, true, false),
                (format!("before: {first}"), 0, false, true),
                (format!("after: {first}"), 8, true, false),
                (format!("before: {last}"), 8, false, true),
                (format!("after: {second}, before: {fourth}"), 1, true, true),
                (format!("last: 1, after: {second}, before: {last}"), 1, true, true),
                (format!("after: {fourth}, before: {second}"), 0, true, true),
                (format!("after: {first}, query: \"osterr\""), usize::from(field != "tags"), false, false),
                (format!("before: {last}, query: \"bar\""), 3, false, false),
            ] {
                let page = lists.page(field, &arguments).await;
                let info = &page["pageInfo"];
                let flags = (names(&page).len(), info["hasPreviousPage"] == true, info["hasNextPage"] == true);
                assert_eq!(flags, (count, previous, next), "{field}({arguments}): {page:#}");
                // Each by itself, with nothing else selected.
                for (flag, expected) in [("hasPreviousPage", previous), ("hasNextPage", next)] {
                    let list = if arguments.is_empty() { field.to_owned() } else { format!("{field}({arguments})") };
                    let data = lists.0.data(&format!("{{ {list} {{ pageInfo {{ {flag} }} }} }}")).await;
                    assert_eq!(data[field], json!({"pageInfo": {flag: expected}}), "{list}");
                }
            }
        }
    }

    async fn what_is_deleted_counts_for_no_flag_and_its_cursor_stays_good(lists: Lists) {
        for (field, mutation) in [("companies", "deleteCompany"), ("users", "deleteUser")] {
            let data = lists.0.data(&format!("{{ {field} {{ edges {{ cursor node {{ id }} }} }} }}")).await;
            let edges = data[field]["edges"].as_array().expect("edges");
            for edge in [&edges[0], &edges[8]] {
                lists.0.done(mutation, json!({"id": edge["node"]["id"]}), "deletedId").await;
            }
            let page = lists.page(field, &format!("after: {}, before: {}", edges[0]["cursor"], edges[8]["cursor"])).await;
            let info = &page["pageInfo"];
            assert_eq!((names(&page).len(), &page["totalCount"]), (7, &json!(7)), "{page:#}");
            assert_eq!((&info["hasPreviousPage"], &info["hasNextPage"]), (&json!(false), &json!(false)), "{page:#}");
        }
    }

    async fn a_search_is_a_part_of_the_name_and_takes_wildcards_literally(lists: Lists) {
        for field in ["companies", "users"] {
            assert_eq!(lists.names(field, "query: \"ABEL\"").await, ["Abel", "abel & Co", "Ábelson"]);
            assert_eq!(lists.names(field, "query: \" osterr \"").await, ["Österreich"]);
            assert_eq!(lists.names(field, "query: \"0%\"").await, ["Bar 100%"]);
            assert_eq!(lists.names(field, "query: \"bar_\"").await, ["Bar_100"]);
            assert_eq!(lists.names(field, "query: \"\\\\\"").await, [""; 0]);
            assert_eq!(lists.names(field, "query: \"  \"").await.len(), NAMES.len());
            let page = lists.page(field, "query: \"abel\", first: 2").await;
            assert_eq!((&page["totalCount"], &page["pageInfo"]["hasNextPage"]), (&json!(3), &json!(true)));
        }
        assert_eq!(lists.names("tags", "query: \"ÁBEL\"").await, ["2 Ábelson"]);
    }

    async fn arguments_are_refused_as_for_contacts(lists: Lists) {
        let contact = lists.0.data("{ contacts(sortKey: NAME, first: 1) { pageInfo { endCursor } } }").await;
        let contact = contact["contacts"]["pageInfo"]["endCursor"].clone();
        for field in ["companies", "users", "tags"] {
            let other = if field == "users" { "companies" } else { "users" };
            let other = lists.page(other, "first: 1").await["pageInfo"]["endCursor"].take();
            for (arguments, code) in [
                ("first: 201".to_owned(), "BAD_USER_INPUT"),
                ("first: -1".to_owned(), "BAD_USER_INPUT"),
                ("first: 1, last: 1".to_owned(), "BAD_USER_INPUT"),
                ("after: \"nonsense\"".to_owned(), "INVALID_CURSOR"),
                (format!("after: {contact}"), "CURSOR_MISMATCH"),
                (format!("before: {other}"), "CURSOR_MISMATCH"),
            ] {
                let answer = lists.0.ask(&format!("{{ {field}({arguments}) {{ totalCount }} }}")).await;
                assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{field}({arguments}): {answer:#}");
                assert_eq!(answer["data"][field], Value::Null);
            }
            let answer = lists.0.ask(&format!("{{ contacts(sortKey: NAME, after: {other}) {{ totalCount }} }}")).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "CURSOR_MISMATCH", "{answer:#}");
            let page = lists.page(field, "first: 0").await;
            assert_eq!((&page["nodes"], &page["totalCount"]), (&json!([]), &json!(9)));
            assert_eq!(page["pageInfo"], json!({"hasNextPage": true, "hasPreviousPage": false, "startCursor": null, "endCursor": null}));
        }
    }

    async fn a_list_takes_one_statement_and_counts_only_when_asked(lists: Lists) {
        for (selection, counted) in [("nodes { name }", false), ("totalCount nodes { name } pageInfo { hasNextPage hasPreviousPage }", true)] {
            lists.0.statements();
            lists.0.data(&format!("{{ companies(first: 2) {{ {selection} }} }}")).await;
            let sent = lists.0.statements();
            assert_eq!(sent.len(), 1);
            assert_eq!(sent[0].sql.contains("COUNT(*)"), counted, "{}", sent[0].sql);
        }
    }
}
