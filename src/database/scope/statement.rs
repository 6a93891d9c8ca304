//! Selects as statements.

use std::fmt::Write as _;

use entity::Tenanted;
use sea_orm::{Statement, Value, Values};

use super::Scoped;
use crate::database::{Engine, parameters};

impl<E: Tenanted> Scoped<E> {
    /// Says that one plan is as good as any, whatever the values.
    #[must_use]
    pub fn keeping_its_plan(self) -> Self {
        Self { keeps_plan: true, ..self }
    }

    /// Says that it finds few rows by an index, whatever the values, so that it may be read together with others.
    #[must_use]
    pub fn bounded(self) -> Self {
        Self { is_bounded: true, ..self }
    }

    /// Returns true if it finds few rows by an index, whatever the values.
    pub(in crate::database) fn is_bounded(&self) -> bool {
        self.is_bounded
    }

    /// Returns the statement, for an engine.
    pub(in crate::database) fn build(self, engine: Engine) -> Statement {
        let keeps_plan = self.keeps_plan;
        let statement = engine.backend().build(&self.into_statement());
        match engine {
            Engine::Postgres if keeps_plan => with_plain_limits(statement),
            Engine::Postgres | Engine::Sqlite => statement,
        }
    }
}

/// Returns the statement with its limits as numbers in its text. PostgreSQL keeps a plan only if it seems no worse
/// than plans for the values at hand; of a limit that it does not know, it takes every tenth row to be wanted,
/// and so plans the statement anew each time, which takes longer than its rows do.
fn with_plain_limits(statement: Statement) -> Statement {
    const LIMIT: &str = "LIMIT ";
    let Some(Values(given)) = statement.values else { return statement };
    let mut given = given.into_iter();
    let mut values = Vec::with_capacity(given.len());
    // sea-query numbers the parameters in the order of the text.
    let sql = parameters::rewritten(&statement.sql, |sql, _| {
        let value = given.next();
        match value {
            Some(Value::BigUnsigned(Some(limit))) if sql.ends_with(LIMIT) => write!(sql, "{limit}"),
            value => {
                values.extend(value);
                write!(sql, "${}", values.len())
            }
        }
    });
    Statement { sql, values: Some(Values(values)), ..statement }
}

#[cfg(test)]
mod tests {
    use sea_orm::DbBackend;

    use super::*;

    #[test]
    fn limits_are_numbers_and_the_other_values_keep_their_order() {
        let sql = r#"SELECT "a" FROM (SELECT * FROM "t" WHERE "x" = $1 LIMIT $2) WHERE "y" = $3 LIMIT $4 OFFSET $5"#;
        let values: Vec<Value> = vec![7.into(), 101_u64.into(), "LIMIT".into(), 5_u64.into(), 20_u64.into()];
        let statement =
            Statement { sql: sql.to_owned(), values: Some(Values(values)), db_backend: DbBackend::Postgres };
        let plain = with_plain_limits(statement);
        assert_eq!(
            plain.sql,
            r#"SELECT "a" FROM (SELECT * FROM "t" WHERE "x" = $1 LIMIT 101) WHERE "y" = $2 LIMIT 5 OFFSET $3"#
        );
        assert_eq!(plain.values, Some(Values(vec![7.into(), "LIMIT".into(), 20_u64.into()])));
    }
}
