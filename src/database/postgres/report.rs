//! The settings that are in force in a session.

use std::time::Duration;

use sea_orm::sqlx::{self, AssertSqlSafe, Row as _, postgres::PgConnection};

use super::settings::{READING, Setting, TIMEOUTS};

/// Maximum time limit of a role behind a pooler in transaction mode. Reading and writing sessions
/// share it, so it need not be the limit of either.
const MAX_ROLE_TIMEOUT: Duration = Duration::from_mins(1);

/// Time limit that is proposed for such a role.
const PROPOSED_ROLE_TIMEOUT: &str = "20s";

/// Returns the settings that the role must have where sessions cannot set any: those of all purposes.
pub(super) fn of_role() -> Vec<Setting> {
    let timeouts = TIMEOUTS.map(|name| (name, PROPOSED_ROLE_TIMEOUT));
    READING.into_iter().chain(timeouts).map(|(name, value)| Setting::known(name, value)).collect()
}

/// A session's report of itself.
pub(super) struct Report {
    pub(super) in_recovery: bool,
    pub(super) backend_pid: i32,
    settings: Vec<Reported>,
}

/// A setting that is in force.
struct Reported {
    name: String,
    /// In the unit of the setting.
    value: String,
    source: String,
}

/// Origin of settings that are in force.
#[derive(Clone, Copy)]
pub(super) enum Source {
    /// The startup packet.
    Startup,
    /// `SET`.
    Session,
}

impl Report {
    /// Asks a session about itself and these settings, of which one at least is known to every server.
    pub(super) async fn ask(
        connection: &mut PgConnection,
        settings: &[Setting],
    ) -> Result<Self, sqlx::Error> {
        let names: Vec<String> = settings.iter().map(|setting| setting.literals().0).collect();
        let sql = format!(
            "SELECT pg_is_in_recovery(), pg_backend_pid(), lower(name), setting, source \
             FROM pg_settings WHERE lower(name) IN ({})",
            names.join(", ")
        );
        let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(&mut *connection).await?;
        let first = rows.first().ok_or(sqlx::Error::RowNotFound)?;
        let (in_recovery, backend_pid) = (first.try_get(0)?, first.try_get(1)?);
        let reported = rows.iter().map(|row| {
            Ok(Reported { name: row.try_get(2)?, value: row.try_get(3)?, source: row.try_get(4)? })
        });
        let settings = reported.collect::<Result<_, sqlx::Error>>()?;
        Ok(Self { in_recovery, backend_pid, settings })
    }

    /// Returns true if all settings that the server lists come from there. It lists none that an
    /// extension has.
    pub(super) fn all_come_from(&self, source: Source) -> bool {
        let expected = match source {
            Source::Startup => "client",
            Source::Session => "session",
        };
        self.settings.iter().all(|setting| setting.source == expected)
    }

    /// Returns those of the [role's settings](of_role) that are not in force.
    pub(super) fn missing_of_role(&self) -> Vec<Setting> {
        let is_missing = |wanted: &Setting| {
            let reported = self.settings.iter().find(|reported| reported.name == wanted.name);
            !reported.is_some_and(|reported| reported.suffices_for(wanted))
        };
        of_role().into_iter().filter(is_missing).collect()
    }
}

impl Reported {
    fn suffices_for(&self, wanted: &Setting) -> bool {
        if !TIMEOUTS.contains(&wanted.name.as_str()) {
            return self.value == wanted.value;
        }
        let limit = self.value.parse().map(Duration::from_millis).unwrap_or_default();
        !limit.is_zero() && limit <= MAX_ROLE_TIMEOUT
    }
}

/// Returns those of the settings that are not in force, in a session in which nothing can be set to stay.
pub(super) async fn missing_of_url(
    connection: &mut PgConnection,
    settings: &[Setting],
) -> Result<Vec<Setting>, sqlx::Error> {
    let mut missing = Vec::new();
    for setting in settings {
        let (name, value) = setting.literals();
        // Set until the end of this statement, so that both values are in PostgreSQL's own form.
        let sql = format!("SELECT current_setting({name}, true), set_config({name}, {value}, true)");
        let row = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_one(&mut *connection).await?;
        let (current, wanted): (Option<String>, Option<String>) = (row.try_get(0)?, row.try_get(1)?);
        if current != wanted {
            missing.push(setting.clone());
        }
    }
    Ok(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_needs_limits_but_not_those_that_are_proposed() {
        let with = |timeout: &str| {
            let reported = |wanted: Setting| Reported {
                value: if TIMEOUTS.contains(&wanted.name.as_str()) {
                    timeout.to_owned()
                } else {
                    wanted.value.clone()
                },
                name: wanted.name,
                source: "user".to_owned(),
            };
            let settings = of_role().into_iter().map(reported).collect();
            Report { in_recovery: false, backend_pid: 1, settings }.missing_of_role()
        };
        assert!(with("15000").is_empty());
        assert!(with("60000").is_empty());
        for timeout in ["0", "60001"] {
            let missing: Vec<String> = with(timeout).iter().map(ToString::to_string).collect();
            assert_eq!(missing, ["statement_timeout = '20s'", "idle_in_transaction_session_timeout = '20s'"]);
        }
    }
}
