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

/// The kinds of change a poller can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "contacts::Event")]
pub(in crate::graphql) enum ContactEvent {
    /// Time and sort key: `createdAt`.
    Created,
    /// Changed after it was created. Time and sort key: `updatedAt`.
    Updated,
    /// Received a tag it did not have, on creation or later. Time and sort key: `tagAddedAt`.
    TagAdded,
    /// Has a non-null `enrichedAt`. Time and sort key: `enrichedAt`.
    Enriched,
}

/// Which end of the order comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(in crate::graphql) enum OrderDirection {
    /// Oldest, smallest, A first.
    Asc,
    /// Newest, largest, Z first.
    Desc,
}

/// Rows whose key is null come last in both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "contacts::SortKey")]
pub(in crate::graphql) enum ContactSortKey {
    /// The default: when anything last changed.
    UpdatedAt,
    /// When it was created here.
    CreatedAt,
    /// When it was last enriched.
    EnrichedAt,
    /// When a tag was last added.
    TagAddedAt,
    /// Last name, then first name, in the order of Unicode's root collation: accents and case count only between names that are equal otherwise.
    Name,
    /// Company name, in the same order.
    Company,
    /// Your own rating.
    Score,
}

/// Both `has…Page` flags are true statements in both paging directions.
#[derive(SimpleObject)]
pub(in crate::graphql) struct PageInfo {
    /// Whether there are rows after the last one; on an empty page, at or after `before`.
    has_next_page: bool,
    /// Whether there are rows before the first one; on an empty page, at or before `after`.
    has_previous_page: bool,
    /// The first row's cursor; null on an empty page.
    start_cursor: Option<String>,
    /// The last row's cursor, for `after:`; null on an empty page.
    end_cursor: Option<String>,
}

impl PageInfo {
    /// Returns the place of a page that still holds its rows.
    pub(in crate::graphql) fn of<O: paging::Order>(page: &Page<O>) -> ApiResult<Self> {
        Ok(Self {
            has_next_page: page.has_next,
            has_previous_page: page.has_previous,
            start_cursor: page.rows.first().map(|row| page.cursor(row)).transpose()?,
            end_cursor: page.rows.last().map(|row| page.cursor(row)).transpose()?,
        })
    }
}

/// A contact in its place in a list.
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
    /// Its place, for `after:` and `before:`. It stays good when the contact changes or goes.
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
    /// Reads what the selection of `context` needs of a page.
    pub(in crate::graphql) async fn read(
        context: &Context<'_>,
        loaders: Arc<Loaders>,
        query: ListQuery,
    ) -> ApiResult<Self> {
        let wanted = wanted(context);
        let mut page = contacts::list(loaders.tenant(), &query, &wanted).await?;
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
    /// `edges { node }` without the edges.
    async fn nodes(&self) -> &[Contact] {
        &self.nodes
    }
    /// Where the page lies in the list.
    async fn page_info(&self) -> ApiResult<PageInfo> {
        Ok(PageInfo {
            has_next_page: self.page.has_next,
            has_previous_page: self.page.has_previous,
            start_cursor: self.cursor(self.nodes.first())?,
            end_cursor: self.cursor(self.nodes.last())?,
        })
    }
    /// All rows matching the filters, whatever the page. Counted only when selected.
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
