//! Selection of the contacts of a command: by ids, or by criteria.

use super::{MAX_IDS, MAX_MATCHING, Matching};
use crate::{
    contacts::{contact_set::ContactSet, filter::Criteria, record::Record},
    input::problem::{ProblemCode, Problems, Referent},
};

/// Contacts that a command selects.
#[derive(Clone, Debug)]
pub enum Selection {
    /// Contacts with these ids, at most [`MAX_IDS`].
    Ids(Vec<String>),
    /// Contacts that match, at most [`MAX_MATCHING`].
    Matching {
        /// Criteria that they match.
        criteria: Box<Criteria>,
        /// Number of contacts that have to match.
        expected: i32,
    },
}

impl Selection {
    pub(super) fn max_contacts(&self) -> usize {
        match self {
            Self::Ids(ids) => ids.len().min(MAX_IDS),
            Self::Matching { expected, .. } => usize::try_from(*expected).unwrap_or(0).min(MAX_MATCHING),
        }
    }

    pub(super) fn ids(&self) -> &[String] {
        match self {
            Self::Ids(ids) => ids,
            Self::Matching { .. } => &[],
        }
    }

    pub(super) fn filter(&self) -> Option<(&Criteria, i32)> {
        match self {
            Self::Ids(_) => None,
            Self::Matching { criteria, expected } => Some((criteria, *expected)),
        }
    }

    /// Returns the live contacts of the selection, each with the path that names it, or reports why they are not
    /// those expected.
    pub(super) fn find(
        &self,
        contacts: &ContactSet,
        problems: &mut Problems,
        matching: Matching<'_>,
    ) -> Vec<(Record, String)> {
        match self {
            Self::Ids(ids) => find_by_ids(contacts, problems, "where.ids", ids, Record::is_live),
            Self::Matching { expected, .. } => {
                let path = "where.matching.expectedCount";
                let expected = usize::try_from(*expected);
                if expected.is_ok_and(|expected| expected > MAX_MATCHING) {
                    let message =
                        format!("is more than {MAX_MATCHING}, the maximum that can be changed at once");
                    problems.add(path, ProblemCode::TooMany, message);
                } else if expected != Ok(matching.count) {
                    // At most one contact more than expected was looked up, so the number is not known.
                    let message = "is not the number of contacts that match now. Nothing was changed";
                    problems.add(path, ProblemCode::CountMismatch, message);
                }
                if !problems.is_empty() {
                    return Vec::new();
                }
                let named = |record: &Record| (record.clone(), "where.matching".to_owned());
                matching.ids.iter().filter_map(|id| contacts.live(*id).map(named)).collect()
            }
        }
    }
}

/// Returns the contacts with these ids that suit, each once, with the path of its id. Reports the ids
/// that have none.
pub(super) fn find_by_ids(
    contacts: &ContactSet,
    problems: &mut Problems,
    path: &str,
    ids: &[String],
    suits: impl Fn(&Record) -> bool,
) -> Vec<(Record, String)> {
    if ids.len() > MAX_IDS {
        problems.add(path, ProblemCode::TooMany, format!("has more than {MAX_IDS} ids"));
        return Vec::new();
    }
    let mut records: Vec<(Record, String)> = Vec::with_capacity(ids.len());
    for (index, id) in ids.iter().enumerate() {
        let path = format!("{path}.{index}");
        let found = id.parse().ok().and_then(|id| contacts.any(id)).filter(|record| suits(record));
        match found {
            // An id that is given twice selects its contact once.
            Some(found) if records.iter().any(|(record, _)| record.row.id == found.row.id) => {}
            Some(found) => records.push((found.clone(), path)),
            None => problems.not_found(&path, Referent::Contact),
        }
    }
    records
}
