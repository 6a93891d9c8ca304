//! Criteria: a filter, free text, or both, within their limits.

use rlibphonenumber::Region;
use sea_orm::sea_query::{Condition, Expr};

use super::{
    Filter,
    compile::Compiler,
    semi_join::{self, Clause},
    tags::TagIds,
};
use crate::{
    contacts::search::{self, Needle},
    database::Read,
    error::DatabaseError,
};

/// Maximum values of one list of a filter.
const MAX_LIST_VALUES: usize = 200;
/// Maximum characters of a free-text query.
const MAX_QUERY_CHARS: usize = 256;

/// Criteria that contacts are chosen by: a filter, free text, or both.
#[derive(Clone, Debug, Default)]
pub struct Criteria {
    filter: Option<Filter>,
    query: Option<String>,
}

/// [`Criteria`] as conditions on contacts: the same rows, in two forms.
#[derive(Clone, Debug)]
pub struct ResolvedCriteria {
    /// Form for finding rows in some order.
    pub rows: Condition,
    /// Form for going through all rows.
    pub all: Condition,
}

/// Reason for which a filter or a query is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CriteriaError {
    /// A list is too long.
    #[error("a list of the filter has more than {MAX_LIST_VALUES} values")]
    TooMany,
    /// The query is too long.
    #[error("the query has more than {MAX_QUERY_CHARS} characters")]
    TooLong,
}

impl CriteriaError {
    /// Returns the argument at fault, and its maximum size.
    #[must_use]
    pub fn argument(&self) -> (&'static str, usize) {
        match self {
            Self::TooMany => ("filter", MAX_LIST_VALUES),
            Self::TooLong => ("query", MAX_QUERY_CHARS),
        }
    }
}

impl Default for ResolvedCriteria {
    fn default() -> Self {
        Self { rows: Condition::all(), all: Condition::all() }
    }
}

impl Criteria {
    /// Returns true if every contact matches.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.filter.is_none() && self.query.is_none()
    }

    /// Checks the limits.
    ///
    /// # Errors
    /// One of them is exceeded.
    pub fn new(filter: Option<Filter>, query: Option<String>) -> Result<Self, CriteriaError> {
        if filter.as_ref().is_some_and(|filter| filter.longest_list() > MAX_LIST_VALUES) {
            return Err(CriteriaError::TooMany);
        }
        if query.as_deref().is_some_and(|query| query.trim().chars().count() > MAX_QUERY_CHARS) {
            return Err(CriteriaError::TooLong);
        }
        Ok(Self { filter, query })
    }

    pub(in crate::contacts) fn filter(&self) -> Option<&Filter> {
        self.filter.as_ref()
    }

    pub(in crate::contacts) fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// Returns true if they look for phone numbers, which are read by the policy's region.
    #[must_use]
    pub fn needs_phone_region(&self) -> bool {
        // Not every digit begins a number, but reading the region in vain costs little.
        let in_query = self.query.as_deref().is_some_and(|query| query.contains(char::is_numeric));
        in_query || self.filter.as_ref().is_some_and(Filter::needs_phone_region)
    }

    /// Returns the conditions that suit the data of this moment: which rows are looked up first
    /// depends on how many match.
    ///
    /// # Errors
    /// The database failed.
    pub async fn resolve(
        &self,
        read: &impl Read,
        region: Option<Region>,
    ) -> Result<ResolvedCriteria, DatabaseError> {
        self.resolve_with(read, region, self.tags(read).await?).await
    }

    /// Looks up the tags that they name.
    ///
    /// # Errors
    /// The database failed.
    pub(in crate::contacts) async fn tags(&self, read: &impl Read) -> Result<TagIds, DatabaseError> {
        TagIds::load(read, self.filter.as_ref()).await
    }

    /// Returns the conditions, given the tags that they name.
    ///
    /// # Errors
    /// The database failed.
    pub(in crate::contacts) async fn resolve_with(
        &self,
        read: &impl Read,
        region: Option<Region>,
        tags: TagIds,
    ) -> Result<ResolvedCriteria, DatabaseError> {
        let words = self.query.as_deref().map_or(0, search::words);
        semi_join::combine(read, self.clauses(read, region, tags), words).await
    }

    /// Returns the condition in the form that is evaluated for one contact after the other, given the tags that
    /// they name.
    pub(in crate::contacts) fn probe(&self, read: &impl Read, region: Option<Region>, tags: TagIds) -> Expr {
        semi_join::all(self.clauses(read, region, tags).into_iter().map(Clause::probe))
    }

    fn clauses(&self, read: &impl Read, region: Option<Region>, tags: TagIds) -> Vec<Clause> {
        let compiler = Compiler { read, region, tags };
        let mut clauses = self.filter.as_ref().map(|filter| compiler.clauses(filter)).unwrap_or_default();
        let needle = self.query.as_deref().and_then(|query| Needle::parse(query, region));
        clauses.extend(needle.map(|needle| compiler.free_text(&needle)));
        clauses
    }
}

impl From<Filter> for Criteria {
    /// Takes a filter that is known to keep the limits.
    fn from(filter: Filter) -> Self {
        Self { filter: Some(filter), query: None }
    }
}
