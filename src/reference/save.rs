//! Creating and updating reference data.

use entity::cascade::Subject;
use sea_orm::{ColumnTrait as _, ModelTrait as _};
use uuid::Uuid;

use super::{ChildChanges, Names, ReferenceKind, Saved, find, write_with_cascades};
use crate::{
    access::Caller,
    database::{Outcome, Read as _, WriteError, WriteTx},
    error::{DatabaseError, During as _},
    input::problem::{ProblemCode, Problems},
    writing::{
        Execute, Operation, Request, Written,
        cascade::{self, Actor},
        idempotency::Answered,
    },
};

/// Creates a row.
#[derive(Debug)]
pub(crate) struct Create<E: ReferenceKind> {
    /// Id that it gets.
    pub(crate) id: Uuid,
    pub(crate) names: Names,
    pub(crate) details: E::Details,
}

/// Updates a row: what is absent stays.
#[derive(Debug)]
pub(crate) struct Update<E: ReferenceKind> {
    /// Id as it was given; one that is not a UUID is answered like an unknown one.
    pub(crate) id: String,
    pub(crate) names: Names,
    pub(crate) details: E::Details,
}

impl<E: ReferenceKind> Execute for Create<E> {
    type Answer = Written<Option<Saved<E::Model>>>;

    async fn execute(self, request: &Request<'_>) -> Result<Answered<Self::Answer>, WriteError> {
        let Self { id, names, details } = self;
        let save = Save::<E>::prepare(Target::New(id), names, details, request.caller);
        write_with_cascades(request, save).await
    }
}

impl<E: ReferenceKind> Execute for Update<E> {
    type Answer = Written<Option<Saved<E::Model>>>;

    async fn execute(self, request: &Request<'_>) -> Result<Answered<Self::Answer>, WriteError> {
        let Self { id, names, details } = self;
        let save = Save::<E>::prepare(Target::Existing(id), names, details, request.caller);
        write_with_cascades(request, save).await
    }
}

/// Row to save.
#[derive(Debug)]
enum Target {
    /// A new one, with this id.
    New(Uuid),
    /// The one with this id, as it was given.
    Existing(String),
}

/// Either command, checked as far as it can be without the database.
#[derive(Debug)]
struct Save<E: ReferenceKind> {
    target: Target,
    names: Names,
    details: E::Details,
    problems: Problems,
    /// Reason why the caller may not do it, if the row exists.
    denial: Option<(ProblemCode, &'static str)>,
    actor: Actor,
}

impl<E: ReferenceKind> Save<E> {
    fn prepare(target: Target, mut names: Names, mut details: E::Details, caller: &Caller) -> Self {
        let mut problems = Problems::default();
        names.check(&mut problems, matches!(target, Target::New(_)));
        E::check(&mut details, &mut problems);
        let denial = match &target {
            Target::New(_) => E::denial(caller, None),
            Target::Existing(id) => id.parse().ok().and_then(|id| E::denial(caller, Some(id))),
        };
        Self { target, names, details, problems, denial, actor: caller.into() }
    }
}

impl<E: ReferenceKind> Operation for Save<E> {
    type Answer = Written<Option<Saved<E::Model>>>;

    async fn run_one(&self, tx: &WriteTx<'_>) -> Result<Outcome<Self::Answer>, DatabaseError> {
        let mut problems = self.problems.clone();
        let (id, old) = match &self.target {
            Target::New(id) => {
                if let Some((code, message)) = self.denial {
                    problems.add("", code, message);
                }
                verify_number::<E>(tx, &mut problems).await?;
                (Some(*id), None)
            }
            Target::Existing(id) => {
                let old = find::<E>(tx, id).await?;
                match (&old, self.denial) {
                    (None, _) => problems.not_found("id", E::REFERENT),
                    (Some(_), Some((code, message))) => problems.add("id", code, message),
                    (Some(_), None) => {}
                }
                (old.as_ref().map(E::id), old)
            }
        };
        // Checked even where the row is not found, so that all problems are reported at once.
        E::verify(tx, old.as_ref(), &self.details, &mut problems).await?;
        self.names.verify::<E>(tx, id, &mut problems).await?;
        let Some(id) = id.filter(|_| problems.is_empty()) else {
            return Ok(Outcome::Unchanged(Written::refused(problems)));
        };
        let mut row = old.clone().unwrap_or_else(|| E::new_row(tx.org_id(), id, tx.clock().at));
        self.names.fill::<E>(&mut row)?;
        E::fill(&mut row, &self.details);
        E::reconcile(tx, &mut row).await?;
        let mut cascades: Vec<(Subject, Uuid)> = Vec::new();
        match old {
            // Its children refer to it: it comes first.
            None => {
                tx.insert::<E>(vec![row.clone()]).await?;
                E::save_children(tx, id, &self.details).await?;
            }
            Some(old) => {
                let children: ChildChanges = E::save_children(tx, id, &self.details).await?;
                if !children.any && row == old {
                    let saved = Saved { id, row: Some(row.into()), cascades: Vec::new() };
                    return Ok(Outcome::Unchanged(Written::new(Some(saved))));
                }
                cascades = children.cascades;
                if E::IS_SHOWN && row.get(E::NAME) != old.get(E::NAME) {
                    cascades.push((E::SUBJECT, id));
                }
                row.try_set(E::UPDATED_AT, tx.clock().at.into()).during("stamping a row")?;
                tx.replace::<E>(vec![row.clone()]).await?;
            }
        }
        finish::<E>(tx, row, cascades, &self.actor).await
    }
}

/// Reports that another row would be more than an organization may have. The change clock is held, so nobody can
/// add one meanwhile.
async fn verify_number<E: ReferenceKind>(
    tx: &WriteTx<'_>,
    problems: &mut Problems,
) -> Result<(), DatabaseError> {
    let Some((maximum, name)) = E::MAX_LIVE else {
        return Ok(());
    };
    let live = tx.select::<E>().column(E::ID).filter(E::DELETED_AT.is_null()).limit(maximum as u64);
    if tx.rows(live).await?.len() >= maximum {
        let message = format!("would make more than {maximum} {name}, the maximum of an organization");
        problems.add("", ProblemCode::TooMany, message);
    }
    Ok(())
}

/// Counts a change of the settings, if it is one, and records its cascades.
pub(super) async fn finish<E: ReferenceKind>(
    tx: &WriteTx<'_>,
    row: E::Model,
    cascades: Vec<(Subject, Uuid)>,
    actor: &Actor,
) -> Result<Outcome<Written<Option<Saved<E::Model>>>>, DatabaseError> {
    if E::IS_SETTING {
        tx.settings_changed().await?;
    }
    let cascades = cascade::record(tx, cascades, actor).await?;
    let saved = Saved { id: E::id(&row), row: Some(row.into()), cascades };
    Ok(Outcome::Changed(Written::new(Some(saved))))
}
