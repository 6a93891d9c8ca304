//! Writing: what every operation that changes something has in common.

pub mod idempotency;
mod written;

pub use written::Written;
