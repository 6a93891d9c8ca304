//! Objects that are related to those of a page: one statement for each table, however often it is selected.

mod table;

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    fmt,
    ops::Range,
};

use async_graphql::parser::types::SelectionSet;
use async_trait::async_trait;
use uuid::Uuid;

pub(super) use self::table::Selected;
use self::table::{ById, ByOwner, Through};
use super::{
    Reader,
    Unplanned::{self, GiveUp},
    object::{Builder, Written},
    rows::{Hole, Views, Whole},
};
use crate::database::lookup::{Identified, Owned};

/// Maximum number of keys of one statement.
const MAX_BATCH_KEYS: usize = 1_000;

/// Relation of an object to others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Relation {
    /// Index of the table among those that are related.
    pub(super) table: usize,
    /// Index of the selection among those of the table.
    pub(super) view: usize,
    /// JSON for a key without related objects; `None` if there must be some.
    pub(super) missing: Option<&'static str>,
}

/// Tables of the objects that are related to those of one table.
#[derive(Debug, Default)]
pub(super) struct Tables(Vec<Box<dyn Table>>);

/// Table of related objects. Its selections are its views: all are written from the same rows.
#[async_trait]
trait Table: Any + fmt::Debug + Send + Sync {
    /// Reads the objects of some keys: for each view, the objects by their keys.
    async fn read(&self, reader: &Reader<'_>, keys: &[Uuid]) -> Result<Vec<Related>, Unplanned>;
}

/// Related objects by their keys, as JSON.
#[derive(Debug, Default)]
struct Related {
    json: Vec<u8>,
    by_key: HashMap<Uuid, Place>,
}

/// Place of the objects of a key.
#[derive(Debug)]
struct Place {
    json: Range<usize>,
    /// Number of objects of lists: of this one, and of those within its objects.
    listed: usize,
}

impl Tables {
    /// Adds the relation to an object by its id, which may be null.
    pub(super) fn one<E: Written + Identified>(
        &mut self,
        builder: &Builder<'_>,
        selection: &SelectionSet,
    ) -> Option<Relation> {
        let (table, of) = self.table(ById::<E>::new)?;
        Some(Relation { table, view: of.objects.add(builder, selection)?, missing: Some("null") })
    }

    /// Adds the relation to an object by its id, which must exist.
    pub(super) fn one_that_exists<E: Written + Identified>(
        &mut self,
        builder: &Builder<'_>,
        selection: &SelectionSet,
    ) -> Option<Relation> {
        Some(Relation { missing: None, ..self.one::<E>(builder, selection)? })
    }

    /// Adds the relation to the objects that belong to one.
    pub(super) fn many<E: Written + Owned>(
        &mut self,
        builder: &Builder<'_>,
        selection: &SelectionSet,
    ) -> Option<Relation> {
        let (table, of) = self.table(ByOwner::<E>::new)?;
        Some(Relation { table, view: of.objects.add(builder, selection)?, missing: Some("[]") })
    }

    /// Adds the relation to objects by rows of another table, in whose order they come. Those that do not exist
    /// are left out.
    pub(super) fn through<T: Owned, E: Written + Identified>(
        &mut self,
        builder: &Builder<'_>,
        selection: &SelectionSet,
        target: T::Column,
    ) -> Option<Relation> {
        let (table, of) = self.table(|| Through::<T, E>::new(target))?;
        Some(Relation { table, view: of.objects.objects.add(builder, selection)?, missing: Some("[]") })
    }

    /// Returns the table of a type, which is added if it is new, and its index.
    fn table<T: Table>(&mut self, new: impl FnOnce() -> T) -> Option<(usize, &mut T)> {
        let is_known = |table: &dyn Table| Any::type_id(table) == TypeId::of::<T>();
        let index = self.0.iter().position(|table| is_known(&**table)).unwrap_or_else(|| {
            self.0.push(Box::new(new()));
            self.0.len() - 1
        });
        let table: &mut dyn Any = &mut **self.0.get_mut(index)?;
        Some((index, table.downcast_mut()?))
    }

    /// Fills the holes of rows with the related objects, and those with theirs.
    pub(super) async fn fill(&self, reader: &Reader<'_>, views: Views) -> Result<Vec<Whole>, Unplanned> {
        let mut related: Vec<Vec<Related>> = Vec::with_capacity(self.0.len());
        for (index, table) in self.0.iter().enumerate() {
            let mut found: Vec<Related> = Vec::new();
            for keys in views.keys(index).chunks(MAX_BATCH_KEYS) {
                let more = table.read(reader, keys).await?;
                found.resize_with(found.len().max(more.len()), Related::default);
                found.iter_mut().zip(more).for_each(|(found, more)| found.add(more));
            }
            related.push(found);
        }
        views
            .0
            .into_iter()
            .map(|rows| {
                rows.filled(|Hole { relation, key, .. }, json| {
                    let of = related.get(relation.table).and_then(|views| views.get(relation.view));
                    let found = key.and_then(|key| of?.of(key));
                    let missing = relation.missing.map(|missing| (missing.as_bytes(), 0));
                    let (text, listed) = found.or(missing).ok_or(GiveUp)?;
                    json.extend_from_slice(text);
                    Ok(listed)
                })
            })
            .collect()
    }
}

impl Related {
    fn of(&self, key: Uuid) -> Option<(&[u8], usize)> {
        self.by_key.get(&key).map(|place| (&self.json[place.json.clone()], place.listed))
    }

    fn add(&mut self, other: Self) {
        if self.by_key.is_empty() {
            *self = other;
            return;
        }
        let start = self.json.len();
        self.json.extend(other.json);
        let moved = other.by_key.into_iter().map(|(key, Place { json, listed })| {
            (key, Place { json: start + json.start..start + json.end, listed })
        });
        self.by_key.extend(moved);
    }

    /// Collects the objects of each owner, which come together, in a list. Each is given with the number of objects
    /// that lists within it have.
    fn lists<'a>(objects: impl Iterator<Item = (Uuid, (&'a [u8], usize))>) -> Self {
        let mut lists = Self::default();
        let (mut of, mut start, mut listed) = (None, 0, 0);
        for (owner, (object, within)) in objects {
            if of == Some(owner) {
                // In the place of the bracket that closed the list.
                lists.json.pop();
                lists.json.push(b',');
            } else {
                (of, start, listed) = (Some(owner), lists.json.len(), 0);
                lists.json.push(b'[');
            }
            lists.json.extend_from_slice(object);
            lists.json.push(b']');
            listed += 1 + within;
            lists.by_key.insert(owner, Place { json: start..lists.json.len(), listed });
        }
        lists
    }
}

impl From<Whole> for Related {
    fn from(whole: Whole) -> Self {
        let place = |(index, (key, json)): (usize, &(Uuid, Range<usize>))| {
            (*key, Place { json: json.clone(), listed: whole.listed(index) })
        };
        let by_key = whole.rows.iter().enumerate().map(place).collect();
        Self { json: whole.json, by_key }
    }
}
