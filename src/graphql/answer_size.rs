//! The limit on the size of an answer, held while the answer is made.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use super::{documents::TooComplex, error::ApiResult};

/// Weight of a byte of a JSON text: its values take so much more memory than a text does.
pub(super) const JSON_WEIGHT: usize = 8;

/// Size of one answer, as far as it depends on the texts of contacts: these may be a thousand times
/// as long as is usual, which the cost of a document does not tell. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct AnswerSize {
    maximum: usize,
    bytes: Arc<AtomicUsize>,
}

impl AnswerSize {
    pub(super) fn new(maximum: usize) -> Self {
        Self { maximum, bytes: Arc::default() }
    }

    /// Counts so many bytes more.
    pub(super) fn add(&self, bytes: usize) -> ApiResult<()> {
        let actual = self.bytes.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        if actual > self.maximum {
            return Err(TooComplex { limit: "answerBytes", maximum: self.maximum, actual }.into());
        }
        Ok(())
    }
}
