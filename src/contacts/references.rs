//! Rows that contacts point to: looked up under the clock, all those of a batch at once.

use std::collections::{HashMap, HashSet};

use entity::{company, user};
use sea_orm::{ColumnTrait as _, sea_query::Condition};
use uuid::Uuid;

use crate::{
    database::{Read as _, WriteTx, any_of},
    error::DatabaseError,
};

/// The companies and users that a batch points to, as far as they exist.
#[derive(Debug, Default)]
pub(super) struct References {
    companies: HashMap<Uuid, String>,
    users: HashSet<Uuid>,
}

impl References {
    pub(super) async fn load(
        tx: &WriteTx<'_>,
        companies: impl Iterator<Item = Uuid>,
        users: impl Iterator<Item = Uuid>,
    ) -> Result<Self, DatabaseError> {
        let mut references = Self::default();
        for ids in distinct(companies).chunks(256) {
            let live = Condition::all()
                .add(any_of(company::Column::Id, ids.iter().copied()))
                .add(company::Column::DeletedAt.is_null());
            let rows = tx.find::<company::Entity>(live).await?;
            references.companies.extend(rows.into_iter().map(|row| (row.id, row.name)));
        }
        for ids in distinct(users).chunks(256) {
            let live = Condition::all()
                .add(any_of(user::Column::Id, ids.iter().copied()))
                .add(user::Column::DeletedAt.is_null());
            let rows = tx.find::<user::Entity>(live).await?;
            references.users.extend(rows.into_iter().map(|row| row.id));
        }
        Ok(references)
    }

    /// The name of a company, if it exists.
    pub(super) fn company(&self, id: Uuid) -> Option<&str> {
        self.companies.get(&id).map(String::as_str)
    }

    pub(super) fn has_user(&self, id: Uuid) -> bool {
        self.users.contains(&id)
    }
}

fn distinct(ids: impl Iterator<Item = Uuid>) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
