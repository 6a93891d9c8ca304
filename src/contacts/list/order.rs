//! What a list can be sorted by.

use std::fmt;

use entity::contact::{self, Column};
use sea_orm::sea_query::Expr;
use uuid::Uuid;

use crate::{
    contacts::cursor::{Key, Position, Tie},
    database::Row,
    error::DatabaseError,
};

/// The kinds of change a poller can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the API's enum describes each")]
pub enum Event {
    Created,
    Updated,
    TagAdded,
    Enriched,
}

/// What a list is sorted by. Rows whose key is null come last in both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum SortKey {
    UpdatedAt,
    CreatedAt,
    EnrichedAt,
    TagAddedAt,
    Name,
    Company,
    Score,
}

/// A sort key and a direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// What by.
    pub key: SortKey,
    /// Largest first.
    pub descending: bool,
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.key.constant(), if self.descending { "DESC" } else { "ASC" })
    }
}

impl Event {
    /// The sort key, which is also the event's time.
    pub(super) fn key(self) -> SortKey {
        match self {
            Self::Created => SortKey::CreatedAt,
            Self::Updated => SortKey::UpdatedAt,
            Self::TagAdded => SortKey::TagAddedAt,
            Self::Enriched => SortKey::EnrichedAt,
        }
    }
}

impl SortKey {
    const ALL: [Self; 7] = [
        Self::UpdatedAt,
        Self::CreatedAt,
        Self::EnrichedAt,
        Self::TagAddedAt,
        Self::Name,
        Self::Company,
        Self::Score,
    ];

    /// As the API's enum spells it.
    #[must_use]
    pub fn constant(self) -> &'static str {
        match self {
            Self::UpdatedAt => "UPDATED_AT",
            Self::CreatedAt => "CREATED_AT",
            Self::EnrichedAt => "ENRICHED_AT",
            Self::TagAddedAt => "TAG_ADDED_AT",
            Self::Name => "NAME",
            Self::Company => "COMPANY",
            Self::Score => "SCORE",
        }
    }

    /// Its mark in a cursor.
    pub(in crate::contacts) fn code(self) -> u8 {
        match self {
            Self::UpdatedAt => 1,
            Self::CreatedAt => 2,
            Self::EnrichedAt => 3,
            Self::TagAddedAt => 4,
            Self::Name => 5,
            Self::Company => 6,
            Self::Score => 7,
        }
    }

    pub(in crate::contacts) fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.code() == code)
    }

    pub(super) fn column(self) -> Column {
        match self {
            Self::UpdatedAt => Column::UpdatedAt,
            Self::CreatedAt => Column::CreatedAt,
            Self::EnrichedAt => Column::EnrichedAt,
            Self::TagAddedAt => Column::TagAddedAt,
            Self::Name => Column::NameKey,
            Self::Company => Column::CompanyKey,
            Self::Score => Column::Score,
        }
    }

    /// What tells rows with equal keys apart: for times the place in the order of changes.
    pub(super) fn tie(self) -> Column {
        match self {
            Self::UpdatedAt => Column::ChangeSeq,
            Self::CreatedAt => Column::CreatedSeq,
            Self::EnrichedAt => Column::EnrichedSeq,
            Self::TagAddedAt => Column::TagAddedSeq,
            Self::Name | Self::Company | Self::Score => Column::Id,
        }
    }

    /// The columns that make a position.
    pub(super) fn columns(self) -> Vec<Column> {
        match self {
            Self::UpdatedAt | Self::CreatedAt => vec![self.column(), self.tie()],
            Self::EnrichedAt | Self::TagAddedAt => vec![self.column(), self.tie(), Column::Id],
            Self::Name | Self::Company | Self::Score => vec![self.column(), Column::Id],
        }
    }

    /// Whether a row may be without a key.
    pub(super) fn nullable(self) -> bool {
        !matches!(self, Self::UpdatedAt | Self::CreatedAt)
    }

    /// Largest first, unless told otherwise.
    pub(super) fn descends(self) -> bool {
        !matches!(self, Self::Name | Self::Company)
    }

    /// Whether a position can be one in a list sorted by this.
    pub(in crate::contacts) fn takes(self, position: &Position) -> bool {
        match (&position.key, position.tie) {
            (None, Tie::Id(_)) => self.nullable(),
            (Some(Key::Number(_)), Tie::Seq(_)) => {
                matches!(self, Self::UpdatedAt | Self::CreatedAt | Self::EnrichedAt | Self::TagAddedAt)
            }
            (Some(Key::Number(score)), Tie::Id(_)) => self == Self::Score && i32::try_from(*score).is_ok(),
            (Some(Key::Bytes(_)), Tie::Id(_)) => matches!(self, Self::Name | Self::Company),
            _ => false,
        }
    }

    /// A key as a value of its column's type.
    pub(super) fn value(self, key: &Key) -> Expr {
        match key {
            // A score is 32 bits wide; `takes` has seen to that.
            Key::Number(score) if self == Self::Score => {
                Expr::value(i32::try_from(*score).unwrap_or(i32::MAX))
            }
            Key::Number(time) => Expr::value(*time),
            Key::Bytes(key) => Expr::value(key.clone()),
        }
    }
}

impl Order {
    /// The position of a row that was selected with the key's columns.
    pub(super) fn position(self, row: &Row<contact::Entity>) -> Result<Position, DatabaseError> {
        let column = self.key.column();
        let key = match self.key {
            SortKey::Name | SortKey::Company => row.get::<Option<Vec<u8>>>(column)?.map(Key::Bytes),
            SortKey::Score => row.get::<Option<i32>>(column)?.map(|score| Key::Number(score.into())),
            _ => row.get::<Option<i64>>(column)?.map(Key::Number),
        };
        let by_seq = key.is_some() && !matches!(self.key.tie(), Column::Id);
        let tie = if by_seq {
            Tie::Seq(row.get::<Option<i64>>(self.key.tie())?.unwrap_or_default())
        } else {
            Tie::Id(row.get::<Uuid>(Column::Id)?)
        };
        Ok(Position { key, tie })
    }
}
