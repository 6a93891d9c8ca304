//! Companies and users that contacts refer to, looked up under the clock for a whole batch at once.

use std::collections::{HashMap, HashSet};

use entity::{company, user};
use sea_orm::{ColumnTrait as _, sea_query::Condition};
use uuid::Uuid;

use super::MAX_KEYS_PER_STATEMENT;
use crate::{
    database::{Read as _, WriteTx, any_of},
    error::DatabaseError,
};

/// Companies and users that a batch refers to, as far as they exist.
#[derive(Debug, Default)]
pub(super) struct References {
    companies: HashMap<Uuid, String>,
    users: HashSet<Uuid>,
}

impl References {
    /// Looks up the live ones among these companies and users.
    pub(super) async fn load(
        tx: &WriteTx<'_>,
        companies: impl Iterator<Item = Uuid>,
        users: impl Iterator<Item = Uuid>,
    ) -> Result<Self, DatabaseError> {
        let mut references = Self::default();
        for ids in distinct(companies).chunks(MAX_KEYS_PER_STATEMENT) {
            let live = Condition::all()
                .add(any_of(company::Column::Id, ids.iter().copied()))
                .add(company::Column::DeletedAt.is_null());
            let rows = tx.find::<company::Entity>(live).await?;
            references.companies.extend(rows.into_iter().map(|row| (row.id, row.name)));
        }
        for ids in distinct(users).chunks(MAX_KEYS_PER_STATEMENT) {
            let live = Condition::all()
                .add(any_of(user::Column::Id, ids.iter().copied()))
                .add(user::Column::DeletedAt.is_null());
            let rows = tx.find::<user::Entity>(live).await?;
            references.users.extend(rows.into_iter().map(|row| row.id));
        }
        Ok(references)
    }

    /// Returns the name of a company, if it exists.
    pub(super) fn company(&self, id: Uuid) -> Option<&str> {
        self.companies.get(&id).map(String::as_str)
    }

    /// Returns true if the user exists.
    pub(super) fn has_user(&self, id: Uuid) -> bool {
        self.users.contains(&id)
    }
}

/// Returns each id once.
fn distinct(ids: impl Iterator<Item = Uuid>) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
