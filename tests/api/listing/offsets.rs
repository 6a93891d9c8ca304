//! Numbered pages.

use super::{Flags, Listing, ids, model::List};
use crate::support::engine::on_each_engine;

on_each_engine! {
    async fn numbered_pages_make_the_whole_list_in_every_order(listing: Listing) {
        for (list, descending) in List::both_ways() {
            let rows = ids(&listing.expected(list, descending));
            for start in (0..rows.len() + 7).step_by(7) {
                let arguments = format!("first: 7 offset: {start} {}", list.arguments(descending));
                let page = listing.page(&arguments).await;
                let (from, to) = (start.min(rows.len()), rows.len().min(start + 7));
                assert_eq!(page.ids, rows[from..to], "{arguments}");
                let flags = Flags { previous: start > 0, next: to < rows.len() };
                assert_eq!(page.flags(), flags, "{arguments} of {}", rows.len());
            }
        }
    }

    async fn a_numbered_page_can_be_left_by_cursor(listing: Listing) {
        for (list, descending) in List::both_ways() {
            let rows = ids(&listing.expected(list, descending));
            let order = list.arguments(descending);
            let page = listing.page(&format!("first: 2 offset: 3 {order}")).await;
            let next = listing.page(&format!("first: 2 after: {:?} {order}", page.cursors[1])).await;
            assert_eq!(next.ids, rows[5..7], "{order}");
            let previous = listing.page(&format!("last: 2 before: {:?} {order}", page.cursors[0])).await;
            assert_eq!(previous.ids, rows[1..3], "{order}");
        }
    }

    async fn an_offset_alone_skips_rows_of_the_default_page(listing: Listing) {
        let rows = ids(&listing.expected(List::Default, true));
        assert_eq!(listing.page("offset: 0").await.ids, rows);
        assert_eq!(listing.page("offset: 10").await.ids, rows[10..]);
    }

    async fn past_the_end_the_list_is_what_precedes(listing: Listing) {
        for (list, descending) in List::both_ways() {
            let order = list.arguments(descending);
            for (arguments, previous, next) in [
                (format!("offset: 10000 {order}"), true, false),
                (format!("first: 0 offset: 10000 {order}"), true, false),
                (format!("first: 0 offset: 2 {order}"), true, true),
                (format!("first: 0 offset: 0 {order}"), false, true),
                (format!("offset: 1 updatedSince: \"9999-01-01T00:00:00Z\" {order}"), false, false),
            ] {
                let page = listing.page(&arguments).await;
                assert!(page.ids.is_empty(), "{arguments}: {page:?}");
                assert_eq!(page.flags(), Flags { previous, next }, "{arguments}");
            }
        }
    }
}
