//! Contacts that follow a change of what they refer to: some at a time, by id, each a change like
//! any other.
//!
//! What they are to show is read under the clock, so that a contact can only come nearer to the
//! latest state, however many such changes are on their way.

use entity::{
    company, contact, contact_assignee, contact_tag,
    follow_up::{self, Subject},
    tag,
};
use sea_orm::{ColumnTrait, IntoSimpleExpr as _, Order, sea_query::Condition};
use uuid::Uuid;

use super::Command;
use crate::{
    contacts::record::Record,
    database::{Read as _, Scoped, WriteTx},
    error::DatabaseError,
};

/// Contacts that follow in one job, at most.
pub(crate) const CHUNK: usize = 1_000;

/// Some contacts, and what they follow.
#[derive(Debug)]
pub(super) struct Following {
    row: follow_up::Model,
    /// The name they are to show; `None` when what they refer to is gone.
    name: Option<String>,
    ids: Vec<Uuid>,
}

impl Following {
    /// What the command says to follow, unless that is done already.
    pub(super) async fn load(tx: &WriteTx<'_>, command: &Command) -> Result<Option<Self>, DatabaseError> {
        let Command::Follow { id } = command else {
            return Ok(None);
        };
        let of_id = Condition::all().add(follow_up::Column::Id.eq(*id));
        let Some(row) = tx.find::<follow_up::Entity>(of_id).await?.pop() else {
            return Ok(None);
        };
        let name = name(tx, &row).await?;
        let ids = next(tx, &row).await?;
        Ok(Some(Self { row, name, ids }))
    }

    /// The contacts whose turn it is.
    pub(super) fn ids(&self) -> impl Iterator<Item = Uuid> {
        self.ids.iter().copied()
    }

    /// Brings a contact into line.
    pub(super) fn apply(&self, record: &mut Record) {
        let subject = self.row.subject_id;
        match self.row.subject {
            Subject::Company if record.row.company_id == Some(subject) => match &self.name {
                Some(name) => record.row.company = Some(name.clone()),
                None => record.row.company_id = None,
            },
            Subject::Team if record.row.team_id == Some(subject) => record.row.team_id = None,
            Subject::Company | Subject::Team => {}
            Subject::Tag => match &self.name {
                Some(name) => {
                    for tag in record.tags.iter_mut().filter(|tag| tag.id == subject) {
                        tag.name.clone_from(name);
                    }
                }
                None => record.tags.retain(|tag| tag.id != subject),
            },
            Subject::User => {
                record.row.owner_id = record.row.owner_id.filter(|id| *id != subject);
                record.assignees.retain(|id| *id != subject);
            }
        }
    }

    /// Writes down how far it has come, or that it is done.
    pub(super) async fn save(&self, tx: &WriteTx<'_>) -> Result<(), DatabaseError> {
        if self.ids.len() == CHUNK {
            let row = follow_up::Model { reached: self.ids.last().copied(), ..self.row.clone() };
            return tx.replace::<follow_up::Entity>(vec![row]).await;
        }
        tx.delete_of::<follow_up::Entity>(follow_up::Column::Id, &[self.row.id]).await?;
        if self.row.subject == Subject::Tag && self.name.is_none() {
            tx.delete_of::<tag::Entity>(tag::Column::Id, &[self.row.subject_id]).await?;
        }
        Ok(())
    }
}

async fn name(tx: &WriteTx<'_>, row: &follow_up::Model) -> Result<Option<String>, DatabaseError> {
    let id = row.subject_id;
    Ok(match row.subject {
        Subject::Company => {
            let live =
                Condition::all().add(company::Column::Id.eq(id)).add(company::Column::DeletedAt.is_null());
            tx.find::<company::Entity>(live).await?.pop().map(|row| row.name)
        }
        Subject::Tag => {
            let live = Condition::all().add(tag::Column::Id.eq(id)).add(tag::Column::DeletedAt.is_null());
            tx.find::<tag::Entity>(live).await?.pop().map(|row| row.name)
        }
        Subject::Team | Subject::User => None,
    })
}

/// The next contacts by id, deleted ones too.
async fn next(tx: &WriteTx<'_>, row: &follow_up::Model) -> Result<Vec<Uuid>, DatabaseError> {
    use contact::Column::{CompanyId, Id, OwnerId, TeamId};
    let subject = row.subject_id;
    let of_column = |column: contact::Column| {
        let select = tx.select::<contact::Entity>().column(Id).filter(column.eq(subject));
        chunk(select, Id, row.reached)
    };
    let selects = match row.subject {
        Subject::Company => vec![of_column(CompanyId)],
        Subject::Team => vec![of_column(TeamId)],
        Subject::Tag => {
            use contact_tag::Column::{ContactId, TagId};
            let select = tx
                .select::<contact_tag::Entity>()
                .expr(ContactId.into_simple_expr(), "id")
                .filter(TagId.eq(subject));
            vec![chunk(select, ContactId, row.reached).retyped()]
        }
        Subject::User => {
            use contact_assignee::Column::{ContactId, UserId};
            let select = tx
                .select::<contact_assignee::Entity>()
                .expr(ContactId.into_simple_expr(), "id")
                .filter(UserId.eq(subject));
            vec![of_column(OwnerId), chunk(select, ContactId, row.reached).retyped()]
        }
    };
    let mut ids = Vec::new();
    for row in tx.rows(tx.select::<contact::Entity>().concat(selects)).await? {
        ids.push(row.value::<Uuid>("id")?);
    }
    ids.sort_unstable();
    ids.dedup();
    ids.truncate(CHUNK);
    Ok(ids)
}

fn chunk<E: entity::Tenanted>(select: Scoped<E>, id: E::Column, reached: Option<Uuid>) -> Scoped<E> {
    let after = reached.map(|reached| id.gt(reached));
    select.filter(Condition::all().add_option(after)).order_by(id, Order::Asc).limit(CHUNK as u64)
}
