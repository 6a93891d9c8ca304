//! How large an answer may get, while it is made.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use super::{documents::TooComplex, error::ApiResult};

/// How often the bytes of a JSON text are counted: its values take so much more than a text.
pub(super) const JSON: usize = 8;

/// What one answer may hold of the texts of contacts, which may be a thousand times as long as is usual.
/// Cloning it is cheap; the clones share it.
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
