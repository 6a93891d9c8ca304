//! Recording the result of an enrichment run.

use super::{Command, Loaded, Needs, move_to};
use crate::{
    contacts::{
        draft::{ContactDraft, Nulls},
        outcome::WrittenContacts,
        unit_of_work::UnitOfWork,
    },
    error::DatabaseError,
    input::{patch::Patch, text::is_blank},
};

/// Status of a run for which none is given.
const DEFAULT_STATUS: &str = "complete";

/// Records the result of an enrichment run: a change even if the run found nothing new.
#[derive(Clone, Debug)]
pub struct RecordEnrichment {
    id: String,
    draft: ContactDraft,
}

impl RecordEnrichment {
    /// Records a run on the contact with this id: its status (`complete`, if none or a blank one is given),
    /// a new score, and the fields that it found.
    #[must_use]
    pub fn new(id: String, status: Option<String>, score: Patch<i32>, mut found: ContactDraft) -> Self {
        let status = status.filter(|status| !is_blank(status));
        found.texts.enrichment_status = Patch::Value(status.unwrap_or_else(|| DEFAULT_STATUS.to_owned()));
        if score.is_present() {
            found.score = score;
        }
        Self { id, draft: found }
    }
}

impl Command for RecordEnrichment {
    fn max_contacts(&self) -> usize {
        1
    }

    fn needs(&self) -> Needs<'_> {
        Needs {
            drafts: std::slice::from_ref(&self.draft),
            nulls: Nulls::Clear,
            ids: std::slice::from_ref(&self.id),
            match_keys: &[],
            filter: None,
            restores: false,
        }
    }

    fn run(&self, work: &mut UnitOfWork<'_>, loaded: &Loaded<'_>) -> Result<WrittenContacts, DatabaseError> {
        let draft = loaded.only_draft()?;
        let mut written = work.change_one(&self.id, None, |work, old| work.enrich(&old, draft))?;
        // `score` is a field of the mutation itself, beside `set`.
        move_to(&mut written.problems, "set", &["id", "score", "enrichmentStatus"]);
        // The input calls the field `status`.
        for problem in written.problems.iter_mut().filter(|problem| problem.path == ["enrichmentStatus"]) {
            problem.path = vec!["status".to_owned()];
        }
        Ok(written)
    }
}
