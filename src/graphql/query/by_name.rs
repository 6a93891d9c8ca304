//! Lists by name: their arguments, and the types of their pages.

use std::sync::Arc;

use async_graphql::Context;
use entity::Tenanted;

use crate::{
    directory::{self, Listed},
    graphql::{contact::connection::PageInfo, error::ApiResult, loaders::Loaders},
    paging::{Order, Page, Wanted, Window},
};

/// The arguments of a list by name.
pub(super) struct Arguments {
    pub(super) first: Option<i64>,
    pub(super) after: Option<String>,
    pub(super) last: Option<i64>,
    pub(super) before: Option<String>,
    pub(super) query: Option<String>,
}

/// A page whose rows are not yet objects of the API.
pub(super) struct RowPage<E: Tenanted> {
    /// Rows with their cursors.
    pub(super) rows: Vec<(Arc<E::Model>, String)>,
    pub(super) page_info: PageInfo,
    pub(super) total_count: i32,
}

/// Reads what the selection of `context` needs of a page.
pub(super) async fn read<E: Listed>(
    context: &Context<'_>,
    loaders: &Loaders,
    arguments: Arguments,
) -> ApiResult<RowPage<E>> {
    let Arguments { first, after, last, before, query } = arguments;
    let window = Window { first, after, last, before, offset: None };
    let wanted = wanted(context, directory::columns::<E>);
    let page = directory::list::<E>(loaders.tenant(), query.as_deref(), &window, &wanted).await?;
    row_page(loaders, &page)
}

/// Returns a page with its rows whole, if any part of it needs them.
pub(super) fn row_page<O: Order>(loaders: &Loaders, page: &Page<O>) -> ApiResult<RowPage<O::Entity>> {
    loaders.size.add_counted(page.total);
    let rows = page.rows.iter().map(|row| Ok((Arc::new(row.model()?), page.cursor(row)?)));
    Ok(RowPage {
        rows: rows.collect::<ApiResult<_>>()?,
        page_info: PageInfo::of(page)?,
        total_count: i32::try_from(page.total).unwrap_or(i32::MAX),
    })
}

/// Returns the parts of the page that are selected.
pub(super) fn wanted<C>(context: &Context<'_>, columns: fn() -> Vec<C>) -> Wanted<C> {
    let page = context.look_ahead();
    let info = page.field("pageInfo");
    let rows = ["nodes", "edges", "pageInfo"].iter().any(|field| page.field(field).exists());
    Wanted {
        columns: rows.then(columns),
        total: page.field("totalCount").exists(),
        previous: info.field("hasPreviousPage").exists(),
        next: info.field("hasNextPage").exists(),
    }
}

/// Declares the types of a list: its page and its edge. Their nodes must be cheap to clone.
macro_rules! connection {
    ($page_doc:literal, $connection:ident, $edge_doc:literal, $edge:ident, $node:ident of $table:ident, $new:expr) => {
        #[doc = $edge_doc]
        #[derive(async_graphql::SimpleObject)]
        pub(in crate::graphql) struct $edge {
            /// The object.
            node: $node,
            /// Its place, for `after:` and `before:`. It stays good when the object changes or goes.
            cursor: String,
        }

        #[doc = $page_doc]
        #[derive(async_graphql::SimpleObject)]
        pub(in crate::graphql) struct $connection {
            /// The objects with their cursors.
            edges: Vec<$edge>,
            /// `edges { node }` without the edges.
            nodes: Vec<$node>,
            /// Position of the page in the list.
            page_info: crate::graphql::contact::connection::PageInfo,
            /// All rows that match, whatever the page. Counted only when selected.
            total_count: i32,
        }

        impl $connection {
            fn new(
                page: super::by_name::RowPage<$table::Entity>,
                loaders: &std::sync::Arc<crate::graphql::loaders::Loaders>,
            ) -> Self {
                let super::by_name::RowPage { rows, page_info, total_count } = page;
                let new: fn(_, _) -> $node = $new;
                let edges: Vec<$edge> = rows
                    .into_iter()
                    .map(|(row, cursor)| $edge { node: new(row, loaders.clone()), cursor })
                    .collect();
                let nodes = edges.iter().map(|edge| edge.node.clone()).collect();
                Self { edges, nodes, page_info, total_count }
            }
        }
    };
}
pub(super) use connection;
