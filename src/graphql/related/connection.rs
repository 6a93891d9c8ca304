//! Pages of companies, users and tags.

use std::sync::Arc;

use async_graphql::{Context, SimpleObject};
use entity::{company, tag, user};

use crate::{
    directory::{self, Listed},
    graphql::{
        company::Company, contact::connection::PageInfo, error::ApiResult, loaders::Loaders, tag::Tag,
        user::User,
    },
    paging::{Wanted, Window},
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
fn wanted<E: Listed>(context: &Context<'_>) -> Wanted<E::Column> {
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

macro_rules! connection {
    ($connection:ident, $edge:ident, $node:ident of $table:ident: $new:expr, $page_doc:literal, $edge_doc:literal) => {
        #[doc = $edge_doc]
        #[derive(SimpleObject)]
        pub(in crate::graphql) struct $edge {
            /// The object.
            node: $node,
            /// Its place, for `after:` and `before:`. It stays good when the object changes or goes.
            cursor: String,
        }

        #[doc = $page_doc]
        #[derive(SimpleObject)]
        pub(in crate::graphql) struct $connection {
            /// The objects with their cursors.
            edges: Vec<$edge>,
            /// `edges { node }` without the edges.
            nodes: Vec<$node>,
            /// Where the page lies in the list.
            page_info: PageInfo,
            /// All rows that match, whatever the page. Counted only when selected.
            total_count: i32,
        }

        impl $connection {
            /// Reads what the selection of `context` needs of a page.
            pub(super) async fn read(
                context: &Context<'_>,
                loaders: &Arc<Loaders>,
                arguments: Arguments,
            ) -> ApiResult<Self> {
                let Arguments { first, after, last, before, query } = arguments;
                let window = Window { first, after, last, before, offset: None };
                let wanted = wanted::<$table::Entity>(context);
                let page =
                    directory::list::<$table::Entity>(loaders.tenant(), query.as_deref(), &window, &wanted)
                        .await?;
                let page_info = PageInfo::of(&page)?;
                let total_count = i32::try_from(page.total).unwrap_or(i32::MAX);
                let new: fn(Arc<$table::Model>, &Arc<Loaders>) -> $node = $new;
                let mut nodes = Vec::with_capacity(page.rows.len());
                let mut edges = Vec::with_capacity(page.rows.len());
                for row in &page.rows {
                    let model = Arc::new(row.model()?);
                    nodes.push(new(model.clone(), loaders));
                    edges.push($edge { node: new(model, loaders), cursor: page.cursor(row)? });
                }
                Ok(Self { edges, nodes, page_info, total_count })
            }
        }
    };
}

connection!(
    CompanyConnection, CompanyEdge, Company of company: |row, loaders| Company::new(row, loaders.clone()),
    "A page of companies.", "A company in its place in a list."
);
connection!(
    UserConnection, UserEdge, User of user: |row, _| User::new(row),
    "A page of users.", "A user in its place in a list."
);
connection!(
    TagConnection, TagEdge, Tag of tag: |row, loaders| Tag::new(row, loaders.clone()),
    "A page of tags.", "A tag in its place in a list."
);
