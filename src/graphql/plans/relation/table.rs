//! Tables of related objects: by their ids, by what they belong to, or through another table.

use std::{fmt, iter, sync::Arc};

use async_graphql::parser::types::SelectionSet;
use async_trait::async_trait;
use uuid::Uuid;

use super::{Related, Table, Tables};
use crate::{
    database::lookup::{ByKeys, Identified, Owned},
    graphql::plans::{
        Reader, Unplanned,
        object::{Builder, Object, Written},
        rows::{Pairs, Rows, Views, Whole},
    },
};

/// Selections of the objects of a table.
pub(in crate::graphql::plans) struct Selected<E: Written> {
    /// Columns that any of them reads, in the order of their places. The first is the key.
    columns: Vec<E::Column>,
    objects: Vec<Arc<Object>>,
    related: Tables,
}

impl<E: Written> Selected<E> {
    pub(in crate::graphql::plans) fn new(key: E::Column) -> Self {
        Self { columns: vec![key], objects: Vec::new(), related: Tables::default() }
    }

    /// Adds a selection, and returns its index; `None` if the library has to answer a part of it.
    pub(in crate::graphql::plans) fn add(
        &mut self,
        builder: &Builder<'_>,
        selection: &SelectionSet,
    ) -> Option<usize> {
        let object = builder.object::<E>(selection, &mut self.columns, &mut self.related)?;
        self.objects.push(Arc::new(object));
        Some(self.objects.len() - 1)
    }

    /// True if no selection has been added.
    pub(in crate::graphql::plans) fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    pub(in crate::graphql::plans) fn columns(&self) -> &[E::Column] {
        &self.columns
    }

    /// Returns the sink of about so many rows. The JSON of those of the first selection stands behind a text.
    pub(in crate::graphql::plans) fn views(
        &self,
        reader: &Reader<'_>,
        expected: usize,
        before: &[u8],
    ) -> Views {
        let before = iter::once(before).chain(iter::repeat(&[][..]));
        let objects = self.objects.iter().zip(before);
        let rows = |(object, before): (&Arc<Object>, _)| {
            Rows::new(object.clone(), expected, before, reader.size.clone())
        };
        Views(objects.map(rows).collect())
    }

    /// Fills the holes of the rows. The objects of lists are not counted yet: each counts as often as it is in the answer.
    pub(in crate::graphql::plans) async fn fill(
        &self,
        reader: &Reader<'_>,
        views: Views,
    ) -> Result<Vec<Whole>, Unplanned> {
        self.related.fill(reader, views).await
    }
}

impl<E: Written> fmt::Debug for Selected<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Selected").field("objects", &self.objects).finish_non_exhaustive()
    }
}

/// Live rows by their ids.
#[derive(Debug)]
pub(super) struct ById<E: Written> {
    pub(super) objects: Selected<E>,
    rows: ByKeys<E>,
}

impl<E: Written + Identified> ById<E> {
    pub(super) fn new() -> Self {
        Self { objects: Selected::new(E::ID), rows: ByKeys::ids() }
    }
}

#[async_trait]
impl<E: Written + Identified> Table for ById<E> {
    async fn read(&self, reader: &Reader<'_>, ids: &[Uuid]) -> Result<Vec<Related>, Unplanned> {
        let Self { objects, rows } = self;
        let views = objects.views(reader, ids.len(), &[]);
        let views = rows.read_into(&reader.tenant, ids, &objects.columns, views).await?;
        let whole = objects.fill(reader, views).await?;
        Ok(whole.into_iter().map(Related::from).collect())
    }
}

/// Live rows by what they belong to.
#[derive(Debug)]
pub(super) struct ByOwner<E: Written> {
    pub(super) objects: Selected<E>,
    rows: ByKeys<E>,
}

impl<E: Written + Owned> ByOwner<E> {
    pub(super) fn new() -> Self {
        Self { objects: Selected::new(E::OWNER), rows: ByKeys::owners() }
    }
}

#[async_trait]
impl<E: Written + Owned> Table for ByOwner<E> {
    async fn read(&self, reader: &Reader<'_>, owners: &[Uuid]) -> Result<Vec<Related>, Unplanned> {
        let Self { objects, rows } = self;
        let views = objects.views(reader, owners.len(), &[]);
        let views = rows.read_into(&reader.tenant, owners, &objects.columns, views).await?;
        let whole = objects.fill(reader, views).await?;
        let objects = |whole: &Whole| {
            let rows = whole.rows.iter().enumerate();
            Related::lists(
                rows.map(|(index, (owner, row))| (*owner, (&whole.json[row.clone()], whole.listed(index)))),
            )
        };
        Ok(whole.iter().map(objects).collect())
    }
}

/// Live rows by what refers to them from another table.
pub(super) struct Through<T: Owned, E: Written> {
    /// Columns of the owner and of the id.
    columns: [T::Column; 2],
    rows: ByKeys<T>,
    pub(super) objects: ById<E>,
}

impl<T: Owned, E: Written + Identified> Through<T, E> {
    pub(super) fn new(target: T::Column) -> Self {
        Self { columns: [T::OWNER, target], rows: ByKeys::owners(), objects: ById::new() }
    }
}

#[async_trait]
impl<T: Owned, E: Written + Identified> Table for Through<T, E> {
    async fn read(&self, reader: &Reader<'_>, owners: &[Uuid]) -> Result<Vec<Related>, Unplanned> {
        let pairs = self.rows.read_into(&reader.tenant, owners, &self.columns, Pairs::default());
        let Pairs(pairs) = pairs.await?;
        let mut ids: Vec<Uuid> = pairs.iter().map(|(_, id)| *id).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let objects = self.objects.read(reader, &ids).await?;
        let of = |objects: &Related| {
            Related::lists(pairs.iter().filter_map(|(owner, id)| Some((*owner, objects.of(*id)?))))
        };
        Ok(objects.iter().map(of).collect())
    }
}

impl<T: Owned, E: Written> fmt::Debug for Through<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Through").field("objects", &self.objects).finish_non_exhaustive()
    }
}
