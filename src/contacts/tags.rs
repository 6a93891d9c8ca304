//! Tags of a contact: reading them from an input, and the organization's tags of these names.

use std::collections::{HashMap, HashSet};

use entity::tag;
use sea_orm::{
    ColumnTrait as _,
    sea_query::{Condition, Expr},
};
use uuid::Uuid;

use super::MAX_KEYS_PER_STATEMENT;
use crate::{
    database::{Read as _, WriteTx, any_of},
    error::DatabaseError,
    input::{
        patch::BlankEntries,
        problem::{ProblemCode, Problems},
        tag_name::TagName,
        text::{is_blank, sort_key, stored_fold},
    },
};

/// Maximum tags of a contact.
const MAX_TAGS: usize = 100;
/// Maximum names of a list in the input, before repeated ones are left out.
const MAX_NAMES: usize = 200;

/// Checks a list of tag names. If two differ only in case, the first counts.
pub(super) fn check(
    problems: &mut Problems,
    path: &str,
    names: Vec<String>,
    blanks: BlankEntries,
) -> Vec<TagName> {
    let mut list: Vec<TagName> = Vec::new();
    let too_many = names.len() > MAX_NAMES;
    for (index, name) in names.into_iter().take(MAX_NAMES).enumerate() {
        if blanks == BlankEntries::LeftOut && is_blank(&name) {
            continue;
        }
        let path = format!("{path}.{index}");
        let Some(tag) = TagName::check(problems, &path, &name) else { continue };
        if !list.iter().any(|known| known.key == tag.key) {
            list.push(tag);
        }
    }
    // The names beyond the maximum were not read, so their number is not known, but it is too large.
    check_count(problems, path, if too_many { MAX_NAMES } else { list.len() });
    list
}

/// Reports more tags than a contact may have.
pub(super) fn check_count(problems: &mut Problems, path: &str, tags: usize) {
    if tags > MAX_TAGS {
        problems.add(path, ProblemCode::TooMany, format!("would give the contact more than {MAX_TAGS} tags"));
    }
}

/// Maximum tags of an organization.
const MAX_TAGS_OF_ORGANIZATION: usize = 10_000;

/// Tags that a batch uses: existing ones, and new ones that it creates.
#[derive(Debug, Default)]
pub(super) struct TagSet {
    by_key: HashMap<String, Tag>,
    new: Vec<tag::Model>,
    /// Maximum number of new ones.
    room: usize,
}

/// A tag of the organization, with the name in its first spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) id: Uuid,
    pub(super) name: String,
}

impl TagSet {
    /// Looks the tags up. The change clock is held, so nobody can add one meanwhile.
    pub(super) async fn load<'a>(
        tx: &WriteTx<'_>,
        tags: impl Iterator<Item = &'a TagName>,
    ) -> Result<Self, DatabaseError> {
        let mut keys: Vec<&str> = tags.map(|tag| tag.key.as_str()).collect();
        keys.sort_unstable();
        keys.dedup();
        let mut set = Self::default();
        for keys in keys.chunks(MAX_KEYS_PER_STATEMENT) {
            let known = Condition::all()
                .add(any_of(tag::Column::NameKey, keys.iter().copied()))
                .add(tag::Column::DeletedAt.is_null());
            for row in tx.find::<tag::Entity>(known).await? {
                let tag::Model { id, name, name_key, .. } = row;
                set.by_key.insert(name_key, Tag { id, name });
            }
        }
        // Only who brings a new name needs to know.
        if set.by_key.len() < keys.len() {
            let live = tx.select::<tag::Entity>().expr(Expr::cust("COUNT(*)"), "tags");
            let rows = tx.rows(live.filter(tag::Column::DeletedAt.is_null())).await?;
            let tags: i64 = rows.first().map(|row| row.value("tags")).transpose()?.unwrap_or_default();
            set.room = MAX_TAGS_OF_ORGANIZATION.saturating_sub(usize::try_from(tags).unwrap_or_default());
        }
        Ok(set)
    }

    /// Returns the tag of this name, creating it if the organization does not have it. Reports it if that would be
    /// one too many.
    pub(super) fn get_or_create(
        &mut self,
        tx: &WriteTx<'_>,
        tag: &TagName,
        problems: &mut Problems,
        path: &str,
    ) -> Option<Tag> {
        if let Some(known) = self.by_key.get(&tag.key) {
            return Some(known.clone());
        }
        if self.new.len() >= self.room {
            let message = format!(
                "would make more than {MAX_TAGS_OF_ORGANIZATION} tags, the maximum of an organization"
            );
            problems.add(path, ProblemCode::TooMany, message);
            return None;
        }
        let new = Tag { id: Uuid::now_v7(), name: tag.name.clone() };
        self.new.push(tag::Model {
            org_id: tx.org_id(),
            id: new.id,
            name: tag.name.clone(),
            name_key: tag.key.clone(),
            name_fold: stored_fold(&tag.name),
            sort_key: sort_key(&tag.name),
            created_at: tx.clock().at,
            deleted_at: None,
        });
        self.by_key.insert(tag.key.clone(), new.clone());
        Some(new)
    }

    /// Returns a mark to which new tags can be rolled back.
    pub(super) fn savepoint(&self) -> usize {
        self.new.len()
    }

    /// Forgets the tags that were created since.
    pub(super) fn roll_back_to(&mut self, savepoint: usize) {
        for tag in self.new.drain(savepoint..) {
            self.by_key.remove(&tag.name_key);
        }
    }

    /// Returns the id of the tag of this name, if the organization has it.
    pub(super) fn known(&self, tag: &TagName) -> Option<Uuid> {
        self.by_key.get(&tag.key).map(|known| known.id)
    }

    /// Returns the new tags that are used. A command that was rolled back leaves no tags behind.
    pub(super) fn into_new(mut self, used: &HashSet<Uuid>) -> Vec<tag::Model> {
        self.new.retain(|tag| used.contains(&tag.id));
        self.new
    }
}
