//! Reading as one organization.

use std::{future::Future, sync::Arc};

use entity::Tenanted;
use sea_orm::{DbBackend, EntityTrait, QueryFilter, QueryTrait as _, Statement, Value, sea_query::Condition};
use uuid::Uuid;

use super::{
    Engine,
    readers::{self, MAX_FAST_PRICE, Readers},
    request::RequestShare,
    scope::{DEFAULT_PRICE, Row, Scoped, Template},
    selected::Selected,
    sink::Sink,
};
use crate::error::{DatabaseError, During as _};

const READING_ROWS: &str = "reading rows";
const READING_A_LIST: &str = "reading a list";

/// Reads of one organization's rows: outside a transaction ([`Tenant`]), or within one
/// ([`WriteTx`](super::WriteTx)).
pub trait Read: Send + Sync {
    /// Organization whose rows are read.
    fn org_id(&self) -> Uuid;

    /// Engine that keeps them.
    fn engine(&self) -> Engine;

    /// Returns the rows of an entity that satisfy a condition, in no promised order.
    ///
    /// # Errors
    /// The database failed.
    fn find<E: Tenanted>(
        &self,
        condition: Condition,
    ) -> impl Future<Output = Result<Vec<E::Model>, DatabaseError>> + Send;

    /// Starts a select over the rows of an entity.
    fn select<E: Tenanted>(&self) -> Scoped<E> {
        Scoped::new(self.org_id())
    }

    /// Runs a select.
    ///
    /// # Errors
    /// The database failed.
    fn rows<E: Tenanted>(
        &self,
        select: Scoped<E>,
    ) -> impl Future<Output = Result<Vec<Row<E>>, DatabaseError>> + Send;
}

/// Reads as one organization; its rows are the only ones it can see.
#[derive(Clone, Debug)]
pub struct Tenant {
    readers: Readers,
    org_id: Uuid,
    request: Option<Arc<RequestShare>>,
}

impl Tenant {
    pub(super) fn new(readers: Readers, org_id: Uuid, request: Option<Arc<RequestShare>>) -> Self {
        Self { readers, org_id, request }
    }

    /// Runs a select, and hands its rows to a sink, which comes back.
    ///
    /// # Errors
    /// The database failed, or the sink refused a row.
    pub async fn read_into<E: Tenanted, S: Sink>(
        &self,
        select: Scoped<E>,
        sink: S,
    ) -> Result<S, DatabaseError> {
        let read =
            readers::Read { is_bounded: select.is_bounded(), ..self.a_read(select.price(), READING_A_LIST) };
        self.readers.read_into(&select.build(self.engine()), read, sink).await
    }

    /// Runs the select of a template with these values at a price, and hands its rows to a sink, which comes back.
    ///
    /// # Errors
    /// The database failed, or the sink refused a row.
    pub async fn read_again_into<S: Sink>(
        &self,
        template: &Template,
        given: &[Option<Value>],
        price: u32,
        sink: S,
    ) -> Result<S, DatabaseError> {
        let statement = template.statement(self.org_id, given);
        let read = readers::Read { is_bounded: template.is_bounded(), ..self.a_read(price, READING_A_LIST) };
        self.readers.read_into(&statement, read, sink).await
    }

    /// Runs a statement that looks so many rows up by an index, and hands them to a sink, which comes back.
    pub(super) async fn look_up_into<S: Sink>(
        &self,
        statement: &Statement,
        rows: usize,
        sink: S,
    ) -> Result<S, DatabaseError> {
        let price = u32::try_from(rows).unwrap_or(u32::MAX).clamp(DEFAULT_PRICE, MAX_FAST_PRICE);
        let read = readers::Read { is_bounded: true, ..self.a_read(price, READING_ROWS) };
        self.readers.read_into(statement, read, sink).await
    }

    fn a_read(&self, price: u32, during: &'static str) -> readers::Read<'_> {
        let (org_id, request) = (self.org_id, self.request.as_ref());
        readers::Read { org_id, request, price, is_bounded: false, during }
    }

    async fn read(
        &self,
        statement: &Statement,
        price: u32,
        during: &'static str,
    ) -> Result<Vec<Selected>, DatabaseError> {
        self.readers.read(statement, self.a_read(price, during)).await
    }
}

impl Read for Tenant {
    fn org_id(&self) -> Uuid {
        self.org_id
    }

    fn engine(&self) -> Engine {
        self.readers.engine()
    }

    async fn find<E: Tenanted>(&self, condition: Condition) -> Result<Vec<E::Model>, DatabaseError> {
        let statement = find::<E>(self.org_id, condition, self.engine().backend());
        models::<E>(&self.read(&statement, DEFAULT_PRICE, READING_ROWS).await?)
    }

    async fn rows<E: Tenanted>(&self, select: Scoped<E>) -> Result<Vec<Row<E>>, DatabaseError> {
        let price = select.price();
        let statement = select.build(self.engine());
        let rows = self.read(&statement, price, READING_A_LIST).await?;
        Ok(rows.into_iter().map(Row::selected).collect())
    }
}

/// Returns the select of the organization's rows that satisfy a condition.
#[expect(clippy::disallowed_methods, reason = "the organization is added here")]
pub(super) fn find<E: Tenanted>(org_id: Uuid, condition: Condition, backend: DbBackend) -> Statement {
    use sea_orm::ColumnTrait as _;
    <E as EntityTrait>::find().filter(E::ORG_ID.eq(org_id)).filter(condition).build(backend)
}

/// Returns the models of rows of which all columns were selected.
pub(super) fn models<E: Tenanted>(rows: &[Selected]) -> Result<Vec<E::Model>, DatabaseError> {
    rows.iter().map(Selected::model::<E>).collect::<Result<_, _>>().during(READING_ROWS)
}
