//! What mutations answer: the thing, and what its caller has to mend.

mod contacts;
mod error;

pub(super) use contacts::{
    CreateContactPayload, CreateContactsPayload, DeleteContactPayload, DeleteContactsPayload,
    PurgeContactsPayload, RestoreContactsPayload, UpdateContactPayload, UpdateContactsPayload,
    UpsertContactPayload,
};
pub(super) use error::{UserError, user_errors};
