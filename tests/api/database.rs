//! The tables: their migrations, and the entities that stand for them.

#[cfg(postgres_found)]
mod commits;
mod connections;
mod migrations;
#[cfg(postgres_found)]
mod poolers;
mod statistics;
mod wal;
