//! Plans: parts of a query that are written as JSON right from the rows of the database.
//!
//! The library makes a future of each field and a tree of values of each answer, which for a page of contacts
//! takes more time than the database does. A plan knows beforehand which cell of a row is which field. It words
//! no errors: where it cannot write a root field, it gives up, and the library answers that field, with
//! whatever error there is to tell. Only if the database does not answer in time, the field fails at once.

mod cell;
mod object;
mod page;
mod relation;
mod rows;
mod tables;

use std::{collections::HashMap, ops::Range};

use async_graphql::{
    ID, Positioned,
    parser::types::{Field, OperationDefinition, OperationType, Selection, SelectionSet},
};
use entity::contact::{self, Column};
use futures_util::FutureExt as _;
use uuid::Uuid;

pub(super) use self::object::fields;
use self::{
    Unplanned::GiveUp,
    object::{Builder, Written as _},
    page::Page,
    relation::Selected,
};
use super::{
    answer_size::AnswerSize,
    contact::{filter::ContactIdentifierInput, nested::ContactsArguments},
    documents::Types,
    error::{ApiError, ApiResult},
    prepared::Arguments,
    query::MAX_NODES,
};
use crate::{
    access::{Caller, Scope},
    contacts,
    database::{
        Tenant,
        lookup::{ByKeys, OneById},
    },
    error::{DatabaseError, FailureKind},
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

/// Reason for which a root field is not answered by its plan.
#[derive(Debug)]
pub(super) enum Unplanned {
    /// The library has to answer it. Whatever is wrong, it will meet it again.
    GiveUp,
    /// The field fails: what it takes is not to be had, and would not be for the library.
    Failed(ApiError),
}

/// Plan of a root field.
#[derive(Debug)]
pub(super) struct Plan(Root);

#[derive(Debug)]
enum Root {
    Contacts(Page),
    Contact(Contact),
    ContactByIdentifier(Contact),
    /// An object that turns out to be a contact.
    Node(Contact),
    /// Objects that all turn out to be contacts.
    Nodes(Contacts),
}

/// A contact of a selection.
#[derive(Debug)]
struct Contact {
    contact: Selected<contact::Entity>,
    select: OneById<contact::Entity>,
}

/// Contacts of a selection.
#[derive(Debug)]
struct Contacts {
    contacts: Selected<contact::Entity>,
    rows: ByKeys<contact::Entity>,
}

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
        let contacts = |selection| {
            let mut contacts = Selected::new(Column::Id);
            contacts.add(builder, selection)?;
            Some(contacts)
        };
        let contact = |selection| {
            let contact = contacts(selection)?;
            let select = OneById::new(contact.columns().to_owned());
            Some(Contact { contact, select })
        };
        let root = match field.name.node.as_str() {
            "contacts" => Page::of(builder, selection).map(Root::Contacts),
            "contact" => contact(selection).map(Root::Contact),
            "contactByIdentifier" => contact(selection).map(Root::ContactByIdentifier),
            "node" => contact(on_contacts(selection)?).map(Root::Node),
            "nodes" => {
                let contacts = contacts(on_contacts(selection)?)?;
                Some(Root::Nodes(Contacts { contacts, rows: ByKeys::ids() }))
            }
            _ => None,
        };
        root.map(Self)
    }

    /// Answers the root field, whose arguments it is given, as JSON behind the text that comes before it.
    pub(super) async fn answer(
        &self,
        reader: &Reader<'_>,
        arguments: Arguments<'_>,
        before: &[u8],
    ) -> Result<Vec<u8>, Unplanned> {
        if !reader.caller.scopes.allow(Scope::ContactsRead) {
            return Err(GiveUp);
        }
        match &self.0 {
            Root::Contacts(page) => {
                // Boxed, as those below are: of a field that is one contact, the future of a list is no part.
                let answer = async {
                    let query = list_arguments(arguments)?.into_query(reader.phone_region(), None).await?;
                    page.write(reader, &query, before).await
                };
                answer.boxed().await
            }
            Root::Contact(contact) => {
                let id = arguments.read::<ID>("id").ok_or(GiveUp)?.parse::<Uuid>();
                Ok(or_null(contact.write(reader, id.ok(), before).boxed().await?, before))
            }
            Root::Node(contact) => {
                let id = arguments.read::<ID>("id").ok_or(GiveUp)?.parse::<Uuid>();
                // What is not a contact may be another object.
                contact.write(reader, id.ok(), before).boxed().await?.ok_or(GiveUp)
            }
            Root::Nodes(contacts) => {
                let ids = arguments.read::<Vec<ID>>("ids").ok_or(GiveUp)?;
                nodes(reader, contacts, &ids, before).boxed().await
            }
            Root::ContactByIdentifier(contact) => {
                let identifier = arguments.read::<ContactIdentifierInput>("identifier").ok_or(GiveUp)?.into();
                let region = reader.phone_region().await?;
                let ids = contacts::identified(&reader.tenant, identifier, region).boxed().await?;
                if ids.len() > 1 {
                    return Err(GiveUp);
                }
                let id = ids.first().copied();
                Ok(or_null(contact.write(reader, id, before).boxed().await?, before))
            }
        }
    }
}

impl Contact {
    /// Reads and writes the contact with this id; `None` if there is none.
    async fn write(
        &self,
        reader: &Reader<'_>,
        id: Option<Uuid>,
        before: &[u8],
    ) -> Result<Option<Vec<u8>>, Unplanned> {
        let Self { contact, select } = self;
        let mut found = None;
        if let Some(id) = id {
            let views = select.read_into(&reader.tenant, id, contact.views(reader, 1, before)).await?;
            found = contact.fill(reader, views).await?.pop();
            reader.size.add_objects(found.iter().flat_map(|found| &found.listed).sum())?;
        }
        let found = found.filter(|found| !found.rows.is_empty());
        Ok(found.map(|found| found.json))
    }
}

fn or_null(json: Option<Vec<u8>>, before: &[u8]) -> Vec<u8> {
    json.unwrap_or_else(|| [before, b"null"].concat())
}

/// Returns a selection of any object if it is on contacts only. Otherwise the objects are of several types, which
/// the library looks up together.
fn on_contacts(selection: &SelectionSet) -> Option<&SelectionSet> {
    let [Positioned { node: Selection::InlineFragment(part), .. }] = &*selection.items else { return None };
    let condition = part.node.type_condition.as_ref()?;
    (condition.node.on.node == contact::Entity::TYPE).then_some(&part.node.selection_set.node)
}

/// Reads and writes the contacts with these ids, in their order.
async fn nodes(
    reader: &Reader<'_>,
    Contacts { contacts, rows }: &Contacts,
    ids: &[ID],
    before: &[u8],
) -> Result<Vec<u8>, Unplanned> {
    if ids.len() > MAX_NODES {
        return Err(GiveUp);
    }
    let ids = ids.iter().map(|id| id.parse::<Uuid>().map_err(|_| GiveUp));
    let ids: Vec<Uuid> = ids.collect::<Result<_, _>>()?;
    let views = contacts.views(reader, ids.len(), &[]);
    let views = rows.read_into(&reader.tenant, &ids, contacts.columns(), views).await?;
    let found = contacts.fill(reader, views).await?.pop().ok_or(GiveUp)?;
    let rows = found.rows.iter().enumerate();
    let of_row = |(index, (id, row)): (usize, &(Uuid, Range<usize>))| {
        (*id, (&found.json[row.clone()], found.listed(index)))
    };
    let found: HashMap<Uuid, (&[u8], usize)> = rows.map(of_row).collect();
    let (mut json, mut listed) = (before.to_vec(), 0);
    page::list(&mut json, ids.len(), |json, index| {
        let id = ids.get(index).ok_or(GiveUp)?;
        let (object, objects) = found.get(id).ok_or(GiveUp)?;
        listed += objects;
        json.extend_from_slice(object);
        Ok(())
    })?;
    reader.size.add_objects(listed)?;
    Ok(json)
}

impl Reader<'_> {
    async fn phone_region(&self) -> ApiResult<Option<rlibphonenumber::Region>> {
        Ok(self.settings.in_force(&self.tenant).await?.policy.phone_region())
    }
}

/// Reads the arguments of a list of contacts.
fn list_arguments(arguments: Arguments<'_>) -> Result<ContactsArguments, Unplanned> {
    let read = || {
        Some(ContactsArguments {
            first: arguments.read("first")?,
            after: arguments.read("after")?,
            last: arguments.read("last")?,
            before: arguments.read("before")?,
            offset: arguments.read("offset")?,
            updated_since: arguments.read("updatedSince")?,
            event: arguments.read("event")?,
            order: arguments.read("order")?,
            sort_key: arguments.read("sortKey")?,
            query: arguments.read("query")?,
            filter: arguments.read("filter")?,
            include_deleted: arguments.read("includeDeleted")?,
        })
    };
    read().ok_or(GiveUp)
}

impl From<DatabaseError> for Unplanned {
    fn from(error: DatabaseError) -> Self {
        match error.kind {
            // Its rows may have been half taken, so it was not read again on another connection.
            _ if error.connection_lost() => GiveUp,
            FailureKind::Overloaded
            | FailureKind::Timeout
            | FailureKind::RateLimited
            | FailureKind::Unavailable => Self::Failed(error.into()),
            FailureKind::Conflict | FailureKind::StorageFull | FailureKind::Internal => GiveUp,
        }
    }
}

impl From<PageError> for Unplanned {
    fn from(error: PageError) -> Self {
        match error {
            PageError::Database(error) => error.into(),
            PageError::Argument { .. } | PageError::Cursor { .. } => GiveUp,
        }
    }
}

impl From<ApiError> for Unplanned {
    fn from(_: ApiError) -> Self {
        GiveUp
    }
}
