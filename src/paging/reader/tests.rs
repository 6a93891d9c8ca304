use entity::contact::{Column, Entity};
use sea_orm::{ColumnTrait as _, sea_query::Condition};
use uuid::Uuid;

use super::*;
use crate::{
    database::{Read, Row, Scoped},
    error::DatabaseError,
    paging::{KeyType, Mark, Slice, window::Direction},
};

/// Reads that nobody runs.
struct Nothing {
    org_id: Uuid,
    engine: Engine,
}

impl Read for Nothing {
    fn org_id(&self) -> Uuid {
        self.org_id
    }

    fn engine(&self) -> Engine {
        self.engine
    }

    async fn find<E: entity::Tenanted>(&self, _: Condition) -> Result<Vec<E::Model>, DatabaseError> {
        unreachable!("it is not run")
    }

    async fn rows<E: entity::Tenanted>(&self, _: Scoped<E>) -> Result<Vec<Row<E>>, DatabaseError> {
        unreachable!("it is not run")
    }
}

#[derive(Clone, Copy, Debug)]
enum By {
    Updated,
    Enriched,
    Name,
    Score,
}

#[derive(Clone, Copy, Debug)]
struct TestOrder {
    by: By,
    is_descending: bool,
}

impl Order for TestOrder {
    type Entity = Entity;

    const ID: Column = Column::Id;

    fn mark(self) -> Mark {
        let key = match self.by {
            By::Updated => 1,
            By::Enriched => 2,
            By::Name => 3,
            By::Score => 4,
        };
        Mark { key, is_descending: self.is_descending }
    }

    fn is_descending(self) -> bool {
        self.is_descending
    }

    fn key(self) -> Column {
        match self.by {
            By::Updated => Column::UpdatedAt,
            By::Enriched => Column::EnrichedAt,
            By::Name => Column::NameKey,
            By::Score => Column::Score,
        }
    }

    fn tie(self) -> Column {
        match self.by {
            By::Updated => Column::ChangeSeq,
            By::Enriched => Column::EnrichedSeq,
            By::Name | By::Score => Column::Id,
        }
    }

    fn key_type(self) -> KeyType {
        if matches!(self.by, By::Name) { KeyType::Bytes } else { KeyType::Number }
    }

    fn is_nullable(self) -> bool {
        !matches!(self.by, By::Updated)
    }

    fn accepts(self, _: &Position) -> bool {
        true
    }

    fn value(self, key: &Key) -> Expr {
        match key {
            Key::Number(score) if matches!(self.by, By::Score) => {
                Expr::value(i32::try_from(*score).expect("a small number"))
            }
            Key::Number(time) => Expr::value(*time),
            Key::Bytes(key) => Expr::value(key.clone()),
        }
    }

    fn position(self, _: &Row<Entity>) -> Result<Position, DatabaseError> {
        unreachable!("it is not run")
    }
}

/// Kind of a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    None,
    /// Without a key.
    Null,
    /// With a key that is less than the minimum, equal to it, or greater.
    Less,
    Equal,
    Greater,
}

const KINDS: [Kind; 5] = [Kind::None, Kind::Null, Kind::Less, Kind::Equal, Kind::Greater];

/// Returns a position of a kind; one of another seed, or at another distance, has other values.
fn position(order: TestOrder, kind: Kind, seed: i64, distance: i64) -> Option<Position> {
    let number = match kind {
        Kind::None => return None,
        Kind::Null => return Some(Position { key: None, tie: Tie::Id(Uuid::now_v7()) }),
        Kind::Less => minimum(seed) - distance,
        Kind::Equal => minimum(seed),
        Kind::Greater => minimum(seed) + distance,
    };
    let (key, tie) = match order.by {
        By::Updated | By::Enriched => (Key::Number(number), Tie::Seq(1_000_000 * distance + number)),
        By::Name => (Key::Bytes(number.to_be_bytes().to_vec()), Tie::Id(Uuid::now_v7())),
        By::Score => (Key::Number(number), Tie::Id(Uuid::now_v7())),
    };
    Some(Position { key: Some(key), tie })
}

fn minimum(seed: i64) -> i64 {
    1_000 * seed
}

/// Returns every listing, each as made by a function of a seed.
fn listings() -> Vec<impl Fn(i64) -> Listing<TestOrder>> {
    let mut listings = Vec::new();
    for by in [By::Updated, By::Enriched, By::Name, By::Score] {
        for is_descending in [false, true] {
            let order = TestOrder { by, is_descending };
            for (after, before) in KINDS.iter().flat_map(|after| KINDS.map(|before| (*after, before))) {
                for (has_minimum, with_nulls) in [(false, false), (false, true), (true, false), (true, true)]
                {
                    for (direction, offset) in
                        [(Direction::Forward, 0), (Direction::Backward, 0), (Direction::Forward, 7)]
                    {
                        listings.push(move |seed| Listing {
                            order,
                            rows: vec![Condition::all().add(Column::DeletedAt.is_null())],
                            all: vec![Condition::all()],
                            // No other key is compared with a minimum.
                            min_key: (has_minimum && matches!(by, By::Updated | By::Enriched))
                                .then(|| minimum(seed)),
                            with_nulls: with_nulls && order.is_nullable(),
                            slice: Slice {
                                direction,
                                size: 10,
                                offset,
                                after: position(order, after, seed, 3),
                                before: position(order, before, seed, 4),
                            },
                            price: 1,
                            keeps_plan: true,
                        });
                    }
                }
            }
        }
    }
    listings
}

fn wanted() -> impl Iterator<Item = Wanted<Column>> {
    (0..8).map(|bits| Wanted {
        columns: (bits != 7).then(|| vec![Column::Id, Column::FirstName]),
        total: bits & 1 != 0,
        previous: bits & 2 != 0,
        next: bits & 4 != 0,
    })
}

#[test]
fn a_remembered_statement_is_the_one_that_would_be_built() {
    let mut compared = 0;
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let [one, other] = [(); 2].map(|()| Nothing { org_id: Uuid::now_v7(), engine });
        for listing in listings() {
            let (first, again) = (listing(3), listing(5));
            assert!(has_same_text(&first, &again));
            for wanted in wanted() {
                let built = page::select(&one, &first, &wanted).map(|selected| selected.select);
                let expected = page::select(&other, &again, &wanted).map(|selected| selected.select);
                assert_eq!(built.is_some(), expected.is_some());
                let (Some(built), Some(expected)) = (built, expected) else { continue };
                let values: Vec<_> = given(&first).into_iter().flatten().collect();
                let are_distinct = (1..values.len()).all(|at| !values[..at].contains(&values[at]));
                let template = built.template(engine, &given(&first));
                assert_eq!(template.is_some(), are_distinct);
                if let Some(template) = template {
                    assert!(template.is_of(expected, &given(&again)), "{again:?} {template:?}");
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 10_000);
}

#[test]
fn listings_of_different_texts_are_told_apart() {
    let listings = listings();
    let all: Vec<_> = listings.iter().map(|listing| listing(3)).collect();
    let wanted = Wanted { columns: Some(vec![Column::Id]), total: true, previous: true, next: true };
    let reads = Nothing { org_id: Uuid::now_v7(), engine: Engine::Postgres };
    let template = |listing| {
        let Selected { select, .. } = page::select(&reads, listing, &wanted)?;
        Some((select.template(reads.engine, &given(listing))?, listing))
    };
    let templates: Vec<_> = all.iter().step_by(7).filter_map(template).collect();
    for (template, of) in &templates {
        for listing in all.iter().step_by(11).filter(|listing| has_same_text(of, listing)) {
            let select = page::select(&reads, listing, &wanted).expect("a statement").select;
            assert!(template.is_of(select, &given(listing)), "{of:?} {listing:?}");
        }
    }
}
