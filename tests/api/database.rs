//! The tables: their migrations, and the entities that stand for them.

mod connections;
mod migrations;
