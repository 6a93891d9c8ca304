use futures_util::FutureExt as _;
use proptest::prelude::*;

use super::*;

const A: u8 = 1;
const B: u8 = 2;
const C: u8 = 3;

fn turns(max: usize) -> Turns<u8> {
    Turns::new(Shares { max, max_of_holder: (max * 3 / 4).max(1), max_slow: (max / 2).max(1) })
}

/// Takes the permit, if it has been granted.
fn granted(turn: &mut Turn<u8>) -> Option<Permit<u8>> {
    turn.now_or_never()
}

fn queue(turns: &Turns<u8>, holder: u8, lane: Lane, number: usize) -> Vec<Turn<u8>> {
    (0..number).map(|_| turns.wait(holder, lane, false)).collect()
}

fn take(turns: &mut [Turn<u8>]) -> Vec<Permit<u8>> {
    turns.iter_mut().filter_map(granted).collect()
}

#[test]
fn a_holder_has_at_most_its_share_though_nobody_else_waits() {
    for (max, expected) in [(1, 1), (2, 1), (3, 2), (4, 3), (5, 3), (8, 6)] {
        let turns = turns(max);
        let mut waiting = queue(&turns, A, Lane::Fast, 10);
        assert_eq!(take(&mut waiting).len(), expected, "of {max}");
    }
}

#[test]
fn the_slow_lane_has_at_most_its_share_of_all_holders_together() {
    let turns = turns(5);
    let mut slow = queue(&turns, A, Lane::Slow, 10);
    let mut others = queue(&turns, B, Lane::Slow, 10);
    let held = [take(&mut slow), take(&mut others)];
    assert_eq!(held.iter().flatten().count(), 2);
    let mut fast = queue(&turns, A, Lane::Fast, 1);
    assert_eq!(take(&mut fast).len(), 1, "those that are slow keep no others waiting");
}

#[test]
fn a_slow_lane_that_is_closed_lets_nothing_in_until_it_opens() {
    let turns = turns(5);
    turns.close_slow_lane(true);
    let mut slow = queue(&turns, A, Lane::Slow, 1);
    let mut fast = queue(&turns, A, Lane::Fast, 1);
    assert_eq!((take(&mut slow).len(), take(&mut fast).len()), (0, 1));
    turns.close_slow_lane(false);
    assert_eq!(take(&mut slow).len(), 1);
}

#[test]
fn holders_take_turns_however_many_wait_of_one() {
    let turns = turns(1);
    let mut held = granted(&mut turns.wait(C, Lane::Fast, false));
    let mut of_a = queue(&turns, A, Lane::Fast, 100);
    let mut of_b = queue(&turns, B, Lane::Fast, 2);
    let mut served = Vec::new();
    for _ in 0..5 {
        drop(held.take());
        let next = take(&mut of_a).into_iter().chain(take(&mut of_b)).next().expect("a turn");
        served.push(next.holder);
        held = Some(next);
    }
    assert_eq!(served, [A, B, A, B, A]);
}

#[test]
fn within_a_holder_the_longest_waiting_goes_first_whatever_its_lane() {
    let turns = turns(1);
    let held = granted(&mut turns.wait(A, Lane::Fast, false));
    let mut first = turns.wait(A, Lane::Slow, false);
    let mut second = turns.wait(A, Lane::Fast, false);
    drop(held);
    assert!(granted(&mut second).is_none());
    drop(granted(&mut first).expect("its turn"));
    assert!(granted(&mut second).is_some());
}

#[test]
fn who_goes_first_goes_before_the_others_of_its_holder_alone() {
    let turns = turns(1);
    let held = granted(&mut turns.wait(A, Lane::Fast, false));
    let mut others = turns.wait(B, Lane::Fast, false);
    let mut plain = turns.wait(A, Lane::Fast, false);
    let mut answer = turns.wait(A, Lane::Fast, true);
    drop(held);
    drop(granted(&mut others).expect("the other holder's turn"));
    assert!(granted(&mut plain).is_none());
    assert!(granted(&mut answer).is_some());
}

#[test]
fn whoever_stops_waiting_leaves_its_place_to_the_next() {
    let turns = turns(1);
    let held = granted(&mut turns.wait(A, Lane::Fast, false));
    let gone = turns.wait(A, Lane::Fast, false);
    let mut next = turns.wait(A, Lane::Fast, false);
    drop(held);
    // It had been granted, and was dropped without having been looked at.
    drop(gone);
    assert!(granted(&mut next).is_some());
}

proptest! {
    #[test]
    fn no_limit_is_passed_nothing_is_lost_and_nothing_is_left_behind(
        max in 1_usize..9,
        steps in prop::collection::vec((0_u8..4, any::<bool>(), any::<bool>(), 0_usize..4), 1..200),
    ) {
        let turns = turns(max);
        let (mut waiting, mut held): (Vec<Turn<u8>>, Vec<Permit<u8>>) = (Vec::new(), Vec::new());
        for (holder, slow, goes_first, step) in steps {
            let lane = if slow { Lane::Slow } else { Lane::Fast };
            match step {
                0 | 1 => waiting.push(turns.wait(holder, lane, goes_first)),
                2 if !held.is_empty() => drop(held.remove(0)),
                3 if !waiting.is_empty() => drop(waiting.remove(0)),
                _ => {}
            }
            held.extend(take(&mut waiting));
            waiting.retain(|turn| !matches!(turn, Turn::Granted(None)));
            let slow = held.iter().filter(|permit| permit.lane == Lane::Slow).count();
            prop_assert!(held.len() <= max && slow <= (max / 2).max(1));
            for holder in 0..4 {
                let own = held.iter().filter(|permit| permit.holder == holder).count();
                prop_assert!(own <= (max * 3 / 4).max(1));
            }
        }
        while !waiting.is_empty() {
            held.clear();
            held.extend(take(&mut waiting));
            prop_assert!(!held.is_empty(), "somebody waits for ever");
            waiting.retain(|turn| !matches!(turn, Turn::Granted(None)));
        }
        held.clear();
        prop_assert!(turns.is_idle());
    }
}

#[test]
fn the_expected_wait_follows_the_queue_and_the_time_for_which_permits_are_kept() {
    let mut queues = Queues::new(Shares { max: 9, max_of_holder: 2, max_slow: 9 });
    let enter = |queues: &mut Queues<u8>| queues.enter(A, Lane::Fast, false, oneshot::channel().0);
    for _ in 0..22 {
        enter(&mut queues);
    }
    assert!(queues.next_turn().is_some() && queues.next_turn().is_some() && queues.next_turn().is_none());
    assert_eq!(queues.expected_wait(A), 11 * Duration::from_millis(500));
    let mut end = |kept| {
        queues.give_back(A, Lane::Fast, kept);
        assert!(queues.next_turn().is_some());
        queues.expected_wait(A)
    };
    assert_eq!(end(Duration::from_secs(1)), 10 * Duration::from_secs(1), "19 wait, 2 at a time");
    for _ in 0..19 {
        end(Duration::from_millis(1));
    }
    assert!(queues.expected_wait(A) < Duration::from_millis(300), "{:?}", queues.expected_wait(A));
}
