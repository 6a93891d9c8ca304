//! Rules and normal forms of input values, of whatever object they are. They do not depend on stored rows
//! or on an organization's policy.
//!
//! - [`patch`]: the three states of an input field: absent, null or a value;
//! - [`problem`]: problems of an input, for its user to correct;
//! - `text`: allowed characters, blank text, and the forms in which texts are compared and sorted;
//! - `locale`: countries, time zones, languages and web addresses;
//! - `email`, [`phone`], `tag_name`: the normal form of each.

pub(crate) mod email;
pub(crate) mod locale;
pub mod patch;
pub mod phone;
pub mod problem;
pub(crate) mod tag_name;
pub(crate) mod text;
