//! Requests that are sound: the documentation's examples, and every field of the schema.

use serde_json::{Value, json};

use crate::support::{
    arguments::{Arguments, paths, selection},
    filled::Filled,
    pages::{self, Page},
    schema::{Ref, Schema},
};

/// Sound requests, each as the body of a POST.
pub(super) struct Corpus(pub(super) Vec<Value>);

impl Corpus {
    pub(super) fn new(schema: &Schema, own: &Filled) -> Self {
        let mut requests = examples();
        assert!(requests.len() > 10, "the documentation has more examples than {}", requests.len());
        for root in ["Query", "Mutation"] {
            for field in schema.get(root).fields() {
                let arguments = Arguments { schema, own, field: &field.name };
                let selected = selection(schema, field.ty.named(), 1);
                let ask = |given: &serde_json::Map<String, Value>| {
                    let given: Vec<_> = field.args.iter().filter(|it| given.contains_key(&it.name)).collect();
                    let list = |part: &dyn Fn(&str, &Ref) -> String| match &*given {
                        [] => String::new(),
                        given => {
                            let parts: Vec<_> = given.iter().map(|it| part(&it.name, &it.ty)).collect();
                            format!("({})", parts.join(", "))
                        }
                    };
                    let defined = list(&|name, ty| format!("${name}: {ty}"));
                    let passed = list(&|name, _| format!("{name}: ${name}"));
                    let name = &field.name;
                    format!("{} Ask{defined} {{ {name}{passed} {{ {selected} }} }}", root.to_lowercase())
                };
                let required = arguments.required(field);
                requests
                    .push(json!({"query": ask(&required), "variables": required, "operationName": "Ask"}));
                for (path, ty) in paths(schema, field).into_iter().step_by(7) {
                    let leaf = match ty.named() {
                        "ID" => json!(own.id_for(&field.name)),
                        "Int" => json!(1),
                        "Boolean" => json!(true),
                        "DateTime" => json!(own.time),
                        "JSON" => json!({ &own.text: own.text }),
                        "String" => json!(own.text),
                        other => json!(schema.get(other).first_value()),
                    };
                    let given = arguments.with(field, &path, &leaf);
                    requests.push(json!({"query": ask(&given), "variables": given}));
                }
            }
        }
        requests.push(json!({"query": "{ __schema { types { name fields { name args { name } } } } }"}));
        requests.push(json!({"query": "query($on: Boolean!) { viewer { ...V @include(if: $on) ... on Viewer @skip(if: $on) { id } } }
            fragment V on Viewer { organization { ...O } } fragment O on Organization { name }", "variables": {"on": true}}));
        Self(requests)
    }
}

/// The documents of README.md and docs/, and what is given to `curl` there.
fn examples() -> Vec<Value> {
    let blocks: Vec<_> = pages::all().iter().flat_map(Page::blocks).collect();
    let documents = blocks.iter().filter(|block| block.info == "graphql");
    let documents = documents.map(|block| json!({"query": block.text}));
    let scripts = blocks.iter().filter(|block| block.info == "sh");
    let bodies = scripts.flat_map(|block| block.text.split("-d '").skip(1));
    let bodies = bodies
        .filter_map(|rest| rest.split('\'').next())
        .map(|body| serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}")));
    documents.chain(bodies).collect()
}
