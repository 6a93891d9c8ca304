//! Connections that read a file of SQLite, each with a thread of its own.
//!
//! Rows are taken on that thread as SQLite has them. The driver that writes hands each row over a channel, with
//! a copy of each of its cells, which takes longer than SQLite takes to find them.

mod fault;
mod file;
mod reader;
mod row;
mod statement;
#[cfg(test)]
mod tests;

pub(super) use self::{file::File, reader::Reader, row::Row};
