//! Reading pages whose rows are handed on as the driver has them, by statements that are built once.

use std::{fmt, sync::Arc};

use parking_lot::RwLock;
use sea_orm::{Value, sea_query::Expr};

use super::{
    Key, Listing, Order, PageError, Position, RawPage, Tie, Wanted,
    order::ColumnOf,
    page::{self, Selected},
    raw::{Layout, Positions, Taker},
};
use crate::database::{Engine, Read as _, Sink, Template, Tenant};

/// Maximum number of statements that one reader remembers: with and without each cursor, and for rows with and
/// without a key.
const MAX_REMEMBERED: usize = 8;

/// Reader of pages of which the same is wanted each time. Building a statement takes longer than a short page, so
/// those that keep their plans are remembered.
pub struct PageReader<O: Order> {
    wanted: Wanted<ColumnOf<O>>,
    positions: Positions,
    remembered: RwLock<Vec<Arc<Remembered<O>>>>,
}

/// Statement that has been built before.
struct Remembered<O> {
    /// Listing for which it was built.
    listing: Listing<O>,
    template: Template,
    layout: Layout,
}

/// Values of a listing, which differ from one time to the next: the minimum key, and the keys and tie-breaks of its
/// cursors.
type Given = [Option<Value>; 5];

impl<O: Order + 'static> PageReader<O> {
    /// Creates a reader. It hands on the wanted columns, each in the place in which it first occurs there.
    #[must_use]
    pub fn new(wanted: Wanted<ColumnOf<O>>, positions: Positions) -> Self {
        Self { wanted, positions, remembered: RwLock::default() }
    }

    /// True if the number of rows in the whole list is read.
    #[must_use]
    pub fn counts_all(&self) -> bool {
        self.wanted.total
    }

    /// Reads a page into a sink.
    ///
    /// # Errors
    /// The database failed, or the sink refused a row.
    pub async fn read_into<S: Sink>(
        &self,
        tenant: &Tenant,
        listing: &Listing<O>,
        sink: S,
    ) -> Result<RawPage<S>, PageError> {
        let given = given(listing);
        if let Some(known) = self.find(tenant.engine(), listing) {
            let Remembered { template, layout, .. } = &*known;
            debug_assert!(
                page::select(tenant, listing, &self.wanted)
                    .is_some_and(|Selected { select, .. }| template.is_of(select, &given)),
                "a statement was remembered for another listing"
            );
            let taker = Taker::new(listing, *layout, self.positions, sink);
            let taken = tenant.read_again_into(template, &given, listing.price, taker).await?;
            return Ok(taken.finish());
        }
        let Some(selected) = page::select(tenant, listing, &self.wanted) else {
            return Ok(RawPage::empty(listing, sink));
        };
        let layout = Layout::of(&selected, listing.order);
        if listing.keeps_plan
            && let Some(template) = selected.select.clone().template(tenant.engine(), &given)
        {
            self.remember(Remembered { listing: listing.clone(), template, layout });
        }
        let taker = Taker::new(listing, layout, self.positions, sink);
        Ok(tenant.read_into(selected.select, taker).await?.finish())
    }

    fn find(&self, engine: Engine, listing: &Listing<O>) -> Option<Arc<Remembered<O>>> {
        self.remembered.read().iter().find(|known| known.serves(engine, listing)).cloned()
    }

    fn remember(&self, statement: Remembered<O>) {
        let mut remembered = self.remembered.write();
        let is_known =
            |known: &Arc<Remembered<O>>| known.serves(statement.template.engine(), &statement.listing);
        if remembered.len() < MAX_REMEMBERED && !remembered.iter().any(is_known) {
            remembered.push(Arc::new(statement));
        }
    }
}

impl<O: Order> Remembered<O> {
    /// Returns true if the statement of another listing differs in the values only.
    fn serves(&self, engine: Engine, other: &Listing<O>) -> bool {
        self.template.engine() == engine && has_same_text(&self.listing, other)
    }
}

/// Returns true if the statements of two listings have the same text, if the same is wanted of them.
fn has_same_text<O: Order>(one: &Listing<O>, other: &Listing<O>) -> bool {
    // All members, so that none is forgotten.
    let Listing { order, rows, all, min_key, with_nulls, slice, price: _, keeps_plan } = one;
    order.mark() == other.order.mark()
        && *rows == other.rows
        && *all == other.all
        && min_key.is_some() == other.min_key.is_some()
        && *with_nulls == other.with_nulls
        && slice.direction == other.slice.direction
        && slice.size == other.slice.size
        && slice.offset == other.slice.offset
        && has_same_form(slice.after.as_ref(), *min_key, other.slice.after.as_ref(), other.min_key)
        && has_same_form(slice.before.as_ref(), *min_key, other.slice.before.as_ref(), other.min_key)
        && *keeps_plan == other.keeps_plan
}

/// Returns true if two positions are of the same kind, and on the same side of the minimum key, since only the
/// stricter of two bounds is in the text.
fn has_same_form(
    one: Option<&Position>,
    min_of_one: Option<i64>,
    other: Option<&Position>,
    min_of_other: Option<i64>,
) -> bool {
    let form = |position: &Position, min_key: Option<i64>| {
        let is_below = match (&position.key, min_key) {
            (Some(Key::Number(key)), Some(min_key)) => *key < min_key,
            (Some(Key::Number(_) | Key::Bytes(_)) | None, _) => false,
        };
        (position.key.is_some(), matches!(position.tie, Tie::Seq(_)), is_below)
    };
    one.map(|one| form(one, min_of_one)) == other.map(|other| form(other, min_of_other))
}

/// Returns the values of a listing that differ from one time to the next.
fn given<O: Order>(listing: &Listing<O>) -> Given {
    let key = |position: &Option<Position>| match listing.order.value(position.as_ref()?.key.as_ref()?) {
        Expr::Value(value) => Some(value),
        _ => None,
    };
    let tie = |position: &Option<Position>| match position.as_ref()?.tie {
        Tie::Seq(seq) => Some(seq.into()),
        Tie::Id(id) => Some(id.into()),
    };
    let (after, before) = (&listing.slice.after, &listing.slice.before);
    [listing.min_key.map(Value::from), key(after), tie(after), key(before), tie(before)]
}

impl<O: Order> fmt::Debug for PageReader<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageReader").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
