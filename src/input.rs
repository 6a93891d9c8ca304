//! Rules and normal forms that any input goes through, whatever it is an input of. They know no
//! rows and no policy.
//!
//! - [`patch`]: absent, null or a value: what an input says of a field;
//! - [`problem`]: what is wrong with an input, for its user to mend;
//! - `text`: accepted characters, blank text, and the forms in which texts compare and sort;
//! - `locale`: countries, time zones, languages and web addresses;
//! - `email`, [`phone`], `tag_name`: the normal form of each.

pub(crate) mod email;
pub(crate) mod locale;
pub mod patch;
pub mod phone;
pub mod problem;
pub(crate) mod tag_name;
pub(crate) mod text;
