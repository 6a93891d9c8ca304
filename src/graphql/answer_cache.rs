//! Answers that are kept, and given again while nothing has changed.
//!
//! An answer is kept with the version of the organization's data that was known before the answer was made. It
//! is given again to the same question with the same rights, as long as the data has that version. So a write
//! that was answered is never hidden from a later read, whichever gateway has written.

mod question;
mod shares;

use std::{fmt, sync::Arc};

use async_graphql::Request;
use parking_lot::Mutex;

pub(super) use self::question::Question;
use self::shares::Shares;
use super::{
    Answer, Gateway, Known, RequestContext,
    account::Bucket,
    error::ApiError,
    plans::Unplanned,
    response::{Data, Response},
};
use crate::{
    database::{Database, Version},
    metrics,
};

/// Part of the cache that one answer may take, as a divisor. Larger answers are not kept.
const MAX_ANSWER_PART: usize = 16;

/// Cache of answers. Cloning it is cheap; the clones share it.
#[derive(Clone)]
pub(super) struct AnswerCache {
    shares: Arc<Mutex<Shares>>,
    max_answer_bytes: usize,
}

/// An answer without errors.
#[derive(Clone, Debug)]
pub(super) struct CachedAnswer {
    /// Data of the response.
    pub(super) data: Data,
    /// Points for its size beyond the price of its document.
    pub(super) points_beyond: usize,
}

/// The outcome of a look-up.
pub(super) enum LookUp {
    Hit(Arc<CachedAnswer>),
    /// The answer that is now made is kept, if it is told for what.
    Miss(Option<Keep>),
    /// The database did not answer in time, and would not for the question either.
    Failed(ApiError),
}

/// The place in the cache for an answer that is now made.
pub(super) struct Keep {
    question: Question,
    version: Version,
}

impl Gateway {
    /// Default number of bytes for [`Self::caching`].
    pub const DEFAULT_ANSWER_CACHE_BYTES: usize = 16 * 1024 * 1024;

    /// The same with a cache of answers of at most so many bytes; 0 for none.
    #[must_use]
    pub fn caching(self, max_bytes: usize) -> Self {
        Self { answers: AnswerCache::new(max_bytes), ..self }
    }

    /// Returns the question that a request asks, if there is a cache.
    pub(super) fn question(&self, context: &RequestContext, request: &Request) -> Option<Question> {
        self.answers.as_ref().and_then(|_| Question::new(&context.caller, request))
    }

    /// Looks for the answer to a question, if it is one and there is a cache.
    pub(super) async fn look_up(&self, question: Option<Question>, database: &Database) -> LookUp {
        match (&self.answers, question) {
            (Some(answers), Some(question)) => answers.look_up(question, database).await,
            (None, _) | (_, None) => LookUp::Miss(None),
        }
    }

    /// Gives an answer again, for the same points.
    pub(super) fn again(
        &self,
        answer: &CachedAnswer,
        known: Known,
        account: &Bucket,
        is_validated: bool,
    ) -> Answer {
        account.charge_points(answer.points_beyond);
        let (charged, remaining) = (account.charged(), self.rate_limiter.remaining(account.org_id()));
        let validator = is_validated.then(|| answer.data.sha256());
        let response = Response::of(answer.data.clone(), known.cost);
        let known = Known { charged, remaining, from_cache: true, ..known };
        Answer { response, known, room: None, validator }
    }
}

impl fmt::Debug for AnswerCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnswerCache").finish_non_exhaustive()
    }
}

impl AnswerCache {
    /// Creates a cache of at most so many bytes; `None` if there are none.
    pub(super) fn new(max_bytes: usize) -> Option<Self> {
        let max_answer_bytes = max_bytes / MAX_ANSWER_PART;
        let shares = Arc::new(Mutex::new(Shares::new(max_bytes)));
        (max_bytes > 0).then_some(Self { shares, max_answer_bytes })
    }

    /// Looks for the answer to a question.
    ///
    /// The version is asked for before the answer is made, or a change between the two would be missed. Where
    /// that takes a statement, it is spared those questions that come only once.
    pub(super) async fn look_up(&self, question: Question, database: &Database) -> LookUp {
        let version = match database.published_version(question.org_id) {
            Some(version) => Some(version),
            None if self.shares.lock().note(&question) => match database.version(question.org_id).await {
                Ok(version) => Some(version),
                Err(error) => match error.into() {
                    Unplanned::Failed(error) => return LookUp::Failed(error),
                    Unplanned::GiveUp => None,
                },
            },
            None => None,
        };
        let found = version.and_then(|version| self.shares.lock().find(&question, version));
        metrics::answer_cache_lookup(found.is_some());
        match found {
            Some(answer) => LookUp::Hit(answer),
            None => LookUp::Miss(version.map(|version| Keep { question, version })),
        }
    }

    /// Keeps an answer that was made after [`Self::look_up`], unless it is large.
    pub(super) fn keep(&self, Keep { question, version }: Keep, answer: &CachedAnswer) {
        if answer.data.json().len() <= self.max_answer_bytes {
            // In an allocation of its own, which is no larger than it must be.
            let answer = CachedAnswer { data: answer.data.compact(), ..*answer };
            self.shares.lock().insert(&question, version, Arc::new(answer));
        }
    }
}
