use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::time::Instant;
use uuid::Uuid;

use super::{Bodies, Body, BodyLimits, NoGrowth};

fn bodies(under_way: usize, bytes: usize, bytes_per_holder: usize) -> Bodies {
    Bodies::new(BodyLimits { under_way, bytes, bytes_per_holder, pace: (Duration::from_secs(10), 1_000) })
}

fn is_given_up(body: &mut Body) -> bool {
    body.given_up().now_or_never().is_some()
}

#[test]
fn one_above_the_maximum_makes_the_slowest_give_way_and_not_the_newcomer() {
    let (bodies, holder) = (bodies(2, 1_000, 1_000), Uuid::now_v7());
    let (start, second) = (Instant::now(), Duration::from_secs(1));
    let mut fast = bodies.begin_at(holder, start);
    let mut slow = bodies.begin_at(holder, start + second);
    assert!(!is_given_up(&mut fast) && !is_given_up(&mut slow));
    // The older one has come at the pace, so the other is behind for longer.
    assert_eq!(fast.grow_at(200, start + 2 * second), Ok(()));
    let mut newcomer = bodies.begin_at(holder, start + 2 * second);
    assert!(!is_given_up(&mut fast) && is_given_up(&mut slow) && !is_given_up(&mut newcomer));
    assert_eq!(slow.grow_at(1, start + 2 * second), Err(NoGrowth::GivenUp));
}

#[test]
fn bytes_that_came_early_do_not_excuse_a_pause() {
    let (bodies, holder) = (bodies(2, 1_000, 1_000), Uuid::now_v7());
    let (start, second) = (Instant::now(), Duration::from_secs(1));
    let mut early = bodies.begin_at(holder, start);
    assert_eq!(early.grow_at(900, start), Ok(()));
    let mut later = bodies.begin_at(holder, start + second);
    let _newcomer = bodies.begin_at(holder, start + second);
    assert!(is_given_up(&mut early) && !is_given_up(&mut later));
}

#[test]
fn the_holder_of_most_bodies_gives_way() {
    let (bodies, many, one) = (bodies(4, 1_000, 1_000), Uuid::now_v7(), Uuid::now_v7());
    let (start, second) = (Instant::now(), Duration::from_secs(1));
    let mut old = bodies.begin_at(one, start);
    let mut of_many: Vec<Body> =
        (5..8).map(|seconds| bodies.begin_at(many, start + seconds * second)).collect();
    let mut newcomer = bodies.begin_at(one, start + 9 * second);
    assert!(!is_given_up(&mut old) && !is_given_up(&mut newcomer));
    let given_up: Vec<bool> = of_many.iter_mut().map(is_given_up).collect();
    assert_eq!(given_up, [true, false, false]);
}

#[test]
fn slow_bodies_give_their_bytes_up_and_whole_ones_keep_theirs() {
    let (bodies, holder) = (bodies(9, 300, 100), Uuid::now_v7());
    let (start, later) = (Instant::now(), Instant::now() + Duration::from_secs(1));
    let mut slow = bodies.begin_at(holder, start);
    assert_eq!(slow.grow_at(90, start), Ok(()));
    let mut whole = bodies.begin_at(holder, later);
    assert_eq!(whole.grow_at(10, later), Ok(()), "as many as the holder may have");
    assert!(!is_given_up(&mut slow));
    assert_eq!(whole.grow_at(1, later), Ok(()));
    assert!(is_given_up(&mut slow));
    whole.is_whole();
    let mut next = bodies.begin_at(holder, later);
    assert_eq!(next.grow_at(90, later), Err(NoGrowth::NoRoom));
    assert_eq!(
        bodies.begin_at(Uuid::now_v7(), later).grow_at(90, later),
        Ok(()),
        "another has bytes of its own"
    );
    drop((slow, whole, next));
    let state = bodies.0.state.lock();
    assert_eq!((state.bytes, state.holders.len(), state.bodies.len()), (0, 0, 0));
}
