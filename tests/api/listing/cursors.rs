//! A cursor is a place between rows: what becomes of its row does not move it.

use std::cmp::Ordering;

use super::{Listing, fixture, ids, model::List};
use crate::support::engine::on_each_engine;

/// Deletes every third contact, brings every third back to the front, and renames it; the rest
/// stay as they are.
async fn change(listing: &mut Listing) {
    let mut clock = fixture::Clock(5_000);
    for (index, contact) in listing.contacts.iter_mut().enumerate() {
        match index % 3 {
            0 => {
                contact.deleted = true;
                contact.updated = clock.tick();
            }
            1 if !contact.deleted => {
                contact.updated = clock.tick();
                contact.tagged = Some(contact.updated);
                contact.enriched = contact.tagged;
            }
            _ => continue,
        }
        fixture::stamp(&listing.app, contact).await;
    }
}

on_each_engine! {
    async fn a_cursor_continues_at_its_place_after_its_row_was_changed_or_deleted(listing: Listing) {
        let mut listing = listing;
        let mut kept = Vec::new();
        for (list, descending) in List::both_ways() {
            let rows = listing.expected(list, descending);
            let page = listing.page(&list.arguments(descending)).await;
            assert_eq!(page.ids, ids(&rows));
            let places = rows.iter().map(|contact| list.place(contact));
            let cursors: Vec<_> = page.cursors.into_iter().zip(places).collect();
            kept.push((list, descending, cursors));
        }
        change(&mut listing).await;
        for (list, descending, cursors) in kept {
            let rows = listing.expected(list, descending);
            for (cursor, place) in cursors {
                for (argument, side) in [("after", Ordering::Greater), ("before", Ordering::Less)] {
                    let arguments = format!("{argument}: {cursor:?} {}", list.arguments(descending));
                    let beyond = |contact: &&&_| list.place(contact).compare(&place, descending) == side;
                    let expected: Vec<_> = rows.iter().filter(beyond).copied().collect();
                    let page = listing.page(&arguments).await;
                    assert_eq!(page.ids, ids(&expected), "{arguments} {place:?}");
                    // The row itself, if it is still there, or whatever else is on the other side.
                    let other = expected.len() < rows.len();
                    let shown = if argument == "after" { page.previous } else { page.next };
                    assert_eq!(shown, other, "{arguments} {place:?}");
                }
            }
        }
    }

    async fn a_cursor_serves_under_another_filter_and_page_size(listing: Listing) {
        let all = super::model::sorted(listing.contacts.iter(), List::Default, true);
        let page = listing.page("first: 3 includeDeleted: true").await;
        let live: Vec<_> = all[3..].iter().filter(|contact| !contact.deleted).copied().collect();
        let next = listing.page(&format!("first: 5 after: {:?}", page.cursors[2])).await;
        assert_eq!(next.ids, ids(&live)[..5]);
        let (start, name) = (page.cursors[2].clone(), all[2]);
        let updated = listing.page(&format!("event: UPDATED after: {start:?}")).await;
        let place = List::Default.place(name);
        let expected: Vec<_> = listing
            .expected(List::Event("UPDATED"), true)
            .into_iter()
            .filter(|contact| List::Default.place(contact).compare(&place, true) == Ordering::Greater)
            .collect();
        assert_eq!(updated.ids, ids(&expected));
    }
}
