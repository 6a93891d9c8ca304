//! Texts that PostgreSQL does not take, in the place of every text that there is.

use contacts_gateway::{access::Rate, graphql::DocumentLimits};
use serde_json::{Value, json};

use crate::support::{
    App,
    arguments::{Arguments, paths, selection},
    engine::on_each_engine,
    filled::Filled,
    schema::{Field, Schema},
};

/// Asks for a field with such a text in each place; how many there are.
async fn ask(
    app: &App,
    schema: &Schema,
    own: &Filled,
    field: &Field,
    within: Option<&str>,
    root: &str,
) -> usize {
    let mut asked = 0;
    for (path, ty) in paths(schema, field) {
        let leaves = match ty.named() {
            "String" | "ID" => vec![json!("\u{0}"), json!("a\u{0}b")],
            "JSON" => vec![json!({"a\u{0}": 1}), json!({"a": ["b\u{0}"]}), json!("\u{0}")],
            _ => continue,
        };
        for leaf in leaves {
            let arguments = Arguments { schema, own, field: within.unwrap_or(&field.name) };
            let mut variables = arguments.with(field, &path, &leaf);
            let given: Vec<_> =
                field.args.iter().filter(|argument| variables.contains_key(&argument.name)).collect();
            let mut defined: Vec<_> = given.iter().map(|it| format!("${}: {}", it.name, it.ty)).collect();
            let passed: Vec<_> = given.iter().map(|it| format!("{0}: ${0}", it.name)).collect();
            let selected = selection(schema, field.ty.named(), 1);
            let mut asking = format!("{}({}) {{ {selected} }}", field.name, passed.join(", "));
            if let Some(ty) = within {
                variables.insert("own".to_owned(), json!(own.id_for(ty)));
                defined.push("$own: ID!".to_owned());
                asking = format!("node(id: $own) {{ ... on {ty} {{ {asking} }} }}");
            }
            let document = format!("{root}({}) {{ {asking} }}", defined.join(", "));
            let answer = app.ask_as(&own.key, &document, Value::Object(variables)).await;
            let errors = answer["errors"].to_string();
            assert!(
                !errors.contains("INTERNAL_SERVER_ERROR"),
                "{} at {}: {answer:#}",
                field.name,
                path.join(".")
            );
            asked += 1;
        }
    }
    asked
}

on_each_engine! {
    async fn no_text_is_an_error_of_ours(engine: crate::support::engine::Engine) {
        let most = usize::MAX;
        let documents =
            DocumentLimits { tokens: most, bytes: most, selections: most, complexity: most, ..DocumentLimits::default() };
        let app = App::limited(engine, documents, Rate { per_second: 0, burst: 0 }).await;
        let schema = Schema::of(&app).await;
        let own = Filled::new(&app, &schema, "globex", 55).await;
        let mut asked = 0;
        for field in schema.get("Query").fields() {
            asked += ask(&app, &schema, &own, field, None, "query").await;
        }
        for (ty, field) in schema.nested() {
            asked += ask(&app, &schema, &own, field, Some(&ty.name), "query").await;
        }
        for field in schema.get("Mutation").fields() {
            asked += ask(&app, &schema, &own, field, None, "mutation").await;
        }
        assert!(asked > 500, "only {asked}");
    }
}
