//! Countries, time zones, languages, web addresses: what is taken, and in which form it is kept.

use serde_json::{Value, json};

use crate::{
    fixtures::LENIENT,
    support::{App, engine::on_each_engine},
};

on_each_engine! {
    async fn countries_are_kept_as_alpha_2(app: App) {
        app.set_policy(LENIENT).await;
        for (given, kept) in [
            ("de", "DE"), (" DEU ", "DE"), ("Germany", "DE"), ("gErMaNy", "DE"), ("UK", "GB"), ("uk", "GB"),
            ("GB", "GB"), ("GBR", "GB"), ("USA", "US"), ("South Korea", "KR"), ("Russia", "RU"), ("Vietnam", "VN"),
            ("Czech Republic", "CZ"), ("The Netherlands", "NL"), ("Cote d'Ivoire", "CI"), ("Côte d’Ivoire", "CI"), ("Korea, Republic of", "KR"),
            ("Türkiye", "TR"), ("Kosovo", "XK"), ("xk", "XK"), ("U.S.A.", "US"), ("Bolivia (Plurinational State of)", "BO"), ("DR Congo", "CD"),
             ("Canada", "CA"), ("France", "FR"), ("Japan", "JP"),
        ] {
            assert_eq!(app.stored(json!({"country": given})).await["country"], kept, "{given}");
        }
        for given in ["XX", "Deutschland", "Atlantis", "D", "ABCD", "日本"] {
            assert_eq!(app.faults(json!({"country": given})).await, ["country COUNTRY_INVALID"], "{given}");
        }
    }

    async fn time_zones_are_those_of_iana(app: App) {
        app.set_policy(LENIENT).await;
        for (given, kept) in [("Europe/Berlin", "Europe/Berlin"), (" america/NEW_YORK ", "America/New_York"), ("utc", "UTC")] {
            assert_eq!(app.stored(json!({"timezone": given})).await["timezone"], kept, "{given}");
        }
        for given in ["Berlin", "CEST+2", "+02:00", "Europe/Nowhere"] {
            assert_eq!(app.faults(json!({"timezone": given})).await, ["timezone TIMEZONE_INVALID"], "{given}");
        }
    }

    async fn languages_are_bcp_47_tags(app: App) {
        app.set_policy(LENIENT).await;
        for (given, kept) in [("de", "de"), ("pt_BR", "pt-BR"), ("EN-us", "en-US"), ("zh-hant-tw", "zh-Hant-TW")] {
            assert_eq!(app.stored(json!({"language": given})).await["language"], kept, "{given}");
        }
        for given in ["not a language", "e", "en-", "-", "English, please", "English", "German", "xx", "zz-ZZ", "x-own"] {
            assert_eq!(app.faults(json!({"language": given})).await, ["language LANGUAGE_INVALID"], "{given}");
        }
    }

    async fn web_addresses_are_http_and_get_a_scheme(app: App) {
        app.set_policy(LENIENT).await;
        for field in ["website", "linkedinUrl"] {
            for (given, kept) in [
                ("acme.example", "https://acme.example"),
                (" www.acme.example/a?b=c#d ", "https://www.acme.example/a?b=c#d"),
                ("http://acme.example", "http://acme.example"),
                ("acme.example/?u=http://x", "https://acme.example/?u=http://x"),
                ("https://acme.example:8443/", "https://acme.example:8443/"),
            ] {
                assert_eq!(app.stored(json!({field: given})).await[field], kept, "{given}");
            }
            for given in ["ftp://acme.example", "javascript:alert(1)", "mailto:a@b.example", "https://", "a b",
                "file:///etc/passwd", "data:text/html,x", "//acme.example", "http:/acme.example", "http:///acme.example", "N/A", "-",
                "in/jane", "acme", "http://localhost", "12345", "http://[::1]/", "acme.example\\x",
                "http://@acme.example", "http://:@acme.example", "@acme.example", "https://@acme.example/a"] {
                assert_eq!(app.faults(json!({field: given})).await, [format!("{field} URL_INVALID")], "{given}");
            }
        }
    }

    async fn companies_are_held_to_the_same_web_addresses(app: App) {
        for given in ["//acme.example", "http:/acme.example", "N/A", "-", "acme"] {
            assert_eq!(app.refused("createCompany", json!({"name": given, "website": given})).await, ["website URL_INVALID"], "{given}");
        }
        let made = app.done("createCompany", json!({"name": "A", "website": "acme.example/?u=http://x"}), "company { website }").await;
        assert_eq!(made["company"]["website"], "https://acme.example/?u=http://x");
    }

    async fn a_blank_place_is_none(app: App) {
        app.set_policy(LENIENT).await;
        let contact = app.stored(json!({"country": " ", "timezone": "", "language": " ", "website": "", "linkedinUrl": " "})).await;
        for field in ["country", "timezone", "language", "website", "linkedinUrl"] {
            assert_eq!(contact[field], Value::Null, "{field}");
        }
    }
}
