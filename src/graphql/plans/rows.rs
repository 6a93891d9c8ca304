//! Rows as JSON, with holes for the related objects that are read later.

use std::{ops::Range, sync::Arc};

use uuid::Uuid;

use super::{
    Unplanned::{self, GiveUp},
    object::Object,
    relation::Relation,
};
use crate::{
    database::{RawRow, Sink},
    error::DatabaseError,
    graphql::answer_size::AnswerSize,
};

/// Name of the operation, in errors.
const DURING: &str = "writing a row";

/// Bytes for which there is room behind the rows.
const ROOM_BEHIND: usize = 256;

/// Rows of an object type, written as they come, with commas between them. The first cell of each is its key: its
/// own id, or that of the row it belongs to.
#[derive(Debug)]
pub(super) struct Rows {
    object: Arc<Object>,
    /// Number of rows that are expected.
    expected: usize,
    /// A text that comes before the rows, and their JSON.
    json: Vec<u8>,
    written: Vec<Written>,
    holes: Vec<Hole>,
    size: AnswerSize,
}

/// A row that has been written.
#[derive(Debug)]
struct Written {
    key: Uuid,
    /// Place of its JSON.
    json: Range<usize>,
    /// End of its holes.
    holes: usize,
}

/// Place in the JSON in which related objects are missing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hole {
    pub(super) at: usize,
    pub(super) relation: Relation,
    /// Key of the related objects; `None` if there are none.
    pub(super) key: Option<Uuid>,
}

/// Rows without holes.
#[derive(Debug, Default)]
pub(super) struct Whole {
    /// The text before the rows, and their JSON with commas between them.
    pub(super) json: Vec<u8>,
    /// Rows by their keys, in the order in which they were read.
    pub(super) rows: Vec<(Uuid, Range<usize>)>,
    /// Number of objects that the lists within each row have; empty if no row has a list.
    pub(super) listed: Vec<usize>,
}

impl Whole {
    /// Returns the JSON of a row.
    pub(super) fn row(&self, index: usize) -> Option<&[u8]> {
        self.rows.get(index).map(|(_, row)| &self.json[row.clone()])
    }

    /// Returns the number of objects that the lists within a row have.
    pub(super) fn listed(&self, index: usize) -> usize {
        self.listed.get(index).copied().unwrap_or_default()
    }
}

impl Rows {
    /// Creates the sink of about so many rows, which come behind a text and count towards the size of an answer.
    pub(super) fn new(object: Arc<Object>, expected: usize, before: &[u8], size: AnswerSize) -> Self {
        let json = before.to_vec();
        Self { object, expected, json, written: Vec::new(), holes: Vec::new(), size }
    }

    /// Fills the holes: `related` writes what belongs into one, and returns the number of objects that lists have in it.
    pub(super) fn filled(
        self,
        related: impl Fn(Hole, &mut Vec<u8>) -> Result<usize, Unplanned>,
    ) -> Result<Whole, Unplanned> {
        let rows = Vec::with_capacity(self.written.len());
        let mut whole = Whole { json: Vec::new(), rows, listed: Vec::new() };
        if self.holes.is_empty() {
            whole.rows.extend(self.written.into_iter().map(|row| (row.key, row.json)));
            return Ok(Whole { json: self.json, ..whole });
        }
        whole.json.reserve(2 * self.json.len());
        whole.listed.reserve(self.written.len());
        let (mut read, mut holes) = (0, 0);
        for row in &self.written {
            whole.json.extend_from_slice(&self.json[read..row.json.start]);
            read = row.json.start;
            let (start, mut listed) = (whole.json.len(), 0);
            for hole in &self.holes[holes..row.holes] {
                whole.json.extend_from_slice(&self.json[read..hole.at]);
                let before = whole.json.len();
                listed += related(*hole, &mut whole.json)?;
                self.size.add_written(whole.json.len() - before, 0).map_err(|_| GiveUp)?;
                read = hole.at;
            }
            whole.json.extend_from_slice(&self.json[read..row.json.end]);
            (read, holes) = (row.json.end, row.holes);
            whole.rows.push((row.key, start..whole.json.len()));
            whole.listed.push(listed);
        }
        Ok(whole)
    }
}

impl Sink for Rows {
    fn row(&mut self, row: &RawRow<'_>) -> Result<(), DatabaseError> {
        let key = row.id(0)?.ok_or_else(|| DatabaseError::internal(DURING, "it has no key"))?;
        if !self.written.is_empty() {
            self.json.push(b',');
        }
        let start = self.json.len();
        let texts = self.object.write(row, key, &mut self.json, &mut self.holes)?;
        self.size
            .add_written(self.json.len() - start, texts)
            .map_err(|_| DatabaseError::internal(DURING, "the answer is too long"))?;
        if self.written.is_empty() {
            // The others will be about as long, and something may follow. To grow by doubling would copy all of
            // them twice.
            let expected = (self.json.len() - start).saturating_mul(self.expected);
            let expected = (expected + expected / 8).min(self.size.max_written());
            self.json.reserve(expected + ROOM_BEHIND);
        }
        self.written.push(Written { key, json: start..self.json.len(), holes: self.holes.len() });
        Ok(())
    }
}

/// Several views of the same rows.
#[derive(Debug)]
pub(super) struct Views(pub(super) Vec<Rows>);

impl Views {
    /// Returns the keys of the objects that are missing of a table, each once.
    pub(super) fn keys(&self, table: usize) -> Vec<Uuid> {
        let holes = self.0.iter().flat_map(|rows| &rows.holes);
        let of_table = holes.filter(|hole| hole.relation.table == table);
        let mut keys: Vec<Uuid> = of_table.filter_map(|hole| hole.key).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

impl Sink for Views {
    fn row(&mut self, row: &RawRow<'_>) -> Result<(), DatabaseError> {
        self.0.iter_mut().try_for_each(|rows| rows.row(row))
    }
}

/// Pairs of ids, in the order of the rows.
#[derive(Debug, Default)]
pub(super) struct Pairs(pub(super) Vec<(Uuid, Uuid)>);

impl Sink for Pairs {
    fn row(&mut self, row: &RawRow<'_>) -> Result<(), DatabaseError> {
        if let (Some(one), Some(other)) = (row.id(0)?, row.id(1)?) {
            self.0.push((one, other));
        }
        Ok(())
    }
}
