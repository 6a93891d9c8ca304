//! Orders that contacts can be listed in.

use std::fmt;

use entity::contact::{self, Column};
use sea_orm::sea_query::Expr;
use uuid::Uuid;

use crate::{
    database::Row,
    error::DatabaseError,
    paging::{self, Key, KeyType, Mark, Position, Tie},
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

/// The value that a list is sorted by. Rows whose key is null come last in both directions.
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
    /// The value that rows are compared by.
    pub key: SortKey,
    /// True if the largest key comes first.
    pub descending: bool,
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.key.constant(), if self.descending { "DESC" } else { "ASC" })
    }
}

impl Event {
    /// Returns the event with this name in the API's enum.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "CREATED" => Some(Self::Created),
            "UPDATED" => Some(Self::Updated),
            "TAG_ADDED" => Some(Self::TagAdded),
            "ENRICHED" => Some(Self::Enriched),
            _ => None,
        }
    }

    /// Sort key that is also the time of the event.
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

    /// Returns the sort key with this name in the API's enum.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.constant() == name)
    }

    /// Name in the API's enum.
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

    /// Number in the marks of cursors: below 64, where those of the lists by name begin.
    fn number(self) -> u8 {
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

    /// Column of the key.
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

    /// Returns true if the largest key comes first unless a direction is given.
    pub(super) fn descends(self) -> bool {
        match self {
            Self::UpdatedAt | Self::CreatedAt | Self::EnrichedAt | Self::TagAddedAt | Self::Score => true,
            Self::Name | Self::Company => false,
        }
    }
}

impl Order {
    /// Returns the order whose cursors have this mark, if it is one of contacts.
    #[must_use]
    pub fn marked(mark: Mark) -> Option<Self> {
        let key = SortKey::ALL.into_iter().find(|key| key.number() == mark.key)?;
        Some(Self { key, descending: mark.is_descending })
    }
}

impl paging::Order for Order {
    type Entity = contact::Entity;

    const ID: Column = Column::Id;

    fn mark(self) -> Mark {
        Mark { key: self.key.number(), is_descending: self.descending }
    }

    fn is_descending(self) -> bool {
        self.descending
    }

    fn key(self) -> Column {
        self.key.column()
    }

    fn tie(self) -> Column {
        // Many contacts may change in one millisecond, and a poller must get them in the order in which
        // they were committed. So times are followed by their place in the order of changes.
        match self.key {
            SortKey::UpdatedAt => Column::ChangeSeq,
            SortKey::CreatedAt => Column::CreatedSeq,
            SortKey::EnrichedAt => Column::EnrichedSeq,
            SortKey::TagAddedAt => Column::TagAddedSeq,
            SortKey::Name | SortKey::Company | SortKey::Score => Column::Id,
        }
    }

    fn key_type(self) -> KeyType {
        match self.key {
            SortKey::Name | SortKey::Company => KeyType::Bytes,
            SortKey::UpdatedAt
            | SortKey::CreatedAt
            | SortKey::EnrichedAt
            | SortKey::TagAddedAt
            | SortKey::Score => KeyType::Number,
        }
    }

    fn is_nullable(self) -> bool {
        match self.key {
            SortKey::UpdatedAt | SortKey::CreatedAt => false,
            SortKey::EnrichedAt | SortKey::TagAddedAt | SortKey::Name | SortKey::Company | SortKey::Score => {
                true
            }
        }
    }

    fn accepts(self, position: &Position) -> bool {
        // A cursor is the caller's text: a position of another type must not reach the database.
        match (&position.key, position.tie) {
            (None, Tie::Id(_)) => paging::Order::is_nullable(self),
            (None | Some(Key::Bytes(_)), Tie::Seq(_)) => false,
            (Some(Key::Number(_)), Tie::Seq(_)) => match self.key {
                SortKey::UpdatedAt | SortKey::CreatedAt | SortKey::EnrichedAt | SortKey::TagAddedAt => true,
                SortKey::Name | SortKey::Company | SortKey::Score => false,
            },
            (Some(Key::Number(score)), Tie::Id(_)) => {
                self.key == SortKey::Score && i32::try_from(*score).is_ok()
            }
            (Some(Key::Bytes(_)), Tie::Id(_)) => matches!(self.key, SortKey::Name | SortKey::Company),
        }
    }

    fn value(self, key: &Key) -> Expr {
        match key {
            // PostgreSQL seeks by an index on 32 bits only with a value of 32 bits. No position has
            // a larger one: see `accepts`.
            Key::Number(score) if self.key == SortKey::Score => {
                Expr::value(i32::try_from(*score).unwrap_or(i32::MAX))
            }
            Key::Number(time) => Expr::value(*time),
            Key::Bytes(key) => Expr::value(key.clone()),
        }
    }

    fn position(self, row: &Row<contact::Entity>) -> Result<Position, DatabaseError> {
        let column = self.key.column();
        let key = match self.key {
            SortKey::Name | SortKey::Company => row.get::<Option<Vec<u8>>>(column)?.map(Key::Bytes),
            SortKey::Score => row.get::<Option<i32>>(column)?.map(|score| Key::Number(score.into())),
            SortKey::UpdatedAt | SortKey::CreatedAt | SortKey::EnrichedAt | SortKey::TagAddedAt => {
                row.get::<Option<i64>>(column)?.map(Key::Number)
            }
        };
        // Rows without a key have no sequence either: they are ordered by id.
        let tie = self.tie();
        let by_seq = key.is_some() && !matches!(tie, Column::Id);
        let tie = if by_seq {
            Tie::Seq(row.get::<Option<i64>>(tie)?.unwrap_or_default())
        } else {
            Tie::Id(row.get::<Uuid>(Column::Id)?)
        };
        Ok(Position { key, tie })
    }
}
