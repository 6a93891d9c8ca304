//! Rows by id, and rows by the row that they belong to: what loaders read.

mod many;
mod one;

use std::{collections::HashMap, sync::Arc};

use entity::{
    Tenanted, api_key, api_key_team, company, contact, contact_assignee, contact_email, contact_phone,
    organization, pipeline, pipeline_stage, tag, team, team_member, user,
};
use sea_orm::{
    ColumnTrait, Value,
    sea_query::{ArrayType, Condition, Expr},
};
use uuid::Uuid;

pub use self::{many::ByKeys, one::OneById};
use super::{Engine, Read, Scoped, Tenant, any_of};
use crate::error::DatabaseError;

/// Table whose live rows are looked up by id.
pub trait Identified: Tenanted {
    /// Column of the id.
    const ID: Self::Column;
    /// Column that is null in live rows; `None` if rows of the table are never deleted.
    const SOFT_DELETE: Option<Self::Column>;

    /// Returns the id of a row.
    fn id(row: &Self::Model) -> Uuid;
}

/// Table whose rows are looked up by the row that they belong to.
pub trait Owned: Tenanted {
    /// Column of the owner's id.
    const OWNER: Self::Column;
    /// Column that is null in live rows; `None` if rows of the table are never kept when deleted.
    const SOFT_DELETE: Option<Self::Column>;

    /// Returns the id of the row's owner.
    fn owner(row: &Self::Model) -> Uuid;
    /// Returns the row's place among those of its owner.
    fn position(row: &Self::Model) -> i32;
    /// Column of that place; `None` if the rows are in no order.
    const POSITION: Option<Self::Column>;
}

macro_rules! identified {
    ($($table:ident $soft_delete:expr),+ $(,)?) => {
        $(impl Identified for $table::Entity {
            const ID: Self::Column = $table::Column::Id;
            const SOFT_DELETE: Option<Self::Column> = $soft_delete;

            fn id(row: &Self::Model) -> Uuid {
                row.id
            }
        })+
    };
}

identified!(
    api_key Some(api_key::Column::RemovedAt),
    company Some(company::Column::DeletedAt),
    contact Some(contact::Column::DeletedAt),
    organization None,
    pipeline Some(pipeline::Column::DeletedAt),
    pipeline_stage Some(pipeline_stage::Column::DeletedAt),
    tag Some(tag::Column::DeletedAt),
    team Some(team::Column::DeletedAt),
    user Some(user::Column::DeletedAt),
);

macro_rules! owned {
    ($($table:ident.$owner:ident ($column:ident) $soft_delete:expr, $position:expr, $place:expr);+ $(;)?) => {
        $(impl Owned for $table::Entity {
            const OWNER: Self::Column = $table::Column::$column;
            const SOFT_DELETE: Option<Self::Column> = $soft_delete;

            const POSITION: Option<Self::Column> = $place;

            fn owner(row: &Self::Model) -> Uuid {
                row.$owner
            }

            fn position(row: &Self::Model) -> i32 {
                let position: fn(&Self::Model) -> i32 = $position;
                position(row)
            }
        })+
    };
}

owned!(
    contact_phone.contact_id (ContactId) None, |row| row.position, Some(contact_phone::Column::Position);
    contact_email.contact_id (ContactId) None, |row| row.position, Some(contact_email::Column::Position);
    contact_assignee.contact_id (ContactId) None, |row| row.position, Some(contact_assignee::Column::Position);
    team_member.team_id (TeamId) None, |row| row.position, Some(team_member::Column::Position);
    pipeline_stage.pipeline_id (PipelineId) Some(pipeline_stage::Column::DeletedAt), |row| row.position, Some(pipeline_stage::Column::Position);
    api_key_team.api_key_id (ApiKeyId) None, |_| 0, None;
);

/// Returns the live rows with these ids.
///
/// # Errors
/// The database failed.
pub async fn by_id<E: Identified>(
    read: &impl Read,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Arc<E::Model>>, DatabaseError> {
    let rows = read.find::<E>(live(read.engine(), E::ID, ids, E::SOFT_DELETE)).await?;
    Ok(rows.into_iter().map(|row| (E::id(&row), Arc::new(row))).collect())
}

/// Returns the live rows that belong to these owners, those of each in order.
///
/// # Errors
/// The database failed.
pub async fn by_owner<E: Owned>(
    read: &impl Read,
    owners: &[Uuid],
) -> Result<HashMap<Uuid, Arc<Vec<E::Model>>>, DatabaseError> {
    let mut rows = read.find::<E>(live(read.engine(), E::OWNER, owners, E::SOFT_DELETE)).await?;
    rows.sort_by_key(E::position);
    let mut lists: HashMap<Uuid, Vec<E::Model>> = HashMap::new();
    for row in rows {
        lists.entry(E::owner(&row)).or_default().push(row);
    }
    Ok(lists.into_iter().map(|(owner, rows)| (owner, Arc::new(rows))).collect())
}

fn with_columns<E: Tenanted>(select: Scoped<E>, columns: &[E::Column]) -> Scoped<E> {
    columns.iter().fold(select, |select, column| select.column(*column))
}

fn live<C: ColumnTrait>(engine: Engine, column: C, ids: &[Uuid], soft_delete: Option<C>) -> Condition {
    Condition::all().add(among(engine, column, ids)).add_option(soft_delete.map(|column| column.is_null()))
}

/// Returns the condition that an id is one of these.
fn among<C: ColumnTrait>(engine: Engine, column: C, ids: &[Uuid]) -> Expr {
    match engine {
        Engine::Sqlite => any_of(column, ids.iter().copied()),
        // One value, so one statement whatever their number, and one that takes less time to bind.
        Engine::Postgres => {
            let ids = ids.iter().map(|id| Value::from(*id)).collect();
            let ids = Value::Array(ArrayType::Uuid, Some(Box::new(ids)));
            Expr::cust_with_exprs("$1 = ANY($2)", [column.into_expr(), Expr::value(ids)])
        }
    }
}

/// Select of the ids that one table has, for [`tables_of`]: [`ids_in`] of its entity.
pub type TableIds = fn(&Tenant, &[Uuid], i32) -> Scoped<contact::Entity>;

/// Selects those of the ids that a table has, with a number that stands for the table.
pub fn ids_in<E: Identified>(tenant: &Tenant, ids: &[Uuid], table: i32) -> Scoped<contact::Entity> {
    // The selects of all tables are arms of one statement, which has one type: the contact's.
    tenant
        .select::<E>()
        .column(E::ID)
        .expr(Expr::cust(table.to_string()), "kind")
        .filter(Condition::all().add(any_of(E::ID, ids.iter().copied())))
        .retyped()
}

/// Returns which of the tables has each id, as an index into `tables`. An id that none of them has
/// is left out. It is one statement.
///
/// # Errors
/// The database failed.
pub async fn tables_of(
    tenant: &Tenant,
    ids: &[Uuid],
    tables: &[TableIds],
) -> Result<HashMap<Uuid, usize>, DatabaseError> {
    let mut found = HashMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    let arms = tables.iter().zip(0..).map(|(ids_in, table)| ids_in(tenant, ids, table));
    let select = tenant.select::<contact::Entity>().concat(arms);
    for row in tenant.rows(select).await? {
        let table = usize::try_from(row.value::<i32>("kind")?)
            .map_err(|_| DatabaseError::internal("looking for ids", "a table has a negative number"))?;
        found.insert(row.value::<Uuid>("id")?, table);
    }
    Ok(found)
}
