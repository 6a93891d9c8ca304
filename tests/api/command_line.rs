//! The commands, as a user types them.

mod backup;
mod demo;
mod keys;
mod serving;
mod settings;
