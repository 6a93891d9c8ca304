//! The result of an operation.

use serde_json::Value;

use super::idempotency::Replay;
use crate::input::problem::{Problem, Problems};

/// Result of an operation: a value, or the problems of its input.
#[derive(Clone, Debug, Default)]
pub struct Written<T> {
    /// Value, or its default if there are problems.
    pub value: T,
    /// Problems of the input as a whole. If there are any, nothing was written.
    pub problems: Vec<Problem>,
}

impl<T> Written<T> {
    /// Returns a result without problems.
    pub fn new(value: T) -> Self {
        Self { value, problems: Vec::new() }
    }
}

impl<T: Default> Written<T> {
    /// Returns a result of nothing but problems.
    pub(crate) fn refused(problems: Problems) -> Self {
        Self { value: T::default(), problems: problems.into_vec() }
    }
}

impl<T: Replay> Replay for Written<T> {
    fn record(&self) -> Value {
        self.value.record()
    }

    fn replay(record: Value) -> Option<Self> {
        T::replay(record).map(Self::new)
    }
}
