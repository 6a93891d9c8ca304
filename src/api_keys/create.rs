//! Creating a key: it grants at most its creator's scopes and teams, and does not outlive it.

use std::collections::HashSet;

use entity::{api_key, api_key_team, team, user};
use sea_orm::{
    ColumnTrait as _,
    sea_query::{Condition, Expr},
};
use uuid::Uuid;

use super::SavedKey;
use crate::{
    access::{Caller, Key, Scope, Scopes, mint},
    clock::now_ms,
    database::{MAX_LIVE_KEYS, Outcome, Read as _, WriteError, WriteTx, any_of, live_keys},
    error::DatabaseError,
    input::{
        problem::{ProblemCode, Problems, Referent},
        text::{self, LineBreaks, is_blank},
    },
    writing::{Execute, Operation, Request, Written, idempotency::Answered},
};

/// Maximum characters of a key's name.
const MAX_NAME_CHARS: usize = 256;
/// Maximum number of teams of a key.
const MAX_TEAMS: usize = 200;

/// Creates a key. Ids are as they were given: one that is not a UUID is answered like an unknown
/// one.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields of the API's input")]
pub struct CreateKey {
    pub name: String,
    pub scopes: Vec<Scope>,
    /// `None`: the same teams as the caller's own key.
    pub team_ids: Option<Vec<String>>,
    pub user_id: Option<String>,
    pub expires_at: Option<i64>,
}

impl Execute for CreateKey {
    type Answer = Written<Option<SavedKey>>;

    async fn execute(self, request: &Request<'_>) -> Result<Answered<Self::Answer>, WriteError> {
        request.write(Creation::new(self, request.caller)).await
    }
}

/// The command with its caller, and the key that is stored if nothing is wrong with it.
#[derive(Debug)]
struct Creation {
    command: CreateKey,
    caller: Caller,
    key: Key,
    row: api_key::Model,
}

impl Creation {
    fn new(command: CreateKey, caller: &Caller) -> Self {
        let scopes: Scopes = command.scopes.iter().copied().collect();
        let (key, row) = mint(caller.org_id, command.name.trim(), scopes, command.expires_at);
        Self { command, caller: caller.clone(), key, row }
    }

    fn check(&self, problems: &mut Problems) {
        let CreateKey { name, scopes, team_ids: _, user_id: _, expires_at } = &self.command;
        if is_blank(name) {
            problems.add("name", ProblemCode::NameRequired, "is required, and not blank");
        } else {
            text::check(problems, "name", name.trim(), MAX_NAME_CHARS, LineBreaks::Refused);
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
    }

    /// Returns the time at which the key expires: no later than its maker.
    ///
    /// The maker's row is locked until the commit. A revocation that comes first is seen here; one that comes later
    /// finds the new key, and revokes it too.
    async fn find_expiry(
        &self,
        tx: &WriteTx<'_>,
        problems: &mut Problems,
    ) -> Result<Option<i64>, DatabaseError> {
        use api_key::Column;
        let maker = || Condition::all().add(Column::Id.eq(self.caller.key_id));
        let live = maker().add(Column::RevokedAt.is_null());
        let locked = tx.update::<api_key::Entity>(live, vec![(Column::RevokedAt, Expr::value(None::<i64>))]);
        if locked.await? == 0 {
            problems.add("", ProblemCode::ScopeNotGrantable, "comes with an API key that has been revoked");
            return Ok(None);
        }
        let expiry = tx.find::<api_key::Entity>(maker()).await?.pop().and_then(|maker| maker.expires_at);
        match (self.command.expires_at, expiry) {
            (Some(given), Some(latest)) if given > latest => {
                let message = "is later than the time at which your own key expires";
                problems.add("expiresAt", ProblemCode::ScopeNotGrantable, message);
                Ok(None)
            }
            (given, latest) => Ok(given.or(latest)),
        }
    }

    /// Reports that the organization has as many keys as it may have. The change clock is held, so nobody can add
    /// one meanwhile.
    async fn check_number(tx: &WriteTx<'_>, problems: &mut Problems) -> Result<(), DatabaseError> {
        let live = tx.select::<api_key::Entity>().column(api_key::Column::Id).filter(live_keys());
        if tx.rows(live.limit(MAX_LIVE_KEYS)).await?.len() as u64 >= MAX_LIVE_KEYS {
            let message = format!(
                "would make more than {MAX_LIVE_KEYS} API keys that are neither revoked nor expired, the maximum of an organization"
            );
            problems.add("", ProblemCode::TooMany, message);
        }
        Ok(())
    }

    /// Returns the user that the key belongs to.
    async fn find_user(
        &self,
        tx: &WriteTx<'_>,
        problems: &mut Problems,
    ) -> Result<Option<Uuid>, DatabaseError> {
        let Some(given) = &self.command.user_id else {
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

    /// Returns the teams that the key is limited to; `None` if it is not limited.
    async fn find_teams(
        &self,
        tx: &WriteTx<'_>,
        problems: &mut Problems,
    ) -> Result<Option<HashSet<Uuid>>, DatabaseError> {
        let Some(given) = &self.command.team_ids else {
            return Ok(self.caller.teams.clone());
        };
        if given.len() > MAX_TEAMS {
            problems.add("teamIds", ProblemCode::TooMany, format!("has more than {MAX_TEAMS} teams"));
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
                Some(id) if self.caller.lacks_team(id) => {
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

impl Operation for Creation {
    type Answer = Written<Option<SavedKey>>;

    /// One, although no poller sees keys: the change clock keeps other servers from deleting the
    /// teams and the user that the key refers to.
    fn rows(&self) -> u32 {
        1
    }

    async fn run_one(&self, tx: &WriteTx<'_>) -> Result<Outcome<Self::Answer>, DatabaseError> {
        let mut problems = Problems::default();
        self.check(&mut problems);
        Self::check_number(tx, &mut problems).await?;
        let expires_at = self.find_expiry(tx, &mut problems).await?;
        let user_id = self.find_user(tx, &mut problems).await?;
        let teams = self.find_teams(tx, &mut problems).await?;
        if !problems.is_empty() {
            return Ok(Outcome::Unchanged(Written::refused(problems)));
        }
        let row = api_key::Model {
            user_id,
            all_teams: teams.is_none(),
            expires_at,
            maker_id: Some(self.caller.key_id),
            ..self.row.clone()
        };
        let of_team = |team_id| api_key_team::Model { org_id: row.org_id, api_key_id: row.id, team_id };
        let team_rows = teams.into_iter().flatten().map(of_team).collect();
        let secret = Some(self.key.reveal().to_owned());
        let saved = SavedKey { id: row.id, secret };
        tx.insert::<api_key::Entity>(vec![row]).await?;
        tx.insert::<api_key_team::Entity>(team_rows).await?;
        Ok(Outcome::Changed(Written::new(Some(saved))))
    }
}
