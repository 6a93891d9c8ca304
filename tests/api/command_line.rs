//! The commands, as a user types them.

mod demo;
mod keys;
mod serving;
mod settings;
