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
    /// Of each server, its address; never empty.
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

    /// Names the operation that needed the connection. Nothing that a server says is kept.
    pub(in crate::database) fn during(&self, what: &'static str) -> DatabaseError {
        let is_full = |fault: &Fault| fault.code() == Some("53300");
        let kind = if self.faults.iter().any(|(_, fault)| is_full(fault)) {
            FailureKind::Overloaded
        } else {
            FailureKind::Unavailable
        };
        let cause = match self.faults.as_slice() {
            [(_, Fault::Refused)] => "the connection was refused",
            [(_, Fault::Silent(_))] => "the server does not answer",
            [(_, Fault::Standby)] => "the server is a standby",
            [_] => "the server cannot be used",
            _ => "no server of the database URL can be used",
        };
        DatabaseError::not_connected(what, kind, cause)
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
