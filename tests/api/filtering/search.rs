//! Free text.

use serde_json::{Value, json};
use uuid::Uuid;

use super::found;
use crate::support::{App, engine::on_each_engine};

async fn finds(app: &App, query: &str, ids: &[Uuid]) {
    let should = ids.iter().map(Uuid::to_string).collect();
    assert_eq!(found(app, query).await, should, "{query:?}");
}

async fn mutate(app: &App, mutation: &str, input: Value) {
    let query = format!(
        "mutation($input: {}{}Input!) {{ {mutation}(input: $input) {{ userErrors {{ code }} }} }}",
        mutation[..1].to_uppercase(),
        &mutation[1..]
    );
    let answer = app.ask_with(&query, json!({"input": input})).await;
    assert_eq!(answer["data"][mutation]["userErrors"], json!([]), "{answer:#}");
}

on_each_engine! {
    async fn every_word_is_found_in_any_field(app: App) {
        let jane = app.created(json!({"firstName": "Jané", "lastName": "O'Neil-Smith", "company": "Ácme \"50%\" Inc_1",
            "emails": [{"address": "jd@example.com"}, {"address": "Second@Exämple.org"}], "tags": ["Hot Lead"]})).await;
        let john = app.created(json!({"firstName": "John", "lastName": "Smith", "tags": ["lead"]})).await;
        let (_, other) = app.organization("Globex").await;
        app.ask_as(&other, "mutation { createContact(input: {firstName: \"Jane\", lastName: \"Smith\"}) { contact { id } } }", json!({})).await;
        for query in ["jane", "JANÉ", " ane ", "o'neil", "neil-smith jané", "acme", "\"50%\"", "50%", "inc_1", "jd@EXAMPLE.com",
            "second@", "example.org", "hot", "lead hot", "acme second smith", "ja", "j hot", "O'", "\u{1}jane"]
        {
            finds(&app, query, &[jane]).await;
        }
        for query in ["smith", "lead", "j", "smi lead", "  LEAD\t"] {
            finds(&app, query, &[jane, john]).await;
        }
        for query in ["jane john", "xane", "j%e", "j_n", "50_", "incx1", "an", "*", "smith OR nothing", "%", "_", "\\", "\u{e000}", "jane\u{0}", "\u{0}", "\u{301}", "\u{64e} \u{5b0}", "\u{200b}"] {
            finds(&app, query, &[]).await;
        }
        for query in ["", "  ", "\t\n"] {
            finds(&app, query, &[jane, john]).await;
        }
    }

    async fn a_number_is_found_in_any_notation(app: App) {
        app.raw_execute("UPDATE organization SET default_phone_region = 'GB'").await;
        let toronto = app.created(json!({"firstName": "A", "phone": "+1 416 555 0100"})).await;
        let london = app.created(json!({"firstName": "B", "phone": "020 7946 0958", "whatsappNumber": "+44 7911 123456"})).await;
        let desk = app.created(json!({"firstName": "C", "phone": "Desk 4-12"})).await;
        for query in ["+14165550100", "+1 (416) 555-0100", "416-555-0100", "416.555.0100", "(416) 555", "5550100", "555-01", "001 416 555 0100"] {
            finds(&app, query, &[toronto]).await;
        }
        for query in ["+44 20 7946 0958", "020 7946 0958", "(020) 79460958", "+44 (0)20 7946 0958", "0044 20 7946 0958", "7946", "07911 123456", "b 7946-0958"] {
            finds(&app, query, &[london]).await;
        }
        finds(&app, "desk 4-12", &[desk]).await;
        finds(&app, "416-555-0199", &[]).await;
    }

    async fn a_number_is_found_among_words_in_any_groups(app: App) {
        app.raw_execute("UPDATE organization SET default_phone_region = 'FR'").await;
        let anna = app.created(json!({"firstName": "Anna", "lastName": "Dupont", "phone": "06 12 34 56 78", "company": "Studio 54 321"})).await;
        let other = app.created(json!({"firstName": "Anna", "phone": "06 12 34 56 79", "email": "anna12345@example.com"})).await;
        for query in [
            "anna 06 12 34 56 78", "06 12 34 56 78 anna", "0612345678 Anna", "anna 06-12-34-56-78 dupont", "anna 061 234 5678", "anna, 06.12.34.56.78",
            "anna +33 6 12 34 56 78", "anna 0033 6 12 34 56 78", "tel:+33612345678", "tel:+33-6-12-34-56-78;ext=5", "<TEL:0612345678>", "anna tel:0612345678",
            "\u{202a}+33 6 12 34 56 78\u{202c}", "06\u{a0}12\u{2009}34\u{202f}56\u{a0}78", "12 34 56 78", "345678", "studio 54 321", "54 321", "Dupont, Anna",
        ] {
            finds(&app, query, &[anna]).await;
        }
        finds(&app, "anna 06 12 34 56", &[anna, other]).await;
        finds(&app, "anna12345@example.com", &[other]).await;
        finds(&app, "anna12345", &[other]).await;
        finds(&app, "dupont 06 12 34 56 79", &[]).await;
        finds(&app, "anna 06 12 34 56 7 9 1", &[]).await;
    }

    async fn names_are_found_as_people_write_them(app: App) {
        app.raw_execute("UPDATE organization SET required_fields = '[]'").await;
        let obrien = app.created(json!({"firstName": "Sinéad", "lastName": "O'Brien-Walsh", "company": "McDonald’s"})).await;
        let darc = app.created(json!({"firstName": "Jean-Luc", "lastName": "D’Arc"})).await;
        let plain = app.created(json!({"firstName": "Jeanluc", "lastName": "ODwyer"})).await;
        for (query, ids) in [
            ("obrien", vec![obrien]), ("OBRIEN sinead", vec![obrien]), ("o'brien", vec![obrien]), ("O’Brien", vec![obrien]), ("obrienwalsh", vec![obrien]),
            ("obrien-walsh", vec![obrien]), ("O'BrienWalsh", vec![obrien]), ("brien walsh", vec![obrien]), ("mcdonalds", vec![obrien]), ("McDonald's", vec![obrien]),
            ("darc", vec![darc]), ("d'arc", vec![darc]), ("jeanluc", vec![darc, plain]), ("jean-luc", vec![darc, plain]), ("o'dwyer", vec![plain]),
        ] {
            finds(&app, query, &ids).await;
        }
        let wang = app.created(json!({"firstName": "小明", "lastName": "王"})).await;
        let kim = app.created(json!({"firstName": "민수", "lastName": "김"})).await;
        let one_field = app.created(json!({"firstName": "山田 太郎"})).await;
        let thai = app.created(json!({"firstName": "สมชาย", "lastName": "ใจดี"})).await;
        for (query, id) in [
            ("王小明", wang), ("小明王", wang), ("王 小明", wang), ("小明 王", wang), ("王", wang), ("小明", wang), ("wangxiaoming", wang), ("xiaoming wang", wang),
            ("김민수", kim), ("민수김", kim), ("민수 김", kim), ("山田太郎", one_field), ("太郎", one_field), ("สมชายใจดี", thai), ("ใจดีสมชาย", thai),
        ] {
            finds(&app, query, &[id]).await;
        }
    }

    async fn latin_letters_find_what_is_written_in_others_and_not_the_other_way_round(app: App) {
        let ivanov = app.created(json!({"firstName": "Иван", "lastName": "Иванов", "tags": ["Клиент"]})).await;
        let latin = app.created(json!({"firstName": "Ivan", "lastName": "Ivanov", "company": "Guðmundur"})).await;
        let three = app.created(json!({"firstName": "三"})).await;
        app.created(json!({"firstName": "Susan", "lastName": "San"})).await;
        for (query, ids) in [
            ("ivanov", vec![ivanov, latin]), ("иванов", vec![ivanov]), ("ИВАНОВ иван", vec![ivanov]), ("klient", vec![ivanov]), ("三", vec![three]),
            ("gudmundur", vec![latin]), ("guðmundur", vec![latin]), ("李", vec![]), ("ا", vec![]),
        ] {
            finds(&app, query, &ids).await;
        }
    }

    async fn a_change_is_found_at_once(app: App) {
        let id = app.created(json!({"firstName": "Jane", "tags": ["lead"], "phone": "+14165550100"})).await;
        finds(&app, "jane", &[id]).await;
        mutate(&app, "updateContact", json!({"id": id, "set": {"firstName": "Ada", "addTags": ["vip"], "company": "Acme"}})).await;
        finds(&app, "jane", &[]).await;
        finds(&app, "ada vip acme lead 4165550100", &[id]).await;
        mutate(&app, "updateContact", json!({"id": id, "set": {"tags": null, "phone": null, "email": "ada@example.com"}})).await;
        finds(&app, "vip", &[]).await;
        finds(&app, "4165550100", &[]).await;
        finds(&app, "ada@example.com", &[id]).await;
        mutate(&app, "deleteContact", json!({"id": id})).await;
        finds(&app, "ada", &[]).await;
        mutate(&app, "restoreContacts", json!({"ids": [id]})).await;
        finds(&app, "ada", &[id]).await;
        let again = app.created(json!({"firstName": "Ada"})).await;
        finds(&app, "ada", &[id, again]).await;
        mutate(&app, "purgeContacts", json!({"ids": [id]})).await;
        finds(&app, "ada", &[again]).await;
        let left: i64 = app.count("SELECT COUNT(*) AS count FROM contact_search").await;
        assert_eq!(left, 1, "what was purged leaves no document");
        let rows: Vec<Value> = (0..150).map(|n| json!({"firstName": format!("Bulk{n}"), "company": "Many"})).collect();
        mutate(&app, "createContacts", json!({"contacts": rows})).await;
        assert_eq!(found(&app, "many bulk").await.len(), 150);
    }

    async fn a_change_elsewhere_writes_no_document(app: App) {
        let id = app.created(json!({"firstName": "Jane"})).await;
        app.statements();
        mutate(&app, "updateContact", json!({"id": id, "set": {"notes": "met", "score": 5}})).await;
        let touched = app.statements().into_iter().filter(|statement| statement.sql.contains("contact_search")).count();
        assert_eq!(touched, 0);
    }

    async fn filter_and_query_must_both_match(app: App) {
        let jane = app.created(json!({"firstName": "Jane", "status": "active"})).await;
        app.created(json!({"firstName": "Jane", "status": "bounced"})).await;
        let both = json!({"query": "jane", "filter": {"status": {"eq": "ACTIVE"}}, "deleted": false});
        assert_eq!(super::listed(&app, both).await, [jane.to_string()].into());
    }

    async fn a_number_is_found_with_an_extension_behind_it(app: App) {
        app.raw_execute("UPDATE organization SET default_phone_region = 'GB'").await;
        let london = app.created(json!({"firstName": "Anna", "phone": "+44 20 7946 1111"})).await;
        let desk = app.created(json!({"firstName": "Ben", "phone": "+44 20 7946 1112 x77"})).await;
        for number in ["+442079461111", "020 7946 1111", "+44 20 7946 1111"] {
            for extension in ["x77", " x77", " ext. 77", " ext 77", " extension 77", ";ext=77", " #77"] {
                finds(&app, &format!("{number}{extension}"), &[london]).await;
                finds(&app, &format!("anna {number}{extension}"), &[london]).await;
            }
        }
        finds(&app, "020 7946 1111 x77 anna", &[london]).await;
        finds(&app, "tel:+442079461111;ext=77", &[london]).await;
        finds(&app, "+442079461112 x77", &[desk]).await;
        finds(&app, "ben x77", &[desk]).await;
        finds(&app, "+442079461111x77 ben", &[]).await;
    }

    async fn digits_of_any_script_are_digits(app: App) {
        app.raw_execute("UPDATE organization SET default_phone_region = 'GB'").await;
        let london = app.created(json!({"firstName": "Anna", "phone": "020 7946 1111"})).await;
        let named = app.created(json!({"firstName": "Ben", "company": "\u{661}\u{662}\u{663}\u{664}\u{665}"})).await;
        for zero in ['\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{ff10}'] {
            let digits = |text: &str| -> String {
                let digit = |c: char| c.to_digit(10).and_then(|digit| char::from_u32(u32::from(zero) + digit));
                text.chars().map(|c| digit(c).unwrap_or(c)).collect()
            };
            for number in ["02079461111", "020 7946 1111", "+44 20 7946 1111", "0044 20 7946 1111", "\u{ff0b}442079461111", "+442079461111 x77"] {
                finds(&app, &digits(number), &[london]).await;
                finds(&app, &format!("anna {}", digits(number)), &[london]).await;
            }
        }
        finds(&app, "\u{661}\u{662}\u{663}\u{664}\u{665}", &[named]).await;
    }

    async fn a_domain_is_found_in_either_form(app: App) {
        let unicode = app.created(json!({"firstName": "A", "email": "mail@m\u{fc}nchen.example"})).await;
        let ascii = app.created(json!({"firstName": "B", "email": "post@xn--mnchen-3ya.example"})).await;
        for query in ["xn--mnchen-3ya.example", "XN--MNCHEN-3YA.example", "m\u{fc}nchen.example", "m\u{fc}nchen\u{3002}example",
            "m\u{fc}nchen\u{ff61}example", "m\u{fc}nchen\u{ff0e}example", "xn--mnchen-3ya\u{3002}example"] {
            finds(&app, query, &[unicode, ascii]).await;
            finds(&app, &format!("mail@{query}"), &[unicode]).await;
            finds(&app, &format!("Post@{query}"), &[ascii]).await;
        }
    }
}
