//! Tags of a contact: their form, and their spelling in the organization.

use std::collections::{HashMap, HashSet};

use entity::tag;
use sea_orm::{ColumnTrait as _, sea_query::Condition};
use unicode_normalization::UnicodeNormalization as _;
use uuid::Uuid;

use super::{
    draft::{BlankEntries, Field},
    text::{self, Lines, comparison_key, is_blank},
};
use crate::{
    database::{Read as _, WriteTx, any_of},
    error::DatabaseError,
    fault::{FaultCode, Faults},
    text::{sort_key, stored_fold},
};

const LONGEST: usize = 64;
const MOST: usize = 100;
/// Of a list in the input, before those that repeat are left out.
const GIVEN: usize = 200;

/// A tag as it was given, normalized.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TagName {
    pub(crate) name: String,
    /// What tags are compared by.
    pub(crate) key: String,
}

/// Checks and normalizes a list of tags; of two that differ only in case the first counts.
pub(super) fn check(
    faults: &mut Faults,
    path: &str,
    tags: Field<Vec<String>>,
    blanks: BlankEntries,
) -> Field<Vec<TagName>> {
    let tags = match tags {
        Field::Omitted => return Field::Omitted,
        Field::Null => Vec::new(),
        Field::Given(tags) => tags,
    };
    let mut list: Vec<TagName> = Vec::new();
    let too_many = tags.len() > GIVEN;
    for (index, name) in tags.into_iter().take(GIVEN).enumerate() {
        if blanks == BlankEntries::LeftOut && is_blank(&name) {
            continue;
        }
        let path = format!("{path}.{index}");
        let Some(tag) = check_one(faults, &path, &name) else { continue };
        if !list.iter().any(|known| known.key == tag.key) {
            list.push(tag);
        }
    }
    check_count(faults, path, if too_many { GIVEN } else { list.len() });
    Field::Given(list)
}

/// Checks and normalizes one tag.
pub(crate) fn check_one(faults: &mut Faults, path: &str, name: &str) -> Option<TagName> {
    let name: String = name.trim().nfc().collect();
    if text::is_blank(&name) {
        faults.add(path, FaultCode::TagInvalid, "is blank");
        return None;
    }
    text::check(faults, path, &name, LONGEST, Lines::One)
        .then(|| TagName { key: comparison_key(&name), name })
}

/// Faults more tags than a contact may have.
pub(super) fn check_count(faults: &mut Faults, path: &str, tags: usize) {
    if tags > MOST {
        faults.add(path, FaultCode::TooMany, format!("a contact has at most {MOST} tags"));
    }
}

/// The organization's tags that a batch needs: those it has, and those it gets.
#[derive(Debug, Default)]
pub(super) struct TagBook {
    by_key: HashMap<String, Spelling>,
    new: Vec<tag::Model>,
}

/// A tag as the organization spells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spelling {
    pub(super) id: Uuid,
    pub(super) name: String,
}

impl TagBook {
    /// Looks the tags up under the clock, so that nobody can add one meanwhile.
    pub(super) async fn load<'a>(
        tx: &WriteTx<'_>,
        tags: impl Iterator<Item = &'a TagName>,
    ) -> Result<Self, DatabaseError> {
        let mut keys: Vec<&str> = tags.map(|tag| tag.key.as_str()).collect();
        keys.sort_unstable();
        keys.dedup();
        let mut book = Self::default();
        for keys in keys.chunks(256) {
            let known = Condition::all()
                .add(any_of(tag::Column::NameKey, keys.iter().copied()))
                .add(tag::Column::DeletedAt.is_null());
            for row in tx.find::<tag::Entity>(known).await? {
                let tag::Model { id, name, name_key, .. } = row;
                book.by_key.insert(name_key, Spelling { id, name });
            }
        }
        Ok(book)
    }

    /// The tag in its first spelling; a new one is made.
    pub(super) fn spelling(&mut self, tx: &WriteTx<'_>, tag: &TagName) -> Spelling {
        if let Some(known) = self.by_key.get(&tag.key) {
            return known.clone();
        }
        let spelling = Spelling { id: Uuid::now_v7(), name: tag.name.clone() };
        self.new.push(tag::Model {
            org_id: tx.org_id(),
            id: spelling.id,
            name: tag.name.clone(),
            name_key: tag.key.clone(),
            name_fold: stored_fold(&tag.name),
            sort_key: sort_key(&tag.name),
            created_at: tx.clock().at,
            deleted_at: None,
        });
        self.by_key.insert(tag.key.clone(), spelling.clone());
        spelling
    }

    /// The id of a tag, if the organization has it.
    pub(super) fn known(&self, tag: &TagName) -> Option<Uuid> {
        self.by_key.get(&tag.key).map(|known| known.id)
    }

    /// Writes the new ones among those that are used.
    pub(super) async fn save(mut self, tx: &WriteTx<'_>, used: &HashSet<Uuid>) -> Result<(), DatabaseError> {
        self.new.retain(|tag| used.contains(&tag.id));
        tx.insert::<tag::Entity>(self.new).await
    }
}
