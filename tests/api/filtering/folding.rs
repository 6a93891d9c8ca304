//! What folding takes away of names, and what it leaves.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{filtered, found};
use crate::support::{App, engine::on_each_engine};

/// Marks of every alphabet that loses them. By themselves nothing of them is left.
const MARKS: [&str; 5] = ["\u{301}", "\u{345}\u{323}", "\u{483}", "\u{64e}\u{651}", "\u{5b0}\u{5c1}"];
/// Of scripts that nothing in these tests is written in.
const OTHERS: [&str; 9] = ["ا", "ь", "三", "の", "ก", "ा", "♥", "\u{200d}", "\u{ad}"];

async fn filters(app: &App, filter: Value, ids: &[Uuid]) {
    let should = ids.iter().map(Uuid::to_string).collect();
    assert_eq!(filtered(app, &filter, false).await, should, "{filter}");
}

async fn named(app: &App, first: &str, last: &str) -> Uuid {
    app.created(json!({"firstName": first, "lastName": last})).await
}

on_each_engine! {
    async fn a_needle_of_which_folding_leaves_nothing_matches_nothing(app: App) {
        let input = json!({"firstName": "Jane", "lastName": "Doe", "company": "Acme", "email": "jane@example.com", "tags": ["lead"]});
        let all = [app.created(input).await, named(&app, "John", "Roe").await];
        for name in ["Acme", "Zeta"] {
            app.done("createCompany", json!({"name": name}), "__typename").await;
            app.done("createUser", json!({"name": name}), "__typename").await;
        }
        for needle in MARKS.into_iter().chain(OTHERS).chain(["\u{0}", "Jane\u{0}"]) {
            for field in ["firstName", "lastName", "company", "email"] {
                for operator in ["eq", "contains", "startsWith", "endsWith"] {
                    filters(&app, json!({field: {operator: needle}}), &[]).await;
                    filters(&app, json!({"not": {field: {operator: needle}}}), &all).await;
                }
                filters(&app, json!({field: {"in": [needle, needle]}}), &[]).await;
                filters(&app, json!({field: {"neq": needle}}), &all).await;
                filters(&app, json!({field: {"nin": [needle]}}), &all).await;
            }
            filters(&app, json!({"firstName": {"in": [needle, "JANE"]}}), &all[..1]).await;
            filters(&app, json!({"tags": {"hasAny": [needle]}}), &[]).await;
            filters(&app, json!({"tags": {"hasAny": [needle, "lead"]}}), &all[..1]).await;
            filters(&app, json!({"tags": {"hasAll": ["lead", needle]}}), &[]).await;
            filters(&app, json!({"tags": {"hasNone": [needle]}}), &all).await;
            assert!(found(&app, needle).await.is_empty(), "{needle:?}");
            for list in ["companies", "users", "tags"] {
                let query = format!("query($query: String) {{ {list}(query: $query) {{ totalCount nodes {{ name }} }} }}");
                let answer = app.ask_with(&query, json!({"query": needle})).await;
                assert_eq!(answer["data"][list], json!({"totalCount": 0, "nodes": []}), "{list} {needle:?} {answer:#}");
            }
            for matching in [json!({"filter": {"firstName": {"contains": needle}}}), json!({"query": needle})] {
                let delete = "mutation($where: ContactSelectionInput!) { deleteContacts(input: {where: $where}) { affectedCount userErrors { code } } }";
                let mut of_all = matching.clone();
                of_all["expectedCount"] = json!(2);
                let answer = app.ask_with(delete, json!({"where": {"matching": of_all}})).await;
                assert_eq!(answer["data"]["deleteContacts"], json!({"affectedCount": 0, "userErrors": [{"code": "COUNT_MISMATCH"}]}), "{answer:#}");
                let mut of_none = matching;
                of_none["expectedCount"] = json!(0);
                let answer = app.ask_with(delete, json!({"where": {"matching": of_none}})).await;
                assert_eq!(answer["data"]["deleteContacts"], json!({"affectedCount": 0, "userErrors": []}), "{answer:#}");
            }
        }
        // What is empty is in every name that there is, as it always was.
        filters(&app, json!({"firstName": {"contains": ""}}), &all).await;
        filters(&app, json!({"company": {"contains": ""}}), &all[..1]).await;
        filters(&app, json!({"firstName": {"eq": ""}}), &[]).await;
    }

    async fn a_name_of_marks_only_is_no_empty_name(app: App) {
        let id = app.created(json!({"firstName": "\u{301}\u{302}", "company": "\u{64e}"})).await;
        filters(&app, json!({"firstName": {"eq": ""}}), &[]).await;
        filters(&app, json!({"company": {"eq": ""}}), &[]).await;
        filters(&app, json!({"firstName": {"contains": ""}}), &[id]).await;
        filters(&app, json!({"firstName": {"contains": "\u{301}"}}), &[]).await;
        filters(&app, json!({"firstName": {"isNull": false}}), &[id]).await;
    }

    async fn letters_that_sound_alike_are_not_alike(app: App) {
        let names = ["李", "黎", "里", "Li", "か", "が", "Ли", "ק", "کی", "की", "कि"];
        let mut ids = Vec::new();
        for name in names {
            let company = format!("{name} {name}");
            ids.push(app.created(json!({"firstName": name, "lastName": name, "company": company})).await);
        }
        for (name, id) in names.iter().zip(&ids) {
            for operator in ["eq", "contains", "startsWith", "endsWith"] {
                for field in ["firstName", "lastName", "company"] {
                    let value = if field == "company" && operator == "eq" { format!("{name} {name}") } else { (*name).to_owned() };
                    filters(&app, json!({field: {operator: value}}), &[*id]).await;
                }
            }
            // A query is not transliterated either; a Latin one finds what is written so.
            if *name != "Li" {
                assert_eq!(found(&app, name).await, [id.to_string()].into(), "{name}");
            }
        }
    }

    async fn a_picture_is_no_word(app: App) {
        let face = named(&app, "🙂", "☎ Sun ☀").await;
        let susan = named(&app, "Susan", "Three").await;
        for needle in ["_", "smil", ":", "telephone"] {
            filters(&app, json!({"or": [{"firstName": {"contains": needle}}, {"lastName": {"contains": needle}}]}), &[]).await;
        }
        for (query, ids) in [("slightly", vec![]), ("smiling", vec![]), ("三", vec![]), ("🙂", vec![face]), ("☀", vec![face]), ("sus", vec![susan])] {
            assert_eq!(found(&app, query).await, ids.iter().map(Uuid::to_string).collect(), "{query}");
        }
        filters(&app, json!({"firstName": {"contains": "🙂"}}), &[face]).await;
    }

    async fn case_and_accents_do_not_count(app: App) {
        for (name, needles) in [
            ("Straße", vec!["STRASSE", "strasse", "STRAẞE", "Ｓtraße"]),
            ("ΟΔΟΣ", vec!["οδος", "οδοσ", "Οδός"]),
            ("İstanbul", vec!["istanbul", "ISTANBUL", "ıstanbul"]),
            ("Łódź", vec!["lodz", "ŁÓDŹ"]),
            ("Ærø", vec!["aero", "ÆRØ"]),
            ("مُحَمَّد", vec!["محمد"]),
            ("שָׁלוֹם", vec!["שלום"]),
            ("Ёлкин", vec!["елкин", "ЕЛКИН"]),
            ("Zoe\u{308}", vec!["zoë", "ZOE"]),
        ] {
            let id = app.created(json!({"firstName": name, "lastName": name, "company": name, "tags": [name]})).await;
            for needle in needles {
                for field in ["firstName", "lastName", "company"] {
                    filters(&app, json!({field: {"eq": needle}}), &[id]).await;
                    filters(&app, json!({field: {"startsWith": needle}}), &[id]).await;
                }
                filters(&app, json!({"tags": {"hasAny": [needle]}}), &[id]).await;
                assert_eq!(found(&app, needle).await, [id.to_string()].into(), "{needle}");
            }
        }
    }

    async fn names_compare_whole_however_long(app: App) {
        let (long, longer) = ("a".repeat(255), format!("{}b", "a".repeat(255)));
        let jane = app.created(json!({"firstName": "Jane", "lastName": long, "company": long})).await;
        let other = app.created(json!({"firstName": "Joan", "lastName": longer, "company": longer})).await;
        let wide = app.created(json!({"firstName": "Kim", "lastName": "ﷺ".repeat(256), "company": "ﷺ".repeat(1_024)})).await;
        filters(&app, json!({"firstName": {"eq": "jane"}}), &[jane]).await;
        filters(&app, json!({"firstName": {"eq": ""}}), &[]).await;
        filters(&app, json!({"firstName": {"endsWith": "ne"}}), &[jane]).await;
        for field in ["lastName", "company"] {
            filters(&app, json!({field: {"eq": long}}), &[jane]).await;
            filters(&app, json!({field: {"eq": longer}}), &[other]).await;
            filters(&app, json!({field: {"in": [longer, "x"]}}), &[other]).await;
            filters(&app, json!({field: {"eq": "a".repeat(64)}}), &[]).await;
            filters(&app, json!({field: {"startsWith": long}}), &[jane, other]).await;
            filters(&app, json!({field: {"startsWith": longer}}), &[other]).await;
            filters(&app, json!({field: {"startsWith": "a".repeat(63)}}), &[jane, other]).await;
            filters(&app, json!({field: {"endsWith": "ab"}}), &[other]).await;
            filters(&app, json!({field: {"contains": "عليه"}}), &[wide]).await;
        }
        filters(&app, json!({"lastName": {"eq": "ﷺ".repeat(256)}}), &[wide]).await;
    }

    async fn blanks_of_a_needle_count(app: App) {
        let ann = named(&app, "Ann", "Annabel").await;
        let mary = app.created(json!({"firstName": "Ann \u{a0} Mary", "lastName": "de\u{3000}la Cruz", "company": "Ann & Co"})).await;
        for (filter, ids) in [
            (json!({"firstName": {"contains": " "}}), vec![mary]),
            (json!({"firstName": {"startsWith": "Ann "}}), vec![mary]),
            (json!({"firstName": {"startsWith": "ann\u{2003}M"}}), vec![mary]),
            (json!({"firstName": {"endsWith": " mary"}}), vec![mary]),
            (json!({"firstName": {"eq": "ann mary"}}), vec![mary]),
            (json!({"firstName": {"eq": "Ann "}}), vec![]),
            (json!({"firstName": {"startsWith": " ann"}}), vec![]),
            (json!({"firstName": {"contains": "n  m"}}), vec![mary]),
            (json!({"lastName": {"contains": " la "}}), vec![mary]),
            (json!({"lastName": {"startsWith": "de "}}), vec![mary]),
            (json!({"lastName": {"endsWith": "bel "}}), vec![]),
            (json!({"company": {"startsWith": "ann "}}), vec![mary]),
            (json!({"not": {"firstName": {"contains": "\t"}}}), vec![ann]),
        ] {
            filters(&app, filter, &ids).await;
        }
    }

    async fn parts_of_emails_compare_without_case_in_any_script(app: App) {
        let id = app.created(json!({"firstName": "A", "emails": [{"address": "Mail@köln.de"}]})).await;
        app.created(json!({"firstName": "B", "email": "mail@example.com"})).await;
        for (operator, part) in [
            ("contains", "KÖLN"), ("contains", "koln"), ("contains", "MAIL@KÖ"), ("contains", "xn--KLN"), ("endsWith", "@KÖLN.DE"),
            ("endsWith", "@xn--kln-sna.de"), ("startsWith", "mail@k"), ("eq", "MAIL@KÖLN.DE"), ("eq", "mail@xn--kln-sna.de"),
        ] {
            filters(&app, json!({"email": {operator: part}}), &[id]).await;
        }
    }

    async fn lists_by_name_search_whole_names(app: App) {
        let names = ["李氏", "黎氏", "Łódź ΟΔΟΣ", "a%_b"];
        let long = format!("{}Ende", "ab ".repeat(80));
        for name in names.iter().copied().chain([long.as_str()]) {
            app.done("createCompany", json!({"name": name}), "__typename").await;
            app.done("createUser", json!({"name": name}), "__typename").await;
        }
        for list in ["companies", "users"] {
            for (query, found) in [("李", vec!["李氏"]), ("lodz οδός", vec!["Łódź ΟΔΟΣ"]), ("li", vec![]), ("b ende", vec![long.as_str()]), ("%_", vec!["a%_b"])] {
                let text = format!("query($query: String) {{ {list}(query: $query) {{ nodes {{ name }} }} }}");
                let answer = app.ask_with(&text, json!({"query": query})).await;
                let nodes: Vec<_> = found.iter().map(|name| json!({"name": name})).collect();
                assert_eq!(answer["data"][list]["nodes"], json!(nodes), "{list} {query}");
            }
            let text = format!("query($query: String) {{ {list}(query: $query) {{ totalCount }} }}");
            let answer = app.ask_with(&text, json!({"query": "x".repeat(100_000)})).await;
            assert_eq!(answer["data"][list]["totalCount"], 0, "{answer:#}");
        }
    }
}
