use futures_util::FutureExt as _;
use proptest::prelude::*;

use super::*;

const A: Uuid = Uuid::from_u128(1);
const B: Uuid = Uuid::from_u128(2);
const C: Uuid = Uuid::from_u128(3);

fn turns(max: usize) -> Arc<Turns> {
    Arc::new(Turns::new(max))
}

/// Takes the permit, if it has been granted.
fn granted(turn: &mut Turn) -> Option<Permit> {
    turn.now_or_never()
}

fn queue(turns: &Arc<Turns>, org_id: Uuid, lane: Lane, number: usize) -> Vec<Turn> {
    (0..number).map(|_| turns.wait(org_id, lane, false)).collect()
}

fn take(turns: &mut [Turn]) -> Vec<Permit> {
    turns.iter_mut().filter(|turn| !turn.is_over).filter_map(granted).collect()
}

#[test]
fn an_organization_has_at_most_three_quarters_though_nobody_else_waits() {
    for (max, expected) in [(1, 1), (2, 1), (3, 2), (4, 3), (5, 3), (8, 6)] {
        let turns = turns(max);
        let mut waiting = queue(&turns, A, Lane::Fast, 10);
        assert_eq!(take(&mut waiting).len(), expected, "of {max}");
    }
}

#[test]
fn the_slow_lane_has_at_most_half_of_all_organizations_together() {
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
fn organizations_take_turns_however_many_wait_of_one() {
    let turns = turns(1);
    let mut held = granted(&mut turns.wait(C, Lane::Fast, false));
    let mut of_a = queue(&turns, A, Lane::Fast, 100);
    let mut of_b = queue(&turns, B, Lane::Fast, 2);
    let mut served = Vec::new();
    for _ in 0..5 {
        drop(held.take());
        let next = take(&mut of_a).into_iter().chain(take(&mut of_b)).next().expect("a turn");
        served.push(next.org_id);
        held = Some(next);
    }
    assert_eq!(served, [A, B, A, B, A]);
}

#[test]
fn within_an_organization_the_longest_waiting_goes_first_whatever_its_lane() {
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
fn a_read_that_answers_a_write_goes_before_the_others_of_its_organization_alone() {
    let turns = turns(1);
    let held = granted(&mut turns.wait(A, Lane::Fast, false));
    let mut others = turns.wait(B, Lane::Fast, false);
    let mut plain = turns.wait(A, Lane::Fast, false);
    let mut answer = turns.wait(A, Lane::Fast, true);
    drop(held);
    drop(granted(&mut others).expect("the other organization's turn"));
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
        steps in prop::collection::vec((0_u128..4, any::<bool>(), any::<bool>(), 0_usize..4), 1..200),
    ) {
        let turns = turns(max);
        let (mut waiting, mut held): (Vec<Turn>, Vec<Permit>) = (Vec::new(), Vec::new());
        for (org_id, slow, goes_first, step) in steps {
            let lane = if slow { Lane::Slow } else { Lane::Fast };
            match step {
                0 | 1 => waiting.push(turns.wait(Uuid::from_u128(org_id), lane, goes_first)),
                2 if !held.is_empty() => drop(held.remove(0)),
                3 if !waiting.is_empty() => drop(waiting.remove(0)),
                _ => {}
            }
            held.extend(take(&mut waiting));
            waiting.retain(|turn| !turn.is_over);
            let slow = held.iter().filter(|permit| permit.lane == Lane::Slow).count();
            prop_assert!(held.len() <= max && slow <= turns.max_slow);
            for org_id in 0..4 {
                let own = held.iter().filter(|permit| permit.org_id.as_u128() == org_id).count();
                prop_assert!(own <= turns.max_of_organization);
            }
        }
        while !waiting.is_empty() {
            held.clear();
            held.extend(take(&mut waiting));
            prop_assert!(!held.is_empty(), "somebody waits for ever");
            waiting.retain(|turn| !turn.is_over);
        }
        held.clear();
        let state = turns.state.lock();
        prop_assert_eq!((state.held, state.held_slow, state.organizations.len(), state.order.len()), (0, 0, 0, 0));
    }
}
