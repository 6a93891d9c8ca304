//! Types of the values that columns hold, as both engines know them.

use sea_orm::{ColumnType, sea_query::ArrayType};

/// Type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Boolean,
    Integer,
    LongInteger,
    Double,
    Text,
    Bytes,
    Id,
}

impl Kind {
    /// Returns the type of a value, if any column of ours has it.
    pub(super) fn of_value(array: &ArrayType) -> Option<Self> {
        match array {
            ArrayType::Bool => Some(Self::Boolean),
            ArrayType::Int => Some(Self::Integer),
            ArrayType::BigInt => Some(Self::LongInteger),
            ArrayType::Double => Some(Self::Double),
            ArrayType::String => Some(Self::Text),
            ArrayType::Bytes => Some(Self::Bytes),
            ArrayType::Uuid => Some(Self::Id),
            _ => None,
        }
    }

    /// Returns the type of a column's values, if any column of ours has it.
    pub(super) fn of_column(column: &ColumnType) -> Option<Self> {
        match column {
            ColumnType::Boolean => Some(Self::Boolean),
            ColumnType::Integer => Some(Self::Integer),
            ColumnType::BigInteger => Some(Self::LongInteger),
            ColumnType::Double => Some(Self::Double),
            ColumnType::String(_) | ColumnType::Text => Some(Self::Text),
            ColumnType::Binary(_) | ColumnType::VarBinary(_) | ColumnType::Blob => Some(Self::Bytes),
            ColumnType::Uuid => Some(Self::Id),
            _ => None,
        }
    }

    /// Name of an array of such values in PostgreSQL.
    pub(super) fn postgres_array(self) -> &'static str {
        match self {
            Self::Boolean => "boolean[]",
            Self::Integer => "integer[]",
            Self::LongInteger => "bigint[]",
            Self::Double => "double precision[]",
            Self::Text => "text[]",
            Self::Bytes => "bytea[]",
            Self::Id => "uuid[]",
        }
    }
}
