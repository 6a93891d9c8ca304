//! One statement for several that differ only in their values.

use std::fmt::Write as _;

use sea_orm::{Statement, Value, sea_query::ArrayType};

use crate::{
    database::{parameters, sink::RawRow},
    error::DatabaseError,
};

/// Returns true if a statement can run together with others.
pub(in crate::database::readers) fn can_join(statement: &Statement) -> bool {
    // An array of arrays is not one of lists of different lengths.
    !values_of(statement).iter().any(|value| matches!(value, Value::Array(..)))
}

/// Returns true if two statements that can run together differ in nothing but their values.
pub(super) fn have_one_text(one: &Statement, other: &Statement) -> bool {
    let (known, values) = (values_of(one), values_of(other));
    let is_of_type = |(known, value): (&Value, &Value)| known.array_type() == value.array_type();
    one.sql == other.sql && known.len() == values.len() && known.iter().zip(values).all(is_of_type)
}

/// Returns the statement of which the rows are those of all these, which have one text, each with the number of
/// its statement in a last column. `None` if there is one alone, or if they have no values.
pub(super) fn joined(statements: &[Statement]) -> Option<Statement> {
    let (first, others) = statements.split_first()?;
    if others.is_empty() || values_of(first).is_empty() {
        return None;
    }
    let mut columns: Vec<Vec<Value>> = values_of(first).iter().map(|value| vec![value.clone()]).collect();
    for other in others {
        columns.iter_mut().zip(values_of(other)).for_each(|(column, value)| column.push(value.clone()));
    }
    let arrays: Vec<Value> = columns.into_iter().map(array).collect();
    let sql = text_of_all(&first.sql, arrays.len());
    Some(Statement::from_sql_and_values(first.db_backend, sql, arrays))
}

fn values_of(statement: &Statement) -> &[Value] {
    statement.values.as_ref().map_or(&[], |values| &values.0)
}

fn array(values: Vec<Value>) -> Value {
    let of = values.first().map_or(ArrayType::Bool, Value::array_type);
    Value::Array(of, Some(Box::new(values)))
}

/// Returns the text that runs another, which has so many parameters, for each place of as many arrays.
///
/// PostgreSQL does not look into an array that a subquery gives. So a plan for the values at hand looks no better
/// than one for all, and is kept.
fn text_of_all(sql: &str, parameters: usize) -> String {
    let mut text = String::with_capacity(sql.len() + 160 + 40 * parameters);
    text.push_str(r#"SELECT "one".*, "all"."n" FROM unnest("#);
    // Writing to a string does not fail.
    for number in 1..=parameters {
        let comma = if number == 1 { "" } else { ", " };
        let _ = write!(text, "{comma}(SELECT ${number})");
    }
    text.push_str(r#") WITH ORDINALITY AS "all" ("#);
    for number in 1..=parameters {
        let _ = write!(text, r#""v{number}", "#);
    }
    text.push_str(r#""n"), LATERAL ("#);
    text.push_str(&parameters::rewritten(sql, |sql, number| write!(sql, r#""all"."v{number}""#)));
    text.push_str(r#") AS "one""#);
    text
}

/// Returns the place of the statement to which a row of [`joined`] belongs.
pub(super) fn place(row: &RawRow<'_>) -> Result<Option<usize>, DatabaseError> {
    let number = row.last_integer()?;
    Ok(number.and_then(|number| usize::try_from(number - 1).ok()))
}

#[cfg(test)]
mod tests {
    use sea_orm::DbBackend;

    use super::*;

    fn statement(values: Vec<Value>) -> Statement {
        let sql = r#"SELECT "a" FROM "t" WHERE "x" = $1 AND "y" > $2 AND "z" = '$' LIMIT 3"#;
        Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
    }

    #[test]
    fn each_parameter_becomes_a_column_of_the_values_of_all() {
        let statements =
            [statement(vec![1_i64.into(), "a".into()]), statement(vec![2_i64.into(), Value::String(None)])];
        let all = joined(&statements).expect("a statement");
        assert_eq!(
            all.sql,
            r#"SELECT "one".*, "all"."n" FROM unnest((SELECT $1), (SELECT $2)) WITH ORDINALITY AS "all" ("v1", "v2", "n"), LATERAL (SELECT "a" FROM "t" WHERE "x" = "all"."v1" AND "y" > "all"."v2" AND "z" = '$' LIMIT 3) AS "one""#
        );
        let numbers = Value::Array(ArrayType::BigInt, Some(Box::new(vec![1_i64.into(), 2_i64.into()])));
        let texts = Value::Array(ArrayType::String, Some(Box::new(vec!["a".into(), Value::String(None)])));
        assert_eq!(all.values.map(|values| values.0), Some(vec![numbers, texts]));
    }

    #[test]
    fn one_alone_stays_as_it_is() {
        assert!(joined(&[statement(vec![1_i64.into(), "a".into()])]).is_none());
    }

    #[test]
    fn only_statements_that_differ_in_nothing_but_their_values_have_one_text() {
        let first = statement(vec![1_i64.into(), "a".into()]);
        let other_text = Statement { sql: "SELECT $1, $2".to_owned(), ..first.clone() };
        assert!(have_one_text(&first, &statement(vec![2_i64.into(), Value::String(None)])));
        assert!(!have_one_text(&first, &statement(vec![1_i32.into(), "a".into()])));
        assert!(!have_one_text(&first, &statement(vec![1_i64.into()])));
        assert!(!have_one_text(&first, &other_text));
    }

    #[test]
    fn a_statement_with_an_array_stays_alone() {
        let array = Value::Array(ArrayType::BigInt, Some(Box::default()));
        assert!(can_join(&statement(vec![1_i64.into(), "a".into()])));
        assert!(!can_join(&statement(vec![1_i64.into(), array])));
    }
}
