//! A. The workspace contacts API: create and list, key as Bearer or `x-api-key`, policy STANDARD.

mod errors;
mod fields;
mod lists;

use super::{KeyHeader, Newcomer};
use crate::support::App;

/// The heading in docs/migrating.md.
const SYSTEM: &str = "A workspace contacts API";

async fn workspace(app: App) -> Newcomer {
    Newcomer::new(app, "STANDARD", KeyHeader::Bearer).await
}
