//! What companies, teams, users and pipelines have in common: a name, an external id, and how they
//! are created, changed and deleted.

use std::{fmt::Debug, future::Future, sync::Arc};

use entity::{Tenanted, follow_up::Subject};
use sea_orm::{ColumnTrait as _, EntityTrait, IntoActiveModel, ModelTrait, sea_query::Condition};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    access::Caller,
    cascades,
    database::{Job, Outcome, Read as _, WriteError, WriteTx},
    error::{DatabaseError, During as _},
    input::{
        patch::Patch,
        problem::{ProblemCode, Problems, Referent},
        text::{self, Lines, is_blank, sort_key, stored_fold},
    },
    writing::{
        Execute, Operation, Request, Written,
        cascade::{self, Actor},
        idempotency::{Answered, Replay},
    },
};

/// A change, as data. Ids are as they were given: what is no UUID is answered like an unknown one.
#[derive(Clone, Debug)]
pub enum Command<D> {
    /// Make one.
    Create {
        /// The id it gets.
        id: Uuid,
        /// What is known of it.
        draft: D,
    },
    /// Change one: what is omitted stays.
    Update {
        /// Which.
        id: String,
        /// What to change.
        draft: D,
    },
    /// Delete one.
    Delete {
        /// Which.
        id: String,
        /// The stage that its contacts move to, if it is a pipeline.
        move_to: Option<String>,
    },
}

/// What every draft says.
#[derive(Clone, Debug, Default)]
pub struct Named {
    /// Not blank.
    pub name: Patch<String>,
    /// Unique among the live ones of the kind; null and blank are none.
    pub external_id: Patch<String>,
}

/// Row that a command wrote.
#[derive(Clone, Debug)]
pub struct Saved<M> {
    /// Its id.
    pub id: Uuid,
    /// The row as it is now, or was when it was deleted; `None` in a repeat.
    pub row: Option<Arc<M>>,
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

/// A kind of thing that contacts refer to.
pub(crate) trait Kind:
    Tenanted<Model: IntoActiveModel<Self::ActiveModel> + PartialEq + Sync, ActiveModel: Send>
{
    /// What is said of one.
    type Draft: Clone + Debug + Send + Sync + 'static;
    const ID: Self::Column;
    const EXTERNAL_ID: Self::Column;
    const NAME: Self::Column;
    const NAME_KEY: Self::Column;
    /// What its name is searched in, if it is.
    const NAME_FOLD: Option<Self::Column> = None;
    const UPDATED_AT: Self::Column;
    const DELETED_AT: Self::Column;
    /// What its ids name.
    const REFERENT: Referent;
    /// What its contacts follow.
    const SUBJECT: Subject;
    /// Whether it is among the settings that writes are prepared with.
    const IS_SETTING: bool;
    /// Whether contacts show its name.
    const IS_SHOWN: bool;

    /// A new one of which nothing is known yet.
    fn blank(org_id: Uuid, id: Uuid, at: i64) -> Self::Model;
    /// The part of a draft that is common to all kinds.
    fn named(draft: &mut Self::Draft) -> &mut Named;
    /// Checks and normalizes the rest of a draft.
    fn check(draft: &mut Self::Draft, problems: &mut Problems);
    /// Puts the rest of a draft into a row.
    fn fill(row: &mut Self::Model, draft: &Self::Draft);
    /// Checks the draft against what is there: what it refers to, and the row as it was.
    fn verify(
        _tx: &WriteTx<'_>,
        _old: Option<&Self::Model>,
        _draft: &Self::Draft,
        _faults: &mut Problems,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send {
        async { Ok(()) }
    }
    /// Makes room among the others for a row that is about to be written.
    fn make_room(
        _tx: &WriteTx<'_>,
        _row: &mut Self::Model,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send {
        async { Ok(()) }
    }
    /// Writes what belongs to one beside its row.
    fn save_parts(
        _tx: &WriteTx<'_>,
        _id: Uuid,
        _draft: &Self::Draft,
    ) -> impl Future<Output = Result<Parts, DatabaseError>> + Send {
        async { Ok(Parts::default()) }
    }
    /// Problems what stands in the way of a deletion.
    fn check_unused(
        _tx: &WriteTx<'_>,
        _row: &Self::Model,
        _move_to: Option<&str>,
        _faults: &mut Problems,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send {
        async { Ok(()) }
    }
    /// Takes one that is being deleted out of everything but contacts.
    fn unlink(
        _tx: &WriteTx<'_>,
        _row: &mut Self::Model,
        _move_to: Option<&str>,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send {
        async { Ok(()) }
    }
}

/// The columns that the tables of all kinds have, in an `impl Kind`.
macro_rules! columns {
    () => {
        const ID: Column = Column::Id;
        const EXTERNAL_ID: Column = Column::ExternalId;
        const NAME: Column = Column::Name;
        const NAME_KEY: Column = Column::NameKey;
        const UPDATED_AT: Column = Column::UpdatedAt;
        const DELETED_AT: Column = Column::DeletedAt;
    };
}
pub(crate) use columns;

/// What was written beside a row.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    /// Whether anything was.
    pub(crate) changed: bool,
    /// What contacts are to follow of it.
    pub(crate) followed: Vec<(Subject, Uuid)>,
}

/// Runs a command: the one way to change things of this kind.
#[derive(Debug)]
pub(crate) struct Run<E: Kind>(pub(crate) Command<E::Draft>);

impl<E: Kind> Execute for Run<E> {
    type Answer = Written<Option<Saved<E::Model>>>;

    async fn execute(self, request: &Request<'_>) -> Result<Answered<Self::Answer>, WriteError> {
        write_with_cascades(request, Change::<E>::prepare(self.0, request.caller)).await
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

/// A command, checked.
#[derive(Debug)]
struct Change<E: Kind> {
    command: Command<E::Draft>,
    problems: Problems,
    actor: Actor,
}

impl<E: Kind> Change<E> {
    fn prepare(mut command: Command<E::Draft>, caller: &Caller) -> Self {
        let mut problems = Problems::default();
        let is_new = matches!(command, Command::Create { .. });
        if let Command::Create { draft, .. } | Command::Update { draft, .. } = &mut command {
            E::named(draft).check(&mut problems, is_new);
            E::check(draft, &mut problems);
        }
        Self { command, problems, actor: caller.into() }
    }
}

impl<E: Kind> Operation for Change<E> {
    type Answer = Written<Option<Saved<E::Model>>>;

    async fn run_one(&self, tx: &WriteTx<'_>) -> Result<Outcome<Self::Answer>, DatabaseError> {
        let mut problems = self.problems.clone();
        let (old, draft) = match &self.command {
            Command::Create { draft, .. } => (None, Some(draft)),
            Command::Update { id, draft } => (find::<E>(tx, id).await?, Some(draft)),
            Command::Delete { id, .. } => (find::<E>(tx, id).await?, None),
        };
        if old.is_none() && !matches!(self.command, Command::Create { .. }) {
            problems.not_found("id", E::REFERENT);
        }
        match (old, draft) {
            (old, Some(draft)) => {
                let id = match (&self.command, &old) {
                    (Command::Create { id, .. }, _) => Some(*id),
                    (_, old) => old.as_ref().map(id_of::<E>).transpose()?,
                };
                self.save(tx, problems, id, old, draft).await
            }
            (Some(old), None) => self.delete(tx, problems, old).await,
            (None, None) => Ok(refused(problems)),
        }
    }
}

impl<E: Kind> Change<E> {
    async fn save(
        &self,
        tx: &WriteTx<'_>,
        mut problems: Problems,
        id: Option<Uuid>,
        old: Option<E::Model>,
        draft: &E::Draft,
    ) -> Result<Outcome<Written<Option<Saved<E::Model>>>>, DatabaseError> {
        let named = E::named(&mut draft.clone()).clone();
        E::verify(tx, old.as_ref(), draft, &mut problems).await?;
        if let Patch::Value(external_id) = &named.external_id
            && is_taken::<E>(tx, external_id, id).await?
        {
            let message = "is taken: another one has this external id";
            problems.add("externalId", ProblemCode::ExternalIdTaken, message);
        }
        let Some(id) = id.filter(|_| problems.is_empty()) else {
            return Ok(refused(problems));
        };
        let mut row = match &old {
            Some(old) => clone(old),
            None => E::blank(tx.org_id(), id, tx.clock().at),
        };
        named.fill::<E>(&mut row)?;
        E::fill(&mut row, draft);
        E::make_room(tx, &mut row).await?;
        let Some(old) = old else {
            tx.insert::<E>(vec![clone(&row)]).await?;
            E::save_parts(tx, id, draft).await?;
            return self.done(tx, row, Vec::new()).await;
        };
        let Parts { changed, mut followed } = E::save_parts(tx, id, draft).await?;
        if !changed && row == old {
            let saved = Saved { id, row: Some(row.into()), cascades: Vec::new() };
            return Ok(Outcome::Unchanged(Written::new(Some(saved))));
        }
        if E::IS_SHOWN && row.get(E::NAME) != old.get(E::NAME) {
            followed.push((E::SUBJECT, id));
        }
        self.set(&mut row, E::UPDATED_AT, tx)?;
        tx.replace::<E>(vec![clone(&row)]).await?;
        self.done(tx, row, followed).await
    }

    async fn delete(
        &self,
        tx: &WriteTx<'_>,
        mut problems: Problems,
        mut row: E::Model,
    ) -> Result<Outcome<Written<Option<Saved<E::Model>>>>, DatabaseError> {
        let move_to = match &self.command {
            Command::Delete { move_to, .. } => move_to.as_deref(),
            Command::Create { .. } | Command::Update { .. } => None,
        };
        E::check_unused(tx, &row, move_to, &mut problems).await?;
        if !problems.is_empty() {
            return Ok(refused(problems));
        }
        E::unlink(tx, &mut row, move_to).await?;
        self.set(&mut row, E::UPDATED_AT, tx)?;
        self.set(&mut row, E::DELETED_AT, tx)?;
        tx.replace::<E>(vec![clone(&row)]).await?;
        let id = id_of::<E>(&row)?;
        self.done(tx, row, vec![(E::SUBJECT, id)]).await
    }

    async fn done(
        &self,
        tx: &WriteTx<'_>,
        row: E::Model,
        followed: Vec<(Subject, Uuid)>,
    ) -> Result<Outcome<Written<Option<Saved<E::Model>>>>, DatabaseError> {
        if E::IS_SETTING {
            tx.settings_changed().await?;
        }
        let id = id_of::<E>(&row)?;
        let cascades = cascade::record(tx, followed, &self.actor).await?;
        Ok(Outcome::Changed(Written::new(Some(Saved { id, row: Some(row.into()), cascades }))))
    }

    #[expect(clippy::unused_self, reason = "reads better beside the others")]
    fn set(&self, row: &mut E::Model, column: E::Column, tx: &WriteTx<'_>) -> Result<(), DatabaseError> {
        row.try_set(column, Some(tx.clock().at).into()).during("stamping a row")
    }
}

impl Named {
    /// Checks both; a new thing has a name.
    pub(crate) fn check(&mut self, problems: &mut Problems, is_new: bool) {
        match &mut self.name {
            Patch::Value(name) if !is_blank(name) => {
                *name = name.trim().to_owned();
                text::check(problems, "name", name, 256, Lines::One);
            }
            Patch::Absent if !is_new => {}
            _ => problems.add("name", ProblemCode::NameRequired, "is required, and not blank"),
        }
        blank_is_null(&mut self.external_id);
        if let Patch::Value(external_id) = &self.external_id
            && !text::check(problems, "externalId", external_id, 255, Lines::One)
        {
            // Looked up under the clock, where PostgreSQL takes no text with a zero in it.
            self.external_id = Patch::Absent;
        }
    }

    fn fill<E: Kind>(self, row: &mut E::Model) -> Result<(), DatabaseError> {
        const DURING: &str = "naming a row";
        if let Patch::Value(name) = self.name {
            row.try_set(E::NAME_KEY, sort_key(&name).into()).during(DURING)?;
            if let Some(column) = E::NAME_FOLD {
                row.try_set(column, stored_fold(&name).into()).during(DURING)?;
            }
            row.try_set(E::NAME, name.into()).during(DURING)?;
        }
        match self.external_id {
            Patch::Value(external_id) => row.try_set(E::EXTERNAL_ID, Some(external_id).into()),
            Patch::Null => row.try_set(E::EXTERNAL_ID, None::<String>.into()),
            Patch::Absent => Ok(()),
        }
        .during(DURING)
    }
}

/// Takes blank text for none.
pub(crate) fn blank_is_null(field: &mut Patch<String>) {
    if field.as_ref().value().is_some_and(|text| is_blank(text)) {
        *field = Patch::Null;
    }
}

/// Puts a field that may be null into its column.
pub(crate) fn put<T: Clone>(column: &mut Option<T>, field: &Patch<T>) {
    match field {
        Patch::Value(value) => *column = Some(value.clone()),
        Patch::Null => *column = None,
        Patch::Absent => {}
    }
}

fn refused<M>(problems: Problems) -> Outcome<Written<Option<M>>> {
    Outcome::Unchanged(Written::refused(problems))
}

fn clone<M: Clone>(row: &M) -> M {
    row.clone()
}

fn id_of<E: Kind>(row: &<E as EntityTrait>::Model) -> Result<Uuid, DatabaseError> {
    match row.get(E::ID) {
        sea_orm::Value::Uuid(Some(id)) => Ok(id),
        _ => Err(DatabaseError::internal("reading an id", "it is no UUID")),
    }
}

async fn find<E: Kind>(tx: &WriteTx<'_>, id: &str) -> Result<Option<E::Model>, DatabaseError> {
    let Ok(id) = id.parse::<Uuid>() else {
        return Ok(None);
    };
    let live = Condition::all().add(E::ID.eq(id)).add(E::DELETED_AT.is_null());
    Ok(tx.find::<E>(live).await?.pop())
}

async fn is_taken<E: Kind>(
    tx: &WriteTx<'_>,
    external_id: &str,
    own: Option<Uuid>,
) -> Result<bool, DatabaseError> {
    let others = Condition::all()
        .add(E::EXTERNAL_ID.eq(external_id))
        .add(E::DELETED_AT.is_null())
        .add_option(own.map(|own| E::ID.ne(own)));
    Ok(!tx.find::<E>(others).await?.is_empty())
}
