//! What holds for any text and any JSON, however odd.

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Map, Value, json};
use tokio::{runtime::Handle, task::block_in_place};

use crate::{
    fixtures::{LENIENT, paths_and_codes},
    support::{App, engine::on_each_engine},
};

/// Texts that are kept exactly as they are given, unless they are refused.
const KEPT: [&str; 14] = [
    "firstName",
    "lastName",
    "externalId",
    "company",
    "jobTitle",
    "industry",
    "addressLine1",
    "addressLine2",
    "city",
    "state",
    "zip",
    "process",
    "notes",
    "status",
];
/// Texts that have a normal form.
const NORMALIZED: [&str; 9] = [
    "email",
    "phone",
    "whatsappNumber",
    "website",
    "linkedinUrl",
    "country",
    "timezone",
    "language",
    "stage",
];
/// Ids, where whatever is none is answered like an unknown one.
const IDS: [&str; 5] = ["companyId", "teamId", "ownerId", "pipelineId", "pipelineStageId"];

/// Mostly arbitrary, with what parsers stumble over.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => any::<String>(),
        2 => "\\PC{0,80}",
        1 => "[+0-9 ().ext-]{0,70}",
        1 => "[a-z0-9._-]{1,10}@[a-zäöü0-9.-]{1,20}",
        1 => "(https?://)?[a-z0-9.:/@\\[\\]-]{1,30}",
        1 => "[a-zA-Z]{1,8}([_-][a-zA-Z0-9]{1,8}){0,3}",
        1 => "[\u{0}-\u{20}\u{7f}-\u{a0}\u{200b}-\u{202e}\u{fe00}-\u{ffff}]{0,10}",
        1 => Just("' OR 1=1; DROP TABLE contact; --".to_owned()),
    ]
}

/// Format characters that are refused within a text.
fn is_format(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0001}'
        | '\u{e0020}'..='\u{e007f}' | '\u{600}'..='\u{605}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}'
        | '\u{110bd}' | '\u{110cd}' | '\u{fdd0}'..='\u{fdef}')
        || u32::from(c) & 0xfffe == 0xfffe
}

/// White space, and what else is never seen.
fn is_unseen(c: char) -> bool {
    c.is_whitespace()
        || is_format(c)
        || matches!(c, '\u{34f}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200c}'..='\u{200d}' | '\u{2065}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}' | '\u{e0000}'..='\u{e0fff}')
}

/// JSON as deep and odd as a client may send it.
fn json() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number,
        text().prop_map(Value::from)
    ];
    let tree = leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..6)
                .prop_map(|members| members.into_iter().collect::<Map<_, _>>().into()),
        ]
    });
    prop::collection::vec((text(), tree), 0..8)
        .prop_map(|members| members.into_iter().collect::<Map<_, _>>().into())
}

/// Runs a property so often; a failure names the smallest input found.
fn holds<S: Strategy>(cases: u32, strategy: &S, property: impl Fn(S::Value) -> Result<(), TestCaseError>)
where
    S::Value: std::fmt::Debug,
{
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let mut runner = TestRunner::new(config);
    block_in_place(|| runner.run(strategy, property)).unwrap_or_else(|failure| panic!("{failure}"));
}

/// The whole answer of a creation.
async fn answer(app: &App, input: &Value) -> Value {
    let mutation = "mutation($input: CreateContactInput!) { createContact(input: $input) {
        contact { id displayName firstName lastName externalId company jobTitle industry addressLine1 addressLine2 city
            state zip process notes status stage email phone whatsappNumber website linkedinUrl country timezone
            language companyId teamId ownerId pipelineId pipelineStageId tags metadata }
        userErrors { field code message conflictingContacts { id } } } }";
    app.ask_with(mutation, json!({"input": input})).await
}

on_each_engine! {
    async fn any_text_in_any_field_is_kept_or_refused_by_name(app: App) {
        app.set_policy(LENIENT).await;
        let fields: Vec<&str> = KEPT.into_iter().chain(NORMALIZED).chain(IDS).collect();
        let strategy = (prop::sample::select(fields), text());
        holds(400, &strategy, |(field, text)| {
            let answer = Handle::current().block_on(answer(&app, &json!({field: text})));
            prop_assert_eq!(answer.get("errors"), None, "{}", answer);
            let payload = &answer["data"]["createContact"];
            let faults = paths_and_codes(payload);
            if faults.is_empty() {
                let kept = &payload["contact"][field];
                let blank = if field == "status" { json!("active") } else if field == "lastName" { json!("") } else { Value::Null };
                if KEPT.contains(&field) && text.chars().all(is_unseen) {
                    prop_assert_eq!(kept, &blank);
                } else if KEPT.contains(&field) {
                    prop_assert_eq!(kept, &json!(text));
                }
                prop_assert!(kept.is_null() || kept.is_string(), "{}", answer);
                prop_assert!(payload["contact"]["displayName"].as_str().is_some_and(|name| !name.is_empty()));
            } else {
                prop_assert!(payload["contact"].is_null(), "{}", answer);
                prop_assert!(faults.iter().all(|fault| fault.starts_with(&format!("{field} "))), "{:?}", faults);
            }
            Ok(())
        });
    }

    async fn any_tags_are_kept_in_normal_form_or_refused_by_place(app: App) {
        app.set_policy(LENIENT).await;
        holds(100, &prop::collection::vec(text(), 0..6), |tags| {
            let answer = Handle::current().block_on(answer(&app, &json!({"tags": tags})));
            prop_assert_eq!(answer.get("errors"), None, "{}", answer);
            let payload = &answer["data"]["createContact"];
            let faults = paths_and_codes(payload);
            if faults.is_empty() {
                let kept = payload["contact"]["tags"].as_array().expect("a list");
                prop_assert!(kept.len() <= tags.len());
                prop_assert!(kept.iter().all(|tag| tag.as_str().is_some_and(|tag| !tag.is_empty() && tag.trim() == tag)));
            }
            prop_assert!(faults.iter().all(|fault| fault.starts_with("tags.")), "{:?}", faults);
            Ok(())
        });
    }

    async fn any_object_comes_back_as_it_was_given(app: App) {
        app.set_policy(LENIENT).await;
        holds(150, &json(), |metadata| {
            let answer = Handle::current().block_on(answer(&app, &json!({"metadata": metadata})));
            prop_assert_eq!(answer.get("errors"), None, "{}", answer);
            let payload = &answer["data"]["createContact"];
            let faults = paths_and_codes(payload);
            if faults.is_empty() {
                prop_assert_eq!(payload["contact"]["metadata"].to_string(), metadata.to_string());
            } else {
                let text = metadata.to_string();
                let expected = (text.contains("\\u") || text.contains(char::is_control) || text.contains("\\b")
                    || text.contains("\\f") || text.contains(is_format) || text.len() > 16_384).then_some(());
                prop_assert!(expected.is_some(), "{:?}", faults);
            }
            Ok(())
        });
    }
}
