//! Teams of users, to which contacts may belong and API keys may be limited.

use std::collections::HashSet;

use entity::{
    api_key, api_key_team,
    cascade::Subject,
    team::{Column, Entity, Model},
    team_member, user,
};
use sea_orm::{ColumnTrait as _, sea_query::Condition};
use uuid::Uuid;

use crate::{
    access::Caller,
    database::{Read, WriteTx, any_of},
    error::DatabaseError,
    input::{
        patch::Patch,
        problem::{ProblemCode, Problems, Referent},
    },
    reference::{ChildChanges, ReferenceKind, columns},
};

/// Maximum number of members of a team.
const MAX_MEMBERS: usize = 500;

/// Fields of the input of a team, beside its name and external id.
#[derive(Clone, Debug, Default)]
pub(crate) struct Details {
    /// Ids of its users as they were given, in order; they replace the members.
    pub(crate) member_ids: Patch<Vec<String>>,
}

/// Returns the live teams that a caller may use, by name.
///
/// # Errors
/// The database failed.
pub async fn usable(read: &impl Read, caller: &Caller) -> Result<Vec<Model>, DatabaseError> {
    let mut rows = read.find::<Entity>(Condition::all().add(Column::DeletedAt.is_null())).await?;
    if let Some(teams) = &caller.teams {
        rows.retain(|row| teams.contains(&row.id));
    }
    rows.sort_by(|a, b| (&a.name_key, a.id).cmp(&(&b.name_key, b.id)));
    Ok(rows)
}

impl ReferenceKind for Entity {
    type Details = Details;
    columns!();
    const REFERENT: Referent = Referent::Team;
    const SUBJECT: Subject = Subject::Team;
    const IS_SETTING: bool = true;
    const IS_SHOWN: bool = false;
    const MAX_LIVE: Option<(usize, &'static str)> = Some((500, "teams"));

    fn new_row(org_id: Uuid, id: Uuid, at: i64) -> Model {
        Model {
            org_id,
            id,
            external_id: None,
            name: String::new(),
            name_key: Vec::new(),
            created_at: at,
            updated_at: at,
            deleted_at: None,
        }
    }

    /// A key that is limited to teams changes and deletes these only, and makes none.
    fn denial(caller: &Caller, id: Option<Uuid>) -> Option<(ProblemCode, &'static str)> {
        let own = caller.teams.as_ref()?;
        let message = match id {
            Some(id) if own.contains(&id) => return None,
            Some(_) => "is not one of the teams that this API key is limited to",
            None => "would make a team, which an API key that is limited to teams may not",
        };
        Some((ProblemCode::TeamAccessDenied, message))
    }

    fn check(details: &mut Details, problems: &mut Problems) {
        if let Patch::Value(ids) = &mut details.member_ids
            && ids.len() > MAX_MEMBERS
        {
            problems.add("memberIds", ProblemCode::TooMany, format!("has more than {MAX_MEMBERS} ids"));
            ids.truncate(MAX_MEMBERS);
        }
    }

    fn fill(_row: &mut Model, _details: &Details) {}

    async fn verify(
        tx: &WriteTx<'_>,
        _old: Option<&Model>,
        details: &Details,
        problems: &mut Problems,
    ) -> Result<(), DatabaseError> {
        let Patch::Value(ids) = &details.member_ids else {
            return Ok(());
        };
        let live = Condition::all()
            .add(any_of(user::Column::Id, parsed(ids)))
            .add(user::Column::DeletedAt.is_null());
        let known: HashSet<Uuid> =
            tx.find::<user::Entity>(live).await?.into_iter().map(|user| user.id).collect();
        for (index, id) in ids.iter().enumerate() {
            if !id.parse().is_ok_and(|id| known.contains(&id)) {
                problems.not_found(&format!("memberIds.{index}"), Referent::User);
            }
        }
        Ok(())
    }

    async fn save_children(
        tx: &WriteTx<'_>,
        id: Uuid,
        details: &Details,
    ) -> Result<ChildChanges, DatabaseError> {
        let ids = match &details.member_ids {
            Patch::Absent => return Ok(ChildChanges::default()),
            Patch::Null => Vec::new(),
            Patch::Value(ids) => parsed(ids),
        };
        let of_team = Condition::all().add(team_member::Column::TeamId.eq(id));
        let mut old = tx.find::<team_member::Entity>(of_team).await?;
        old.sort_by_key(|member| member.position);
        if old.iter().map(|member| member.user_id).eq(ids.iter().copied()) {
            return Ok(ChildChanges::default());
        }
        tx.delete_of::<team_member::Entity>(team_member::Column::TeamId, &[id]).await?;
        let org_id = tx.org_id();
        let members = ids.into_iter().zip(0..);
        let rows =
            members.map(|(user_id, position)| team_member::Model { org_id, team_id: id, user_id, position });
        tx.insert::<team_member::Entity>(rows.collect()).await?;
        Ok(ChildChanges { any: true, ..ChildChanges::default() })
    }

    async fn check_unused(
        tx: &WriteTx<'_>,
        _caller: &Caller,
        row: &Model,
        _move_to: Option<&str>,
        problems: &mut Problems,
    ) -> Result<(), DatabaseError> {
        let of_team = Condition::all().add(api_key_team::Column::TeamId.eq(row.id));
        let keys = tx.find::<api_key_team::Entity>(of_team).await?.into_iter().map(|row| row.api_key_id);
        let live =
            Condition::all().add(any_of(api_key::Column::Id, keys)).add(api_key::Column::RevokedAt.is_null());
        if !tx.find::<api_key::Entity>(live).await?.is_empty() {
            problems.add(
                "id",
                ProblemCode::InUse,
                "names a team to which an API key is limited: revoke that first",
            );
        }
        Ok(())
    }

    async fn unlink(tx: &WriteTx<'_>, row: &mut Model, _move_to: Option<&str>) -> Result<(), DatabaseError> {
        tx.delete_of::<team_member::Entity>(team_member::Column::TeamId, &[row.id]).await
    }
}

/// Returns the ids that are UUIDs, each at the place of its first mention.
fn parsed(ids: &[String]) -> Vec<Uuid> {
    let mut seen = HashSet::new();
    ids.iter().filter_map(|id| id.parse().ok()).filter(|id| seen.insert(*id)).collect()
}
