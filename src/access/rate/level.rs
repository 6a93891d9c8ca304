//! Arithmetic of a leaky bucket. Its level is kept as the time at which it will be full, so a bucket that
//! nobody uses needs no work.

use std::time::Duration;

use super::Rate;

/// Time in which the points come back that a bucket may have below zero.
const MAX_DEBT: Duration = Duration::from_secs(10);

/// Capacity of buckets, as the times in which points come back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Capacity {
    points: u32,
    per_second: u32,
    /// Time in which an empty bucket fills.
    whole: Duration,
}

/// Level of a bucket. The default is full.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Level {
    /// Time at which the bucket will be full.
    full_at: Duration,
}

impl Capacity {
    /// Returns the capacity; `None` if a bucket could hold nothing, or would fill in no time.
    pub(super) fn of(rate: Rate) -> Option<Self> {
        if rate.per_second == 0 || rate.burst == 0 {
            return None;
        }
        let whole = time_of(rate.burst, rate.per_second);
        Some(Self { points: rate.burst, per_second: rate.per_second, whole })
    }

    /// Returns the time in which points come back. No more count than the bucket holds and may owe.
    fn time_of(&self, points: usize) -> Duration {
        time_of(u32::try_from(points).unwrap_or(u32::MAX), self.per_second)
    }
}

fn time_of(points: u32, per_second: u32) -> Duration {
    let nanos = u128::from(points) * 1_000_000_000 / u128::from(per_second);
    u64::try_from(nanos).map_or(Duration::MAX, Duration::from_nanos)
}

impl Level {
    /// Takes points, or all that the bucket can hold, and returns how many remain. If it does not hold so
    /// many, none is taken, and the error is the time after which it does.
    pub(super) fn take(
        &mut self,
        capacity: &Capacity,
        now: Duration,
        points: usize,
    ) -> Result<u32, Duration> {
        let taken = capacity.time_of(points).min(capacity.whole);
        let full_at = self.full_at.max(now).saturating_add(taken);
        match full_at.checked_sub(now.saturating_add(capacity.whole)) {
            Some(missing) if !missing.is_zero() => Err(missing),
            Some(_) | None => {
                self.full_at = full_at;
                Ok(self.points(capacity, now))
            }
        }
    }

    /// Takes points whether it has them or not, down to [`MAX_DEBT`] below zero.
    pub(super) fn charge(&mut self, capacity: &Capacity, now: Duration, points: usize) {
        let lowest = now.saturating_add(capacity.whole).saturating_add(MAX_DEBT);
        let full_at = self.full_at.max(now).saturating_add(capacity.time_of(points));
        self.full_at = full_at.min(lowest);
    }

    /// Returns the time after which the level is zero, if it is below.
    pub(super) fn below_zero_for(&self, capacity: &Capacity, now: Duration) -> Option<Duration> {
        let below = self.full_at.checked_sub(now.saturating_add(capacity.whole));
        below.filter(|below| !below.is_zero())
    }

    /// Returns the whole points that it holds; none if it is below zero.
    pub(super) fn points(&self, capacity: &Capacity, now: Duration) -> u32 {
        let held = capacity.whole.saturating_sub(self.full_at.saturating_sub(now));
        let points = held.as_nanos() * u128::from(capacity.per_second) / 1_000_000_000;
        u32::try_from(points).unwrap_or(u32::MAX).min(capacity.points)
    }

    pub(super) fn is_full(&self, now: Duration) -> bool {
        self.full_at <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// A bucket of 100 points, of which 10 come back in a second.
    fn capacity() -> Capacity {
        Capacity::of(Rate { per_second: 10, burst: 100 }).expect("a capacity")
    }

    #[test]
    fn a_bucket_holds_its_size_and_fills_at_its_rate() {
        let (capacity, mut level) = (capacity(), Level::default());
        assert_eq!(level.take(&capacity, seconds(1), 60), Ok(40));
        assert_eq!(level.take(&capacity, seconds(1), 60), Err(seconds(2)), "and none is taken");
        assert_eq!(level.take(&capacity, seconds(3), 60), Ok(0));
        assert_eq!(level.points(&capacity, seconds(8)), 50);
        assert_eq!(level.points(&capacity, seconds(100)), 100);
        assert!(level.is_full(seconds(13)) && !level.is_full(seconds(12)));
    }

    #[test]
    fn more_than_it_holds_takes_the_whole_bucket() {
        let (capacity, mut level) = (capacity(), Level::default());
        assert_eq!(level.take(&capacity, seconds(0), usize::MAX), Ok(0));
        assert_eq!(level.take(&capacity, seconds(9), usize::MAX), Err(seconds(1)));
    }

    #[test]
    fn a_charge_may_sink_it_below_zero_and_it_refuses_until_it_is_not() {
        let (capacity, mut level) = (capacity(), Level::default());
        level.charge(&capacity, seconds(0), 130);
        assert_eq!(level.points(&capacity, seconds(0)), 0);
        assert_eq!(level.below_zero_for(&capacity, seconds(0)), Some(seconds(3)));
        assert_eq!(level.take(&capacity, seconds(2), 1), Err(Duration::from_millis(1_100)));
        assert_eq!(level.below_zero_for(&capacity, seconds(3)), None);
        assert_eq!(level.take(&capacity, seconds(4), 10), Ok(0));
    }

    #[test]
    fn it_sinks_no_further_than_what_comes_back_in_ten_seconds() {
        let (capacity, mut level) = (capacity(), Level::default());
        for points in [150, 1_000, usize::MAX] {
            level.charge(&capacity, seconds(5), points);
        }
        assert_eq!(level.below_zero_for(&capacity, seconds(5)), Some(seconds(10)));
        assert_eq!(level.below_zero_for(&capacity, seconds(14)), Some(seconds(1)));
    }

    #[test]
    fn a_rate_that_divides_no_second_loses_nothing() {
        let capacity = Capacity::of(Rate { per_second: 3, burst: 1_000_000 }).expect("a capacity");
        let mut level = Level::default();
        assert_eq!(level.take(&capacity, seconds(0), 1_000_000), Ok(0));
        assert_eq!(level.points(&capacity, seconds(7)), 21);
    }
}
