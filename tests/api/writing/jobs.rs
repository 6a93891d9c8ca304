//! Jobs one by one: deadlines, callers that leave, panics.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use contacts_gateway::database::WriteError;
use futures_util::{FutureExt as _, future::join_all};

use super::{LONG, Then, yields};
use crate::support::{App, engine::on_each_engine};

on_each_engine! {
    async fn a_panic_fails_its_own_job_and_the_queue_goes_on(app: App) {
        for guilty in [Then::Panic, Then::Fail] {
            let runs = Arc::default();
            let held = app.hold_clock().await;
            let jobs = ["first", "second", "guilty", "third"].map(|name| {
                let then = if name == "guilty" { guilty } else { Then::Succeed };
                app.add_tag(&format!("{name} {}", guilty as u8), then, &runs, LONG)
            });
            let release = async {
                yields(100).await;
                held.rollback().await.expect("the clock is let go");
            };
            let (answers, ()) = tokio::join!(join_all(jobs), release);
            let outcomes: Vec<_> = answers.iter().map(|answer| answer.map(|_| ())).collect();
            assert_eq!(outcomes, [Ok(()), Ok(()), Err(WriteError::Internal), Ok(())]);
            assert!(runs.load(Ordering::Relaxed) > 4, "the guilty one was not run with others before it was alone");
        }
        assert_eq!(app.number("SELECT count(*) FROM tag").await, 6);
        app.add_tag("later", Then::Succeed, &Arc::default(), LONG).await.expect("the queue goes on");
    }

    async fn a_job_past_its_deadline_is_never_run(app: App) {
        let (runs, late) = (Arc::default(), Arc::default());
        let held = app.hold_clock().await;
        let mut first = std::pin::pin!(app.add_tag("first", Then::Succeed, &runs, LONG));
        assert_eq!(first.as_mut().now_or_never(), None);
        let given_up = app.add_tag("late", Then::Succeed, &late, Duration::ZERO).await;
        assert_eq!(given_up, Err(WriteError::Overloaded));
        held.rollback().await.expect("the clock is let go");
        first.await.expect("it had time");
        app.add_tag("after", Then::Succeed, &runs, LONG).await.expect("it has time");
        assert_eq!(late.load(Ordering::Relaxed), 0);
        assert_eq!(app.number("SELECT count(*) FROM tag").await, 2);
    }

    async fn a_job_whose_caller_left_before_its_turn_is_never_run(app: App) {
        let (runs, left) = (Arc::default(), Arc::default());
        let held = app.hold_clock().await;
        let mut first = std::pin::pin!(app.add_tag("first", Then::Succeed, &runs, LONG));
        assert_eq!(first.as_mut().now_or_never(), None);
        assert_eq!(app.add_tag("left", Then::Succeed, &left, LONG).now_or_never(), None);
        held.rollback().await.expect("the clock is let go");
        first.await.expect("its caller waits");
        app.add_tag("after", Then::Succeed, &runs, LONG).await.expect("its caller waits");
        assert_eq!(left.load(Ordering::Relaxed), 0);
    }

    async fn a_job_that_has_begun_at_its_deadline_has_an_unknown_outcome(app: App) {
        let runs = Arc::default();
        let held = app.hold_clock().await;
        let soon = app.add_tag("begun", Then::Succeed, &runs, Duration::from_millis(100));
        assert_eq!(soon.await, Err(WriteError::OutcomeUnknown));
        held.rollback().await.expect("the clock is let go");
        app.add_tag("after", Then::Succeed, &runs, LONG).await.expect("it has time");
        assert_eq!(app.number("SELECT count(*) FROM tag").await, 2, "it ran to its end all the same");
    }

    async fn a_closed_store_takes_no_more_jobs_and_finishes_those_it_has(app: App) {
        let runs = Arc::default();
        let waiting = app.add_tag("waiting", Then::Succeed, &runs, LONG);
        let mut waiting = std::pin::pin!(waiting);
        let begun = waiting.as_mut().now_or_never();
        app.database.close().await;
        let done = match begun {
            Some(done) => done,
            None => waiting.await,
        };
        done.expect("it was taken before the store closed");
        let refused = app.add_tag("refused", Then::Succeed, &runs, LONG).await;
        assert!(matches!(refused, Err(WriteError::Overloaded | WriteError::Unavailable)), "{refused:?}");
    }
}
