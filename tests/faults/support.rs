//! What these tests share with those of the API.

#[cfg(postgres_found)]
#[path = "../api/support/folder.rs"]
pub(crate) mod folder;
#[cfg(postgres_found)]
#[path = "../api/support/postgres/server.rs"]
pub(crate) mod server;
