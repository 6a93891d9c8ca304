//! Reference data: companies, teams, users and pipelines, to which contacts refer.
//!
//! Each kind has a name and an external id, and is created, updated and deleted in the same way;
//! `ReferenceKind` says what is particular to it. A change that contacts show starts a
//! [cascade](crate::cascades).

mod delete;
mod names;
mod save;

use std::{fmt::Debug, future::Future, sync::Arc};

use entity::cascade::Subject;
use sea_orm::{ColumnTrait as _, IntoActiveModel, sea_query::Condition};
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) use self::{
    delete::Delete,
    names::Names,
    save::{Create, Update},
};
use crate::{
    access::Caller,
    cascades,
    database::{Job, Read as _, WriteError, WriteTx, lookup::Identified},
    error::DatabaseError,
    input::problem::{ProblemCode, Problems, Referent},
    writing::{
        Request, Written,
        idempotency::{Answered, Replay},
    },
};

/// Kind of reference data.
pub(crate) trait ReferenceKind:
    Identified<Model: IntoActiveModel<Self::ActiveModel> + PartialEq + Sync, ActiveModel: Send>
{
    /// Fields of an input beside the name and the external id.
    type Details: Clone + Debug + Send + Sync + 'static;

    const EXTERNAL_ID: Self::Column;
    const NAME: Self::Column;
    const NAME_KEY: Self::Column;
    /// Column of the form in which names are searched, if they are.
    const NAME_FOLD: Option<Self::Column> = None;
    const UPDATED_AT: Self::Column;
    const DELETED_AT: Self::Column;

    /// Name for it in problems.
    const REFERENT: Referent;
    /// Subject of its cascades.
    const SUBJECT: Subject;
    /// True if it is among the settings with which contacts are prepared.
    const IS_SETTING: bool;
    /// True if contacts show its name.
    const IS_SHOWN: bool;

    /// Maximum number of live rows of an organization, if there is one, and what they are called.
    const MAX_LIVE: Option<(usize, &'static str)> = None;

    /// Returns a row without a name.
    fn new_row(org_id: Uuid, id: Uuid, at: i64) -> Self::Model;

    /// Checks and normalizes what needs no look into the database.
    fn check(details: &mut Self::Details, problems: &mut Problems);

    /// Writes the details into a row.
    fn fill(row: &mut Self::Model, details: &Self::Details);

    /// Returns the reason why a caller may not change the row with this id; without an id, why they may not create
    /// one.
    fn denial(_caller: &Caller, _id: Option<Uuid>) -> Option<(ProblemCode, &'static str)> {
        None
    }

    /// Checks the details against other rows, and against the row as it was.
    fn verify(
        _tx: &WriteTx<'_>,
        _old: Option<&Self::Model>,
        _details: &Self::Details,
        _problems: &mut Problems,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send {
        async { Ok(()) }
    }

    /// Brings other rows of the kind, and this one, into agreement before it is saved.
    fn reconcile(
        _tx: &WriteTx<'_>,
        _row: &mut Self::Model,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send {
        async { Ok(()) }
    }

    /// Saves the rows that belong to it.
    fn save_children(
        _tx: &WriteTx<'_>,
        _id: Uuid,
        _details: &Self::Details,
    ) -> impl Future<Output = Result<ChildChanges, DatabaseError>> + Send {
        async { Ok(ChildChanges::default()) }
    }

    /// Reports what keeps the caller from deleting it.
    fn check_unused(
        _tx: &WriteTx<'_>,
        _caller: &Caller,
        _row: &Self::Model,
        _move_to: Option<&str>,
        _problems: &mut Problems,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send {
        async { Ok(()) }
    }

    /// Removes what refers to it, before it is deleted. Contacts are left to the cascade.
    fn unlink(
        _tx: &WriteTx<'_>,
        _row: &mut Self::Model,
        _move_to: Option<&str>,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send {
        async { Ok(()) }
    }
}

/// The columns that the tables of all kinds have, in an `impl ReferenceKind`.
macro_rules! columns {
    () => {
        const EXTERNAL_ID: Column = Column::ExternalId;
        const NAME: Column = Column::Name;
        const NAME_KEY: Column = Column::NameKey;
        const UPDATED_AT: Column = Column::UpdatedAt;
        const DELETED_AT: Column = Column::DeletedAt;
    };
}
pub(crate) use columns;

/// Result of saving the rows that belong to another one.
#[derive(Debug, Default)]
pub(crate) struct ChildChanges {
    /// True if any was changed.
    pub(crate) any: bool,
    /// Subjects of the cascades that the changes start.
    pub(crate) cascades: Vec<(Subject, Uuid)>,
}

/// Row that a command wrote.
#[derive(Clone, Debug)]
pub(crate) struct Saved<M> {
    pub(crate) id: Uuid,
    /// The row as it was written; `None` in a repeat under an idempotency key.
    pub(crate) row: Option<Arc<M>>,
    /// Cascades that are still to run.
    pub(crate) cascades: Vec<Uuid>,
}

impl<M> Replay for Saved<M> {
    fn record(&self) -> Value {
        json!(self.id)
    }

    fn replay(record: Value) -> Option<Self> {
        let id = serde_json::from_value(record).ok()?;
        Some(Self { id, row: None, cascades: Vec::new() })
    }
}

/// Runs a job, and then the cascades that it has recorded.
pub(crate) async fn write_with_cascades<J, M>(
    request: &Request<'_>,
    job: J,
) -> Result<Answered<J::Answer>, WriteError>
where
    J: Job<Answer = Written<Option<Saved<M>>>>,
{
    let answered = request.write(job).await?;
    if let Answered::Answer(Written { value: Some(saved), .. }) = &answered {
        cascades::run(request, saved.cascades.clone()).await;
    }
    Ok(answered)
}

/// Returns the live row with this id; an id that is not a UUID names none.
async fn find<E: ReferenceKind>(tx: &WriteTx<'_>, id: &str) -> Result<Option<E::Model>, DatabaseError> {
    let Ok(id) = id.parse::<Uuid>() else {
        return Ok(None);
    };
    let live = Condition::all().add(E::ID.eq(id)).add(E::DELETED_AT.is_null());
    Ok(tx.find::<E>(live).await?.pop())
}
