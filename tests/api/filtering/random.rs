//! Random filters.

use proptest::{
    collection::vec,
    prelude::*,
    sample::select,
    strategy::ValueTree as _,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};

use super::{
    filtered,
    fixture::{EMAILS, Filtering, NAMES, OBJECTS, PHONES, PLAIN, TAGS},
    model::expected,
};
use crate::support::{App, engine::on_each_engine};

const FILTERS: usize = 250;

fn one_of(values: Vec<Value>) -> BoxedStrategy<Value> {
    select(values).boxed()
}

fn texts(values: &[&str]) -> Vec<Value> {
    let pieces =
        ["", "%", "_", "e", "A", "ex", "zzz", "\\", "\u{0}", " ", "\u{301}", "\u{64e}", "s", "か", "U"];
    values.iter().chain(&pieces).map(|text| json!(text)).collect()
}

fn text_filter(values: &[&str]) -> BoxedStrategy<Value> {
    let values = texts(values);
    let value = one_of(values.clone());
    let list = vec(one_of(values), 0..4).prop_map(Value::from);
    prop_oneof![
        (select(vec!["eq", "neq", "contains", "startsWith", "endsWith"]), value)
            .prop_map(|(operator, value)| json!({operator: value})),
        (select(vec!["in", "nin"]), list).prop_map(|(operator, value)| json!({operator: value})),
        any::<bool>().prop_map(|is| json!({"isNull": is})),
        Just(json!({"eq": null})),
    ]
    .boxed()
}

fn id_filter(ids: &[String]) -> BoxedStrategy<Value> {
    let ids: Vec<Value> =
        ids.iter().map(|id| json!(id)).chain([json!("none"), json!(uuid::Uuid::nil())]).collect();
    prop_oneof![
        (select(vec!["eq", "neq"]), one_of(ids.clone())).prop_map(|(operator, id)| json!({operator: id})),
        (select(vec!["in", "nin"]), vec(one_of(ids), 0..3))
            .prop_map(|(operator, ids)| json!({operator: ids})),
        any::<bool>().prop_map(|is| json!({"isNull": is})),
    ]
    .boxed()
}

fn order_filter(values: Vec<Value>, operators: &'static [&'static str]) -> BoxedStrategy<Value> {
    prop_oneof![
        (select(operators), one_of(values)).prop_map(|(operator, value)| json!({operator: value})),
        any::<bool>().prop_map(|is| json!({"isNull": is})),
    ]
    .boxed()
}

fn metadata() -> BoxedStrategy<Value> {
    let keys = vec!["n", "s", "b", "o", "l", "k\"q.$[0]", "none", "\u{0}"];
    let mut values: Vec<Value> = OBJECTS
        .iter()
        .map(|text| serde_json::from_str::<Value>(text).expect("JSON"))
        .flat_map(|object| object.as_object().expect("an object").values().cloned().collect::<Vec<_>>())
        .collect();
    values.extend([
        json!(1),
        json!(-2500),
        json!({"b": [1.0, 2], "a": 1}),
        json!({"a": 1}),
        json!([{"x": null}]),
    ]);
    let member = prop_oneof![
        3 => (select(keys.clone()), one_of(values)).prop_map(|(key, eq)| json!({"key": key, "eq": eq})),
        1 => (select(keys), any::<bool>()).prop_map(|(key, is)| json!({"key": key, "isNull": is})),
    ];
    vec(member, 0..3).prop_map(Value::from).boxed()
}

/// One field with one filter.
fn leaf(filtering: &Filtering) -> BoxedStrategy<Value> {
    let related = &filtering.related;
    let ids = |ids: &[uuid::Uuid]| ids.iter().map(uuid::Uuid::to_string).collect::<Vec<_>>();
    let known = |field: &str| -> Vec<String> {
        filtering
            .contacts
            .iter()
            .filter_map(|contact| contact[field].as_str().map(str::to_owned))
            .take(5)
            .collect()
    };
    let names: Vec<&str> = NAMES
        .iter()
        .flatten()
        .copied()
        .chain(["jane", "zoe anna", "zoe ", " anna", "acme", "STRASSE", "οδος", "里", "li", "黎", "か が"])
        .collect();
    let plain: Vec<&str> = PLAIN
        .iter()
        .flatten()
        .copied()
        .chain([
            "ALPHA",
            "active",
            "BOUNCED",
            "ca",
            "import",
            "api",
            "PT-br",
            "europe/",
            "https://example.com/a_b",
            "complete",
        ])
        .collect();
    let phones: Vec<&str> = PHONES
        .iter()
        .copied()
        .chain(["416-555-0101", "+1 (416) 555-0100", "front desk 12", "+1416"])
        .collect();
    let emails: Vec<&str> =
        EMAILS.iter().copied().chain(["jane.doe@EXAMPLE.com", "@example", ".com"]).collect();
    let fields = |fields: &'static [&'static str], filter: BoxedStrategy<Value>| {
        (select(fields), filter).prop_map(|(field, filter)| json!({field: filter})).boxed()
    };
    let times = ["createdAt", "updatedAt", "enrichedAt"].into_iter().flat_map(known);
    let times = times.chain(["2026-03-01T12:00:00.0025Z".to_owned()]).map(|time| json!(time)).collect();
    let external_ids: Vec<String> =
        known("externalId").into_iter().chain(["ext-".to_owned(), "Ext-".to_owned()]).collect();
    let external_ids: Vec<&str> = external_ids.iter().map(String::as_str).collect();
    let tag_lists = vec(
        one_of(
            texts(&TAGS)
                .into_iter()
                .chain([json!(" vip "), json!("été"), json!("ETE"), json!("li"), json!("\u{301}")])
                .collect(),
        ),
        0..4,
    );
    prop_oneof![
        3 => fields(&["firstName", "lastName", "company"], text_filter(&names)),
        2 => fields(&["email"], text_filter(&emails)),
        2 => fields(&["phone", "whatsappNumber"], text_filter(&phones)),
        1 => fields(&["externalId"], text_filter(&external_ids)),
        4 => fields(
            &["jobTitle", "industry", "city", "state", "zip", "country", "status", "stage", "source", "process",
                "timezone", "language", "website", "enrichmentStatus"],
            text_filter(&plain),
        ),
        1 => fields(&["id"], id_filter(&known("id"))),
        1 => fields(&["companyId"], id_filter(&ids(&related.companies))),
        1 => fields(&["ownerId", "assigneeId", "createdById"], id_filter(&ids(&related.users))),
        1 => fields(&["teamId"], id_filter(&ids(&related.teams))),
        1 => fields(&["pipelineId", "pipelineStageId"], id_filter(&ids(&[related.pipelines[0], related.stages[0]]))),
        2 => fields(&["tags"], prop_oneof![
            (select(vec!["hasAny", "hasAll", "hasNone"]), tag_lists).prop_map(|(operator, tags)| json!({operator: tags})),
            any::<bool>().prop_map(|is| json!({"isEmpty": is})),
        ].boxed()),
        1 => fields(&["score"], order_filter(
            vec![json!(0), json!(-5), json!(7), json!(i32::MAX), json!(i32::MIN)],
            &["eq", "neq", "gt", "gte", "lt", "lte"],
        )),
        2 => fields(
            &["createdAt", "updatedAt", "enrichedAt", "tagAddedAt", "deletedAt"],
            order_filter(times, &["gt", "gte", "lt", "lte"]),
        ),
        1 => fields(&["isActive", "emailSubscribed", "doNotCall"], any::<bool>().prop_map(Value::from).boxed()),
        2 => metadata().prop_map(|members| json!({"metadata": members})),
    ]
    .boxed()
}

fn filter(filtering: &Filtering) -> BoxedStrategy<Value> {
    let leaf = leaf(filtering);
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            (select(vec!["and", "or"]), vec(inner.clone(), 0..4))
                .prop_map(|(joint, filters)| json!({joint: filters})),
            inner.clone().prop_map(|filter| json!({"not": filter})),
            (inner.clone(), inner).prop_map(|(mut one, other)| {
                let members = one.as_object_mut().expect("a filter");
                members.extend(other.as_object().expect("a filter").clone());
                one
            }),
        ]
    })
    .boxed()
}

async fn holds(filtering: &Filtering, filter: &Value) -> bool {
    let app: &App = &filtering.app;
    let mut holds = true;
    for include_deleted in [false, true] {
        let ids = filtered(app, filter, include_deleted).await;
        holds &= ids == expected(&filtering.contacts, filter, include_deleted);
    }
    holds
}

on_each_engine! {
    async fn a_random_filter_means_what_the_model_says(filtering: Filtering) {
        let mut runner = TestRunner::new_with_rng(
            Config::default(),
            proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
        );
        let strategy = filter(&filtering);
        let mut matched = 0;
        for _ in 0..FILTERS {
            let mut tree = strategy.new_tree(&mut runner).expect("a filter");
            let filter = tree.current();
            if holds(&filtering, &filter).await {
                matched += usize::from(!expected(&filtering.contacts, &filter, false).is_empty());
                continue;
            }
            // The simplest one that still fails.
            let mut simplest = filter;
            while tree.simplify() {
                loop {
                    let simpler = tree.current();
                    if !holds(&filtering, &simpler).await {
                        simplest = simpler;
                        break;
                    }
                    if !tree.complicate() {
                        break;
                    }
                }
            }
            let is = filtered(&filtering.app, &simplest, false).await;
            let should = expected(&filtering.contacts, &simplest, false);
            let differ: Vec<&Value> = filtering
                .contacts
                .iter()
                .filter(|contact| {
                    let id = contact["id"].as_str().expect("an id");
                    is.contains(id) != should.contains(id)
                })
                .collect();
            panic!("{simplest:#}\n{} found, {} expected; {differ:#?}", is.len(), should.len());
        }
        assert!(matched > FILTERS / 3, "only {matched} filters match anything");
    }
}
