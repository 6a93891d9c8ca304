//! Contacts with many different values, many equal ones, and many nulls.

use entity::contact::Column;
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, sea_query::Query};
use serde_json::{Value, json};

use crate::support::{
    App,
    engine::{Engine, ForEngine},
    related::Related,
};

const CONTACTS: usize = 42;

/// An organization of contacts, beside another one with the same.
pub(super) struct Filtering {
    pub(super) app: App,
    pub(super) related: Related,
    /// As the API shows them, deleted ones too.
    pub(super) contacts: Vec<Value>,
}

impl ForEngine for Filtering {
    async fn for_engine(engine: Engine) -> Self {
        let app = App::new(engine).await;
        let (other, other_key) = app.organization("Globex").await;
        app.raw
            .execute_unprepared(
                "UPDATE organization SET required_fields = '[]', default_last_name = NULL, \
                 default_phone_region = 'CA'",
            )
            .await
            .expect("a policy that requires nothing");
        let foreign = Related::insert(&app, other, "Globex").await;
        let related = Related::insert(&app, app.org_id, "Acme").await;
        for index in 0..CONTACTS {
            create(&app, &other_key, input(index, &foreign)).await;
            create(&app, &app.key, input(index, &related)).await;
        }
        let contacts = read(&app).await;
        for (contact, index) in contacts.iter().zip(0_i64..) {
            history(&app, contact, index).await;
        }
        for contact in contacts.iter().step_by(9) {
            delete(&app, contact).await;
        }
        let contacts = read(&app).await;
        Self { app, related, contacts }
    }
}

async fn create(app: &App, key: &str, input: Value) {
    const CREATE: &str = "mutation($input: CreateContactInput!) { createContact(input: $input) {
        contact { id } userErrors { field code message } } }";
    let answer = app.ask_as(key, CREATE, json!({"input": input})).await;
    assert_eq!(answer["data"]["createContact"]["userErrors"], json!([]), "{answer:#}");
}

async fn delete(app: &App, contact: &Value) {
    const DELETE: &str = "mutation($id: ID!) { deleteContact(input: {id: $id}) { userErrors { code } } }";
    let answer = app.ask_with(DELETE, json!({"id": contact["id"]})).await;
    assert_eq!(answer["data"]["deleteContact"]["userErrors"], json!([]), "{answer:#}");
}

/// Enrichments at known times, and an enrichment status.
async fn history(app: &App, contact: &Value, index: i64) {
    let id: uuid::Uuid = contact["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    let at = (index % 3 != 0).then_some(1_772_366_400_000 + index % 5);
    let status =
        [None, Some("complete"), Some(""), Some("FAILED")][usize::try_from(index % 4).expect("small")];
    let update = Query::update()
        .table(entity::contact::Entity)
        .value(Column::EnrichedAt, at)
        .value(Column::EnrichedSeq, at.map(|_| index))
        .value(Column::EnrichmentStatus, status)
        .and_where(Column::Id.eq(id))
        .to_owned();
    app.raw.execute(&update).await.expect("a history");
}

pub(super) const FIELDS: &str =
    "id externalId firstName lastName emails { address } phones { number doNotCall }
    company companyId jobTitle industry city state zip country status stage source process timezone language
    website whatsappNumber enrichmentStatus pipelineId pipelineStageId teamId ownerId assignees { id }
    createdBy { id } tags score isActive emailSubscribed createdAt updatedAt enrichedAt tagAddedAt deletedAt
    metadata";

async fn read(app: &App) -> Vec<Value> {
    let data = app
        .data(&format!("{{ contacts(first: 200, includeDeleted: true) {{ nodes {{ {FIELDS} }} }} }}"))
        .await;
    data["contacts"]["nodes"].as_array().expect("nodes").clone()
}

/// One of the values, by turns that differ for every list.
fn turn<T: Clone>(index: usize, step: usize, values: &[T]) -> T {
    values[(index * step + index / values.len()) % values.len()].clone()
}

pub(super) const NAMES: [Option<&str>; 14] = [
    None,
    Some(""),
    Some("Jane"),
    Some("JANÉ"),
    Some("O'Neil"),
    Some("100%"),
    Some("a_b"),
    Some("Zoë  Anna"),
    Some("x\\y"),
    Some("Straße"),
    Some("李"),
    Some("黎 🙂"),
    Some("ΟΔΟΣ"),
    Some("か\u{a0}  が"),
];
pub(super) const EMAILS: [&str; 6] = [
    "Jane.Doe@Example.com",
    "100%@example.org",
    "a_b@bücher.example",
    "o'neil@example.com",
    "axb@example.com",
    "zoe-anna@example.net",
];
pub(super) const PHONES: [&str; 5] =
    ["+14165550100", "(416) 555-0101", "+442079460958", "Front Desk 12", "+49 30 901820"];
pub(super) const TAGS: [&str; 6] = ["lead", "VIP", "Été", "50%", "a_b", "李"];
pub(super) const PLAIN: [Option<&str>; 6] =
    [None, Some(""), Some("Alpha"), Some("aLPHA_1"), Some("Ä%"), Some("beta\\")];
pub(super) const OBJECTS: [&str; 6] = [
    "{}",
    r#"{"n": 1, "s": "x", "b": true, "o": {"a": 1, "b": [1, 2]}}"#,
    r#"{"n": 1.0, "s": "X", "b": false, "o": {"b": [1, 2.0], "a": 1}, "k\"q.$[0]": "odd"}"#,
    r#"{"n": null, "s": "", "b": 1, "o": {"a": 1, "b": [2, 1]}, "l": []}"#,
    r#"{"n": "1", "s": 0, "b": "true", "o": {}, "l": [{"x": null}]}"#,
    r#"{"n": -2.5e3, "s": "ünï", "l": ["1", 1, true, null]}"#,
];

fn input(index: usize, related: &Related) -> Value {
    let some = |step: usize, texts: &[Option<&str>]| json!(turn(index, step, texts));
    let list = |step: usize, texts: &[&str]| -> Vec<String> {
        let count = turn(index, step, &[0_usize, 1, 2, 1]);
        (0..count).map(|more| turn(index + more * 7, step, texts).to_owned()).collect()
    };
    let mut emails = list(5, &EMAILS);
    emails.dedup();
    let mut phones = list(7, &PHONES);
    phones.dedup();
    let metadata: Value = serde_json::from_str(turn(index, 1, &OBJECTS)).expect("JSON");
    let optional =
        |step: usize, ids: &[uuid::Uuid]| json!((!index.is_multiple_of(step)).then(|| turn(index, 1, ids)));
    json!({
        "externalId": (index.is_multiple_of(2)).then(|| format!("Ext-{index}")),
        "firstName": some(2, &NAMES),
        "lastName": some(5, &NAMES),
        "emails": emails.iter().map(|address| json!({"address": address})).collect::<Vec<_>>(),
        "phones": phones.iter().map(|number| json!({"number": number, "doNotCall": index.is_multiple_of(5)})).collect::<Vec<_>>(),
        "whatsappNumber": (index % 6 == 1).then_some("+14165550199"),
        "company": if index.is_multiple_of(4) { some(1, &NAMES) } else { Value::Null },
        "companyId": if index % 4 == 1 { json!(turn(index, 1, &related.companies)) } else { Value::Null },
        "jobTitle": some(1, &PLAIN), "industry": some(5, &PLAIN), "city": some(1, &PLAIN), "state": some(5, &PLAIN),
        "zip": some(1, &PLAIN), "process": some(5, &PLAIN),
        "country": some(3, &[None, Some("CA"), Some("DE"), Some("US")]),
        "timezone": some(1, &[None, Some("Europe/Berlin")]),
        "language": some(1, &[None, Some("pt-BR"), Some("en")]),
        "website": some(1, &[None, Some("https://Example.com/a_b")]),
        "tags": list(3, &TAGS),
        "status": some(1, &[None, Some("Active"), Some("bounced"), Some("50%")]),
        "stage": some(5, &PLAIN),
        "source": some(1, &[None, Some("Import")]),
        "score": turn(index, 1, &[None, Some(0), Some(-5), Some(7), Some(i32::MAX)]),
        "isActive": !index.is_multiple_of(3),
        "emailSubscribed": !index.is_multiple_of(4),
        "metadata": metadata,
        "pipelineId": (index.is_multiple_of(3)).then(|| related.pipelines[0]),
        "pipelineStageId": (index.is_multiple_of(6)).then(|| turn(index, 1, &related.stages)),
        "teamId": optional(3, &related.teams),
        "ownerId": optional(4, &related.users),
        "assigneeIds": related.users.iter().take(index % 3).collect::<Vec<_>>(),
    })
}
