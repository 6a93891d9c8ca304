//! What the databases do for a page: they read it off an index, and nothing else.

mod postgres;
mod rows;
mod sqlite;
#[cfg(postgres_found)]
mod together;

use sea_orm::Statement;

use super::{Page, instant, model::List};
use crate::support::{
    App,
    engine::{Engine, ForEngine, on_each_engine},
};

const SIZE: u32 = 10;

/// Thousands of contacts, and another organization's among them.
struct Many(App);

impl ForEngine for Many {
    async fn for_engine(engine: Engine) -> Self {
        let app = App::new(engine).await;
        rows::insert(&app).await;
        Self(app)
    }
}

/// How a page is asked for.
#[derive(Clone, Copy, Debug)]
enum Way {
    First,
    After,
    Last,
    Before,
    /// Between two cursors.
    Between,
    /// Backward, between two cursors.
    LastBetween,
}

/// The one index that serves a list.
fn index(list: List) -> &'static str {
    match list {
        List::Default | List::Sorted("UPDATED_AT") => "contact_live_changed",
        List::Event("UPDATED") => "contact_live_updated",
        List::Event("CREATED") | List::Sorted("CREATED_AT") => "contact_live_created",
        List::Event("TAG_ADDED") | List::Sorted("TAG_ADDED_AT") => "contact_live_tag_added",
        List::Event("ENRICHED") | List::Sorted("ENRICHED_AT") => "contact_live_enriched",
        List::Sorted("NAME") => "contact_live_name",
        List::Sorted("COMPANY") => "contact_live_company",
        List::Sorted("SCORE") => "contact_live_score",
        List::Event(_) | List::Sorted(_) => panic!("no such list: {list:?}"),
    }
}

/// Whether `updatedSince` is about the sort key; elsewhere it is a filter that no index has.
fn since_is_on_the_key(list: List) -> bool {
    matches!(list, List::Default | List::Sorted("UPDATED_AT") | List::Event(_))
}

/// Some cursors of a list, from its start, middle and end; of nullable keys with and without key.
async fn cursors(app: &App, order: &str) -> Vec<String> {
    let mut cursors = Vec::new();
    for page in ["first: 1, offset: 100", "first: 1, offset: 700", "last: 1"] {
        cursors.extend(read(app, &format!("{page}, {order}")).await.cursors);
    }
    cursors
}

async fn read(app: &App, arguments: &str) -> Page {
    let query = format!(
        "{{ contacts({arguments}) {{ edges {{ cursor node {{ id firstName email }} }}
            pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
    );
    let data = app.data(&query).await;
    Page::read(&data["contacts"])
}

/// Asks for a page; the statement that was sent for it.
async fn statement(app: &App, arguments: &str) -> Statement {
    app.statements();
    read(app, arguments).await;
    let mut sent = app.statements();
    sent.retain(|statement| statement.sql.contains("FROM \"contact\""));
    assert_eq!(sent.len(), 1, "{arguments}: {sent:#?}");
    sent.remove(0)
}

/// The arguments of a page, for each way that these cursors allow.
fn windows(cursors: &[String]) -> Vec<(Way, String)> {
    let [early, middle, late] = cursors else {
        panic!("not three cursors: {cursors:?}");
    };
    let mut windows = vec![(Way::First, format!("first: {SIZE}")), (Way::Last, format!("last: {SIZE}"))];
    for cursor in cursors {
        windows.push((Way::After, format!("first: {SIZE}, after: {cursor:?}")));
        windows.push((Way::Before, format!("last: {SIZE}, before: {cursor:?}")));
    }
    for (after, before) in [(early, middle), (early, late), (middle, late)] {
        let between = format!("after: {after:?}, before: {before:?}");
        windows.push((Way::Between, format!("first: {SIZE}, {between}")));
        windows.push((Way::LastBetween, format!("last: {SIZE}, {between}")));
    }
    windows
}

async fn check(app: &App, arguments: &str, index: &str) {
    let statement = statement(app, arguments).await;
    match app.engine {
        Engine::Sqlite => sqlite::check(app, arguments, &statement, index).await,
        Engine::Postgres => postgres::check(app, arguments, &statement, index).await,
    }
}

on_each_engine! {
    async fn every_page_is_read_off_the_index_of_its_order(many: Many) {
        let app = many.0;
        for (list, descending) in List::both_ways() {
            let order = list.arguments(descending);
            for (way, window) in windows(&cursors(&app, &order).await) {
                check(&app, &format!("{window}, {order} # {way:?}\n"), index(list)).await;
            }
        }
    }

    async fn every_page_since_an_instant_is_read_off_the_index_of_its_order(many: Many) {
        let app = many.0;
        for (list, descending) in List::both_ways().filter(|(list, _)| since_is_on_the_key(*list)) {
            let order = list.arguments(descending);
            let windows = windows(&cursors(&app, &order).await);
            for since in
                [rows::time_of(100), rows::time_of(rows::COUNT), rows::time_of(2 * rows::COUNT - 200)]
            {
                for (way, window) in &windows {
                    let arguments =
                        format!("{window}, {order}, updatedSince: {:?} # {way:?}\n", instant(since));
                    check(&app, &arguments, index(list)).await;
                }
            }
        }
    }

    async fn deleted_contacts_come_in_the_default_order_off_an_index_too(many: Many) {
        let app = many.0;
        for order in ["order: DESC, includeDeleted: true", "order: ASC, includeDeleted: true"] {
            for (way, window) in windows(&cursors(&app, order).await) {
                check(&app, &format!("{window}, {order} # {way:?}\n"), "contact_changed").await;
            }
        }
    }
}
