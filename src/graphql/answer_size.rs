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

/// Bytes that an answer may take before it has room among all answers that are made.
pub(super) const MAX_WITHOUT_ROOM: usize = 512 * 1024;

/// Size of one answer, as far as its price does not tell: the texts of contacts may be a thousand times as
/// long as is usual, lists without page arguments longer than is typical, and contacts many. Clones share
/// it.
#[derive(Clone, Debug)]
pub(super) struct AnswerSize {
    maximum: usize,
    max_written: usize,
    parts: Arc<Parts>,
}

/// Error of a part of an answer that is longer than it may be.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

#[derive(Debug, Default)]
struct Parts {
    bytes: AtomicUsize,
    written: AtomicUsize,
    objects: AtomicUsize,
    counted: AtomicUsize,
}

impl AnswerSize {
    pub(super) fn new(maximum: usize) -> Self {
        Self { maximum, max_written: usize::MAX, parts: Arc::default() }
    }

    /// Returns the size of a part of the answer that is still to be made. Its texts may take what the other parts leave;
    /// without room, so may all that is written of it.
    pub(super) fn part(&self, has_room: bool) -> Self {
        let left = |maximum: usize, part: &AtomicUsize| maximum.saturating_sub(part.load(Ordering::Relaxed));
        let max_written = if has_room { usize::MAX } else { left(MAX_WITHOUT_ROOM, &self.parts.written) };
        Self { maximum: left(self.maximum, &self.parts.bytes), max_written, parts: Arc::default() }
    }

    /// Counts bytes that have been written, and those of them that are long texts.
    pub(super) fn add_written(&self, written: usize, texts: usize) -> Result<(), TooLong> {
        let before = self.parts.written.fetch_add(written, Ordering::Relaxed);
        if before.saturating_add(written) > self.max_written {
            return Err(TooLong);
        }
        self.add(texts).map_err(|_| TooLong)
    }

    /// Maximum number of bytes for which it makes sense to have space beforehand.
    pub(super) fn max_written(&self) -> usize {
        self.max_written.min(self.maximum.saturating_mul(2))
    }

    /// Returns true if it has become longer than it may be without room.
    pub(super) fn needs_room(&self) -> bool {
        self.parts.written.load(Ordering::Relaxed) > self.max_written
    }

    /// Number of bytes of texts so far.
    pub(super) fn bytes(&self) -> usize {
        self.parts.bytes.load(Ordering::Relaxed)
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
        self.parts.written.fetch_add(of(&other.parts.written), Ordering::Relaxed);
        self.add(of(&other.parts.bytes))
    }

    /// Returns the points to charge beyond the price of the document, which has paid for as many objects as
    /// it has points.
    pub(super) fn points_beyond(&self, price: usize) -> usize {
        let of = |part: &AtomicUsize| part.load(Ordering::Relaxed);
        let Parts { bytes, objects, counted, written: _ } = &*self.parts;
        of(objects).saturating_sub(price) + of(counted) / COUNTED_ROWS + of(bytes) / BYTES_PER_POINT
    }
}

/// Returns the bytes that a text takes in JSON, without its quotation marks.
pub(super) fn text_bytes(text: &str) -> usize {
    text.bytes().map(written_bytes).sum()
}

/// Returns the bytes that JSON takes for a byte of a text.
fn written_bytes(byte: u8) -> usize {
    match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
        // `\u00..`.
        0..0x20 => 6,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_counts_as_json_writes_it() {
        for byte in 0..0x80 {
            let text = format!("a{}ü\u{1f600}", char::from(byte));
            let json = serde_json::to_string(&text).expect("it can be written");
            assert_eq!(text_bytes(&text), json.len() - 2, "{json}");
        }
    }

    #[test]
    fn a_part_may_have_what_the_others_leave_and_little_without_room() {
        let answer = AnswerSize::new(2 * MAX_WITHOUT_ROOM);
        let first = answer.part(false);
        assert_eq!(first.add_written(MAX_WITHOUT_ROOM, MAX_WITHOUT_ROOM), Ok(()));
        assert!(answer.add_all(&first).is_ok() && !first.needs_room());
        let second = answer.part(false);
        assert_eq!(second.add_written(1, 0), Err(TooLong));
        assert!(second.needs_room());
        let again = answer.part(true);
        assert_eq!(again.add_written(MAX_WITHOUT_ROOM, MAX_WITHOUT_ROOM), Ok(()));
        assert_eq!(again.add_written(1, 1), Err(TooLong));
        assert!(!again.needs_room(), "more room would not help");
    }
}
