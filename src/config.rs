//! Settings: every one is a flag and an environment variable. Only here is the environment read.

mod documents;

use std::{net::SocketAddr, time::Duration};

use clap::{
    Args, ValueEnum,
    builder::{RangedU64ValueParser, TypedValueParser},
};

pub use self::documents::{DocumentSettings, RateSettings};
use crate::{access::FailedKeyLimiter, database::Options, graphql::Gateway, http::Limits};

/// Settings of every command.
#[derive(Clone, Debug, Args)]
pub struct Settings {
    /// The database: `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`
    #[arg(
        long,
        env = "DATABASE_URL",
        hide_env_values = true,
        default_value = "sqlite:contacts.db",
        value_name = "URL",
        global = true
    )]
    pub database_url: String,

    /// Maximum number of connections that read, one of which is for what belongs to no organization. An
    /// organization has at most three quarters of the others
    #[arg(
        long,
        env = "READ_CONNECTIONS",
        default_value_t = Options::DEFAULT_READERS,
        value_name = "N",
        value_parser = RangedU64ValueParser::<usize>::new().range(2..=1000),
        global = true
    )]
    pub read_connections: usize,

    /// Maximum number of connections that write to PostgreSQL. SQLite has one writer
    #[arg(
        long,
        env = "WRITE_CONNECTIONS",
        default_value_t = Options::DEFAULT_WRITERS,
        value_name = "N",
        value_parser = RangedU64ValueParser::<usize>::new().range(1..=1000),
        global = true
    )]
    pub write_connections: usize,

    /// Filter of the log: a level (error, warn, info, debug, trace), or levels by module as in
    /// `info,contacts_gateway::http=warn`. Only lines of this program are logged; they hold no personal data
    #[arg(long, env = "LOG", default_value = "info", value_name = "FILTER", global = true)]
    pub log: String,

    /// Format of the log
    #[arg(long, env = "LOG_FORMAT", default_value = "text", value_name = "FORMAT", global = true)]
    pub log_format: LogFormat,
}

impl Settings {
    /// Returns the options for opening the store.
    #[must_use]
    pub fn database(&self) -> Options {
        Options {
            readers: self.read_connections,
            writers: self.write_connections,
            ..Options::new(&self.database_url)
        }
    }
}

/// The form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// A line for people.
    Text,
    /// A JSON object a line.
    Json,
}

/// Settings of the server.
#[derive(Clone, Debug, Args)]
pub struct ServeSettings {
    /// The address to listen on; port 0 takes a free one
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT")]
    pub listen: SocketAddr,

    /// A web origin whose pages may call the API, as `https://app.example`, or `*` for all; may
    /// be given several times, in the variable separated by commas
    #[arg(long = "cors-origin", env = "CORS_ORIGINS", value_name = "ORIGIN", value_delimiter = ',')]
    pub cors_origins: Vec<String>,

    /// A name under which clients reach the server, as `contacts.example.com`; may be given several times, in the
    /// variable separated by commas. Names of loopback, such as `localhost`, are always answered; on a loopback
    /// address no others are, on another address all are unless some are given here
    #[arg(long = "host", env = "HOSTS", value_name = "NAME", value_delimiter = ',')]
    pub hosts: Vec<String>,

    /// Maximum number of seconds until a request is answered
    #[arg(
        long,
        env = "REQUEST_TIMEOUT",
        default_value_t = Limits::default().request_time.as_secs(),
        value_name = "SECONDS",
        value_parser = clap::value_parser!(u64).range(1..=60)
    )]
    pub request_timeout: u64,

    /// Maximum number of requests to the API that run at once; those beyond wait for their turn
    #[arg(
        long,
        env = "MAX_REQUESTS",
        default_value_t = Limits::default().requests,
        value_name = "N",
        value_parser = at_least_one()
    )]
    pub max_requests: usize,

    /// Maximum number of requests that run at once for one organization; those beyond wait for their turn
    #[arg(
        long,
        env = "MAX_REQUESTS_PER_ORGANIZATION",
        default_value_t = Limits::default().requests_per_organization,
        value_name = "N",
        value_parser = at_least_one()
    )]
    pub max_requests_per_organization: usize,

    /// Maximum number of requests that wait for their turn, for one organization; those beyond are
    /// answered 503
    #[arg(
        long,
        env = "MAX_WAITING_REQUESTS_PER_ORGANIZATION",
        default_value_t = Limits::default().waiting_requests_per_organization,
        value_name = "N"
    )]
    pub max_waiting_requests_per_organization: usize,

    /// Maximum bytes of answers that were made and that clients have not taken. Beyond them, organizations that have an
    /// equal share of them, or 1 MiB, are answered 503
    #[arg(
        long,
        env = "MAX_UNTAKEN_ANSWER_BYTES",
        default_value_t = Limits::default().untaken_answer_bytes,
        value_name = "BYTES",
        value_parser = at_least_one()
    )]
    pub max_untaken_answer_bytes: usize,

    /// Maximum bytes of those answers for one organization, whose requests beyond are answered 503. A larger answer is
    /// made while the organization has no other
    #[arg(
        long,
        env = "MAX_UNTAKEN_ANSWER_BYTES_PER_ORGANIZATION",
        default_value_t = Limits::default().untaken_answer_bytes_per_organization,
        value_name = "BYTES",
        value_parser = at_least_one()
    )]
    pub max_untaken_answer_bytes_per_organization: usize,

    /// Maximum number of connections at once; those beyond are answered 503 and closed
    #[arg(
        long,
        env = "MAX_CONNECTIONS",
        default_value_t = Limits::default().connections,
        value_name = "N",
        value_parser = at_least_one()
    )]
    pub max_connections: usize,

    /// Maximum number of connections from one address (of IPv6, from one /64 network); behind a proxy,
    /// which is one address, give it the maximum of all connections
    #[arg(
        long,
        env = "MAX_CONNECTIONS_PER_ADDRESS",
        default_value_t = Limits::default().connections_per_address,
        value_name = "N",
        value_parser = at_least_one()
    )]
    pub max_connections_per_address: usize,

    /// Maximum number of requests with a key that is not valid from one address in a minute, on average
    /// and at once; beyond it: `RATE_LIMITED`. 0 for no limit. Addresses of one IPv6 /64 count as one
    #[arg(long, env = "FAILED_KEYS", default_value_t = FailedKeyLimiter::DEFAULT_PER_MINUTE, value_name = "N", value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    pub failed_keys: u32,

    /// Maximum bytes of answers that are kept in memory, to be given again while nothing has changed; 0 keeps none
    #[arg(
        long,
        env = "ANSWER_CACHE_BYTES",
        default_value_t = Gateway::DEFAULT_ANSWER_CACHE_BYTES,
        value_name = "BYTES"
    )]
    pub answer_cache_bytes: usize,

    /// The address that answers Prometheus at `/metrics`, without a key: keep it from the internet;
    /// port 0 takes a free one [default: none]
    #[arg(long, env = "METRICS_LISTEN", value_name = "ADDRESS:PORT")]
    pub metrics_listen: Option<SocketAddr>,

    #[command(flatten)]
    #[expect(missing_docs, reason = "its own")]
    pub documents: DocumentSettings,

    #[command(flatten)]
    #[expect(missing_docs, reason = "its own")]
    pub rate: RateSettings,
}

impl ServeSettings {
    /// Returns the limits for clients.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits {
            request_time: Duration::from_secs(self.request_timeout),
            requests: self.max_requests,
            requests_per_organization: self.max_requests_per_organization,
            waiting_requests_per_organization: self.max_waiting_requests_per_organization,
            untaken_answer_bytes: self.max_untaken_answer_bytes,
            untaken_answer_bytes_per_organization: self.max_untaken_answer_bytes_per_organization,
            connections: self.max_connections,
            connections_per_address: self.max_connections_per_address,
            ..Limits::default()
        }
    }
}

fn at_least_one() -> impl TypedValueParser<Value = usize> {
    RangedU64ValueParser::<usize>::new().range(1..)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clap::Parser;

    use super::ServeSettings;
    use crate::http::Limits;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        serve: ServeSettings,
    }

    #[test]
    fn every_limit_of_load_can_be_set_and_has_the_promised_default() {
        let limits = |arguments: &[&str]| Program::parse_from(arguments).serve.limits();
        assert_eq!(limits(&["program"]), Limits::default());
        let set = limits(&[
            "program",
            "--request-timeout=1",
            "--max-requests=2",
            "--max-requests-per-organization=3",
            "--max-waiting-requests-per-organization=6",
            "--max-untaken-answer-bytes=8",
            "--max-untaken-answer-bytes-per-organization=7",
            "--max-connections=4",
            "--max-connections-per-address=5",
        ]);
        let expected = Limits {
            request_time: Duration::from_secs(1),
            requests: 2,
            requests_per_organization: 3,
            waiting_requests_per_organization: 6,
            untaken_answer_bytes: 8,
            untaken_answer_bytes_per_organization: 7,
            connections: 4,
            connections_per_address: 5,
            ..Limits::default()
        };
        assert_eq!(set, expected);
    }

    #[test]
    fn no_request_is_cut_off_while_it_may_still_be_answered() {
        let limits = Program::parse_from(["program", "--request-timeout=60"]).serve.limits();
        // Its key, its body, its execution, and an answer that is taken at the last moment.
        let longest = limits.request_time * 2
            + crate::graphql::MAX_READ_AFTER_WRITE
            + limits.body_time
            + limits.answer_time;
        assert!(longest < limits.request_age, "{longest:?}");
    }
}
