//! Phone numbers: their normal form, their flags, the shortcuts `phone` and `whatsappNumber`.

use serde_json::{Value, json};

use crate::{
    changing::{mutate_for, updated},
    fixtures::LENIENT,
    support::{App, engine::on_each_engine},
};

/// Each stored number with its flags: `+1… primary whatsapp do-not-call`.
async fn numbers(app: &App, input: Value) -> Vec<String> {
    let contact = app.stored(input).await;
    let flags = [("isPrimary", "primary"), ("isWhatsapp", "whatsapp"), ("doNotCall", "do-not-call")];
    let phones = contact["phones"].as_array().expect("a list").iter().map(|phone| {
        let mut words = vec![phone["number"].as_str().expect("text")];
        words.extend(flags.iter().filter(|(name, _)| phone[name] == true).map(|(_, word)| *word));
        words.join(" ")
    });
    let phones: Vec<String> = phones.collect();
    let flagged = |flag: &str| {
        let found = phones.iter().find(|phone| phone.contains(flag));
        json!(found.map(|phone| phone.split(" primary").next().unwrap_or(phone).split(" whatsapp").next()))
    };
    assert_eq!(contact["phone"], flagged(" primary"), "{contact:#}");
    assert_eq!(contact["whatsappNumber"], flagged(" whatsapp"), "{contact:#}");
    phones
}

/// A contact's numbers, whole.
async fn whole(app: &App, id: &Value) -> Value {
    let query = "query($id: ID!) { contact(id: $id) { phones { number extension type label isPrimary isWhatsapp doNotCall } } }";
    app.ask_with(query, json!({"id": id})).await["data"]["contact"]["phones"].take()
}

on_each_engine! {
    async fn the_shortcut_is_one_primary_number(app: App) {
        app.set_policy(LENIENT).await;
        assert_eq!(numbers(&app, json!({"phone": " +1 (416) 555-0100 "})).await, ["+14165550100 primary"]);
        assert_eq!(numbers(&app, json!({"phone": " "})).await, [""; 0]);
    }

    async fn none_flagged_makes_the_first_primary(app: App) {
        app.set_policy(LENIENT).await;
        let two = json!({"phones": [{"number": "+14165550100"}, {"number": "+14165550101", "isPrimary": false}]});
        assert_eq!(numbers(&app, two).await, ["+14165550100 primary", "+14165550101"]);
        let second = json!({"phones": [{"number": "+14165550100"}, {"number": "+14165550101", "isPrimary": true}]});
        assert_eq!(numbers(&app, second).await, ["+14165550100", "+14165550101 primary"]);
    }

    async fn two_primary_numbers_are_refused(app: App) {
        app.set_policy(LENIENT).await;
        let two = json!([{"number": "+14165550100", "isPrimary": true}, {"number": "+14165550101", "isPrimary": true}]);
        assert_eq!(app.faults(json!({"phones": two})).await, ["phones MULTIPLE_PRIMARY"]);
    }

    async fn the_shortcut_and_the_list_together_are_refused(app: App) {
        app.set_policy(LENIENT).await;
        let both = json!({"phone": "+14165550100", "phones": [{"number": "+14165550100"}]});
        assert_eq!(app.faults(both).await, ["phone FIELDS_CONFLICT"]);
        assert_eq!(app.faults(json!({"phone": "+14165550100", "phones": []})).await, ["phone FIELDS_CONFLICT"]);
    }

    async fn preferred_form_normalizes_what_it_can_and_keeps_the_rest(app: App) {
        app.set_policy(LENIENT).await;
        for (given, kept) in [
            ("+44 20 7946 0958", "+442079460958"),
            ("+15551234567", "+15551234567"),
            ("(416) 555-0100", "(416) 555-0100"),
            ("  call reception ", "call reception"),
            ("abc+14165550100", "abc+14165550100"),
            ("+1 416 555 0100 (home)", "+1 416 555 0100 (home)"),
        ] {
            assert_eq!(numbers(&app, json!({"phone": given})).await, [format!("{kept} primary")]);
        }
        app.set_policy(&[("default_phone_region", "'US'")]).await;
        assert_eq!(numbers(&app, json!({"phone": "(416) 555-0100"})).await, ["+14165550100 primary"]);
        app.set_policy(&[("default_phone_region", "'DE'")]).await;
        assert_eq!(numbers(&app, json!({"phone": "030 901820"})).await, ["+4930901820 primary"]);
    }

    async fn required_form_refuses_what_is_no_possible_number(app: App) {
        app.set_policy(LENIENT).await;
        app.set_policy(&[("phone_format", "'E164_REQUIRED'")]).await;
        for given in ["(416) 555-0100", "call me", "+1", "12", "abc+14165550100", "+1 416 555 0100 home", "\u{2603}", "x12"] {
            assert_eq!(app.faults(json!({"phone": given})).await, ["phone PHONE_INVALID"], "{given}");
            let listed = json!({"phones": [{"number": "+14165550100"}, {"number": given}]});
            assert_eq!(app.faults(listed).await, ["phones.1.number PHONE_INVALID"], "{given}");
        }
        assert_eq!(numbers(&app, json!({"phone": "+1 555 123 4567"})).await, ["+15551234567 primary"]);
        app.set_policy(&[("default_phone_region", "'US'")]).await;
        assert_eq!(numbers(&app, json!({"phone": "416.555.0100"})).await, ["+14165550100 primary"]);
        let blank = json!({"phones": [{"number": " "}]});
        assert_eq!(app.faults(blank).await, ["phones.0.number PHONE_INVALID"]);
    }

    async fn as_given_keeps_the_notation(app: App) {
        app.set_policy(LENIENT).await;
        app.set_policy(&[("phone_format", "'AS_GIVEN'"), ("default_phone_region", "'US'")]).await;
        for given in ["+44 20 7946 0958", "(416) 555-0100", "call reception"] {
            assert_eq!(numbers(&app, json!({"phone": given})).await, [format!("{given} primary")]);
        }
    }

    async fn a_whatsapp_number_flags_the_equal_row(app: App) {
        app.set_policy(LENIENT).await;
        let input = json!({"phone": "+14165550100", "whatsappNumber": "+1 416 555 0100"});
        assert_eq!(numbers(&app, input).await, ["+14165550100 primary whatsapp"]);
        let input = json!({"phones": [{"number": "+14165550100"}, {"number": "+4930901820", "doNotCall": true}],
            "whatsappNumber": "+49 30 901820"});
        assert_eq!(numbers(&app, input).await, ["+14165550100 primary", "+4930901820 whatsapp do-not-call"]);
    }

    async fn a_new_whatsapp_number_is_added_and_never_primary(app: App) {
        app.set_policy(LENIENT).await;
        assert_eq!(numbers(&app, json!({"whatsappNumber": "+14165550100"})).await, ["+14165550100 whatsapp"]);
        let input = json!({"phone": "+4930901820", "whatsappNumber": "+14165550100"});
        assert_eq!(numbers(&app, input).await, ["+4930901820 primary", "+14165550100 whatsapp"]);
    }

    async fn a_whatsapp_number_is_e164_whatever_the_policy(app: App) {
        app.set_policy(LENIENT).await;
        for format in ["'AS_GIVEN'", "'E164_PREFERRED'", "'E164_REQUIRED'"] {
            app.set_policy(&[("phone_format", format), ("default_phone_region", "NULL")]).await;
            let refused = app.faults(json!({"whatsappNumber": "(416) 555-0100"})).await;
            assert_eq!(refused, ["whatsappNumber PHONE_INVALID"], "{format}");
            let listed = json!({"phones": [{"number": "call me", "isWhatsapp": true}]});
            assert_eq!(app.faults(listed).await, ["phones.0.number PHONE_INVALID"], "{format}");
            app.set_policy(&[("default_phone_region", "'US'")]).await;
            let input = json!({"whatsappNumber": "(416) 555-0100"});
            assert_eq!(numbers(&app, input).await, ["+14165550100 whatsapp"], "{format}");
        }
    }

    async fn a_second_whatsapp_number_is_refused(app: App) {
        app.set_policy(LENIENT).await;
        let flagged = json!({"phones": [{"number": "+14165550100", "isWhatsapp": true}], "whatsappNumber": "+4930901820"});
        assert_eq!(app.faults(flagged).await, ["whatsappNumber MULTIPLE_WHATSAPP"]);
        let listed = json!({"phones": [{"number": "+14165550100", "isWhatsapp": true},
            {"number": "+4930901820", "isWhatsapp": true}]});
        let faults = app.faults(listed).await;
        assert!(faults.len() == 1 && faults[0].ends_with(" MULTIPLE_WHATSAPP"), "{faults:?}");
        let same = json!({"phones": [{"number": "+14165550100", "isWhatsapp": true}], "whatsappNumber": "+14165550100"});
        assert_eq!(numbers(&app, same).await, ["+14165550100 primary whatsapp"]);
    }

    async fn a_number_given_twice_is_kept_once(app: App) {
        app.set_policy(LENIENT).await;
        let twice = json!({"phones": [{"number": "+14165550100"}, {"number": "+4930901820"},
            {"number": "+1 416 555 0100", "isPrimary": true, "doNotCall": true}]});
        assert_eq!(numbers(&app, twice).await, ["+14165550100 primary do-not-call", "+4930901820"]);
    }

    async fn a_number_given_twice_keeps_the_more_specific_type_and_label(app: App) {
        app.set_policy(LENIENT).await;
        let twice = json!({"phones": [{"number": "+14165550100", "label": " "}, {"number": "tel:+1-416-555-0100;ext=12",
            "type": "WORK", "label": "Front desk", "isWhatsapp": true}, {"number": "+14165550100", "type": "HOME", "label": "no"}]});
        let contact = app.stored(twice).await;
        assert_eq!(whole(&app, &contact["id"]).await, json!([{"number": "+14165550100", "extension": "12", "type": "WORK",
            "label": "Front desk", "isPrimary": true, "isWhatsapp": true, "doNotCall": false}]));
    }

    async fn an_extension_is_kept_beside_the_number(app: App) {
        app.set_policy(LENIENT).await;
        for format in ["'E164_PREFERRED'", "'E164_REQUIRED'", "'AS_GIVEN'"] {
            app.set_policy(&[("phone_format", format)]).await;
            for given in ["+14165550100 x12", "+14165550100;ext=12", "tel:+14165550100;ext=12", "+14165550100 ext. 12",
                "+14165550100 extension 12"] {
                for input in [json!({"phone": given}), json!({"phones": [{"number": given}]})] {
                    let contact = app.stored(input).await;
                    let phone = &whole(&app, &contact["id"]).await[0];
                    assert_eq!((&phone["number"], &phone["extension"]), (&json!("+14165550100"), &json!("12")), "{given} {format}");
                    assert_eq!(contact["phone"], "+14165550100");
                }
            }
        }
        app.set_policy(&[("phone_format", "'E164_REQUIRED'")]).await;
        let contact = app.stored(json!({"phones": [{"number": "+14165550100 x1"}, {"number": "+14165550100 x2"}]})).await;
        let two = whole(&app, &contact["id"]).await;
        let lines: Vec<_> = two.as_array().expect("a list").iter().map(|phone| phone["extension"].clone()).collect();
        assert_eq!(lines, ["1", "2"], "two extensions are two lines");
    }

    async fn an_extension_stays_with_a_number_that_is_sent_back_and_goes_with_another(app: App) {
        app.set_policy(LENIENT).await;
        let id = app.created(json!({"phone": "+14165550100 x12"})).await;
        let phones = async |set: Value| {
            updated(&app, id, set).await;
            let phones = whole(&app, &json!(id)).await;
            phones.as_array().expect("a list").iter()
                .map(|phone| format!("{} {}", phone["number"].as_str().expect("text"), phone["extension"])).collect::<Vec<_>>()
        };
        assert_eq!(phones(json!({"phones": [{"number": "+14165550100"}]})).await, ["+14165550100 \"12\""]);
        assert_eq!(phones(json!({"phone": "+1 416 555 0100"})).await, ["+14165550100 \"12\""]);
        assert_eq!(phones(json!({"phones": [{"number": "+14165550100 x7"}]})).await, ["+14165550100 \"7\""]);
        assert_eq!(phones(json!({"phone": "+14165550100 x8"})).await, ["+14165550100 \"7\"", "+14165550100 \"8\""]);
        assert_eq!(phones(json!({"phones": [{"number": "+14165550101"}]})).await, ["+14165550101 null"]);
    }

    async fn a_number_has_one_form_wherever_it_is_looked_for(app: App) {
        app.set_policy(LENIENT).await;
        app.set_policy(&[("default_phone_region", "'US'"), ("phone_format", "'E164_REQUIRED'")]).await;
        let notations = ["\u{202a}+1 416-555-0100\u{202c}", "\u{2066}(416) 555-0100\u{2069}", "tel:+1-416-555-0100",
            "tel:416-555-0100;phone-context=+1", "011 1 416 555 0100", "001 416 555 0100", "+1\u{a0}416\u{202f}555\u{2009}0100",
            "\u{ff0b}\u{ff11}\u{ff14}\u{ff11}\u{ff16}\u{ff15}\u{ff15}\u{ff15}\u{ff10}\u{ff11}\u{ff10}\u{ff10}", "+1 416 555 0100 x9",
            "+1 416 555 0100\n"];
        let id = app.created(json!({"phone": notations[0], "whatsappNumber": notations[3]})).await;
        for notation in notations {
            assert_eq!(app.stored(json!({"phone": notation})).await["phone"], "+14165550100", "{notation}");
            let found = app.ask_with(
                "query($p: String!) { a: contacts(filter: {phone: {eq: $p}}, order: ASC, first: 1) { nodes { id } }
                    b: contacts(filter: {whatsappNumber: {in: [$p]}}) { nodes { id } }
                    c: contacts(filter: {phone: {neq: $p}}) { nodes { id } } }",
                json!({"p": notation}),
            ).await;
            let ids = json!({"nodes": [{"id": id}]});
            assert_eq!(found["data"], json!({"a": ids, "b": ids, "c": {"nodes": []}}), "{notation}: {found:#}");
        }
        app.done("deleteContacts", json!({"where": {"matching": {"expectedCount": notations.len(),
            "filter": {"phone": {"eq": notations[2]}, "whatsappNumber": {"isNull": true}}}}}), "__typename").await;
        for notation in notations {
            let found = app.ask_with("query($p: String!) { contactByIdentifier(identifier: {phone: $p}) { id } }", json!({"p": notation})).await;
            assert_eq!(found["data"]["contactByIdentifier"], json!({"id": id}), "{notation}: {found:#}");
            let matched = mutate_for(&app, "upsertContact", "created contact { id }", json!({"contact": {"phone": notation}})).await;
            assert_eq!((&matched["created"], &matched["contact"]["id"]), (&json!(false), &json!(id)), "{notation}: {matched:#}");
        }
    }

    async fn a_mobile_number_is_the_same_with_the_digit_that_whatsapp_writes(app: App) {
        app.set_policy(LENIENT).await;
        app.set_policy(&[("unique_phone", "TRUE"), ("phone_format", "'E164_REQUIRED'")]).await;
        for (with, without) in [("+5215512345678", "+525512345678"), ("+5491123456789", "+541123456789"), ("+554187654321", "+5541987654321")] {
            let (with, without) = if with.starts_with("+55") { (without, with) } else { (with, without) };
            let kept = if with.starts_with("+55") { with } else { without };
            let contact = app.stored(json!({"phone": with, "whatsappNumber": without})).await;
            assert_eq!((&contact["phone"], &contact["whatsappNumber"]), (&json!(kept), &json!(kept)));
            assert_eq!(contact["phones"].as_array().map(Vec::len), Some(1), "{contact:#}");
            for number in [with, without] {
                assert_eq!(app.faults(json!({"phone": number})).await, ["phone PHONE_TAKEN"], "{number}");
                for query in [
                    "query($p: String!) { contacts(filter: {phone: {eq: $p}}) { totalCount } }",
                    "query($p: String!) { contacts(filter: {whatsappNumber: {eq: $p}}) { totalCount } }",
                    "query($p: String!) { contacts(query: $p) { totalCount } }",
                ] {
                    let found = app.ask_with(query, json!({"p": number})).await;
                    assert_eq!(found["data"]["contacts"]["totalCount"], 1, "{number}: {query}");
                }
            }
        }
        let argentine = app.stored(json!({"phone": "+54 9 341 123 4567"})).await;
        assert_eq!((&argentine["phones"][0]["number"], &argentine["phones"][0]["type"]), (&json!("+543411234567"), &json!("MOBILE")));
        let formatted = app.data("{ contacts(filter: {phone: {eq: \"+543411234567\"}}) { nodes { phones { formatted } } } }").await;
        assert_eq!(formatted["contacts"]["nodes"][0]["phones"][0]["formatted"], "+54 9 341 123-4567", "as it is called from abroad");
    }

    async fn a_number_of_a_new_contact_has_no_id_yet(app: App) {
        app.set_policy(LENIENT).await;
        let known = json!({"phones": [{"id": uuid::Uuid::now_v7(), "number": "+14165550100"}]});
        assert_eq!(app.faults(known).await, ["phones.0.id INVALID"]);
    }

    async fn what_is_not_seen_is_left_out_of_numbers_and_refused_in_texts(app: App) {
        app.set_policy(LENIENT).await;
        for format in ["'E164_PREFERRED'", "'E164_REQUIRED'", "'AS_GIVEN'"] {
            app.set_policy(&[("phone_format", format)]).await;
            for text in ["\u{202e}n/a", "n\u{200b}/a", "no\u{2066}ne", "\u{200e}n/a", "n/a\u{2069}", "\u{202e}+14165550100",
                "+1416\u{202d}5550100", "+14165550100\u{202e}"] {
                assert_eq!(app.faults(json!({"phone": text})).await, ["phone CHARACTER_INVALID"], "{text:?} {format}");
                let listed = json!({"phones": [{"number": text}]});
                assert_eq!(app.faults(listed).await, ["phones.0.number CHARACTER_INVALID"], "{text:?} {format}");
                assert_eq!(app.faults(json!({"whatsappNumber": text})).await, ["whatsappNumber CHARACTER_INVALID"], "{text:?} {format}");
            }
            for number in ["\u{200e}+14165550100\u{200f}", "+1416\u{2066}555\u{2069}0100", "\u{202b}+14165550100\u{202c}", "\u{61c}+14165550100"] {
                assert_eq!(numbers(&app, json!({"phone": number})).await, ["+14165550100 primary"], "{number:?} {format}");
            }
        }
    }

    async fn a_link_with_parameters_that_are_unsound_is_no_number(app: App) {
        app.set_policy(LENIENT).await;
        let links = ["tel:+14165550100;ext=abc", "tel:+14165550100;ext=", "+14165550100;ext=1a", "tel:416-555-0100;phone-context=example.com",
            "tel:+14165550100;phone-context=1", "tel:+14165550100;phone-context=+x", "tel:+14165550100;foo=1", "tel:+14165550100;foo"];
        for link in links {
            assert_eq!(numbers(&app, json!({"phone": link})).await, [format!("{link} primary")]);
        }
        app.set_policy(&[("phone_format", "'E164_REQUIRED'")]).await;
        for link in links {
            assert_eq!(app.faults(json!({"phone": link})).await, ["phone PHONE_INVALID"], "{link}");
            assert_eq!(app.faults(json!({"whatsappNumber": link})).await, ["whatsappNumber PHONE_INVALID"], "{link}");
        }
        for link in ["tel:416-555-0100;phone-context=+1", "tel:+14165550100;ext=12"] {
            assert_eq!(numbers(&app, json!({"phone": link})).await, ["+14165550100 primary"]);
        }
    }

    async fn a_whatsapp_number_is_a_mobile_phones_if_its_notation_says_so(app: App) {
        app.set_policy(LENIENT).await;
        for (number, kind) in [("+5215512345678", "MOBILE"), ("+5491123456789", "MOBILE"), ("+525512345678", "OTHER"), ("+14165550100", "OTHER")] {
            for input in [json!({"whatsappNumber": number}), json!({"phone": number}), json!({"phones": [{"number": number}]})] {
                let contact = app.stored(input.clone()).await;
                assert_eq!(whole(&app, &contact["id"]).await[0]["type"], kind, "{input}");
            }
        }
        let contact = app.stored(json!({"phone": "+525512345678", "whatsappNumber": "+5215512345678"})).await;
        assert_eq!(whole(&app, &contact["id"]).await[0]["type"], "MOBILE");
        let id = app.created(json!({"whatsappNumber": "+5215512345678"})).await;
        let changed = updated(&app, id, json!({"whatsappNumber": "+14165550100"})).await;
        assert_eq!(changed["phones"].as_array().map(Vec::len), Some(1), "{changed:#}");
    }
}
