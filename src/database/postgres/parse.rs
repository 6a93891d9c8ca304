//! Reading a database URL of PostgreSQL, which may list several servers.

use std::{str::FromStr as _, sync::atomic::AtomicUsize};

use sea_orm::sqlx::{
    self, ConnectOptions as _,
    postgres::{PgConnectOptions, PgSslMode},
};
use url::Url;

use super::{
    Servers, Wanted,
    server::Server,
    settings::{self, Setting},
};

/// Name under which a connection appears in `pg_stat_activity`, unless the URL gives another.
const APPLICATION_NAME: &str = "contacts-gateway";

/// Parameters that name the one server of a URL.
const PLACE: [&str; 3] = ["host", "hostaddr", "port"];

/// Parameters that the driver reads, besides those that are read here.
const PASSED_ON: [&str; 11] = [
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "dbname",
    "user",
    "password",
    "application_name",
];

/// Parameters that this program reads itself.
#[derive(Default)]
struct Parameters {
    wanted: Option<Wanted>,
    max_prepared: Option<usize>,
    settings: Vec<Setting>,
    /// True if one of them names the server.
    name_the_server: bool,
    /// Those that the driver reads.
    passed_on: Vec<(String, String)>,
}

/// Reads a URL. The error says which part of it cannot be used, and repeats no value, as any may hold a part
/// of the password.
pub(super) fn parse(url: &str) -> Result<Servers, String> {
    let (scheme, rest) = url.split_once("://").ok_or("it has no `://`")?;
    if rest.contains('#') {
        return Err("it has a `#`; write %23 if it belongs to the password".to_owned());
    }
    let (authority, tail) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (user, places) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
    let places: Vec<&str> = places.split(',').collect();
    let is_list = places.len() > 1;
    if is_list && places.contains(&"") {
        return Err("its list of servers has an empty place".to_owned());
    }
    let read = |place: &&str| Url::parse(&format!("{scheme}://{user}{place}{tail}"));
    let urls = places
        .iter()
        .map(read)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| format!("{error}; in a password, write @ / ? # % as %40 %2F %3F %23 %25"))?;
    // They differ in nothing but the server.
    let parameters = urls.first().map(Parameters::read).transpose()?.unwrap_or_default();
    if is_list && parameters.name_the_server {
        return Err("host, hostaddr and port cannot be given beside a list of servers".to_owned());
    }
    let server = |mut url: Url| {
        url.query_pairs_mut().clear().extend_pairs(&parameters.passed_on);
        Ok(Server::new(of_one_server(&url)?, parameters.settings.clone(), parameters.max_prepared))
    };
    Ok(Servers {
        all: urls.into_iter().map(server).collect::<Result<_, String>>()?,
        wanted: parameters.wanted.unwrap_or(if is_list { Wanted::ReadWrite } else { Wanted::Any }),
        keeps_statements: parameters.max_prepared != Some(0),
        last: AtomicUsize::new(0),
    })
}

/// Lets the driver read a URL of one server.
fn of_one_server(url: &Url) -> Result<PgConnectOptions, String> {
    let options = PgConnectOptions::from_str(url.as_str()).map_err(|error| match error {
        sqlx::Error::Configuration(cause) => cause.to_string(),
        error => error.to_string(),
    })?;
    // The driver would look the brackets of an IPv6 address up as a part of a name.
    let host = options.get_host().trim_start_matches('[').trim_end_matches(']').to_owned();
    let options = options
        .host(&host)
        // PostgreSQL 12 and newer write floating-point numbers whole without it, and poolers refuse it.
        .extra_float_digits(None)
        // Its log lines hold statements.
        .disable_statement_logging();
    match options.get_application_name() {
        Some(_) => Ok(options),
        None => Ok(options.application_name(APPLICATION_NAME)),
    }
}

impl Parameters {
    fn read(url: &Url) -> Result<Self, String> {
        let mut parameters = Self::default();
        for (name, value) in url.query_pairs() {
            parameters.add(&name, &value)?;
        }
        Ok(parameters)
    }

    fn add(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "target_session_attrs" => self.wanted = Some(wanted(value)?),
            "statement-cache-capacity" => {
                let max_prepared =
                    value.parse::<usize>().map_err(|_| "statement-cache-capacity is not a number")?;
                self.max_prepared = Some(max_prepared);
            }
            "sslmode" | "ssl-mode" => {
                value.parse::<PgSslMode>().map_err(
                    |_| "sslmode is not one of disable, allow, prefer, require, verify-ca and verify-full",
                )?;
                self.pass_on(name, value);
            }
            "options" => self.settings.extend(settings::read(value)?),
            _ if PLACE.contains(&name) => {
                if value.contains(',') {
                    return Err(format!(
                        "{name} names several servers; list them before the database: HOST1:PORT1,HOST2:PORT2/DATABASE"
                    ));
                }
                self.name_the_server = true;
                self.pass_on(name, value);
            }
            _ if PASSED_ON.contains(&name) => self.pass_on(name, value),
            _ => match name.strip_prefix("options[").and_then(|name| name.strip_suffix(']')) {
                Some(name) => self.settings.push(Setting::new(name, value)?),
                None => return Err(unknown(name)),
            },
        }
        Ok(())
    }

    fn pass_on(&mut self, name: &str, value: &str) {
        self.passed_on.push((name.to_owned(), value.to_owned()));
    }
}

fn wanted(value: &str) -> Result<Wanted, String> {
    match value {
        "any" => Ok(Wanted::Any),
        "read-write" | "primary" => Ok(Wanted::ReadWrite),
        _ => Err("target_session_attrs is not one of read-write, primary and any".to_owned()),
    }
}

/// Message about a parameter that is not known. Its name is repeated only if it looks like one: a part of
/// a password after a `?` ends up here as well.
fn unknown(name: &str) -> String {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '[' | ']');
    if name.is_empty() || !name.chars().all(is_name) {
        return "after its `?` stands what is not a parameter; write %3F if the `?` belongs to the password"
            .to_owned();
    }
    format!(
        "{name} is not a parameter of it; known are target_session_attrs, statement-cache-capacity, \
         options, options[NAME], sslmode, ssl-mode, {}, {}",
        PLACE.join(", "),
        PASSED_ON.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(servers: &Servers) -> Vec<String> {
        servers.all.iter().map(Server::address).collect()
    }

    #[test]
    fn servers_are_read_in_the_order_of_the_url() {
        for (url, expected) in [
            ("postgres://u:p@a/db", &["a:5432"][..]),
            ("postgresql://u:p@a:1/db", &["a:1"][..]),
            ("postgres://u:p@a,b:2,[::1]:3/db?sslmode=disable", &["a:5432", "b:2", "[::1]:3"][..]),
            ("postgres://u:p,@q@a,b/db", &["a:5432", "b:5432"][..]),
            ("postgres://u@%2Frun%2Fpostgresql/db", &["/run/postgresql"][..]),
            ("postgres:///db?host=/run/postgresql", &["/run/postgresql"][..]),
            ("postgres:///db?host=a&port=7", &["a:7"][..]),
        ] {
            let servers = parse(url).unwrap_or_else(|error| panic!("{url}: {error}"));
            assert_eq!(addresses(&servers), expected, "{url}");
        }
    }

    #[test]
    fn a_list_wants_a_server_that_takes_writes_unless_told_otherwise() {
        for (url, expected) in [
            ("postgres://u@a/db", Wanted::Any),
            ("postgres://u@a,b/db", Wanted::ReadWrite),
            ("postgres://u@a/db?target_session_attrs=read-write", Wanted::ReadWrite),
            ("postgres://u@a/db?target_session_attrs=primary", Wanted::ReadWrite),
            ("postgres://u@a,b/db?target_session_attrs=any", Wanted::Any),
        ] {
            assert_eq!(parse(url).map(|servers| servers.wanted), Ok(expected), "{url}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_named_and_no_password_is_told() {
        for (url, expected) in [
            ("postgres://u:secret@a:b/db", "invalid port"),
            ("postgres://u:secret@a,,b/db", "empty place"),
            ("postgres://u:secret@a,b/db?port=7", "beside a list"),
            ("postgres://u:secret@a/db?host=a,b", "before the database"),
            ("postgres://u:secret@a/db?connect_timeout=7", "connect_timeout is not a parameter"),
            ("postgres://u:secret@a/db?Sslmode=disable", "Sslmode is not a parameter"),
            ("postgres://u:secret@a/db?options[a=b", "options[a is not a parameter"),
            ("postgres://u:secret@a/db?sslmode=sometimes", "sslmode"),
            ("postgres://u:secret@a/db?target_session_attrs=standby", "read-write, primary and any"),
            ("postgres://u:secret@a/db?target_session_attrs=", "read-write, primary and any"),
            ("postgres://u:secret@a/db?statement-cache-capacity=many", "statement-cache-capacity"),
            ("postgres://u:secret@a/db?options=-B+100", "options[NAME]=VALUE"),
            ("postgres://u:secret@a/db?options[a%20b]=c", "options[NAME]=VALUE"),
            ("postgres://u:se?secret@a/db", "%3F"),
            ("postgres://u:1?secret@a/db", "%3F"),
            ("postgres://u:se/secret@a/db", "%2F"),
            ("postgres://u:se#secret@a/db", "%23"),
        ] {
            let error = parse(url).err().unwrap_or_else(|| panic!("{url} is read"));
            assert!(error.to_lowercase().contains(&expected.to_lowercase()), "{url}: {error}");
            assert!(!error.contains("secret"), "{url}: {error}");
        }
    }

    #[test]
    fn a_url_that_keeps_no_statements_says_so() {
        assert!(parse("postgres://u@a/db").is_ok_and(|servers| servers.keeps_statements()));
        let without = parse("postgres://u@a/db?statement-cache-capacity=0");
        assert!(without.is_ok_and(|servers| !servers.keeps_statements()));
    }
}
