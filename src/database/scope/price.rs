//! Price of a statement, by which it waits for its turn.

use entity::Tenanted;

use super::Scoped;

/// Points of a statement that finds its rows by an index.
pub(in crate::database) const DEFAULT_PRICE: u32 = 1;

impl<E: Tenanted> Scoped<E> {
    /// Gives the statement a price in points.
    #[must_use]
    pub fn priced(self, price: u32) -> Self {
        Self { price, ..self }
    }

    /// Returns the price of the statement in points.
    #[must_use]
    pub fn price(&self) -> u32 {
        self.price
    }
}
