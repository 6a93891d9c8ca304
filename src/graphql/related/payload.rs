//! What mutations of related things answer.

use async_graphql::{ID, SimpleObject};

use crate::graphql::{
    company::Company, pipeline::Pipeline, tag::Tag, team::Team, user::User, user_error::UserError,
};

/// The company after the change, or what is wrong with the input.
#[derive(SimpleObject)]
pub(in crate::graphql) struct CompanyPayload {
    /// As it is now; null when there are `userErrors`, and nothing was written.
    pub(super) company: Option<Company>,
    /// Empty if and only if the company is as it was asked to be.
    pub(super) user_errors: Vec<UserError>,
}

/// The team after the change, or what is wrong with the input.
#[derive(SimpleObject)]
pub(in crate::graphql) struct TeamPayload {
    /// As it is now; null when there are `userErrors`, and nothing was written.
    pub(super) team: Option<Team>,
    /// Empty if and only if the team is as it was asked to be.
    pub(super) user_errors: Vec<UserError>,
}

/// The user after the change, or what is wrong with the input.
#[derive(SimpleObject)]
pub(in crate::graphql) struct UserPayload {
    /// As it is now; null when there are `userErrors`, and nothing was written.
    pub(super) user: Option<User>,
    /// Empty if and only if the user is as it was asked to be.
    pub(super) user_errors: Vec<UserError>,
}

/// The pipeline after the change, or what is wrong with the input.
#[derive(SimpleObject)]
pub(in crate::graphql) struct PipelinePayload {
    /// As it is now; null when there are `userErrors`, and nothing was written.
    pub(super) pipeline: Option<Pipeline>,
    /// Empty if and only if the pipeline is as it was asked to be.
    pub(super) user_errors: Vec<UserError>,
}

/// The tag after the change, or what is wrong with the input.
#[derive(SimpleObject)]
pub(in crate::graphql) struct TagPayload {
    /// As it is now; null when there are `userErrors`, and nothing was written.
    pub(super) tag: Option<Tag>,
    /// Empty if and only if the tag is called as it was asked to be.
    pub(super) user_errors: Vec<UserError>,
}

/// What was deleted.
#[derive(SimpleObject)]
pub(in crate::graphql) struct DeletePayload {
    /// Its id; null when there are `userErrors`.
    pub(super) deleted_id: Option<ID>,
    /// Empty if and only if it was deleted.
    pub(super) user_errors: Vec<UserError>,
}
