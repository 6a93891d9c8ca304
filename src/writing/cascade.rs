//! Cascades: changes of contacts that the change of something else entails, as that of a
//! company's name.
//!
//! A cascade is recorded in the transaction of the change that starts it, so that it cannot be
//! lost; the contacts are changed by jobs of their own, afterwards.

use entity::cascade::{Entity, Model, Subject};
use uuid::Uuid;

use crate::{
    access::Caller,
    database::{Read as _, WriteTx},
    error::DatabaseError,
};

/// Key and user that make a change, and so those that it entails.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Actor {
    key_id: Uuid,
    user_id: Option<Uuid>,
}

impl From<&Caller> for Actor {
    fn from(caller: &Caller) -> Self {
        Self { key_id: caller.key_id, user_id: caller.user_id }
    }
}

/// Records a cascade for each subject, in the transaction of the change; returns their ids.
pub(crate) async fn record(
    tx: &WriteTx<'_>,
    subjects: Vec<(Subject, Uuid)>,
    actor: &Actor,
) -> Result<Vec<Uuid>, DatabaseError> {
    let row = |(subject, subject_id)| Model {
        org_id: tx.org_id(),
        id: Uuid::now_v7(),
        subject,
        subject_id,
        reached: None,
        key_id: actor.key_id,
        user_id: actor.user_id,
        created_at: tx.clock().at,
    };
    let rows: Vec<_> = subjects.into_iter().map(row).collect();
    let ids = rows.iter().map(|row| row.id).collect();
    tx.insert::<Entity>(rows).await?;
    Ok(ids)
}
