use async_graphql::Value;
use proptest::prelude::*;

use super::*;
use crate::graphql::response::Data;

const KIB: usize = 1024;

fn question(org: u8, number: u16) -> Question {
    let mut digest = [0; 32];
    digest[..2].copy_from_slice(&number.to_be_bytes());
    Question { org_id: Uuid::from_bytes([org; 16]), digest }
}

fn version(number: i64) -> Version {
    Version::numbered(number)
}

fn answer(bytes: usize) -> Arc<CachedAnswer> {
    let data = Data::of(&Value::String("x".repeat(bytes)), bytes).expect("JSON");
    Arc::new(CachedAnswer { data, points_beyond: 0 })
}

#[test]
fn an_answer_is_found_by_its_question_and_version_only() {
    let mut shares = Shares::new(KIB * KIB);
    shares.insert(&question(1, 1), version(1), answer(10));
    assert!(shares.find(&question(1, 1), version(1)).is_some());
    assert!(shares.find(&question(1, 1), version(2)).is_none());
    assert!(shares.find(&question(1, 2), version(1)).is_none());
    assert!(shares.find(&question(2, 1), version(1)).is_none());
    shares.insert(&question(1, 1), version(2), answer(10));
    assert!(shares.find(&question(1, 1), version(1)).is_none());
    assert!(shares.find(&question(1, 1), version(2)).is_some());
}

#[test]
fn a_question_is_known_from_the_second_time_on() {
    let mut shares = Shares::new(KIB * KIB);
    let asked = [question(1, 1), question(1, 1), question(2, 1), question(1, 2)];
    assert_eq!(asked.map(|question| shares.note(&question)), [false, true, false, false]);
    shares.insert(&question(1, 1), version(1), answer(10));
    assert!(shares.note(&question(1, 1)), "an answer is known too");
    assert!(shares.find(&question(1, 1), version(1)).is_some(), "and stays");
}

#[test]
fn an_organization_displaces_its_own_answers_before_those_of_a_smaller_one() {
    let mut shares = Shares::new(64 * KIB);
    for number in 0..10 {
        shares.insert(&question(1, number), version(1), answer(KIB));
    }
    for number in 0..1_000 {
        shares.insert(&question(2, number), version(1), answer(KIB));
    }
    assert!((0..10).all(|number| shares.find(&question(1, number), version(1)).is_some()));
    let kept = (0..1_000).filter(|number| shares.find(&question(2, *number), version(1)).is_some());
    assert_eq!(kept.min(), Some(1_000 - 34), "the latest stay, as many as there is room for");
}

#[test]
fn what_was_used_lately_stays() {
    let mut shares = Shares::new(16 * KIB);
    shares.insert(&question(1, 0), version(1), answer(KIB));
    for number in 1..100 {
        assert!(shares.find(&question(1, 0), version(1)).is_some());
        shares.insert(&question(1, number), version(1), answer(KIB));
    }
    assert!(shares.find(&question(1, 1), version(1)).is_none());
}

proptest! {
    #[test]
    fn the_bytes_are_counted_and_bounded(
        steps in prop::collection::vec((0_u8..4, 0_u16..20, 0_usize..8 * KIB, any::<bool>()), 1..200),
    ) {
        let mut shares = Shares::new(32 * KIB);
        for (org, number, bytes, is_noted) in steps {
            if is_noted {
                shares.note(&question(org, number));
            } else {
                shares.insert(&question(org, number), version(1), answer(bytes));
            }
            let of = |share: &Share| share.entries.iter().map(|(_, entry)| entry.bytes()).sum::<usize>();
            let counted: BTreeSet<_> = shares.of.iter().map(|(org_id, share)| (of(share), *org_id)).collect();
            prop_assert_eq!(&counted, &shares.by_size);
            prop_assert!(shares.of.values().all(|share| share.bytes == of(share)));
            prop_assert_eq!(counted.iter().map(|(bytes, _)| bytes).sum::<usize>(), shares.bytes);
            prop_assert!(shares.bytes <= shares.max_bytes);
        }
    }
}
