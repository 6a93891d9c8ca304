//! The organizations' shares of the cache.
//!
//! One that is alone may have all of it. When it is full, the largest share gives way first, by what was not
//! asked for the longest: so an organization never displaces what another keeps in less room than its own.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use hashlink::LruCache;
use uuid::Uuid;

use super::{
    CachedAnswer,
    question::{Digest, Question},
};
use crate::database::Version;

/// Bytes that an entry takes beside the JSON of its answer, in all lists that it is in.
const ENTRY_BYTES: usize = 320;

/// Part of the JSON by which its allocation may be larger.
const MAX_ALLOCATION_SLACK: usize = 8;

/// Shares of all organizations.
#[derive(Debug)]
pub(super) struct Shares {
    of: HashMap<Uuid, Share>,
    /// The same by size.
    by_size: BTreeSet<(usize, Uuid)>,
    bytes: usize,
    max_bytes: usize,
}

/// Questions of one organization, and the answers to them.
#[derive(Debug)]
struct Share {
    entries: LruCache<Digest, Entry>,
    bytes: usize,
}

#[derive(Debug)]
enum Entry {
    /// The question was asked once.
    Noted,
    Answer(Version, Arc<CachedAnswer>),
}

impl Entry {
    fn bytes(&self) -> usize {
        match self {
            Self::Noted => ENTRY_BYTES,
            Self::Answer(_, answer) => {
                let json = answer.data.json().len();
                ENTRY_BYTES + json + json / MAX_ALLOCATION_SLACK
            }
        }
    }
}

impl Default for Share {
    fn default() -> Self {
        // Limited by its bytes.
        Self { entries: LruCache::new_unbounded(), bytes: 0 }
    }
}

impl Shares {
    pub(super) fn new(max_bytes: usize) -> Self {
        Self { of: HashMap::new(), by_size: BTreeSet::new(), bytes: 0, max_bytes }
    }

    /// Notes a question, and returns true if it had been asked before.
    pub(super) fn note(&mut self, question: &Question) -> bool {
        let share = self.of.get_mut(&question.org_id);
        let is_known = share.is_some_and(|share| share.entries.get(&question.digest).is_some());
        if !is_known {
            self.put(question, Entry::Noted);
        }
        is_known
    }

    /// Returns the answer to a question, if it is of this version of the data.
    pub(super) fn find(&mut self, question: &Question, version: Version) -> Option<Arc<CachedAnswer>> {
        match self.of.get_mut(&question.org_id)?.entries.get(&question.digest)? {
            Entry::Answer(of, answer) if *of == version => Some(answer.clone()),
            Entry::Answer(..) | Entry::Noted => None,
        }
    }

    /// Keeps the answer to a question in place of an older one.
    pub(super) fn insert(&mut self, question: &Question, version: Version, answer: Arc<CachedAnswer>) {
        self.put(question, Entry::Answer(version, answer));
    }

    fn put(&mut self, question: &Question, entry: Entry) {
        let added = entry.bytes();
        let share = self.of.entry(question.org_id).or_default();
        let before = share.bytes;
        let replaced = share.entries.insert(question.digest, entry).map_or(0, |old| old.bytes());
        share.bytes = before + added - replaced;
        let after = share.bytes;
        self.resize(question.org_id, before, after);
        while self.bytes > self.max_bytes && self.shrink_largest() {}
    }

    /// Takes the entry away that the largest share has not used for the longest.
    fn shrink_largest(&mut self) -> bool {
        let Some(&(before, org_id)) = self.by_size.last() else { return false };
        let Some(share) = self.of.get_mut(&org_id) else { return false };
        let Some((_, oldest)) = share.entries.remove_lru() else { return false };
        share.bytes -= oldest.bytes();
        let after = share.bytes;
        if share.entries.is_empty() {
            self.of.remove(&org_id);
        }
        self.resize(org_id, before, after);
        true
    }

    fn resize(&mut self, org_id: Uuid, before: usize, after: usize) {
        self.by_size.remove(&(before, org_id));
        if after > 0 {
            self.by_size.insert((after, org_id));
        }
        self.bytes = self.bytes - before + after;
    }
}

#[cfg(test)]
mod tests;
