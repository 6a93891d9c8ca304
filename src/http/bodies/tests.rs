use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::time::advance;
use uuid::Uuid;

use super::{Bodies, Body, BodyLimits, NoGrowth};

fn bodies(under_way: usize, bytes: usize, bytes_per_holder: usize) -> Bodies {
    Bodies::new(BodyLimits { under_way, bytes, bytes_per_holder, pace: (Duration::from_secs(10), 1_000) })
}

fn is_given_up(body: &mut Body) -> bool {
    body.given_up().now_or_never().is_some()
}

#[tokio::test(start_paused = true)]
async fn one_above_the_maximum_makes_the_slowest_give_way_and_not_the_newcomer() {
    let (bodies, holder) = (bodies(2, 1_000, 1_000), Uuid::now_v7());
    let mut first = bodies.begin(holder);
    advance(Duration::from_secs(1)).await;
    let mut second = bodies.begin(holder);
    assert!(!is_given_up(&mut first) && !is_given_up(&mut second));
    // The older one has come at the pace, so the other is behind for longer.
    advance(Duration::from_secs(1)).await;
    assert_eq!(first.grow(200), Ok(()));
    let mut third = bodies.begin(holder);
    assert!(!is_given_up(&mut first) && is_given_up(&mut second) && !is_given_up(&mut third));
    assert_eq!(second.grow(1), Err(NoGrowth::GivenUp));
}

#[tokio::test(start_paused = true)]
async fn bytes_that_came_early_do_not_excuse_a_pause() {
    let (bodies, holder) = (bodies(2, 1_000, 1_000), Uuid::now_v7());
    let mut early = bodies.begin(holder);
    assert_eq!(early.grow(900), Ok(()));
    advance(Duration::from_secs(1)).await;
    let mut later = bodies.begin(holder);
    let _newcomer = bodies.begin(holder);
    assert!(is_given_up(&mut early) && !is_given_up(&mut later));
}

#[tokio::test(start_paused = true)]
async fn the_holder_of_most_bodies_gives_way() {
    let (bodies, many, one) = (bodies(3, 1_000, 1_000), Uuid::now_v7(), Uuid::now_v7());
    let mut old = bodies.begin(one);
    advance(Duration::from_secs(5)).await;
    let (mut first, mut second) = (bodies.begin(many), bodies.begin(many));
    let mut newcomer = bodies.begin(one);
    assert!(!is_given_up(&mut old) && !is_given_up(&mut newcomer));
    assert!(is_given_up(&mut first) != is_given_up(&mut second));
}

#[tokio::test(start_paused = true)]
async fn slow_bodies_give_their_bytes_up_and_whole_ones_keep_theirs() {
    let (bodies, holder) = (bodies(9, 300, 100), Uuid::now_v7());
    let mut slow = bodies.begin(holder);
    assert_eq!(slow.grow(90), Ok(()));
    advance(Duration::from_secs(1)).await;
    let mut whole = bodies.begin(holder);
    assert_eq!(whole.grow(10), Ok(()), "as many as the holder may have");
    assert!(!is_given_up(&mut slow));
    assert_eq!(whole.grow(1), Ok(()));
    assert!(is_given_up(&mut slow));
    whole.is_whole();
    let mut next = bodies.begin(holder);
    assert_eq!(next.grow(90), Err(NoGrowth::NoRoom));
    assert_eq!(bodies.begin(Uuid::now_v7()).grow(90), Ok(()), "another has bytes of its own");
    drop((slow, whole, next));
    let state = bodies.0.state.lock();
    assert_eq!((state.bytes, state.holders.len(), state.bodies.len()), (0, 0, 0));
}
