//! Connections to a file of SQLite, each with a thread of its own.
//!
//! Rows are taken and written on that thread as SQLite has them. The library's driver hands each row, and each
//! statement, over a channel of its own, which takes longer than SQLite's work.

mod fault;
mod file;
mod row;
mod statement;
#[cfg(test)]
mod tests;
mod worker;

pub(super) use self::{
    file::File,
    row::Row,
    worker::{BEGIN, Worker},
};
