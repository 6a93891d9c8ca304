//! Settings that change between a write's preparation and its transaction, or within the latter.

use contacts_gateway::{
    access::{Caller, Scope},
    contacts::{self, ContactDraft, Ran, TextFields, Write, WrittenContacts, commands::CreateContact},
    database::{Job, Outcome, WriteTx},
    error::DatabaseError,
    input::{patch::Patch, problem::ProblemCode},
    organizations::{ContactField, SettingsCache},
    policies::{PolicyPatch, UpdatePolicy},
};
use serde_json::json;
use tokio::time::Instant;

use super::LONG;
use crate::support::{App, engine::on_each_engine};

/// In one transaction: a contact, a change of the policy, and a contact that was prepared like the
/// first one.
struct Between {
    before: Write,
    change: UpdatePolicy,
    after: Write,
}

impl Job for Between {
    type Answer = [WrittenContacts; 2];

    fn rows(&self) -> u32 {
        self.before.rows() + self.change.rows() + self.after.rows()
    }

    async fn run(tx: &WriteTx<'_>, jobs: &[&Self]) -> Result<Vec<Outcome<Self::Answer>>, DatabaseError> {
        let mut outcomes = Vec::new();
        for job in jobs {
            let before = Write::run(tx, &[&job.before]).await?;
            UpdatePolicy::run(tx, &[&job.change]).await?;
            let after = Write::run(tx, &[&job.after]).await?;
            let written = before.into_iter().chain(after).map(|outcome| match outcome {
                Outcome::Changed(Ran::Written(written)) | Outcome::Unchanged(Ran::Written(written)) => {
                    written
                }
                stale => panic!("{stale:?}"),
            });
            let written: Vec<_> = written.collect();
            let written = written.try_into().map_err(|_| DatabaseError::internal("testing", "two writes"))?;
            outcomes.push(Outcome::Changed(written));
        }
        Ok(outcomes)
    }
}

impl App {
    pub(crate) async fn caller(&self) -> Caller {
        let data = self.data("{ viewer { apiKey { id } } }").await;
        let key_id = data["viewer"]["apiKey"]["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        let scopes = Scope::ALL.into_iter().collect();
        Caller { org_id: self.org_id, key_id, user_id: None, scopes, teams: None }
    }
}

fn jane() -> CreateContact {
    let texts = TextFields { first_name: Patch::Value("Jane".to_owned()), ..TextFields::default() };
    CreateContact::new(ContactDraft { texts, ..ContactDraft::default() })
}

on_each_engine! {
    async fn a_policy_that_changes_within_a_transaction_holds_for_what_comes_after_it_there(app: App) {
        let caller = app.caller().await;
        let cache = SettingsCache::default();
        let write = async || contacts::prepare(&app.database, &cache, &caller, jane()).await.expect("settings");
        let change = PolicyPatch { required_fields: Some(vec![ContactField::Email]), ..PolicyPatch::default() };
        let job = Between { before: write().await, change: UpdatePolicy(change), after: write().await };
        let [before, after] = app.database.writer().write(app.org_id, job, Instant::now() + LONG).await.expect("written");
        assert!(before.problems.is_empty(), "{before:?}");
        let codes: Vec<_> = after.problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, [ProblemCode::EmailRequired]);
        assert_eq!(app.number("SELECT count(*) FROM contact").await, 1);
    }

    async fn each_change_of_the_settings_is_counted_and_one_that_changes_nothing_is_not(app: App) {
        let policy = json!({"defaultSource": "form"});
        let team = app.done("createTeam", json!({"name": "North"}), "team { id }").await["team"]["id"].take();
        for (mutation, input, counted) in [
            ("updateContactPolicy", policy.clone(), 1),
            ("updateContactPolicy", policy, 0),
            ("createTeam", json!({"name": "South"}), 1),
            ("updateTeam", json!({"id": team, "name": "West"}), 1),
            ("updateTeam", json!({"id": team, "name": "West"}), 0),
            ("deleteTeam", json!({"id": team}), 1),
            ("createCompany", json!({"name": "Acme"}), 0),
            ("createUser", json!({"name": "Ann"}), 0),
        ] {
            let before = app.clock().await.2;
            app.done(mutation, input, "__typename").await;
            assert_eq!(app.clock().await.2 - before, counted, "{mutation}");
        }
    }

    async fn a_server_that_remembers_settings_holds_to_those_that_follow_at_once(app: App) {
        // Remembered here.
        app.created(json!({"firstName": "Jane"})).await;
        app.done("updateContactPolicy", json!({"allowedStatuses": ["new"], "defaultStatus": "new"}), "__typename").await;
        assert_eq!(app.stored(json!({"firstName": "Jane"})).await["status"], "new");
        assert_eq!(app.faults(json!({"firstName": "Jane", "status": "active"})).await, ["status STATUS_NOT_ALLOWED"]);
        let team = app.done("createTeam", json!({"name": "North"}), "team { id }").await["team"]["id"].take();
        let id = app.created(json!({"firstName": "Jane", "teamId": team})).await;
        app.done("deleteTeam", json!({"id": team}), "deletedId").await;
        let update = json!({"id": id, "set": {"teamId": team}});
        assert_eq!(app.refused("updateContact", update).await, ["set.teamId TEAM_NOT_FOUND"]);
    }
}
