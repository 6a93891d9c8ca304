//! The migrations of the contacts gateway: one file a change, one list for both engines.
//!
//! A landed migration is never edited. This crate imports neither `entity` nor the gateway, so
//! that a migration keeps meaning what it meant on the day it landed.

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::{MigrationTrait, async_trait};

mod m20261130_001_initial;

/// All migrations, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m20261130_001_initial::Migration)]
    }
}
