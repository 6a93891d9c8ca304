//! The contacts gateway: a GraphQL API over contacts, on SQLite or PostgreSQL.
//!
//! All modules, from the outside in. Each imports only modules below it; `ARCHITECTURE.md` says why.
//!
//! The program:
//! - [`cli`]: commands of the command line;
//! - [`telemetry`]: the log;
//! - [`maintenance`]: work at intervals, beside requests;
//! - [`config`]: settings, and the one place that reads the environment.
//!
//! The API:
//! - [`http`]: the transport;
//! - [`graphql`]: types, inputs and resolvers, which convert and call.
//!
//! Kinds of objects, side by side:
//! - [`companies`], [`teams`], [`users`], [`pipelines`]: reference data, each kind with its own rules;
//! - [`tags`]: renaming and deleting tags;
//! - [`policies`]: changing an organization's policy;
//! - [`api_keys`]: listing, creating and revoking API keys;
//! - [`directory`]: lists of companies, users and tags by name.
//!
//! Contacts, and the parts that writes share:
//! - [`mod@reference`]: creating, updating and deleting reference data of any kind;
//! - [`cascades`]: running the changes of contacts that another change entails;
//! - [`contacts`]: commands, filters and lists of contacts;
//! - [`writing`]: operations, idempotency keys, and the record of a cascade;
//! - [`organizations`]: policies, and the settings that writes depend on;
//! - [`access`]: API keys, callers, scopes and rate limits;
//! - [`paging`]: pages of any list, by cursors or by numbers;
//! - [`input`]: checks and normal forms of inputs, without a look at any row.
//!
//! The store, and the parts that all others use:
//! - [`database`]: reading as one organization, and the one way to write;
//! - [`error`]: failures of the database, and the codes of the API;
//! - [`metrics`]: numbers for Prometheus;
//! - [`number`]: JSON numbers that would lose digits;
//! - `request_id`: the id of the request under way, for the log;
//! - `turns`: turns of holders at something of which there is little;
//! - [`clock`]: the time of day.

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
mod request_id;
pub mod tags;
pub mod teams;
pub mod telemetry;
mod turns;
pub mod users;
pub mod writing;
