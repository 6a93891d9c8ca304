//! Contacts with many equal times and many nulls: created through the API, so that their sort
//! keys are the gateway's, and then given a history, as no mutation makes one yet.

use entity::contact::{self, Column};
use futures_util::future::join_all;
use sea_orm::{
    ConnectionTrait as _, ExprTrait as _,
    sea_query::{Expr, Query},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::id;
use crate::support::App;

/// 2026-03-01T12:00:00Z.
pub(super) const START: i64 = 1_772_366_400_000;
const CONTACTS: usize = 45;

/// When something happened, as the change clock tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) at: i64,
    pub(super) seq: i64,
}

/// What is known of a contact.
#[derive(Clone, Debug)]
pub(super) struct Contact {
    pub(super) id: Uuid,
    /// The place of its name; `None` when first and last are blank.
    pub(super) name: Option<u8>,
    /// The place of its company's name.
    pub(super) company: Option<u8>,
    pub(super) score: Option<i32>,
    pub(super) created: Stamp,
    pub(super) updated: Stamp,
    pub(super) tagged: Option<Stamp>,
    pub(super) enriched: Option<Stamp>,
    pub(super) deleted: bool,
}

/// Stands for a name of 256 letters.
const LONG: &str = "zzz...";

/// First and last name, and their place among all: as the root collation of Unicode has them, worked
/// out by hand. Accents count where letters are equal, and case where accents are.
const NAMES: [(Option<&str>, Option<&str>, Option<u8>); 19] = [
    (Some("Jane"), Some("Doe"), Some(7)),
    (Some("jane"), Some("DOE"), Some(8)),
    (None, None, None),
    (Some("Jané"), Some("Döe"), Some(9)),
    (Some("  Jane   Mary "), Some("doe"), Some(10)),
    (Some(""), Some("  "), None),
    (None, Some("Abel"), Some(3)),
    (Some("Émile"), Some("Abel"), Some(4)),
    (Some("eva"), Some("ABEL"), Some(5)),
    (Some("Ann"), Some("Abel Smith"), Some(6)),
    (Some("Zoe"), None, Some(2)),
    (Some("Adam"), Some(" "), Some(1)),
    (Some("Ann"), Some("Öz"), Some(13)),
    (Some("Łukasz"), Some("O'Neil"), Some(11)),
    (Some("Anna"), Some("Straße"), Some(14)),
    (Some("Ann"), Some(LONG), Some(15)),
    (Some("Bob"), Some(LONG), Some(16)),
    (None, Some(""), None),
    (Some("42"), Some("Øre"), Some(12)),
];
const COMPANIES: [(Option<&str>, Option<u8>); 8] = [
    (None, None),
    (Some("Acme Inc"), Some(2)),
    (Some("ACME  inc"), Some(3)),
    (Some("Zeta"), Some(6)),
    (Some("Ácme Inc"), Some(4)),
    (Some("  "), None),
    (Some("Łódź & Sons"), Some(5)),
    (Some("acme"), Some(1)),
];
const SCORES: [Option<i32>; 11] = [
    None,
    Some(5),
    Some(-3),
    Some(0),
    Some(5),
    None,
    Some(i32::MAX),
    Some(i32::MIN),
    Some(100),
    None,
    Some(-3),
];

/// Fills the first organization, and puts another one's contacts beside; gives the first's.
pub(super) async fn fill(app: &App) -> Vec<Contact> {
    app.raw
        .execute_unprepared("UPDATE organization SET required_fields = '[]', default_last_name = NULL")
        .await
        .expect("a policy that requires nothing");
    let contacts = organization(app, &app.key).await;
    let (other, key) = app.organization("Globex").await;
    app.raw
        .execute_unprepared("UPDATE organization SET required_fields = '[]', default_last_name = NULL")
        .await
        .expect("a policy that requires nothing");
    assert_ne!(other, app.org_id);
    organization(app, &key).await;
    contacts
}

async fn organization(app: &App, key: &str) -> Vec<Contact> {
    let made = join_all((0..CONTACTS).map(|index| create(app, key, index))).await;
    let mut contacts: Vec<Contact> = made.into_iter().collect();
    happen(&mut contacts);
    for contact in &contacts {
        stamp(app, contact).await;
    }
    contacts
}

async fn create(app: &App, key: &str, index: usize) -> Contact {
    const CREATE: &str = "mutation($input: CreateContactInput!) {
        createContact(input: $input) { contact { id } userErrors { code field message } } }";
    let (first, last, name) = NAMES[index % NAMES.len()];
    let (given_company, company) = COMPANIES[index % COMPANIES.len()];
    let score = SCORES[index % SCORES.len()];
    let last = last.map(|last| if last == LONG { "Z".repeat(256) } else { last.to_owned() });
    let input = json!({"firstName": first, "lastName": last, "company": given_company, "score": score});
    let answer = app.ask_as(key, CREATE, json!({"input": input})).await;
    let contact = &answer["data"]["createContact"]["contact"]["id"];
    assert_ne!(contact, &Value::Null, "{answer:#}");
    let nothing = Stamp { at: 0, seq: 0 };
    Contact {
        id: id(contact),
        name,
        company,
        score,
        created: nothing,
        updated: nothing,
        tagged: None,
        enriched: None,
        deleted: false,
    }
}

/// A change clock: nine changes share a millisecond, and some numbers are left out.
pub(super) struct Clock(pub(super) i64);

impl Clock {
    pub(super) fn tick(&mut self) -> Stamp {
        self.0 += if self.0 % 4 == 0 { 2 } else { 1 };
        Stamp { at: START + self.0 / 9 * 5, seq: self.0 }
    }
}

/// Lives through creations, in another order than that of the ids, and changes between them.
fn happen(contacts: &mut [Contact]) {
    let mut clock = Clock(100);
    let count = contacts.len();
    let place = |step: usize| (step * 17 + 5) % count;
    for step in 0..count {
        let stamp = clock.tick();
        let new = &mut contacts[place(step)];
        (new.created, new.updated) = (stamp, stamp);
        // Tagged on creation.
        new.tagged = (step % 7 == 6).then_some(stamp);
        let mut change = |steps: usize, what: fn(&mut Contact)| {
            let contact = &mut contacts[place(step - steps)];
            contact.updated = clock.tick();
            what(contact);
        };
        if step % 4 == 1 {
            change(1, |_| {});
        }
        if step % 5 == 2 {
            change(2, |contact| contact.tagged = Some(contact.updated));
        }
        if step % 4 == 3 {
            change(3, |contact| contact.enriched = Some(contact.updated));
        }
        if step % 7 == 5 {
            change(4, |contact| contact.deleted = true);
        }
    }
}

/// Writes the history of a contact into its row.
pub(super) async fn stamp(app: &App, contact: &Contact) {
    let at = |stamp: Option<Stamp>| Expr::value(stamp.map(|stamp| stamp.at));
    let seq = |stamp: Option<Stamp>| Expr::value(stamp.map(|stamp| stamp.seq));
    let update = Query::update()
        .table(contact::Entity)
        .values([
            (Column::CreatedAt, at(Some(contact.created))),
            (Column::CreatedSeq, seq(Some(contact.created))),
            (Column::UpdatedAt, at(Some(contact.updated))),
            (Column::ChangeSeq, seq(Some(contact.updated))),
            (Column::TagAddedAt, at(contact.tagged)),
            (Column::TagAddedSeq, seq(contact.tagged)),
            (Column::EnrichedAt, at(contact.enriched)),
            (Column::EnrichedSeq, seq(contact.enriched)),
            (Column::DeletedAt, at(contact.deleted.then_some(contact.updated))),
        ])
        .and_where(Expr::col(Column::Id).eq(contact.id))
        .to_owned();
    let done = app.raw.execute(&update).await.expect("a stamped row");
    assert_eq!(done.rows_affected(), 1, "{contact:?}");
}
