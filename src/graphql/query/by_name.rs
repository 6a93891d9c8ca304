//! Lists by name: their arguments, and the types of their pages.

use async_graphql::Context;

use crate::{
    directory::{self, Listed},
    paging::Wanted,
};

/// The arguments of a list by name.
pub(super) struct Arguments {
    pub(super) first: Option<i64>,
    pub(super) after: Option<String>,
    pub(super) last: Option<i64>,
    pub(super) before: Option<String>,
    pub(super) query: Option<String>,
}

/// Returns the parts of the page that are selected.
pub(super) fn wanted<E: Listed>(context: &Context<'_>) -> Wanted<E::Column> {
    let page = context.look_ahead();
    let info = page.field("pageInfo");
    let rows = ["nodes", "edges", "pageInfo"].iter().any(|field| page.field(field).exists());
    Wanted {
        columns: rows.then(directory::columns::<E>),
        total: page.field("totalCount").exists(),
        previous: info.field("hasPreviousPage").exists(),
        next: info.field("hasNextPage").exists(),
    }
}

/// Makes the types of a list: its page and its edge. A page reads what is selected of it.
macro_rules! connection {
    ($connection:ident, $edge:ident, $node:ident of $table:ident: $new:expr, $page_doc:literal, $edge_doc:literal) => {
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
            /// Where the page lies in the list.
            page_info: $crate::graphql::contact::connection::PageInfo,
            /// All rows that match, whatever the page. Counted only when selected.
            total_count: i32,
        }

        impl $connection {
            /// Reads what the selection of `context` needs of a page.
            pub(super) async fn read(
                context: &async_graphql::Context<'_>,
                loaders: &std::sync::Arc<$crate::graphql::loaders::Loaders>,
                arguments: $crate::graphql::query::by_name::Arguments,
            ) -> $crate::graphql::error::ApiResult<Self> {
                let $crate::graphql::query::by_name::Arguments { first, after, last, before, query } =
                    arguments;
                let window = $crate::paging::Window { first, after, last, before, offset: None };
                let wanted = $crate::graphql::query::by_name::wanted::<$table::Entity>(context);
                let page = $crate::directory::list::<$table::Entity>(
                    loaders.tenant(),
                    query.as_deref(),
                    &window,
                    &wanted,
                )
                .await?;
                let page_info = $crate::graphql::contact::connection::PageInfo::of(&page)?;
                let total_count = i32::try_from(page.total).unwrap_or(i32::MAX);
                let new: fn(
                    std::sync::Arc<$table::Model>,
                    &std::sync::Arc<$crate::graphql::loaders::Loaders>,
                ) -> $node = $new;
                let mut nodes = Vec::with_capacity(page.rows.len());
                let mut edges = Vec::with_capacity(page.rows.len());
                for row in &page.rows {
                    let model = std::sync::Arc::new(row.model()?);
                    nodes.push(new(model.clone(), loaders));
                    edges.push($edge { node: new(model, loaders), cursor: page.cursor(row)? });
                }
                Ok(Self { edges, nodes, page_info, total_count })
            }
        }
    };
}

pub(super) use connection;
