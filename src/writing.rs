//! Writing: what all commands have in common that change something.
//!
//! - [`Request`]: where and for whom a command is executed;
//! - [`Operation`]: a write that a batch runs one after the other;
//! - [`Written`]: what came of it;
//! - [`idempotency`]: repeating it safely;
//! - `cascade`: changes of contacts that it entails;
//! - `sweep`: what is removed at intervals.

pub(crate) mod cascade;
pub mod idempotency;
mod operation;
mod request;
mod sweep;
mod written;

pub use operation::Operation;
pub use request::{Execute, Request};
pub(crate) use sweep::sweep;
pub use written::Written;
