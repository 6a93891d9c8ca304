//! The arguments of a connection, and the part of a list that they name.

use super::{Order, PageError, Position, cursor};

/// Number of rows on a page whose size is not given.
pub(crate) const DEFAULT_PAGE_SIZE: usize = 100;
/// Maximum number of rows on a page.
pub(crate) const MAX_PAGE_SIZE: i64 = 200;
/// Maximum number of rows before a numbered page: the database reads and drops all of them.
pub(super) const MAX_OFFSET: usize = 10_000;

/// The arguments of a connection that choose a part of its list.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the arguments of a connection")]
pub struct Window {
    pub first: Option<i64>,
    pub last: Option<i64>,
    pub after: Option<String>,
    pub before: Option<String>,
    pub offset: Option<i64>,
}

/// End of the list from which the rows of a page are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// The rows after a position, or the first ones.
    Forward,
    /// The rows before a position, or the last ones.
    Backward,
}

/// A part of a list: the meaning of a [`Window`].
#[derive(Clone, Debug)]
pub struct Slice {
    pub(super) direction: Direction,
    pub(super) size: usize,
    pub(super) offset: u64,
    pub(super) after: Option<Position>,
    pub(super) before: Option<Position>,
}

impl Window {
    /// Checks the arguments, and reads the cursors as those of a list in this order.
    ///
    /// # Errors
    /// An argument or a cursor is refused.
    pub fn slice(&self, order: impl Order) -> Result<Slice, PageError> {
        let (direction, size) = self.size()?;
        Ok(Slice {
            direction,
            size,
            offset: self.offset()?,
            after: position("after", self.after.as_deref(), order)?,
            before: position("before", self.before.as_deref(), order)?,
        })
    }

    /// Returns the size of the page. One outside of the limits is clamped: the list refuses it later.
    #[must_use]
    pub fn rows(&self) -> usize {
        let given = self.last.or(self.first);
        let rows = given.and_then(|rows| usize::try_from(rows.clamp(1, MAX_PAGE_SIZE)).ok());
        rows.unwrap_or(DEFAULT_PAGE_SIZE)
    }

    fn size(&self) -> Result<(Direction, usize), PageError> {
        let direction = match (self.first, self.last) {
            (Some(_), Some(_)) => return Err(PageError::argument("last", "cannot go together with `first`")),
            (None, Some(_)) => Direction::Backward,
            // With `before` alone, the rows just before it are meant, not the first of the list.
            (None, None) if self.before.is_some() && self.after.is_none() => Direction::Backward,
            (_, None) => Direction::Forward,
        };
        let (argument, size) = match self.last {
            Some(last) => ("last", Some(last)),
            None => ("first", self.first),
        };
        let size = match size {
            None => DEFAULT_PAGE_SIZE,
            Some(size) if size > MAX_PAGE_SIZE => {
                return Err(PageError::Argument {
                    argument,
                    message: format!("is at most {MAX_PAGE_SIZE}: read further pages with cursors"),
                    maximum: Some(MAX_PAGE_SIZE),
                });
            }
            Some(size) => usize::try_from(size).map_err(|_| PageError::argument(argument, "is negative"))?,
        };
        Ok((direction, size))
    }

    fn offset(&self) -> Result<u64, PageError> {
        let Some(offset) = self.offset else {
            return Ok(0);
        };
        if self.after.is_some() || self.before.is_some() || self.last.is_some() {
            let message =
                "cannot go together with `after`, `before` or `last`: use either numbered pages or cursors";
            return Err(PageError::argument("offset", message));
        }
        let offset = usize::try_from(offset).map_err(|_| {
            let message = "is negative; to page backward use cursors (`last`, `before`)";
            PageError::argument("offset", message)
        })?;
        if offset > MAX_OFFSET {
            return Err(PageError::Argument {
                argument: "offset",
                message: format!(
                    "is at most {MAX_OFFSET}: to read further, use cursors (`after: endCursor`)"
                ),
                maximum: i64::try_from(MAX_OFFSET).ok(),
            });
        }
        Ok(offset as u64)
    }
}

/// Reads the cursor in an argument.
fn position(
    argument: &'static str,
    cursor: Option<&str>,
    order: impl Order,
) -> Result<Option<Position>, PageError> {
    cursor
        .map(|text| cursor::decode(text, order))
        .transpose()
        .map_err(|cause| PageError::Cursor { argument, cause })
}
