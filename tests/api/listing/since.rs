//! `updatedSince`: at or after an instant, by the event's own time.

use std::cmp::Ordering;

use super::{Flags, Listing, fixture::START, ids, instant, model::List};
use crate::support::engine::on_each_engine;

/// The times to try: around two that several rows of the list share, and beyond both ends.
fn times(listing: &Listing, list: List) -> Vec<i64> {
    let rows = listing.expected(list, false);
    let mut times: Vec<i64> = rows.iter().filter_map(|contact| list.time(contact)).collect();
    times.sort_unstable();
    let (low, middle, high) = (times[0], times[times.len() / 2], times[times.len() - 1]);
    vec![0, low, middle - 1, middle, middle + 1, high, high + 1]
}

on_each_engine! {
    async fn only_rows_whose_time_is_at_or_after_it_are_listed(listing: Listing) {
        for (list, descending) in List::both_ways() {
            for since in times(&listing, list) {
                let rows: Vec<_> = listing
                    .expected(list, descending)
                    .into_iter()
                    .filter(|contact| list.time(contact).is_some_and(|time| time >= since))
                    .collect();
                let filter = format!("updatedSince: {:?} {}", instant(since), list.arguments(descending));
                let page = listing.counted(&filter).await;
                assert_eq!(page.ids, ids(&rows), "{filter}");
                assert_eq!(page.total, Some(rows.len()), "{filter}");
                for (size, start) in [("first: 2", 0), ("last: 2", rows.len().saturating_sub(2))] {
                    let arguments = format!("{size} {filter}");
                    let page = listing.page(&arguments).await;
                    let end = rows.len().min(start + 2);
                    assert_eq!(page.ids, ids(&rows[start..end]), "{arguments}");
                    let flags = Flags { previous: start > 0, next: end < rows.len() };
                    assert_eq!(page.flags(), flags, "{arguments}");
                }
            }
        }
    }

    async fn it_goes_together_with_cursors_on_either_side_of_it(listing: Listing) {
        for (list, descending) in List::both_ways() {
            let all = listing.expected(list, descending);
            let cursors = listing.page(&list.arguments(descending)).await.cursors;
            for since in times(&listing, list).into_iter().skip(2).step_by(2) {
                let rows: Vec<_> = all
                    .iter()
                    .filter(|contact| list.time(contact).is_some_and(|time| time >= since))
                    .copied()
                    .collect();
                for (cursor, at) in cursors.iter().zip(&all).step_by(3) {
                    let place = list.place(at);
                    let side = |contact| list.place(contact).compare(&place, descending);
                    let count = |wanted| rows.iter().filter(|contact| side(contact) == wanted).count();
                    let start = rows.len() - count(Ordering::Greater);
                    let end = count(Ordering::Less);
                    for (argument, window) in [("after", start..rows.len()), ("before", 0..end)] {
                        let arguments = format!(
                            "{argument}: {cursor:?} updatedSince: {:?} {}",
                            instant(since),
                            list.arguments(descending)
                        );
                        let page = listing.page(&arguments).await;
                        assert_eq!(page.ids, ids(&rows[window.clone()]), "{arguments}");
                        let flags = Flags { previous: window.start > 0, next: window.end < rows.len() };
                        assert_eq!(page.flags(), flags, "{arguments}");
                    }
                }
            }
        }
    }

    async fn finer_than_a_millisecond_is_rounded_up(listing: Listing) {
        for list in [List::Default, List::Event("CREATED"), List::Event("TAG_ADDED"), List::Event("ENRICHED")]
        {
            let time = times(&listing, list)[3];
            let from = |least: i64| {
                let rows = listing.expected(list, true).into_iter();
                ids(&rows.filter(|contact| list.time(contact) >= Some(least)).collect::<Vec<_>>())
            };
            assert_ne!(from(time), from(time + 1), "no row of {list:?} is at that time");
            let exact = instant(time);
            let (seconds, millis) = exact.trim_end_matches('Z').rsplit_once('.').expect("milliseconds");
            for (given, least) in [
                (exact.clone(), time),
                (format!("{seconds}.{millis}000000Z"), time),
                (format!("{seconds}.{millis}000001Z"), time + 1),
                (format!("{seconds}.{millis}9Z"), time + 1),
                (exact.replace('Z', "+00:00"), time),
            ] {
                let page = listing.page(&format!("updatedSince: {given:?} {}", list.name())).await;
                assert_eq!(page.ids, from(least), "{given} in {list:?}");
            }
        }
    }

    async fn any_offset_from_utc_is_understood(listing: Listing) {
        let seconds = START / 1000;
        let zone = chrono::FixedOffset::west_opt(5 * 3600 + 1800).expect("an offset");
        let local = chrono::DateTime::from_timestamp(seconds, 0).expect("in range").with_timezone(&zone);
        let page = listing.page(&format!("updatedSince: {:?}", local.to_rfc3339())).await;
        let same = listing.page(&format!("updatedSince: {:?}", instant(seconds * 1000))).await;
        assert_eq!(page.ids, same.ids, "{local:?}");
        assert_eq!(page.ids, ids(&listing.expected(List::Default, true)));
    }

    async fn in_the_future_is_an_empty_page(listing: Listing) {
        for (list, descending) in List::both_ways() {
            let arguments = format!("updatedSince: \"2126-01-01T00:00:00Z\" {}", list.arguments(descending));
            let page = listing.counted(&arguments).await;
            assert_eq!((page.ids.len(), page.total), (0, Some(0)), "{arguments}");
            assert_eq!(page.flags(), Flags { previous: false, next: false }, "{arguments}");
        }
    }
}
