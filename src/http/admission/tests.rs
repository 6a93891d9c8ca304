use std::future::Future;

use futures_util::{FutureExt as _, future::BoxFuture};

use super::*;

type Asked<'a> = BoxFuture<'a, Result<Permit<char>, Overloaded>>;

fn admission(running: usize, running_per_holder: usize, waiting_per_holder: usize) -> Admission<char> {
    Admission::new(AdmissionLimits { running, running_per_holder, waiting_per_holder })
}

/// Asks for a place, and returns the request, which waits.
fn waiting(admission: &Admission<char>, holder: char) -> Asked<'_> {
    let mut asked = admission.acquire(holder, in_an_hour()).boxed();
    assert!((&mut asked).now_or_never().is_none(), "{holder} has a place");
    asked
}

fn in_an_hour() -> Instant {
    Instant::now() + Duration::from_hours(1)
}

/// Returns the place that is free at once.
fn place(asked: impl Future<Output = Result<Permit<char>, Overloaded>>) -> Permit<char> {
    asked.now_or_never().expect("a place at once").expect("a place")
}

#[tokio::test]
async fn a_holder_runs_its_maximum_and_the_next_wait_in_the_order_in_which_they_came() {
    let admission = admission(10, 2, 3);
    let ask = || admission.acquire('a', in_an_hour());
    let (first, second) = (place(ask()), place(ask()));
    let (mut third, mut fourth, mut fifth) =
        (waiting(&admission, 'a'), waiting(&admission, 'a'), waiting(&admission, 'a'));
    assert!(ask().now_or_never().expect("an answer at once").is_err(), "a fourth may not wait");
    assert!(admission.check('a').is_err() && admission.check('b').is_ok());
    let other = place(admission.acquire('b', in_an_hour()));
    drop((second, other));
    assert!((&mut fourth).now_or_never().is_none() && (&mut fifth).now_or_never().is_none());
    let third = place(&mut third);
    drop(first);
    let fourth = place(&mut fourth);
    drop((third, fourth));
    drop(place(&mut fifth));
    assert!(admission.turns.is_idle());
}

#[tokio::test]
async fn holders_get_places_in_turn_whoever_has_more_waiting() {
    let admission = admission(1, 1, 9);
    let running = place(admission.acquire('a', in_an_hour()));
    let (mut a1, mut a2) = (waiting(&admission, 'a'), waiting(&admission, 'a'));
    let mut b1 = waiting(&admission, 'b');
    drop(running);
    let running = place(&mut a1);
    drop(running);
    let running = place(&mut b1);
    assert!((&mut a2).now_or_never().is_none());
    drop(running);
    drop(place(&mut a2));
    assert!(admission.turns.is_idle());
}

#[tokio::test]
async fn a_holder_at_its_maximum_keeps_no_other_from_a_free_place() {
    let admission = admission(2, 1, 9);
    let running = (place(admission.acquire('a', in_an_hour())), place(admission.acquire('b', in_an_hour())));
    let (mut a, mut c) = (waiting(&admission, 'a'), waiting(&admission, 'c'));
    drop(running.1);
    let c = place(&mut c);
    assert!((&mut a).now_or_never().is_none());
    drop((running.0, c));
    drop(place(&mut a));
    assert!(admission.turns.is_idle());
}

#[tokio::test]
async fn who_hangs_up_leaves_the_queue_or_the_place_that_was_just_given() {
    let admission = admission(1, 1, 2);
    let running = place(admission.acquire('a', in_an_hour()));
    let (gone, given) = (waiting(&admission, 'a'), waiting(&admission, 'a'));
    assert!(admission.check('a').is_err());
    drop(gone);
    assert!(admission.check('a').is_ok(), "there is room in the queue");
    let mut last = waiting(&admission, 'a');
    drop(running);
    // Its turn has come, but it has not looked.
    drop(given);
    drop(place(&mut last));
    assert!(admission.turns.is_idle());
}

#[tokio::test]
async fn who_waits_until_the_deadline_is_told_when_to_come_again() {
    let admission = admission(1, 1, 2);
    let running = place(admission.acquire('a', in_an_hour()));
    let refused = admission.acquire('a', Instant::now()).await.expect_err("its time is up");
    assert_eq!(refused.retry_after, Duration::from_secs(1));
    drop(running);
    assert!(admission.turns.is_idle());
}
