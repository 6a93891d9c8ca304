//! Windows between cursors, and what the flags say of them, also on empty pages.

use super::{Flags, Listing, ids, model::List};
use crate::support::engine::on_each_engine;

#[derive(Clone, Copy, Debug)]
enum Size {
    First(usize),
    Last(usize),
    Default,
}

impl Size {
    const ALL: [Self; 7] = [
        Self::Default,
        Self::First(0),
        Self::First(3),
        Self::First(200),
        Self::Last(0),
        Self::Last(3),
        Self::Last(200),
    ];

    fn argument(self) -> String {
        match self {
            Self::First(size) => format!("first: {size}"),
            Self::Last(size) => format!("last: {size}"),
            Self::Default => String::new(),
        }
    }
}

/// Where a page lies in a list of `count` rows, by the contract: `after` and `before` are the
/// places of the rows whose cursors they are.
fn expected(count: usize, after: Option<usize>, before: Option<usize>, size: Size) -> (Vec<usize>, Flags) {
    let window: Vec<usize> = (0..count)
        .filter(|row| after.is_none_or(|after| *row > after) && before.is_none_or(|before| *row < before))
        .collect();
    let (rows, backward) = match size {
        Size::First(size) => (size, false),
        Size::Last(size) => (size, true),
        Size::Default => (100, before.is_some() && after.is_none()),
    };
    let rows = rows.min(window.len());
    let page = if backward { &window[window.len() - rows..] } else { &window[..rows] };
    let flags = match (page.first(), page.last()) {
        (Some(first), Some(last)) => Flags { previous: *first > 0, next: *last + 1 < count },
        // Rows at or before `after`, and at or after `before`; those of the window itself are on
        // the side from which the page was counted.
        _ => Flags {
            previous: after.is_some() || (backward && !window.is_empty()),
            next: before.is_some() || (!backward && !window.is_empty()),
        },
    };
    (page.to_vec(), flags)
}

on_each_engine! {
    async fn between_two_cursors_is_an_open_interval_with_true_flags(listing: Listing) {
        for (list, descending) in List::both_ways() {
            let rows = ids(&listing.expected(list, descending));
            let cursors = listing.page(&list.arguments(descending)).await.cursors;
            let last = rows.len() - 1;
            let places = [None, Some(0), Some(1), Some(last / 2), Some(last / 2 + 2), Some(last)];
            let pairs = places.iter().flat_map(|after| places.iter().map(move |before| (*after, *before)));
            for (turn, (after, before)) in pairs.enumerate() {
                // Each pair with two of the sizes, all of them over the lists.
                for size in [Size::ALL[turn % 7], Size::ALL[(turn + rows.len()) % 7]] {
                    let cursor = |name: &str, place: Option<usize>| {
                        place.map(|place| format!("{name}: {:?}", cursors[place])).unwrap_or_default()
                    };
                    let arguments = format!(
                        "{} {} {} {}",
                        size.argument(),
                        cursor("after", after),
                        cursor("before", before),
                        list.arguments(descending)
                    );
                    let (window, flags) = expected(rows.len(), after, before, size);
                    let page = listing.page(&arguments).await;
                    let window: Vec<_> = window.into_iter().map(|row| rows[row]).collect();
                    let context = format!("{arguments} ({after:?}, {before:?}) of {}", rows.len());
                    assert_eq!(page.ids, window, "{context}");
                    assert_eq!(page.flags(), flags, "{context}");
                }
            }
        }
    }

    async fn a_page_of_nothing_says_on_which_side_the_rows_are(listing: Listing) {
        let cursors = listing.page("first: 9").await.cursors;
        let (early, late) = (&cursors[2], &cursors[6]);
        for (arguments, previous, next) in [
            ("first: 0".to_owned(), false, true),
            ("last: 0".to_owned(), true, false),
            (format!("first: 0 after: {early:?}"), true, true),
            (format!("last: 0 before: {late:?}"), true, true),
            (format!("first: 5 after: {late:?} before: {early:?}"), true, true),
            (format!("last: 5 after: {late:?} before: {early:?}"), true, true),
            (format!("after: {early:?} before: {early:?}"), true, true),
            ("first: 0 updatedSince: \"9999-01-01T00:00:00Z\"".to_owned(), false, false),
        ] {
            let page = listing.page(&arguments).await;
            assert!(page.ids.is_empty(), "{arguments}: {page:?}");
            assert_eq!(page.flags(), Flags { previous, next }, "{arguments}");
        }
    }

    async fn a_flag_is_the_same_whichever_else_is_selected(listing: Listing) {
        let cursors = listing.page("first: 9").await.cursors;
        let window = format!("after: {:?} before: {:?} first: 2", cursors[2], cursors[6]);
        for (selection, expected) in [
            ("pageInfo { hasNextPage }", serde_json::json!({"pageInfo": {"hasNextPage": true}})),
            ("pageInfo { hasPreviousPage }", serde_json::json!({"pageInfo": {"hasPreviousPage": true}})),
            ("pageInfo { startCursor }", serde_json::json!({"pageInfo": {"startCursor": cursors[3]}})),
            ("pageInfo { endCursor }", serde_json::json!({"pageInfo": {"endCursor": cursors[4]}})),
            (
                "edges { cursor }",
                serde_json::json!({"edges": [{"cursor": cursors[3]}, {"cursor": cursors[4]}]}),
            ),
            (
                "... on ContactConnection { ...Info } ",
                serde_json::json!({"info": {"next": true, "previous": true}}),
            ),
        ] {
            let fragment = if selection.contains("...Info") {
                "fragment Info on ContactConnection {
                    info: pageInfo { next: hasNextPage previous: hasPreviousPage } }"
            } else {
                ""
            };
            let data =
                listing.app.data(&format!("{{ contacts({window}) {{ {selection} }} }} {fragment}")).await;
            assert_eq!(data["contacts"], expected, "{selection}: {data:#}");
        }
    }
}
