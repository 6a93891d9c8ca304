//! Causes of failures, without what the database says of the data in them.
//!
//! Its texts may hold values: PostgreSQL tells the row that violates a constraint, and both engines
//! repeat what they cannot read. So of its error only the code is kept, and the names of what it is
//! about, which are ours.

use std::sync::Arc;

use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{
        self,
        error::{DatabaseError as EngineError, ErrorKind},
        postgres::PgDatabaseError,
    },
};

/// The cause of a failure, for the log. Neither its text nor its `Debug` form holds a value of a row
/// or of a statement.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Cause(Arc<str>);

impl Cause {
    /// Takes the reason why there is no connection. Nothing has been read then.
    pub(super) fn of_connecting(reason: String) -> Self {
        Self(reason.into())
    }
}

impl From<&'static str> for Cause {
    fn from(ours: &'static str) -> Self {
        Self(ours.into())
    }
}

impl From<&DbErr> for Cause {
    fn from(error: &DbErr) -> Self {
        Self(match error {
            DbErr::Conn(RuntimeErr::SqlxError(error))
            | DbErr::Exec(RuntimeErr::SqlxError(error))
            | DbErr::Query(RuntimeErr::SqlxError(error)) => of_driver(error).into(),
            DbErr::ConnectionAcquire(error) => error.to_string().into(),
            DbErr::RecordNotFound(_) => "a row was not found".into(),
            DbErr::RecordNotInserted | DbErr::RecordNotUpdated => error.to_string().into(),
            DbErr::TryIntoErr { from, into, .. } => format!("a {from} is not a {into}").into(),
            DbErr::Type(_) | DbErr::Json(_) => "a value has another type".into(),
            _ => "the mapping of rows".into(),
        })
    }
}

fn of_driver(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => of_engine(&**error),
        sqlx::Error::Io(error) => format!("connection: {}", error.kind()),
        sqlx::Error::ColumnDecode { index, .. } => format!("the value in column {index} cannot be read"),
        // These texts are about the connection, or name a column of ours.
        sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed
        | sqlx::Error::RowNotFound
        | sqlx::Error::ColumnIndexOutOfBounds { .. }
        | sqlx::Error::ColumnNotFound(_) => error.to_string(),
        sqlx::Error::Protocol(_) => "the database answered what the driver does not expect".to_owned(),
        _ => "the driver refused a statement or a value".to_owned(),
    }
}

fn of_engine(error: &dyn EngineError) -> String {
    let code = error.code().unwrap_or_default();
    if let Some(error) = error.try_downcast_ref::<PgDatabaseError>() {
        let names =
            [("constraint", error.constraint()), ("table", error.table()), ("column", error.column())];
        let names = names.into_iter().filter_map(|(kind, name)| Some(format!(", {kind} {}", name?)));
        return format!("PostgreSQL {code}{}", names.collect::<String>());
    }
    let is_about_names = error.kind() != ErrorKind::Other
        || NAMING.iter().any(|beginning| error.message().starts_with(beginning));
    if is_about_names {
        return format!("SQLite {code}: {}", error.message());
    }
    format!("SQLite {code}")
}

/// Beginnings of SQLite's messages that go on with a name of the schema.
const NAMING: [&str; 2] = ["no such table: ", "no such column: "];

#[cfg(test)]
mod tests {
    use std::{error::Error as _, io};

    use super::*;
    use crate::error::DatabaseError;

    #[test]
    fn neither_text_nor_debug_form_repeats_what_a_database_or_a_driver_read() {
        let of_driver = |error: sqlx::Error| DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)));
        for error in [
            DbErr::Custom("jane".to_owned()),
            DbErr::Type("jane".to_owned()),
            DbErr::Json("jane".to_owned()),
            DbErr::RecordNotFound("jane".to_owned()),
            DbErr::Query(RuntimeErr::Internal("jane".to_owned())),
            of_driver(sqlx::Error::Protocol("jane".to_owned())),
            of_driver(sqlx::Error::Decode("jane".into())),
            of_driver(sqlx::Error::Encode("jane".into())),
            of_driver(sqlx::Error::Io(io::Error::other("jane"))),
            of_driver(sqlx::Error::ColumnDecode { index: "notes".to_owned(), source: "jane".into() }),
        ] {
            let error = DatabaseError::new("reading rows", &error);
            let cause = error.source().map(ToString::to_string).unwrap_or_default();
            assert!(!cause.is_empty());
            assert!(!format!("{error} {error:?} {cause}").contains("jane"), "{error:?}");
        }
    }
}
