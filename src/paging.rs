//! Lists in pages: by cursors in both directions, or by numbered pages.
//!
//! One engine serves the contacts and the lists by name. A list brings an [`Order`], which says
//! what its rows are sorted by and how a position among them is kept in a cursor; a [`Window`]
//! holds the arguments of a connection. A page is one statement, whatever is wanted of it.

mod cursor;
mod keyset;
mod order;
mod page;
pub mod price;
mod raw;
mod reader;
mod window;

pub use cursor::{Cursor, CursorError, Key, Mark, Position, Tie};
pub use order::{KeyType, Order};
pub use page::{Listing, Page, Wanted, read};
pub use raw::{Positions, RawPage};
pub use reader::PageReader;
pub(crate) use window::{DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE};
pub use window::{Slice, Window};

use crate::error::DatabaseError;

/// Reason why a page cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// An argument is refused.
    #[error("`{argument}` {message}")]
    Argument {
        /// Name of the argument.
        argument: &'static str,
        /// Reason, as the rest of a sentence that begins with the argument.
        message: String,
        /// Maximum value of the argument, if the value was larger.
        maximum: Option<i64>,
    },
    /// A cursor does not fit the list.
    #[error("`{argument}`: {cause}")]
    Cursor {
        /// Name of the argument that held the cursor.
        argument: &'static str,
        /// Reason.
        cause: CursorError,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl PageError {
    /// Returns the refusal of an argument whose value is not just too large.
    pub(crate) fn argument(argument: &'static str, message: impl Into<String>) -> Self {
        Self::Argument { argument, message: message.into(), maximum: None }
    }
}
