//! W4 and W7: creates in one transaction, set-based. Several requests of W4 share one, up to 64 creates.

use std::{
    sync::LazyLock,
    time::{SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::MAX_GROUP;
use crate::trigrams;

/// Contact to create, as the client sends it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    external_id: String,
    first_name: String,
    last_name: String,
    email: String,
    phone: String,
    tags: Vec<String>,
}

/// Contacts to create, and the caller that waits for them.
#[derive(Debug)]
pub(crate) struct Created {
    pub(crate) contacts: Vec<(Uuid, Input)>,
    pub(crate) done: oneshot::Sender<Result<(), String>>,
}

/// Contacts of one transaction, and their callers.
#[derive(Debug, Default)]
pub(crate) struct Group {
    contacts: Vec<(Uuid, Input)>,
    pub(crate) callers: Vec<oneshot::Sender<Result<(), String>>>,
}

/// Values of one contact: those of its own row, of its phone and email, and its search document.
#[derive(Debug, Serialize)]
pub(crate) struct Values {
    #[serde(serialize_with = "as_hex")]
    pub(crate) id: Uuid,
    #[serde(serialize_with = "as_hex")]
    pub(crate) phone_id: Uuid,
    #[serde(serialize_with = "as_hex")]
    pub(crate) email_id: Uuid,
    pub(crate) external_id: String,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) email: String,
    pub(crate) phone: String,
    pub(crate) tags: String,
    pub(crate) first_name_fold: String,
    pub(crate) last_name_fold: String,
    pub(crate) doc: String,
    /// Trigrams of the document; SQLite only.
    tokens: Option<String>,
}

fn as_hex<S: serde::Serializer>(id: &Uuid, serializer: S) -> Result<S::Ok, S::Error> {
    let mut text = [0; uuid::fmt::Simple::LENGTH];
    serializer.serialize_str(id.simple().encode_lower(&mut text))
}

impl Values {
    pub(crate) fn of(id: Uuid, input: Input, with_tokens: bool) -> Self {
        let Input { external_id, first_name, last_name, email, phone, tags } = input;
        let (first_name_fold, last_name_fold) = (first_name.to_lowercase(), last_name.to_lowercase());
        let digits = phone.trim_start_matches('+');
        let words = [&first_name_fold, &last_name_fold, &email, &phone, digits].into_iter();
        let doc =
            words.chain(tags.iter().map(String::as_str)).fold(String::new(), |doc, word| doc + "\n\n" + word);
        Self {
            id,
            phone_id: Uuid::now_v7(),
            email_id: Uuid::now_v7(),
            tags: serde_json::to_string(&tags).unwrap_or_default(),
            tokens: with_tokens.then(|| trigrams::tokens(&doc)),
            external_id,
            first_name,
            last_name,
            email,
            phone,
            first_name_fold,
            last_name_fold,
            doc,
        }
    }
}

/// Waits for creates, and takes as many as wait, until there are enough for a group; `None` if no more will come.
pub(crate) async fn next_group(queue: &mut mpsc::Receiver<Created>) -> Option<Group> {
    let mut group = Group::default();
    let mut next = queue.recv().await;
    while let Some(Created { contacts, done }) = next {
        group.contacts.extend(contacts);
        group.callers.push(done);
        next = if group.contacts.len() < MAX_GROUP { queue.try_recv().ok() } else { None };
    }
    (!group.callers.is_empty()).then_some(group)
}

impl Group {
    /// Takes the values of the contacts.
    pub(crate) fn take_values(&mut self, with_tokens: bool) -> Vec<Values> {
        std::mem::take(&mut self.contacts)
            .into_iter()
            .map(|(id, input)| Values::of(id, input, with_tokens))
            .collect()
    }
}

/// Answers all callers of a group.
pub(crate) fn answer_all(
    callers: Vec<oneshot::Sender<Result<(), String>>>,
    result: &Result<(), impl std::fmt::Display>,
) {
    for caller in callers {
        drop(caller.send(result.as_ref().map(drop).map_err(ToString::to_string)));
    }
}

/// Returns the time in milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
}

/// Columns of a contact that the input says, or that are not null by themselves; the others are null.
const CONTACT: [(&str, &str); 25] = [
    ("org_id", "$1"),
    ("id", "given.id"),
    ("external_id", "given.external_id"),
    ("first_name", "given.first_name"),
    ("last_name", "given.last_name"),
    ("email", "given.email"),
    ("phone", "given.phone"),
    ("tags", "given.tags"),
    ("status", "'active'"),
    ("source", "'api'"),
    ("is_active", "TRUE"),
    ("email_subscribed", "TRUE"),
    ("metadata", "'{}'"),
    ("industry_context", "'{}'"),
    ("tag_added_at", "clock.at"),
    ("tag_added_seq", "clock.before + given.nth"),
    ("created_at", "clock.at"),
    ("created_seq", "clock.before + given.nth"),
    ("updated_at", "clock.at"),
    ("change_seq", "clock.before + given.nth"),
    ("version", "1"),
    ("operation", "'CREATED'"),
    ("first_name_fold", "given.first_name_fold"),
    ("last_name_fold", "given.last_name_fold"),
    ("name_key", "NAME_KEY"),
];

const NULL_COLUMNS: &str = "whatsapp_number, company, company_id, job_title, industry, website, linkedin_url, \
    address_line1, address_line2, city, state, zip, country, timezone, language, stage, pipeline_id, \
    pipeline_stage_id, process, score, notes, team_id, owner_id, source_created_at, enriched_at, enriched_seq, \
    enrichment_status, created_by, updated_by, updated_by_key, deleted_at, merged_into_id, company_key, company_fold";

/// Returns the insertion of contacts from the relations `given` and `clock`.
fn insert_contacts(name_key: &str) -> String {
    let (names, values): (Vec<_>, Vec<_>) = CONTACT.into_iter().unzip();
    let nulls = vec!["NULL"; NULL_COLUMNS.split(',').count()].join(", ");
    let values = values.join(", ").replace("NAME_KEY", name_key);
    format!(
        "INSERT INTO contact ({}, {NULL_COLUMNS}) SELECT {values}, {nulls} FROM given, clock",
        names.join(", ")
    )
}

const INSERT_PHONES: &str = "INSERT INTO contact_phone (org_id, contact_id, id, position, number, extension, type, \
    label, is_primary, is_whatsapp, do_not_call) \
    SELECT $1, id, phone_id, 0, phone, NULL, 'OTHER', NULL, TRUE, FALSE, FALSE FROM given";
const INSERT_EMAILS: &str = "INSERT INTO contact_email (org_id, contact_id, id, position, address, address_key, \
    address_fold, label, is_primary) SELECT $1, id, email_id, 0, email, email, email, NULL, TRUE FROM given";
const INSERT_DOCUMENTS: &str =
    "INSERT INTO contact_search (org_id, contact_id, doc) SELECT $1, id, doc FROM given";
const TAG_IS: &str = "tag.org_id = $1 AND tag.deleted_at IS NULL AND tag.name_key =";

/// The one statement on PostgreSQL, of the organization, the number of contacts, the time, and a list a column.
pub(crate) static POSTGRES: LazyLock<String> = LazyLock::new(|| {
    let contacts =
        insert_contacts("given.last_name_fold::bytea || ' '::bytea || given.first_name_fold::bytea");
    format!(
        "WITH clock AS (UPDATE change_clock SET change_seq = change_seq + $2, change_at = greatest($3, change_at) \
         WHERE org_id = $1 RETURNING change_seq - $2 AS before, change_at AS at), \
         given AS (SELECT * FROM unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::text[], $9::text[], \
         $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[]) WITH ORDINALITY \
         AS given (id, phone_id, email_id, external_id, first_name, last_name, email, phone, tags, \
         first_name_fold, last_name_fold, doc, nth)), \
         contacts AS ({contacts}), phones AS ({INSERT_PHONES}), emails AS ({INSERT_EMAILS}), \
         tags AS (INSERT INTO contact_tag (org_id, contact_id, tag_id, position) \
         SELECT $1, given.id, tag.id, name.nth - 1 FROM given \
         CROSS JOIN LATERAL json_array_elements_text(given.tags::json) WITH ORDINALITY AS name (name, nth) \
         JOIN tag ON {TAG_IS} lower(name.name)) {INSERT_DOCUMENTS}"
    )
});

/// The clock on SQLite, of the organization, the number of contacts, and the time.
pub(crate) const SQLITE_CLOCK: &str = "UPDATE change_clock SET change_seq = change_seq + ?2, \
    change_at = max(?3, change_at) WHERE org_id = ?1 RETURNING change_seq - ?2, change_at";

/// The statements on SQLite after the clock, of the organization, the contacts as JSON, the sequence before
/// theirs, and the time.
pub(crate) static SQLITE: LazyLock<[String; 6]> = LazyLock::new(|| {
    let texts = "external_id, first_name, last_name, email, phone, tags, first_name_fold, last_name_fold, doc, tokens";
    let texts =
        texts.split(", ").map(|name| format!("value ->> '{name}' AS {name}")).collect::<Vec<_>>().join(", ");
    let given = format!(
        "WITH given AS (SELECT key + 1 AS nth, unhex(value ->> 'id') AS id, unhex(value ->> 'phone_id') AS phone_id, \
         unhex(value ->> 'email_id') AS email_id, {texts} FROM json_each($2)), \
         clock AS (SELECT $3 AS before, $4 AS at)"
    );
    let contacts = insert_contacts("CAST(given.last_name_fold || ' ' || given.first_name_fold AS BLOB)");
    [
        contacts,
        INSERT_PHONES.to_owned(),
        INSERT_EMAILS.to_owned(),
        format!(
            "INSERT INTO contact_tag (org_id, contact_id, tag_id, position) \
             SELECT $1, given.id, tag.id, name.key FROM given CROSS JOIN json_each(given.tags) AS name \
             CROSS JOIN tag ON {TAG_IS} lower(name.value)"
        ),
        INSERT_DOCUMENTS.to_owned(),
        "INSERT INTO contact_search_index (rowid, doc) \
         SELECT contact_search.rowid, replace(given.tokens, '#', number) FROM given \
         CROSS JOIN contact_search_organization AS organization ON organization.org_id = $1 \
         CROSS JOIN contact_search ON contact_search.org_id = $1 AND contact_id = given.id"
            .to_owned(),
    ]
    // To SQLite `$1` is a name, and names are numbered as they come.
    .map(|insert| format!("{given} {insert}").replace('$', "?"))
});
