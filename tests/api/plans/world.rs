//! An organization whose rows are as odd as rows can be, and two gateways over it.

use axum::Router;
use contacts_gateway::{
    access::{RateLimiter, Scope},
    graphql::{DocumentLimits, Gateway},
};
use rand::{Rng, RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use sea_orm::Value as Cell;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{
    fixtures::LENIENT,
    support::{App, engine::Engine, related::Related, schema::Schema},
};

/// Number of contacts.
const CONTACTS: usize = 48;

/// Texts that are easily written wrong.
pub(super) const TEXTS: [&str; 12] = [
    "Jane",
    "O'Neil \"Q\" \\ </script>",
    "two\nlines\tand a tab\r",
    "line\u{2028}and paragraph\u{2029}",
    "😀 👩‍👩‍👧 e\u{301}",
    "ÄÖÜ ß İ",
    "里 か が",
    "%_\\%",
    "null",
    "{\"a\": [1, 2]}",
    "  spaces  ",
    "a",
];

/// Objects for `metadata`, as a client sends them.
const OBJECTS: [&str; 9] = [
    "{}",
    r#"{"n": 1, "f": 1.5, "e": 1e300, "tiny": 5e-324, "neg": -0.0}"#,
    r#"{"max": 18446744073709551615, "min": -9223372036854775808, "whole": 1.0}"#,
    r#"{"z": 1, "a": 2, "m": {"z": null, "a": [true, false, null, {"b": {"c": {"d": [[[[]]]]}}}]}}"#,
    r#"{"😀": "é\u2028\"\\/", "": "empty key", " ": []}"#,
    r#"{"s": "x", "b": true, "o": {"a": 1}, "l": [1, "2", null]}"#,
    r#"{"0.1": 0.1, "third": 0.3333333333333333, "big": 123456789012345680000}"#,
    r#"{"key": "value", "__typename": "Contact", "id": 7}"#,
    r#"{"long": [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]}"#,
];

/// Times in milliseconds that are easily written wrong: the edges of what the API can say, and those of months.
const TIMES: [i64; 8] = [
    0,
    1,
    -1,
    951_782_399_999,
    1_709_164_800_000,
    253_402_300_799_999,
    -62_167_219_200_000,
    1_796_000_123_040,
];

/// Orders of lists, as the arguments that choose them.
pub(super) const SORTINGS: [&[(&str, &str)]; 9] = [
    &[],
    &[("order", "ASC")],
    &[("sortKey", "NAME")],
    &[("sortKey", "NAME"), ("order", "DESC")],
    &[("sortKey", "COMPANY")],
    &[("sortKey", "CREATED_AT")],
    &[("sortKey", "ENRICHED_AT"), ("order", "ASC")],
    &[("sortKey", "SCORE")],
    &[("event", "TAG_ADDED")],
];

/// An organization, and what asks for its contacts.
pub(super) struct World {
    pub(super) app: App,
    pub(super) schema: Schema,
    /// Gateway with plans.
    pub(super) planned: Router,
    /// Gateway that has the library answer everything.
    pub(super) judge: Router,
    /// Keys: of every scope first, then of fewer.
    pub(super) keys: Vec<String>,
    pub(super) known: Known,
}

/// Values that a document may name.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) contacts: Vec<String>,
    /// Ids of everything else.
    pub(super) others: Vec<String>,
    pub(super) texts: Vec<String>,
    pub(super) times: Vec<String>,
    /// Cursors of each order.
    pub(super) cursors: Vec<Vec<String>>,
}

impl World {
    pub(super) async fn new(engine: Engine) -> Self {
        let app = App::new(engine).await;
        let mut dice = StdRng::seed_from_u64(super::seed());
        app.set_policy(LENIENT).await;
        let plain = Related::insert(&app, app.org_id, "Acme").await;
        app.raw_execute("UPDATE pipeline SET is_default = FALSE").await;
        let odd = Related::insert(&app, app.org_id, "\"Odd\" \\ 😀\u{2028}").await;
        app.act_as(plain.users[0]).await;
        let contacts = contacts(&app, &[&plain, &odd], &mut dice).await;
        let mut known = Known { contacts, ..Known::default() };
        spoil(&app, &known.contacts, &mut dice).await;
        remove(&app, &odd).await;
        let of = |related: &Related| {
            [related.users, related.teams, related.companies, related.pipelines, related.stages].concat()
        };
        let (strangers, _) = app.organization("Globex").await;
        let others = of(&plain).into_iter().chain(of(&odd)).chain([app.org_id, strangers]);
        known.others = others.map(|id| id.to_string()).collect();
        known.learn(&app).await;
        let keys = vec![
            app.key.clone(),
            app.key_with(&[Scope::ContactsRead]).await,
            app.key_with(&[Scope::SettingsWrite]).await,
            app.key_with(&[]).await,
        ];
        let gateway =
            || Gateway::new(app.database.clone(), DocumentLimits::default(), RateLimiter::default());
        let (planned, judge) = (app.served_by(gateway()), app.served_by(gateway().without_plans()));
        let schema = Schema::of(&app).await;
        Self { app, schema, planned, judge, keys, known }
    }
}

impl Known {
    /// Learns texts and times from the contacts.
    async fn learn(&mut self, app: &App) {
        let data = app
            .data("{ contacts(includeDeleted: true) { nodes {
                firstName email phone externalId status company tags createdAt updatedAt sourceCreatedAt } } }")
            .await;
        for node in data["contacts"]["nodes"].as_array().expect("nodes") {
            for (name, value) in node.as_object().expect("a contact") {
                let list = if name.ends_with("At") { &mut self.times } else { &mut self.texts };
                list.extend(value.as_str().map(str::to_owned));
                list.extend(
                    value.as_array().into_iter().flatten().map(|tag| tag.as_str().expect("a tag").to_owned()),
                );
            }
        }
        self.texts.extend(TEXTS.map(str::to_owned));
        for sorting in SORTINGS {
            let order: Vec<_> = sorting.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            let order = order.join(" ");
            let data = app
                .data(&format!("{{ contacts(includeDeleted: true {order}) {{ edges {{ cursor }} }} }}"))
                .await;
            let edges = data["contacts"]["edges"].as_array().expect("edges").iter();
            let cursors: Vec<_> =
                edges.map(|edge| edge["cursor"].as_str().expect("a cursor").to_owned()).collect();
            assert!(cursors.len() > 5, "{order}");
            self.cursors.push(cursors);
        }
    }
}

/// Creates contacts, each with some of its fields.
async fn contacts(app: &App, related: &[&Related], dice: &mut StdRng) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..CONTACTS {
        // One has nothing, and one everything.
        let chance = match number {
            0 => 0.0,
            1 => 1.0,
            _ => *[0.2, 0.5, 0.9].choose(dice).expect("a chance"),
        };
        let all = everything(number, related[usize::from(dice.random_bool(0.4))], dice);
        let mut some = Map::new();
        for (name, value) in all.as_object().expect("an object") {
            if dice.random_bool(chance) {
                some.insert(name.clone(), value.clone());
            }
        }
        if !some.contains_key("pipelineId") {
            some.remove("pipelineStageId");
        }
        ids.push(created(app, some).await);
    }
    ids
}

/// Creates a contact without the fields that are refused.
async fn created(app: &App, mut input: Map<String, Value>) -> String {
    loop {
        let payload = app.create(input.clone().into()).await;
        if let Some(id) = payload["contact"]["id"].as_str() {
            return id.to_owned();
        }
        let before = input.len();
        for problem in payload["userErrors"].as_array().expect("problems") {
            input.remove(problem["field"][1].as_str().expect("a field"));
        }
        assert!(input.len() < before, "{payload:#}");
    }
}

fn everything(number: usize, related: &Related, dice: &mut StdRng) -> Value {
    let one = dice.random_range(0..2);
    let stage = related.stages[dice.random_range(0..2)];
    let phones: Vec<Value> = (0..dice.random_range(1..6))
        .map(|place| {
            let kind = ["MOBILE", "WORK", "HOME", "MAIN", "FAX", "OTHER"][dice.random_range(0..6)];
            let call = dice.random_bool(0.3);
            let number = format!("+1416{:03}{number:04}", 200 + place);
            json!({"number": number, "type": kind, "label": text(dice), "doNotCall": call})
        })
        .collect();
    let emails: Vec<Value> = (0..dice.random_range(1..5))
        .map(|place| json!({"address": format!("jane.{number}@x{place}.example"), "label": text(dice)}))
        .collect();
    let tags: Vec<String> = (0..dice.random_range(0..5)).map(|_| tag(dice)).collect();
    let mut users: Vec<Uuid> = related.users.to_vec();
    if dice.random_bool(0.5) {
        users.reverse();
    }
    let score = [i32::MIN, i32::MAX, 0, -1, 7][dice.random_range(0..5)];
    let object = |dice: &mut StdRng| {
        serde_json::from_str::<Value>(OBJECTS.choose(dice).expect("an object")).expect("JSON")
    };
    json!({
        "firstName": text(dice), "lastName": text(dice), "externalId": format!("ext \"{number}\""),
        "emails": emails, "phones": phones, "whatsappNumber": format!("+1416900{number:04}"),
        "company": text(dice), "companyId": related.companies[one], "jobTitle": text(dice),
        "industry": text(dice), "website": "https://example.com/?a=\"b\"&c=ü",
        "linkedinUrl": "https://www.linkedin.com/in/jane", "addressLine1": text(dice),
        "addressLine2": text(dice), "city": text(dice), "state": text(dice), "zip": "D-12 345",
        "country": "DE", "timezone": "Europe/Berlin", "language": "pt-BR", "tags": tags,
        "status": text(dice), "stage": text(dice), "pipelineId": related.pipelines[0],
        "pipelineStageId": stage, "process": text(dice), "source": "import",
        "score": score,
        "notes": if number == 1 { "long \"note\"\n😀 ".repeat(4_000) } else { text(dice).to_owned() },
        "isActive": dice.random_bool(0.5), "emailSubscribed": dice.random_bool(0.5),
        "metadata": object(dice), "industryContext": object(dice),
        "teamId": related.teams[one], "ownerId": related.users[one], "assigneeIds": users,
        "sourceCreatedAt": "1999-12-31T23:59:59.999Z",
    })
}

/// Writes past the gateway what no mutation writes.
async fn spoil(app: &App, contacts: &[String], dice: &mut impl Rng) {
    let control: String = ('\u{1}'..'\u{20}').chain(['\u{7f}', '\u{85}', '\u{feff}', '\u{fffd}']).collect();
    for id in contacts {
        let id: Uuid = id.parse().expect("an id");
        for (chance, column, value) in [
            (0.2, "notes", Cell::from(control.clone())),
            (0.1, "first_name", Cell::from(control.clone())),
            (0.3, "source_created_at", Cell::from(*TIMES.choose(dice).expect("a time"))),
            (0.3, "enriched_at", Cell::from(*TIMES.choose(dice).expect("a time"))),
            (0.3, "created_at", Cell::from(*TIMES.choose(dice).expect("a time"))),
            (0.2, "updated_at", Cell::from(1_796_000_123_040_i64)),
            (0.2, "deleted_at", Cell::from(1_796_000_123_040_i64)),
            (0.1, "updated_by", Cell::from(None::<Uuid>)),
            (0.1, "version", Cell::from(i32::MAX)),
        ] {
            if dice.random_bool(chance) {
                app.execute(&format!("UPDATE contact SET {column} = $1 WHERE id = $2"), [value, id.into()])
                    .await;
            }
        }
    }
}

/// Deletes objects that contacts refer to, past the gateway: none of the contacts is unlinked.
async fn remove(app: &App, related: &Related) {
    for (table, id) in [
        ("\"user\"", related.users[1]),
        ("team", related.teams[1]),
        ("company", related.companies[1]),
        ("pipeline_stage", related.stages[1]),
        // The other stage is left without its pipeline.
        ("pipeline", related.pipelines[0]),
    ] {
        app.execute(&format!("UPDATE {table} SET deleted_at = 1 WHERE id = $1"), [id.into()]).await;
    }
}

fn text(dice: &mut impl Rng) -> &'static str {
    TEXTS.choose(dice).expect("a text")
}

fn tag(dice: &mut impl Rng) -> String {
    let text =
        ["lead", "\"quoted\"", "back\\slash", "😀", "comma, brace}", "ÄÖ"].choose(dice).expect("a tag");
    format!("{text} {}", dice.random_range(0..3))
}
