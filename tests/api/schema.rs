//! The schema as people and generators read it.

use std::{collections::BTreeSet, fs, path::Path};

use contacts_gateway::graphql::sdl;
use serde_json::Value;

use crate::{
    program::{folder, run},
    support::{App, engine::Engine},
};

#[test]
fn schema_graphql_is_what_the_code_says() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql");
    let committed = fs::read_to_string(file).expect("schema.graphql lies beside Cargo.toml");
    assert!(committed == sdl(), "run `cargo run -q -- schema > schema.graphql`");
    assert_eq!(run(folder().path(), &["schema"]).ok(), committed);
}

const INTROSPECTION: &str = "{ __schema { types { kind name description
    fields(includeDeprecated: true) { name description args { name description } }
    inputFields { name description } enumValues(includeDeprecated: true) { name description } } } }";

/// Lower-case letters only, so that `First name.` is no more than `firstName`.
fn bare(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

#[tokio::test]
async fn everything_has_a_description_that_adds_to_its_name() {
    let app = App::new(Engine::Sqlite).await;
    let data = app.data(INTROSPECTION).await;
    let mut bad = BTreeSet::new();
    let mut described = 0;
    let mut check = |owner: &str, thing: &Value| {
        let name = thing["name"].as_str().expect("a name");
        let description = thing["description"].as_str().unwrap_or_default();
        described += 1;
        if description.trim().is_empty() || bare(description) == bare(name) {
            bad.insert(format!("{owner}.{name}: {description:?}"));
        }
    };
    let built_in = ["Boolean", "Float", "ID", "Int", "String"];
    for one in data["__schema"]["types"].as_array().expect("types") {
        let name = one["name"].as_str().expect("a name");
        if name.starts_with("__") || built_in.contains(&name) {
            continue;
        }
        check("", one);
        for list in ["fields", "inputFields", "enumValues"] {
            for member in one[list].as_array().into_iter().flatten() {
                check(name, member);
                for argument in member["args"].as_array().into_iter().flatten() {
                    check(&format!("{name}.{}", member["name"]), argument);
                }
            }
        }
    }
    assert_eq!(bad, BTreeSet::new());
    assert!(described > 200, "{described}");
}

#[tokio::test]
async fn root_fields_may_be_null_so_that_one_never_hides_the_others() {
    let app = App::new(Engine::Sqlite).await;
    let data = app
        .data(
            "{ __schema { queryType { fields { name type { kind } } }
        mutationType { fields { name type { kind } args { name type { kind } } } } } }",
        )
        .await;
    for root in ["queryType", "mutationType"] {
        for field in data["__schema"][root]["fields"].as_array().expect("fields") {
            assert_ne!(field["type"]["kind"], "NON_NULL", "{field}");
        }
    }
    for field in data["__schema"]["mutationType"]["fields"].as_array().expect("fields") {
        assert_eq!(field["args"].as_array().map(Vec::len), Some(1), "{field}");
        assert_eq!(field["args"][0]["name"], "input", "{field}");
    }
}
