//! Pages of contacts.

use std::sync::Arc;

use async_graphql::{Context, Description, Enum, Object, SimpleObject};
use entity::contact;

use super::{Contact, columns};
use crate::{
    contacts::{self, ListQuery},
    graphql::{error::ApiResult, loaders::Loaders},
    paging::{self, Page, Wanted},
};

/// Kind of change to list contacts by, for polling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "contacts::Event")]
pub(in crate::graphql) enum ContactEvent {
    /// Created. Time and sort key: `createdAt`.
    Created,
    /// Changed after it was created. Time and sort key: `updatedAt`.
    Updated,
    /// Received a tag it did not have, on creation or later. Time and sort key: `tagAddedAt`.
    TagAdded,
    /// Has a non-null `enrichedAt`. Time and sort key: `enrichedAt`.
    Enriched,
}

/// Direction of an order. The default depends on the sort key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(in crate::graphql) enum OrderDirection {
    /// Ascending: oldest, smallest or A first.
    Asc,
    /// Descending: newest, largest or Z first.
    Desc,
}

/// Key to sort contacts by. Rows whose key is null come last in both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "contacts::SortKey")]
pub(in crate::graphql) enum ContactSortKey {
    /// Time of the latest change of any kind. The default.
    UpdatedAt,
    /// Time of creation in this system.
    CreatedAt,
    /// Time at which the latest enrichment run was recorded.
    EnrichedAt,
    /// Time at which a tag was last added.
    TagAddedAt,
    /// Last name, then first name, in the order of Unicode's root collation: accents and case count only between names that are equal otherwise.
    Name,
    /// Company name, in the same order as `NAME`.
    Company,
    /// Your own rating, as a number.
    Score,
}

/// Position of a page in its list. Both `has…Page` flags are exact in both paging directions.
#[derive(SimpleObject)]
pub(in crate::graphql) struct PageInfo {
    /// True if rows follow the last one; on an empty page, if rows are at or after `before`.
    has_next_page: bool,
    /// True if rows precede the first one; on an empty page, if rows are at or before `after`.
    has_previous_page: bool,
    /// Cursor of the first row, for `before:`; null on an empty page.
    start_cursor: Option<String>,
    /// Cursor of the last row, for `after:`; null on an empty page.
    end_cursor: Option<String>,
}

impl PageInfo {
    /// Returns the position of a page that still holds its rows.
    pub(in crate::graphql) fn of<O: paging::Order>(page: &Page<O>) -> ApiResult<Self> {
        Ok(Self {
            has_next_page: page.has_next,
            has_previous_page: page.has_previous,
            start_cursor: page.rows.first().map(|row| page.cursor(row)).transpose()?,
            end_cursor: page.rows.last().map(|row| page.cursor(row)).transpose()?,
        })
    }
}

/// A contact with its position in a list.
#[derive(Clone, Description)]
pub(in crate::graphql) struct ContactEdge {
    node: Contact,
    page: Arc<Page<contacts::Order>>,
}

#[Object(use_type_description)]
impl ContactEdge {
    /// The contact.
    async fn node(&self) -> &Contact {
        &self.node
    }
    /// Position in the list, for `after:` and `before:`. It stays valid when the contact changes or is deleted.
    async fn cursor(&self) -> ApiResult<String> {
        Ok(self.page.cursor(self.node.row())?)
    }
}

/// A page of contacts.
#[derive(Description)]
pub(in crate::graphql) struct ContactConnection {
    nodes: Vec<Contact>,
    page: Arc<Page<contacts::Order>>,
}

impl ContactConnection {
    /// Reads the parts of a page that the selection of `context` needs.
    pub(in crate::graphql) async fn read(
        context: &Context<'_>,
        loaders: Arc<Loaders>,
        query: ListQuery,
    ) -> ApiResult<Self> {
        let wanted = wanted(context);
        let mut page = contacts::list(loaders.tenant(), &query, &wanted).await?;
        loaders.size.add_counted(page.total);
        // The rows move into the nodes; the page keeps what makes cursors of them.
        let nodes = std::mem::take(&mut page.rows)
            .into_iter()
            .map(|row| Contact::new(row, loaders.clone()))
            .collect::<ApiResult<_>>()?;
        Ok(Self { nodes, page: Arc::new(page) })
    }

    fn cursor(&self, node: Option<&Contact>) -> ApiResult<Option<String>> {
        Ok(node.map(|node| self.page.cursor(node.row())).transpose()?)
    }
}

#[Object(use_type_description)]
impl ContactConnection {
    /// The contacts with their cursors.
    async fn edges(&self) -> Vec<ContactEdge> {
        self.nodes.iter().map(|node| ContactEdge { node: node.clone(), page: self.page.clone() }).collect()
    }
    /// The contacts without their cursors: the same as `edges { node }`.
    async fn nodes(&self) -> &[Contact] {
        &self.nodes
    }
    /// Position of the page in the list.
    async fn page_info(&self) -> ApiResult<PageInfo> {
        Ok(PageInfo {
            has_next_page: self.page.has_next,
            has_previous_page: self.page.has_previous,
            start_cursor: self.cursor(self.nodes.first())?,
            end_cursor: self.cursor(self.nodes.last())?,
        })
    }
    /// Number of all contacts that match the arguments, whatever the page. Counted only when selected.
    async fn total_count(&self) -> i32 {
        i32::try_from(self.page.total).unwrap_or(i32::MAX)
    }
}

/// Returns the parts of the page that are selected.
fn wanted(context: &Context<'_>) -> Wanted<contact::Column> {
    let page = context.look_ahead();
    let nodes = page.field("nodes").selection_fields();
    let edges = page.field("edges").field("node").selection_fields();
    let info = page.field("pageInfo");
    // `pageInfo` holds the cursors of rows, so it needs them too.
    let rows = [page.field("nodes"), page.field("edges"), page.field("pageInfo")]
        .iter()
        .any(async_graphql::Lookahead::exists);
    Wanted {
        columns: rows.then(|| columns(nodes.into_iter().chain(edges))),
        total: page.field("totalCount").exists(),
        previous: info.field("hasPreviousPage").exists(),
        next: info.field("hasNextPage").exists(),
    }
}
