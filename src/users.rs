//! Users: the people of an organization, who own contacts and are assigned to them.

use entity::{
    api_key,
    cascade::Subject,
    team_member,
    user::{Column, Entity, Model},
};
use sea_orm::{
    ColumnTrait as _,
    sea_query::{Condition, Expr},
};
use uuid::Uuid;

use crate::{
    access::Caller,
    database::{Read as _, WriteTx},
    error::DatabaseError,
    input::{
        email::EmailAddress,
        patch::Patch,
        problem::{ProblemCode, Problems, Referent},
        text::is_blank,
    },
    reference::{ReferenceKind, columns},
};

/// Fields of the input of a user, beside its name and external id.
#[derive(Clone, Debug, Default)]
pub(crate) struct Details {
    pub(crate) email: Patch<String>,
}

impl ReferenceKind for Entity {
    type Details = Details;
    columns!();
    const NAME_FOLD: Option<Column> = Some(Column::NameFold);
    const REFERENT: Referent = Referent::User;
    const SUBJECT: Subject = Subject::User;
    const IS_SETTING: bool = false;
    const IS_SHOWN: bool = false;

    fn new_row(org_id: Uuid, id: Uuid, at: i64) -> Model {
        Model {
            org_id,
            id,
            external_id: None,
            name: String::new(),
            name_key: Vec::new(),
            name_fold: String::new(),
            email: None,
            created_at: at,
            updated_at: at,
            deleted_at: None,
        }
    }

    fn check(details: &mut Details, problems: &mut Problems) {
        details.email.null_if(|email| is_blank(email));
        let email = std::mem::take(&mut details.email);
        details.email = email.and_then(|email| Some(EmailAddress::check(problems, "email", &email)?.address));
    }

    fn fill(row: &mut Model, details: &Details) {
        details.email.clone().apply_to(&mut row.email);
    }

    /// Deleting a user takes them out of their teams, and a key that is limited to teams changes these only.
    async fn check_unused(
        tx: &WriteTx<'_>,
        caller: &Caller,
        row: &Model,
        _move_to: Option<&str>,
        problems: &mut Problems,
    ) -> Result<(), DatabaseError> {
        if caller.teams.is_none() {
            return Ok(());
        }
        let of_user = Condition::all().add(team_member::Column::UserId.eq(row.id));
        let memberships = tx.find::<team_member::Entity>(of_user).await?;
        if memberships.iter().any(|member| caller.lacks_team(member.team_id)) {
            let message = "names a member of a team that this API key is not limited to";
            problems.add("id", ProblemCode::TeamAccessDenied, message);
        }
        Ok(())
    }

    async fn unlink(tx: &WriteTx<'_>, row: &mut Model, _move_to: Option<&str>) -> Result<(), DatabaseError> {
        tx.delete_of::<team_member::Entity>(team_member::Column::UserId, &[row.id]).await?;
        let keys = Condition::all().add(api_key::Column::UserId.eq(row.id));
        let nobody = Expr::value(None::<Uuid>);
        tx.update::<api_key::Entity>(keys, vec![(api_key::Column::UserId, nobody)]).await.map(drop)
    }
}
