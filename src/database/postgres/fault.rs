//! Reasons why no server of a URL can be used, in words that say how to mend it.

use std::{fmt, io, time::Duration};

use sea_orm::sqlx;

use crate::{
    database::connect::OpenError,
    error::{DatabaseError, FailureKind},
};

/// No server of the URL can be used.
#[derive(Debug)]
pub(in crate::database) struct ConnectError {
    /// Each server's address, and its fault; never empty.
    faults: Vec<(String, Fault)>,
}

/// Reason why a server cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("the connection was refused; check that PostgreSQL runs and listens on this address")]
    Refused,
    #[error("there was no answer within {} s; check the address, and the firewalls on the way", .0.as_secs())]
    Silent(Duration),
    #[error("{0}; check the address")]
    Unreachable(String),
    #[error(
        "it is a standby, which takes no writes; promote it, or give target_session_attrs=any to read from it"
    )]
    Standby,
    #[error(
        "its certificate is of X.509 version 1, which is not accepted; issue one of version 3 (with openssl, \
         -addext subjectAltName=DNS:HOST makes one), or give sslmode=disable on a network that you trust"
    )]
    CertificateVersion,
    #[error("TLS failed: {0}; check the server's certificate, and sslmode and sslrootcert of the URL")]
    Tls(String),
    #[error("what answers is not PostgreSQL, or speaks another version of its protocol; check the address")]
    Protocol,
    #[error("it says {message:?} (SQLSTATE {code}){}", advice(.code))]
    Server { code: String, message: String },
    #[error(
        "behind it is a pooler, which does not take the options of the environment; unset PGOPTIONS, and give \
         options[NAME]=VALUE in the URL"
    )]
    EnvironmentOptions,
    #[error(
        "behind it is a pooler that does not keep prepared statements; use PgBouncer 1.21 or newer with \
         max_prepared_statements, or session mode"
    )]
    PreparedStatements,
    #[error(
        "behind it is a pooler in transaction mode, which needs prepared statements; leave \
         statement-cache-capacity=0 out of the URL"
    )]
    StatementCache,
    #[error("behind it is a pooler that has no second connection for it; raise its default_pool_size")]
    PoolTooSmall,
    #[error("settings that were SET did not stay; let the pooler work in session or transaction mode")]
    SettingsLost,
    #[error("behind it is a pooler in transaction mode, where the role must have the settings; run {0}")]
    RoleSettings(String),
    #[error("{0}")]
    Other(String),
}

/// Returns what to do about an answer of this code.
fn advice(code: &str) -> &'static str {
    match code {
        "28P01" => "; check the user and the password",
        "28000" => "; check the user, the sslmode, and pg_hba.conf of the server",
        "3D000" => "; create the database, or name another",
        "53300" => "; raise max_connections, or give each gateway fewer connections",
        "57P03" => "; try again when it has started",
        "22023" | "42501" | "42704" => "; check the options of the URL",
        _ => "",
    }
}

impl Fault {
    /// Returns the code of the server's answer.
    pub(super) fn code(&self) -> Option<&str> {
        match self {
            Self::Server { code, .. } => Some(code),
            _ => None,
        }
    }

    /// Returns the reason in a few words, none of which is the server's.
    fn for_the_log(&self) -> String {
        match self {
            Self::Refused => "the connection was refused".to_owned(),
            Self::Silent(_) => "no answer".to_owned(),
            Self::Unreachable(cause) => cause.clone(),
            Self::Standby => "a standby".to_owned(),
            Self::CertificateVersion | Self::Tls(_) => "TLS failed".to_owned(),
            Self::Protocol => "not PostgreSQL".to_owned(),
            Self::Server { code, .. } => format!("PostgreSQL {code}"),
            Self::EnvironmentOptions
            | Self::PreparedStatements
            | Self::StatementCache
            | Self::PoolTooSmall
            | Self::SettingsLost
            | Self::RoleSettings(_) => "its pooler cannot be used".to_owned(),
            Self::Other(_) => "the driver refused".to_owned(),
        }
    }
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Io(error) => of_io(&error),
            sqlx::Error::Tls(cause) => of_tls(cause.to_string()),
            sqlx::Error::Database(error) => Self::Server {
                code: error.code().unwrap_or_default().into_owned(),
                message: error.message().to_owned(),
            },
            sqlx::Error::Configuration(cause) => Self::Other(cause.to_string()),
            sqlx::Error::Protocol(_) => Self::Protocol,
            error => Self::Other(error.to_string()),
        }
    }
}

fn of_io(error: &io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Fault::Refused,
        // The TLS library's errors come as such.
        io::ErrorKind::InvalidData => of_tls(error.to_string()),
        _ => Fault::Unreachable(error.to_string()),
    }
}

fn of_tls(text: String) -> Fault {
    // The library has no name for it, and hands the text of its certificate parser on.
    if text.contains("UnsupportedCertVersion") { Fault::CertificateVersion } else { Fault::Tls(text) }
}

impl ConnectError {
    pub(super) fn new(faults: Vec<(String, Fault)>) -> Self {
        Self { faults }
    }

    /// Names the operation that needed the connection.
    pub(in crate::database) fn during(&self, what: &'static str) -> DatabaseError {
        let is_full = self.faults.iter().any(|(_, fault)| fault.code() == Some("53300"));
        let kind = if is_full { FailureKind::Overloaded } else { FailureKind::Unavailable };
        let causes = self.faults.iter().map(|(address, fault)| format!("{address}: {}", fault.for_the_log()));
        DatabaseError::not_connected(what, kind, causes.collect::<Vec<_>>().join(", "))
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (address, fault)) in self.faults.iter().enumerate() {
            let separator = if number > 0 { "; " } else { "" };
            write!(f, "{separator}{address}: {fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConnectError {}

impl From<ConnectError> for OpenError {
    fn from(error: ConnectError) -> Self {
        Self::Unreachable(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_tells_of_each_server_why_it_cannot_be_used_and_nothing_that_it_says() {
        let io = |kind: io::ErrorKind, text: &str| Fault::from(sqlx::Error::Io(io::Error::new(kind, text)));
        let faults = [
            io(io::ErrorKind::ConnectionRefused, "jane"),
            Fault::Silent(Duration::from_secs(2)),
            Fault::Standby,
            io(io::ErrorKind::InvalidData, "jane: UnsupportedCertVersion"),
            Fault::from(sqlx::Error::Protocol("jane".to_owned())),
            Fault::from(sqlx::Error::Configuration("jane".into())),
            Fault::Server { code: "28P01".to_owned(), message: "jane".to_owned() },
            Fault::RoleSettings("jane".to_owned()),
        ];
        let faults =
            faults.into_iter().enumerate().map(|(number, fault)| (format!("db{number}:5432"), fault));
        let error = ConnectError::new(faults.collect()).during("connecting");
        assert_eq!(error.kind, FailureKind::Unavailable);
        let cause = error.cause().to_string();
        assert_eq!(
            cause,
            "db0:5432: the connection was refused, db1:5432: no answer, db2:5432: a standby, db3:5432: TLS failed, \
             db4:5432: not PostgreSQL, db5:5432: the driver refused, db6:5432: PostgreSQL 28P01, \
             db7:5432: its pooler cannot be used"
        );
    }

    #[test]
    fn a_server_without_a_free_connection_is_overloaded() {
        let fault = Fault::Server { code: "53300".to_owned(), message: String::new() };
        let error = ConnectError::new(vec![("a:1".to_owned(), fault)]);
        assert!(error.to_string().contains("max_connections"), "{error}");
        assert_eq!(error.during("connecting").kind, FailureKind::Overloaded);
    }
}
