//! The contact list, held against an order that the tests compute themselves.

mod arguments;
mod bad_cursors;
mod cursors;
mod fixture;
mod model;
mod offsets;
mod plans;
mod polling;
mod since;
mod walks;
mod windows;

use serde_json::Value;
use uuid::Uuid;

use crate::support::{App, engine::Engine, engine::ForEngine};
use fixture::Contact;
use model::List;

/// An organization of contacts whose history is known, beside another organization's.
struct Listing {
    app: App,
    contacts: Vec<Contact>,
}

impl ForEngine for Listing {
    async fn for_engine(engine: Engine) -> Self {
        let app = App::new(engine).await;
        let contacts = fixture::fill(&app).await;
        Self { app, contacts }
    }
}

/// What a page says.
#[derive(Debug)]
struct Page {
    ids: Vec<Uuid>,
    cursors: Vec<String>,
    next: bool,
    previous: bool,
    total: Option<usize>,
}

/// Whether rows precede and follow a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Flags {
    previous: bool,
    next: bool,
}

impl Listing {
    /// The live contacts of a list, in its order.
    fn expected(&self, list: List, descending: bool) -> Vec<&Contact> {
        model::sorted(self.contacts.iter().filter(|contact| !contact.deleted), list, descending)
    }

    async fn page(&self, arguments: &str) -> Page {
        self.page_with(arguments, "").await
    }

    /// A page with its `totalCount`.
    async fn counted(&self, arguments: &str) -> Page {
        self.page_with(arguments, "totalCount").await
    }

    async fn page_with(&self, arguments: &str, more: &str) -> Page {
        let query = format!(
            "{{ contacts({arguments}) {{ edges {{ cursor node {{ id }} }} {more}
                pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
        );
        let answer = self.app.ask(&query).await;
        assert_eq!(answer.get("errors"), None, "{arguments}: {answer:#}");
        Page::read(&answer["data"]["contacts"])
    }
}

impl Page {
    /// Reads a connection, and holds its ends to its edges.
    fn read(connection: &Value) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let edges = connection["edges"].as_array().unwrap_or_else(|| panic!("no edges: {connection:#}"));
        let info = &connection["pageInfo"];
        let page = Self {
            ids: edges.iter().map(|edge| id(&edge["node"]["id"])).collect(),
            cursors: edges.iter().filter_map(|edge| text(&edge["cursor"])).collect(),
            next: info["hasNextPage"].as_bool().expect("a flag"),
            previous: info["hasPreviousPage"].as_bool().expect("a flag"),
            total: connection["totalCount"].as_u64().and_then(|total| total.try_into().ok()),
        };
        assert_eq!(page.cursors.len(), page.ids.len(), "{connection:#}");
        assert_eq!(text(&info["startCursor"]), page.cursors.first().cloned(), "{connection:#}");
        assert_eq!(text(&info["endCursor"]), page.cursors.last().cloned(), "{connection:#}");
        page
    }

    fn flags(&self) -> Flags {
        Flags { previous: self.previous, next: self.next }
    }
}

fn id(value: &Value) -> Uuid {
    value.as_str().and_then(|id| id.parse().ok()).unwrap_or_else(|| panic!("no id: {value}"))
}

fn ids(contacts: &[&Contact]) -> Vec<Uuid> {
    contacts.iter().map(|contact| contact.id).collect()
}

/// RFC 3339 of UTC milliseconds.
fn instant(ms: i64) -> String {
    chrono::DateTime::from_timestamp_millis(ms)
        .expect("in range")
        .to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
