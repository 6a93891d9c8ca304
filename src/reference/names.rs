//! The name and the external id, which all kinds of reference data have.

use sea_orm::{ColumnTrait as _, ModelTrait as _, sea_query::Condition};
use uuid::Uuid;

use super::ReferenceKind;
use crate::{
    database::{Read as _, WriteTx},
    error::{DatabaseError, During as _},
    input::{
        patch::Patch,
        problem::{ProblemCode, Problems},
        text::{self, LineBreaks, is_blank, sort_key, stored_fold},
    },
};

/// Maximum characters of a name.
const MAX_NAME_CHARS: usize = 256;
/// Maximum characters of an external id.
const MAX_EXTERNAL_ID_CHARS: usize = 255;

/// Name and external id of an input.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    /// Never blank.
    pub(crate) name: Patch<String>,
    /// Unique among the live rows of the kind; blank is null.
    pub(crate) external_id: Patch<String>,
}

impl Names {
    /// Returns the names of a new row: a name, and perhaps an external id.
    pub(crate) fn of_new(name: String, external_id: Option<String>) -> Self {
        Self { name: Patch::Value(name), external_id: external_id.into() }
    }

    /// Checks and normalizes both. A new row must have a name.
    pub(crate) fn check(&mut self, problems: &mut Problems, is_new: bool) {
        match &mut self.name {
            Patch::Value(name) if !is_blank(name) => {
                *name = name.trim().to_owned();
                text::check(problems, "name", name, MAX_NAME_CHARS, LineBreaks::Refused);
            }
            Patch::Absent if !is_new => {}
            Patch::Value(_) | Patch::Null | Patch::Absent => {
                problems.add("name", ProblemCode::NameRequired, "is required, and not blank");
            }
        }
        self.external_id.null_if(|text| is_blank(text));
        if let Patch::Value(external_id) = &self.external_id
            && !text::check(problems, "externalId", external_id, MAX_EXTERNAL_ID_CHARS, LineBreaks::Refused)
        {
            // It would be looked up later, and PostgreSQL takes no text with a zero character.
            self.external_id = Patch::Absent;
        }
    }

    /// Reports an external id that another live row of the kind has.
    pub(super) async fn verify<E: ReferenceKind>(
        &self,
        tx: &WriteTx<'_>,
        own: Option<Uuid>,
        problems: &mut Problems,
    ) -> Result<(), DatabaseError> {
        let Patch::Value(external_id) = &self.external_id else {
            return Ok(());
        };
        let others = Condition::all()
            .add(E::EXTERNAL_ID.eq(external_id))
            .add(E::DELETED_AT.is_null())
            .add_option(own.map(|own| E::ID.ne(own)));
        if !tx.find::<E>(others).await?.is_empty() {
            let message = "is taken: another one has this external id";
            problems.add("externalId", ProblemCode::ExternalIdTaken, message);
        }
        Ok(())
    }

    /// Writes both into a row, the name also in the forms in which it is sorted and searched.
    pub(super) fn fill<E: ReferenceKind>(&self, row: &mut E::Model) -> Result<(), DatabaseError> {
        const DURING: &str = "naming a row";
        if let Patch::Value(name) = &self.name {
            row.try_set(E::NAME_KEY, sort_key(name).into()).during(DURING)?;
            if let Some(column) = E::NAME_FOLD {
                row.try_set(column, stored_fold(name).into()).during(DURING)?;
            }
            row.try_set(E::NAME, name.clone().into()).during(DURING)?;
        }
        let external_id = match &self.external_id {
            Patch::Value(external_id) => Some(external_id.clone()),
            Patch::Null => None,
            Patch::Absent => return Ok(()),
        };
        row.try_set(E::EXTERNAL_ID, external_id.into()).during(DURING)
    }
}
