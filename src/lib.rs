//! The contacts gateway: a GraphQL API over contacts, on SQLite or PostgreSQL.
//!
//! From the outside in, each layer importing only those below it:
//!
//! - [`cli`]: the commands, and [`config`], the settings they take;
//! - [`http`]: the transport;
//! - [`graphql`]: the API, which converts and calls;
//! - [`contacts`]: what may happen to a contact, above [`organizations`] and [`access`];
//! - [`database`]: reading as one organization, and the one way to write;
//! - [`error`], [`metrics`], [`clock`] and `text`, which all of them use.

pub mod access;
pub mod api_keys;
pub mod cascades;
pub mod cli;
pub mod clock;
pub mod companies;
pub mod config;
pub mod contacts;
pub mod database;
pub mod directory;
pub mod error;
pub mod graphql;
pub mod http;
pub mod input;
pub mod maintenance;
pub mod metrics;
pub mod number;
pub mod organizations;
pub mod paging;
pub mod pipelines;
pub mod policies;
pub mod reference;
pub mod tags;
pub mod teams;
pub mod telemetry;
pub mod users;
pub mod writing;
