//! Walks through whole lists, page by page.

use super::{Flags, Listing, ids, model::List};
use crate::support::engine::on_each_engine;

const SIZES: [usize; 3] = [1, 2, 7];

on_each_engine! {
    async fn the_whole_list_is_in_the_order_of_its_key(listing: Listing) {
        for (list, descending) in List::both_ways() {
            let expected = listing.expected(list, descending);
            assert!(expected.len() > 8, "too few rows to tell in {list:?}");
            let page = listing.counted(&list.arguments(descending)).await;
            assert_eq!(page.ids, ids(&expected), "{list:?}, descending: {descending}");
            assert_eq!(page.flags(), Flags { previous: false, next: false }, "{list:?}");
            assert_eq!(page.total, Some(expected.len()), "{list:?}");
            if descending == list.descends() {
                let whole = listing.page(&format!("first: 200 {}", list.name())).await;
                assert_eq!(whole.ids, page.ids, "{list:?} in its own direction");
            }
        }
    }

    async fn pages_forward_make_the_whole_list_and_their_flags_are_true(listing: Listing) {
        for (list, descending) in List::both_ways() {
            let expected = ids(&listing.expected(list, descending));
            for size in SIZES {
                let (mut after, mut seen) = (None, 0);
                while seen < expected.len() {
                    let cursor = after.map(|cursor| format!("after: {cursor:?}")).unwrap_or_default();
                    let arguments = format!("first: {size} {cursor} {}", list.arguments(descending));
                    let page = listing.page(&arguments).await;
                    let end = expected.len().min(seen + size);
                    assert_eq!(page.ids, expected[seen..end], "{arguments}");
                    let flags = Flags { previous: seen > 0, next: end < expected.len() };
                    assert_eq!(page.flags(), flags, "{arguments} of {}", expected.len());
                    (after, seen) = (page.cursors.last().cloned(), end);
                }
            }
        }
    }

    async fn pages_backward_make_the_whole_list_and_their_flags_are_true(listing: Listing) {
        for (list, descending) in List::both_ways() {
            let expected = ids(&listing.expected(list, descending));
            for size in SIZES {
                let (mut before, mut left) = (None, expected.len());
                while left > 0 {
                    let cursor = before.map(|cursor| format!("before: {cursor:?}")).unwrap_or_default();
                    let arguments = format!("last: {size} {cursor} {}", list.arguments(descending));
                    let page = listing.page(&arguments).await;
                    let start = left.saturating_sub(size);
                    assert_eq!(page.ids, expected[start..left], "{arguments}");
                    let flags = Flags { previous: start > 0, next: left < expected.len() };
                    assert_eq!(page.flags(), flags, "{arguments} of {}", expected.len());
                    (before, left) = (page.cursors.first().cloned(), start);
                }
            }
        }
    }

    async fn the_total_is_that_of_the_list_whatever_the_page(listing: Listing) {
        for (list, descending) in List::both_ways() {
            let expected = listing.expected(list, descending);
            let total = Some(expected.len());
            let cursor = listing.page(&list.arguments(descending)).await.cursors[4].clone();
            for window in ["first: 0", "last: 0", "first: 3", "last: 3", "offset: 5", "offset: 500"] {
                let arguments = format!("{window} {}", list.arguments(descending));
                assert_eq!(listing.counted(&arguments).await.total, total, "{arguments}");
            }
            for window in ["after", "before"] {
                let arguments = format!("{window}: {cursor:?} first: 2 {}", list.arguments(descending));
                assert_eq!(listing.counted(&arguments).await.total, total, "{arguments}");
            }
        }
    }

    async fn deleted_contacts_are_listed_when_they_are_asked_for(listing: Listing) {
        for (list, descending) in List::both_ways() {
            let all = super::model::sorted(listing.contacts.iter(), list, descending);
            assert!(all.iter().any(|contact| contact.deleted), "none is deleted in {list:?}");
            let arguments = format!("includeDeleted: true {}", list.arguments(descending));
            let page = listing.counted(&arguments).await;
            assert_eq!(page.ids, ids(&all), "{arguments}");
            assert_eq!(page.total, Some(all.len()), "{arguments}");
            let second = format!("first: 5 after: {:?} {arguments}", page.cursors[4]);
            assert_eq!(listing.page(&second).await.ids, ids(&all)[5..10], "{second}");
            let live = format!("includeDeleted: false {}", list.arguments(descending));
            assert_eq!(listing.page(&live).await.ids, ids(&listing.expected(list, descending)), "{live}");
        }
    }
}
