//! Making and revoking keys through the API: a key grants at most its own scopes and teams.
//!
//! No poller sees them, but making one takes the change clock all the same: it names teams and a
//! user, which another server might be deleting.

use std::collections::HashSet;

use entity::{api_key, api_key_team, team, user};
use sea_orm::{
    ColumnTrait as _,
    sea_query::{Condition, Expr},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Caller, Key, Scope, Scopes, mint};
use crate::{
    clock::now_ms,
    database::{Job, Outcome, Read as _, WriteTx, any_of},
    error::DatabaseError,
    input::{
        problem::{Problem, ProblemCode, Problems, Referent},
        text::{Lines, is_blank, unwelcome, unwelcome_message},
    },
    writing::idempotency::Replay,
};

/// The longest name of a key, in characters.
const NAME: usize = 256;
/// Teams of a key, at most.
const TEAMS: usize = 200;

/// A key to be made. Ids are as they were given: what is no UUID is answered like an unknown one.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields of the API's input")]
pub struct Grant {
    pub name: String,
    pub scopes: Vec<Scope>,
    /// `None`: as wide as the caller's own key.
    pub team_ids: Option<Vec<String>>,
    pub user_id: Option<String>,
    pub expires_at: Option<i64>,
}

/// A key that was made or revoked, or what is wrong with the input.
#[derive(Clone, Debug, Default)]
pub struct Granted {
    /// Which key.
    pub id: Option<Uuid>,
    /// The key in clear, the first time only.
    pub secret: Option<String>,
    /// Empty if and only if it was done.
    pub problems: Vec<Problem>,
}

impl Replay for Granted {
    fn record(&self) -> Value {
        json!(self.id)
    }

    fn replay(record: Value) -> Option<Self> {
        let id = serde_json::from_value(record).ok()?;
        Some(Self { id, secret: None, problems: Vec::new() })
    }
}

/// The job that makes a key.
#[derive(Debug)]
pub struct CreateKey {
    grant: Grant,
    caller: Caller,
    key: Key,
    row: api_key::Model,
}

impl CreateKey {
    /// A key that `caller` grants.
    #[must_use]
    pub fn new(grant: Grant, caller: &Caller) -> Self {
        let scopes: Scopes = grant.scopes.iter().copied().collect();
        let (key, row) = mint(caller.org_id, grant.name.trim(), scopes, grant.expires_at);
        Self { grant, caller: caller.clone(), key, row }
    }

    async fn make(&self, tx: &WriteTx<'_>) -> Result<Outcome<Granted>, DatabaseError> {
        let mut problems = Problems::default();
        let Grant { name, scopes, team_ids, user_id, expires_at } = &self.grant;
        if is_blank(name) {
            problems.add("name", ProblemCode::NameRequired, "is blank");
        } else if name.trim().chars().count() > NAME {
            problems.add("name", ProblemCode::TooLong, format!("has more than {NAME} characters"));
        } else if let Some(character) = unwelcome(name, Lines::One) {
            problems.add("name", ProblemCode::CharacterInvalid, unwelcome_message(character));
        }
        if scopes.is_empty() {
            problems.add("scopes", ProblemCode::Invalid, "is empty: a key without scopes can do nothing");
        }
        for (index, scope) in scopes.iter().enumerate() {
            if !self.caller.scopes.allow(*scope) {
                let message = format!("is {}, which your own key lacks", scope.name());
                problems.add(&format!("scopes.{index}"), ProblemCode::ScopeNotGrantable, message);
            }
        }
        if expires_at.is_some_and(|at| at <= now_ms()) {
            problems.add("expiresAt", ProblemCode::Invalid, "has passed");
        }
        let user_id = self.user(tx, &mut problems, user_id.as_deref()).await?;
        let teams = self.teams(tx, &mut problems, team_ids.as_deref()).await?;
        if !problems.is_empty() {
            return Ok(Outcome::Unchanged(Granted { problems: problems.into_vec(), ..Granted::default() }));
        }
        let row = api_key::Model { user_id, all_teams: teams.is_none(), ..self.row.clone() };
        let of_team = |team_id| api_key_team::Model { org_id: row.org_id, api_key_id: row.id, team_id };
        let team_rows = teams.into_iter().flatten().map(of_team).collect();
        let id = Some(row.id);
        tx.insert::<api_key::Entity>(vec![row.clone()]).await?;
        tx.insert::<api_key_team::Entity>(team_rows).await?;
        let secret = Some(self.key.reveal().to_owned());
        Ok(Outcome::Changed(Granted { id, secret, problems: Vec::new() }))
    }

    async fn user(
        &self,
        tx: &WriteTx<'_>,
        problems: &mut Problems,
        given: Option<&str>,
    ) -> Result<Option<Uuid>, DatabaseError> {
        let Some(given) = given else {
            return Ok(None);
        };
        let found = match given.parse::<Uuid>() {
            Ok(id) => {
                let live =
                    Condition::all().add(user::Column::Id.eq(id)).add(user::Column::DeletedAt.is_null());
                tx.find::<user::Entity>(live).await?.pop().map(|row| row.id)
            }
            Err(_) => None,
        };
        if found.is_none() {
            problems.not_found("userId", Referent::User);
        }
        Ok(found)
    }

    /// The teams it is limited to; `None`: to none.
    async fn teams(
        &self,
        tx: &WriteTx<'_>,
        problems: &mut Problems,
        given: Option<&[String]>,
    ) -> Result<Option<HashSet<Uuid>>, DatabaseError> {
        let Some(given) = given else {
            return Ok(self.caller.teams.clone());
        };
        if given.len() > TEAMS {
            problems.add("teamIds", ProblemCode::TooMany, format!("has more than {TEAMS} teams"));
            return Ok(None);
        }
        let ids: Vec<Uuid> = given.iter().filter_map(|id| id.parse().ok()).collect();
        let live = Condition::all().add(team::Column::DeletedAt.is_null());
        let wanted = live.add(any_of(team::Column::Id, ids));
        let known: HashSet<Uuid> =
            tx.find::<team::Entity>(wanted).await?.into_iter().map(|row| row.id).collect();
        let mut teams = HashSet::new();
        for (index, id) in given.iter().enumerate() {
            let path = format!("teamIds.{index}");
            match id.parse::<Uuid>().ok().filter(|id| known.contains(id)) {
                None => problems.not_found(&path, Referent::Team),
                Some(id) if self.caller.teams.as_ref().is_some_and(|own| !own.contains(&id)) => {
                    problems.add(
                        &path,
                        ProblemCode::ScopeNotGrantable,
                        "is a team that your own key may not use",
                    );
                }
                Some(id) => drop(teams.insert(id)),
            }
        }
        Ok(Some(teams))
    }
}

impl Job for CreateKey {
    type Answer = Granted;

    fn rows(&self) -> u32 {
        1
    }

    async fn run(tx: &WriteTx<'_>, jobs: &[&Self]) -> Result<Vec<Outcome<Granted>>, DatabaseError> {
        let mut outcomes = Vec::with_capacity(jobs.len());
        for job in jobs {
            outcomes.push(job.make(tx).await?);
        }
        Ok(outcomes)
    }
}

/// The job that revokes a key; one that is revoked stays so.
#[derive(Debug)]
pub struct RevokeKey {
    /// Which, as it was given.
    pub id: String,
}

impl Job for RevokeKey {
    type Answer = Granted;

    fn rows(&self) -> u32 {
        0
    }

    async fn run(tx: &WriteTx<'_>, jobs: &[&Self]) -> Result<Vec<Outcome<Granted>>, DatabaseError> {
        let mut outcomes = Vec::with_capacity(jobs.len());
        for job in jobs {
            outcomes.push(job.revoke(tx).await?);
        }
        Ok(outcomes)
    }
}

impl RevokeKey {
    async fn revoke(&self, tx: &WriteTx<'_>) -> Result<Outcome<Granted>, DatabaseError> {
        let found = match self.id.parse::<Uuid>() {
            Ok(id) => {
                let same = Condition::all().add(api_key::Column::Id.eq(id));
                tx.find::<api_key::Entity>(same).await?.pop()
            }
            Err(_) => None,
        };
        let Some(row) = found else {
            let mut problems = Problems::default();
            problems.not_found("id", Referent::ApiKey);
            return Ok(Outcome::Unchanged(Granted { problems: problems.into_vec(), ..Granted::default() }));
        };
        let revoked = Granted { id: Some(row.id), ..Granted::default() };
        if row.revoked_at.is_some() {
            return Ok(Outcome::Unchanged(revoked));
        }
        let same = Condition::all().add(api_key::Column::Id.eq(row.id));
        tx.update::<api_key::Entity>(same, vec![(api_key::Column::RevokedAt, Expr::value(now_ms()))]).await?;
        Ok(Outcome::Changed(revoked))
    }
}
