//! Prices of lists, in the points that limit the rate of an organization. A document is charged them
//! before it runs; a statement carries its own, by which it waits for its turn.

use super::window::{MAX_OFFSET, Window};
use crate::database::MAX_FAST_PRICE;

/// Points of a condition that no index serves.
pub const CONDITION: usize = 50;
/// Points of a list that has such a condition, since all rows may have to be gone through for a page.
pub const SCAN: usize = 150;
/// Points of counting rows that an index serves. One for each [`COUNTED_ROWS`] is charged afterwards.
pub const TOTAL: usize = 5;
/// Points of counting rows that satisfy a condition that no index serves.
pub const FILTERED_TOTAL: usize = 500;
/// Number of counted rows that take about as long as one point pays for.
pub const COUNTED_ROWS: usize = 100;
/// Number of skipped rows that take about as long as one point pays for.
const SKIPPED_ROWS: usize = 40;
/// Number of skipped rows for which one counts if it has to be looked up, too.
const LOOKED_UP_WEIGHT: usize = 4;

/// Price of a statement that counts the rows of many objects.
pub const COUNTS: u32 = MAX_FAST_PRICE + 1;

/// Price of a list beyond that of its rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListPrice {
    /// Number of conditions that no index serves. Those that are dearer count several times.
    pub conditions: usize,
    /// Points of finding rows by another table.
    pub look_ups: usize,
    /// Number of rows that are skipped before the page.
    pub offset: usize,
    /// True if all rows are counted.
    pub total: bool,
}

impl ListPrice {
    /// Returns the points that a document is charged.
    #[must_use]
    pub fn points(self) -> usize {
        let Self { conditions, look_ups, offset, total } = self;
        let scan = if conditions == 0 { 0 } else { SCAN + CONDITION.saturating_mul(conditions) };
        let total = match (total, conditions) {
            (false, _) => 0,
            (true, 0) => TOTAL,
            (true, _) => FILTERED_TOTAL,
        };
        let skipped = offset.min(MAX_OFFSET) / SKIPPED_ROWS;
        let skipped = if look_ups == 0 { skipped } else { skipped * LOOKED_UP_WEIGHT };
        scan.saturating_add(look_ups).saturating_add(skipped).saturating_add(total)
    }

    /// Returns the price of the statement that reads a page of the list. If it may have to go through all
    /// rows, that is more than a quick statement may have, however few conditions there are.
    #[must_use]
    pub fn of_statement(self, window: &Window) -> u32 {
        self.of_rows(window.rows())
    }

    /// Returns the price of the statement that reads at most so many rows of the list.
    #[must_use]
    pub fn of_rows(self, rows: usize) -> u32 {
        let points = self.points().saturating_add(rows);
        let points = u32::try_from(points).unwrap_or(u32::MAX);
        if self.conditions == 0 { points } else { points.saturating_add(MAX_FAST_PRICE) }
    }
}
