//! The size of an answer, which is known only while the answer is made: a limit on its texts, and points for
//! what its price did not tell.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use super::{documents::TooComplex, error::ApiResult};
use crate::paging::price::COUNTED_ROWS;

/// Weight of a byte of a JSON text: its values take so much more memory than a text does.
pub(super) const JSON_WEIGHT: usize = 8;

/// Bytes for which an object of a list without page arguments counts.
const BYTES_PER_OBJECT: usize = 512;

/// Number of bytes of texts that take about as long as one point pays for.
const BYTES_PER_POINT: usize = 16 * 1024;

/// Size of one answer, as far as its price does not tell: the texts of contacts may be a thousand times as
/// long as is usual, lists without page arguments longer than is typical, and contacts many. Clones share
/// it.
#[derive(Clone, Debug)]
pub(super) struct AnswerSize {
    maximum: usize,
    parts: Arc<Parts>,
}

#[derive(Debug, Default)]
struct Parts {
    bytes: AtomicUsize,
    objects: AtomicUsize,
    counted: AtomicUsize,
}

impl AnswerSize {
    pub(super) fn new(maximum: usize) -> Self {
        Self { maximum, parts: Arc::default() }
    }

    /// Counts so many bytes more.
    pub(super) fn add(&self, bytes: usize) -> ApiResult<()> {
        let actual = self.parts.bytes.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        if actual > self.maximum {
            return Err(TooComplex { limit: "answerBytes", maximum: self.maximum, actual }.into());
        }
        Ok(())
    }

    /// Counts objects of a list without page arguments, with the bytes that they take.
    pub(super) fn add_objects(&self, objects: usize) -> ApiResult<()> {
        self.add_work(objects);
        self.add(objects.saturating_mul(BYTES_PER_OBJECT))
    }

    /// Counts work that the price of the document pays for as it does for so many objects.
    pub(super) fn add_work(&self, objects: usize) {
        self.parts.objects.fetch_add(objects, Ordering::Relaxed);
    }

    /// Counts rows that the database has counted.
    pub(super) fn add_counted(&self, rows: i64) {
        self.parts.counted.fetch_add(usize::try_from(rows).unwrap_or_default(), Ordering::Relaxed);
    }

    /// Counts what another has counted.
    pub(super) fn add_all(&self, other: &Self) -> ApiResult<()> {
        let of = |part: &AtomicUsize| part.load(Ordering::Relaxed);
        self.parts.objects.fetch_add(of(&other.parts.objects), Ordering::Relaxed);
        self.parts.counted.fetch_add(of(&other.parts.counted), Ordering::Relaxed);
        self.add(of(&other.parts.bytes))
    }

    /// Returns the points to charge beyond the price of the document, which has paid for as many objects as
    /// it has points.
    pub(super) fn points_beyond(&self, price: usize) -> usize {
        let of = |part: &AtomicUsize| part.load(Ordering::Relaxed);
        let Parts { bytes, objects, counted } = &*self.parts;
        of(objects).saturating_sub(price) + of(counted) / COUNTED_ROWS + of(bytes) / BYTES_PER_POINT
    }
}
