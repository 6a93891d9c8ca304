//! Plans: parts of a query that are written as JSON right from the rows of the database.
//!
//! The library makes a future of each field and a tree of values of each answer, which for a page of contacts
//! takes more time than the database does. A plan knows beforehand which cell of a row is which field. It makes
//! no errors: where it cannot write a root field, it gives up, and the library answers that field, with
//! whatever error there is to tell.

mod cell;
mod object;
mod page;
mod relation;
mod rows;
mod tables;

use async_graphql::{
    ID, InputType,
    parser::types::{Field, OperationDefinition, OperationType},
};
use entity::contact::{self, Column};
use uuid::Uuid;

use self::{
    object::{Builder, fields},
    page::Page,
    relation::Selected,
};
use super::{
    answer_size::AnswerSize,
    contact::{filter::ContactIdentifierInput, nested::ContactsArguments},
    documents::Types,
    error::{ApiError, ApiResult},
};
use crate::{
    access::{Caller, Scope},
    contacts,
    database::Tenant,
    error::DatabaseError,
    organizations::SettingsCache,
    paging::PageError,
};

/// The reads of one request.
pub(super) struct Reader<'a> {
    pub(super) caller: &'a Caller,
    pub(super) tenant: Tenant,
    pub(super) settings: &'a SettingsCache,
    pub(super) size: AnswerSize,
}

/// Reason for the library to answer a root field. Whatever it is, it will meet it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct GiveUp;

/// Plan of a root field.
#[derive(Debug)]
pub(super) struct Plan(Root);

#[derive(Debug)]
enum Root {
    Contacts(Page),
    Contact(Contact),
    ContactByIdentifier(Contact),
}

/// A contact of a selection.
#[derive(Debug)]
struct Contact(Selected<contact::Entity>);

/// Returns the plans of the root fields of an operation in its normal form, in their order; `None` for those
/// that the library has to answer.
pub(super) fn plans(types: &Types, operation: &OperationDefinition) -> Vec<Option<Plan>> {
    let builder = Builder { types };
    let is_query = operation.ty == OperationType::Query;
    let root = fields(&operation.selection_set.node);
    root.map(|field| field.filter(|_| is_query).and_then(|field| Plan::of(&builder, field))).collect()
}

impl Plan {
    fn of(builder: &Builder<'_>, field: &Field) -> Option<Self> {
        let selection = &field.selection_set.node;
        let contact = || {
            let mut contact = Selected::new(Column::Id);
            contact.add(builder, selection)?;
            Some(Contact(contact))
        };
        let root = match field.name.node.as_str() {
            "contacts" => Page::of(builder, selection).map(Root::Contacts),
            "contact" => contact().map(Root::Contact),
            "contactByIdentifier" => contact().map(Root::ContactByIdentifier),
            _ => None,
        };
        root.map(Self)
    }

    /// Answers the root field, whose arguments it is given, as JSON.
    pub(super) async fn answer(&self, reader: &Reader<'_>, field: &Field) -> Result<Vec<u8>, GiveUp> {
        if !reader.caller.scopes.allow(Scope::ContactsRead) {
            return Err(GiveUp);
        }
        match &self.0 {
            Root::Contacts(page) => {
                let query = arguments(field)?.into_query(reader.phone_region(), None).await?;
                page.write(reader, &query).await
            }
            Root::Contact(contact) => {
                let id = argument::<ID>(field, "id")?.parse::<Uuid>();
                contact.write(reader, id.ok()).await
            }
            Root::ContactByIdentifier(contact) => {
                let identifier = argument::<ContactIdentifierInput>(field, "identifier")?.into();
                let region = reader.phone_region().await?;
                let ids = contacts::identified(&reader.tenant, identifier, region).await?;
                if ids.len() > 1 {
                    return Err(GiveUp);
                }
                contact.write(reader, ids.first().copied()).await
            }
        }
    }
}

impl Contact {
    async fn write(&self, reader: &Reader<'_>, id: Option<Uuid>) -> Result<Vec<u8>, GiveUp> {
        let Self(contact) = self;
        let mut found = None;
        if let Some(id) = id {
            let views = contacts::find_into(&reader.tenant, id, contact.columns(), contact.views()).await?;
            reader.size.add(views.size())?;
            found = contact.fill(reader, views).await?.pop();
        }
        let found = found.filter(|found| !found.rows.is_empty());
        Ok(found.map_or_else(|| b"null".to_vec(), |found| found.json))
    }
}

impl Reader<'_> {
    async fn phone_region(&self) -> ApiResult<Option<rlibphonenumber::Region>> {
        Ok(self.settings.in_force(&self.tenant).await?.policy.phone_region())
    }
}

/// Reads the arguments of a list of contacts.
fn arguments(field: &Field) -> Result<ContactsArguments, GiveUp> {
    Ok(ContactsArguments {
        first: argument(field, "first")?,
        after: argument(field, "after")?,
        last: argument(field, "last")?,
        before: argument(field, "before")?,
        offset: argument(field, "offset")?,
        updated_since: argument(field, "updatedSince")?,
        event: argument(field, "event")?,
        order: argument(field, "order")?,
        sort_key: argument(field, "sortKey")?,
        query: argument(field, "query")?,
        filter: argument(field, "filter")?,
        include_deleted: argument(field, "includeDeleted")?,
    })
}

/// Reads an argument by the library's rules.
fn argument<T: InputType>(field: &Field, name: &str) -> Result<T, GiveUp> {
    let given = field.get_argument(name).map(|value| value.node.clone().into_const().ok_or(GiveUp));
    T::parse(given.transpose()?).map_err(|_| GiveUp)
}

impl From<DatabaseError> for GiveUp {
    fn from(_: DatabaseError) -> Self {
        Self
    }
}

impl From<PageError> for GiveUp {
    fn from(_: PageError) -> Self {
        Self
    }
}

impl From<ApiError> for GiveUp {
    fn from(_: ApiError) -> Self {
        Self
    }
}
