//! The inputs of mutations of companies, teams, users and tags, as commands.

use async_graphql::{ID, InputObject, MaybeUndefined};
use uuid::Uuid;

use crate::{
    companies,
    input::patch::Patch,
    related::{Command, Named},
    tags, teams, users,
};

/// A new company.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct CreateCompanyInput {
    /// Not blank, at most 256 characters; trimmed. Several companies may have the same.
    name: String,
    /// An http or https address; `https://` is added when it has no scheme.
    website: Option<String>,
    /// The line of business, at most 1,024 characters.
    industry: Option<String>,
    /// Your own key for this company, at most 255 characters; `EXTERNAL_ID_TAKEN` if another has it.
    external_id: Option<String>,
}

/// A change to a company. Omitted: unchanged. Null: cleared, but for the name.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct UpdateCompanyInput {
    /// Which company.
    id: ID,
    /// Linked contacts show the new name too, each a change of its own. Null or blank is `NAME_REQUIRED`.
    name: MaybeUndefined<String>,
    /// An http or https address; `https://` is added when it has no scheme.
    website: MaybeUndefined<String>,
    /// The line of business, at most 1,024 characters.
    industry: MaybeUndefined<String>,
    /// Your own key for this company, at most 255 characters; `EXTERNAL_ID_TAKEN` if another has it.
    external_id: MaybeUndefined<String>,
}

/// A company to delete. Contacts linked to it keep its name as text.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct DeleteCompanyInput {
    /// Which company.
    id: ID,
}

/// A new team.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct CreateTeamInput {
    /// Not blank, at most 256 characters; trimmed. Several teams may have the same.
    name: String,
    /// Your own key for this team, at most 255 characters; `EXTERNAL_ID_TAKEN` if another has it.
    external_id: Option<String>,
    /// Users, at most 200, in the order they are to be shown; repeated ones count once.
    member_ids: Option<Vec<ID>>,
}

/// A change to a team. Omitted: unchanged. Null: cleared, but for the name.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct UpdateTeamInput {
    /// Which team.
    id: ID,
    /// Null or blank is `NAME_REQUIRED`.
    name: MaybeUndefined<String>,
    /// Your own key for this team, at most 255 characters; `EXTERNAL_ID_TAKEN` if another has it.
    external_id: MaybeUndefined<String>,
    /// Replaces all members; at most 200. Null or empty: none.
    member_ids: MaybeUndefined<Vec<ID>>,
}

/// A team to delete. Its contacts then belong to none.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct DeleteTeamInput {
    /// Which team.
    id: ID,
}

/// A new user.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct CreateUserInput {
    /// Not blank, at most 256 characters; trimmed. Several users may have the same.
    name: String,
    /// Where to reach them.
    email: Option<String>,
    /// Your own key for this user, at most 255 characters; `EXTERNAL_ID_TAKEN` if another has it.
    external_id: Option<String>,
}

/// A change to a user. Omitted: unchanged. Null: cleared, but for the name.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct UpdateUserInput {
    /// Which user.
    id: ID,
    /// Null or blank is `NAME_REQUIRED`.
    name: MaybeUndefined<String>,
    /// Where to reach them.
    email: MaybeUndefined<String>,
    /// Your own key for this user, at most 255 characters; `EXTERNAL_ID_TAKEN` if another has it.
    external_id: MaybeUndefined<String>,
}

/// A user to delete. Contacts lose them as owner and assignee, teams as member, and keys of theirs
/// stay and belong to nobody.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct DeleteUserInput {
    /// Which user.
    id: ID,
}

/// A tag to rename.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct RenameTagInput {
    /// What it is called now, whatever the case.
    name: String,
    /// At most 64 characters; `NAME_TAKEN` if another tag is called so, whatever the case. Another
    /// case of the same name is welcome.
    new_name: String,
}

/// A tag to delete, and to take from every contact.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct DeleteTagInput {
    /// What it is called, whatever the case.
    name: String,
}

pub(super) fn create<D>(draft: D) -> Command<D> {
    Command::Create { id: Uuid::now_v7(), draft }
}

pub(super) fn new_named(name: String, external_id: Option<String>) -> Named {
    Named { name: Patch::Value(name), external_id: given(external_id) }
}

fn given<T>(value: Option<T>) -> Patch<T> {
    value.map_or(Patch::Absent, Patch::Value)
}

pub(super) fn field<T>(value: MaybeUndefined<T>) -> Patch<T> {
    match value {
        MaybeUndefined::Undefined => Patch::Absent,
        MaybeUndefined::Null => Patch::Null,
        MaybeUndefined::Value(value) => Patch::Value(value),
    }
}

fn ids(ids: Vec<ID>) -> Vec<String> {
    ids.into_iter().map(|id| id.0).collect()
}

impl From<CreateCompanyInput> for Command<companies::Draft> {
    fn from(input: CreateCompanyInput) -> Self {
        let CreateCompanyInput { name, website, industry, external_id } = input;
        let named = new_named(name, external_id);
        create(companies::Draft { named, website: given(website), industry: given(industry) })
    }
}

impl From<UpdateCompanyInput> for Command<companies::Draft> {
    fn from(input: UpdateCompanyInput) -> Self {
        let UpdateCompanyInput { id, name, website, industry, external_id } = input;
        let named = Named { name: field(name), external_id: field(external_id) };
        let draft = companies::Draft { named, website: field(website), industry: field(industry) };
        Self::Update { id: id.0, draft }
    }
}

impl From<DeleteCompanyInput> for Command<companies::Draft> {
    fn from(DeleteCompanyInput { id }: DeleteCompanyInput) -> Self {
        Self::Delete { id: id.0, move_to: None }
    }
}

impl From<CreateTeamInput> for Command<teams::Draft> {
    fn from(input: CreateTeamInput) -> Self {
        let CreateTeamInput { name, external_id, member_ids } = input;
        create(teams::Draft { named: new_named(name, external_id), member_ids: given(member_ids.map(ids)) })
    }
}

impl From<UpdateTeamInput> for Command<teams::Draft> {
    fn from(input: UpdateTeamInput) -> Self {
        let UpdateTeamInput { id, name, external_id, member_ids } = input;
        let named = Named { name: field(name), external_id: field(external_id) };
        Self::Update { id: id.0, draft: teams::Draft { named, member_ids: field(member_ids.map_value(ids)) } }
    }
}

impl From<DeleteTeamInput> for Command<teams::Draft> {
    fn from(DeleteTeamInput { id }: DeleteTeamInput) -> Self {
        Self::Delete { id: id.0, move_to: None }
    }
}

impl From<CreateUserInput> for Command<users::Draft> {
    fn from(input: CreateUserInput) -> Self {
        let CreateUserInput { name, email, external_id } = input;
        create(users::Draft { named: new_named(name, external_id), email: given(email) })
    }
}

impl From<UpdateUserInput> for Command<users::Draft> {
    fn from(input: UpdateUserInput) -> Self {
        let UpdateUserInput { id, name, email, external_id } = input;
        let named = Named { name: field(name), external_id: field(external_id) };
        Self::Update { id: id.0, draft: users::Draft { named, email: field(email) } }
    }
}

impl From<DeleteUserInput> for Command<users::Draft> {
    fn from(DeleteUserInput { id }: DeleteUserInput) -> Self {
        Self::Delete { id: id.0, move_to: None }
    }
}

impl From<RenameTagInput> for tags::Command {
    fn from(RenameTagInput { name, new_name }: RenameTagInput) -> Self {
        Self::Rename { name, new_name }
    }
}

impl From<DeleteTagInput> for tags::Command {
    fn from(DeleteTagInput { name }: DeleteTagInput) -> Self {
        Self::Delete { name }
    }
}
