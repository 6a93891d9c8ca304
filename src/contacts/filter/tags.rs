//! Tags that a filter names. They are looked up before the contacts, so that the database can estimate
//! how many contacts have each.

use std::collections::HashMap;

use entity::tag::{Column, Entity};
use sea_orm::{ColumnTrait as _, IntoSimpleExpr as _};
use uuid::Uuid;

use super::{Filter, sql};
use crate::{database::Read, error::DatabaseError, input::text::needle};

/// Ids of live tags by their folded names. Tags that differ in accents only share one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::contacts) struct TagIds(HashMap<String, Vec<Uuid>>);

impl TagIds {
    /// Looks up every tag that the filter names, in one statement.
    pub(super) async fn load(read: &impl Read, filter: Option<&Filter>) -> Result<Self, DatabaseError> {
        let lists = filter.map(Filter::tag_names).unwrap_or_default();
        let mut names: Vec<String> = lists.into_iter().flatten().filter_map(|name| folded(name)).collect();
        names.sort_unstable();
        names.dedup();
        let mut tags = Self::default();
        if names.is_empty() {
            return Ok(tags);
        }
        let select = read
            .select::<Entity>()
            .column(Column::Id)
            .column(Column::NameFold)
            .filter(sql::one_of(read.engine(), Column::NameFold.into_simple_expr(), names))
            .filter(Column::DeletedAt.is_null());
        for row in read.rows(select).await? {
            tags.0.entry(row.get(Column::NameFold)?).or_default().push(row.get(Column::Id)?);
        }
        // So that the same tags are equal, in whatever order they were found.
        tags.0.values_mut().for_each(|ids| ids.sort_unstable());
        Ok(tags)
    }

    /// Returns the ids of the tags that have one of these names.
    pub(super) fn of(&self, names: &[String]) -> Vec<Uuid> {
        let mut ids: Vec<Uuid> =
            names.iter().filter_map(|name| self.0.get(&folded(name)?)).flatten().copied().collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

fn folded(name: &str) -> Option<String> {
    needle(name.trim())
}
