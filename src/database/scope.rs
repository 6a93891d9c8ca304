//! Selects that stay within one organization, and the rows they give.

mod price;
mod row;
mod statement;
mod template;

use std::marker::PhantomData;

use entity::Tenanted;
use sea_orm::{
    ColumnTrait, IntoSimpleExpr, Order,
    sea_query::{Expr, ExprTrait as _, IntoCondition, IntoIden, Query, SelectStatement, UnionType},
};
use uuid::Uuid;

pub(super) use self::price::DEFAULT_PRICE;
pub use self::{
    row::{ColumnValue, Row},
    template::Template,
};
use super::Engine;

/// A select over the rows of one entity that belong to one organization.
///
/// Only a [`Tenant`](super::Tenant) or a [`WriteTx`](super::WriteTx) makes one, and only they run
/// it. It may have several arms, whose rows come one arm after the other.
#[derive(Clone, Debug)]
pub struct Scoped<E> {
    org_id: Uuid,
    arms: Vec<Arm>,
    price: u32,
    /// True if one plan is as good as any, whatever the values.
    keeps_plan: bool,
    /// True if it finds few rows by an index, whatever the values.
    is_bounded: bool,
    entity: PhantomData<E>,
}

#[derive(Clone, Debug)]
struct Arm {
    select: SelectStatement,
    /// True if it reads a table, and so may have an order and a limit.
    of_rows: bool,
}

impl Arm {
    fn of_rows(select: SelectStatement) -> Self {
        Self { select, of_rows: true }
    }

    fn of_values(select: SelectStatement) -> Self {
        Self { select, of_rows: false }
    }

    /// Returns the arm as a part of a union. Neither engine takes ORDER BY and LIMIT in a bare part, so
    /// rows become a table of their own. Values stay bare: in a table of their own, PostgreSQL makes
    /// text of a null that should take its type from the other arms.
    fn into_select(self) -> SelectStatement {
        if self.of_rows {
            Query::select().expr(Expr::cust("*")).from_subquery(self.select, "arm").to_owned()
        } else {
            self.select
        }
    }
}

impl<E: Tenanted> Scoped<E> {
    pub(super) fn new(org_id: Uuid) -> Self {
        let mut select = Query::select();
        select.from(E::default().table_ref()).and_where(E::ORG_ID.into_simple_expr().eq(org_id));
        Self {
            org_id,
            arms: vec![Arm::of_rows(select)],
            price: DEFAULT_PRICE,
            keeps_plan: false,
            is_bounded: false,
            entity: PhantomData,
        }
    }

    pub(super) fn org_id(&self) -> Uuid {
        self.org_id
    }

    /// Starts a select of one row of values that come from no row of the entity: constants and
    /// [scalars](Self::into_scalar).
    #[must_use]
    pub fn values(&self, values: impl IntoIterator<Item = (Expr, &'static str)>) -> Self {
        let mut select = Query::select();
        for (value, alias) in values {
            select.expr_as(value, alias);
        }
        Self {
            org_id: self.org_id,
            arms: vec![Arm::of_values(select)],
            price: self.price,
            keeps_plan: self.keeps_plan,
            is_bounded: self.is_bounded,
            entity: PhantomData,
        }
    }

    /// Selects a column, under its own name.
    #[must_use]
    pub fn column(mut self, column: E::Column) -> Self {
        self.last().column((E::default().into_iden(), column.into_iden()));
        self
    }

    /// Selects an expression under a name.
    #[must_use]
    pub fn expr(mut self, expr: impl Into<Expr>, alias: &'static str) -> Self {
        self.last().expr_as(expr, alias);
        self
    }

    /// Keeps only rows that satisfy this too.
    #[must_use]
    pub fn filter(mut self, condition: impl IntoCondition) -> Self {
        self.last().cond_where(condition);
        self
    }

    /// Sorts, after the keys given before.
    #[must_use]
    pub fn order_by(mut self, column: E::Column, order: Order) -> Self {
        self.last().order_by((E::default().into_iden(), column.into_iden()), order);
        self
    }

    /// Groups the rows by a column; what else is selected sums up each group.
    #[must_use]
    pub fn group_by(mut self, column: E::Column) -> Self {
        self.last().group_by_col((E::default().into_iden(), column.into_iden()));
        self
    }

    /// Keeps only groups that satisfy this too.
    #[must_use]
    pub fn having(mut self, condition: Expr) -> Self {
        self.last().and_having(condition);
        self
    }

    /// Keeps at most so many rows.
    #[must_use]
    pub fn limit(mut self, rows: u64) -> Self {
        self.last().limit(rows);
        self
    }

    /// Skips so many rows.
    #[must_use]
    pub fn offset(mut self, rows: u64) -> Self {
        self.last().offset(rows);
        self
    }

    /// Adds the arms of `next` after its own. All arms select the same names in the same order.
    #[must_use]
    pub fn then(mut self, next: Self) -> Self {
        self.arms.extend(next.arms);
        self
    }

    /// Returns the arms of all these one after the other; without any, a select of no rows.
    #[must_use]
    pub fn concat(self, selects: impl IntoIterator<Item = Self>) -> Self {
        let arms: Vec<_> = selects.into_iter().flat_map(|select| select.arms).collect();
        if arms.is_empty() {
            let never = Expr::cust("1 = 0");
            return self.filter(never);
        }
        Self { arms, ..self }
    }

    /// Returns the same select as one over another entity, for unions with selects of that entity. Its
    /// columns have the names of those that are read from it.
    #[must_use]
    pub fn retyped<F: Tenanted>(self) -> Scoped<F> {
        Scoped {
            org_id: self.org_id,
            arms: self.arms,
            price: self.price,
            keeps_plan: self.keeps_plan,
            is_bounded: self.is_bounded,
            entity: PhantomData,
        }
    }

    /// Joins the arms into one, so that a limit and an offset count over all of them.
    #[must_use]
    pub fn merged(self) -> Self {
        let select = Query::select()
            .expr(Expr::cust("*"))
            .from_subquery(self.clone().into_statement(), "rows")
            .to_owned();
        Self { arms: vec![Arm::of_rows(select)], ..self }
    }

    /// Returns it as one value, inside another select of the same organization.
    #[must_use]
    pub fn into_scalar(self) -> Expr {
        Expr::SubQuery(None, Box::new(self.into_statement().into()))
    }

    /// Returns the condition that a value is among those of its one column, in whatever way the database
    /// likes to find out; inside another select of the same organization.
    #[must_use]
    pub fn holds(self, value: impl Into<Expr>) -> Expr {
        value.into().in_subquery(self.into_statement())
    }

    /// Returns the condition that a value is among those that it selects, which are found first and
    /// should be few; inside another select of the same organization.
    #[must_use]
    pub fn has(self, engine: Engine, value: Expr) -> Expr {
        match engine {
            Engine::Sqlite => self.holds(value),
            // A subquery might be looked up row by row; an array is built first.
            Engine::Postgres => Expr::cust_with_exprs("$1 = ANY(ARRAY $2)", [value, self.into_scalar()]),
        }
    }

    /// Returns the select of the number of its rows.
    #[must_use]
    pub fn counted(self) -> Self {
        let select = Query::select()
            .expr_as(Expr::cust("COUNT(*)"), "count")
            .from_subquery(self.clone().into_statement(), "rows")
            .to_owned();
        Self { arms: vec![Arm::of_rows(select)], ..self }
    }

    fn last(&mut self) -> &mut SelectStatement {
        let last = self.arms.len() - 1;
        &mut self.arms[last].select
    }

    pub(super) fn into_statement(mut self) -> SelectStatement {
        if self.arms.len() == 1 {
            return self.arms.remove(0).select;
        }
        let mut arms = self.arms.into_iter().map(Arm::into_select);
        let mut union = arms.next().unwrap_or_default();
        for arm in arms {
            union.union(UnionType::All, arm);
        }
        union
    }
}

/// Returns `column IN (values)`, in one of a few texts: the list is filled up to a power of two with
/// its last value, so that statements can be prepared once.
#[must_use]
pub fn any_of<C, V>(column: C, values: impl IntoIterator<Item = V>) -> Expr
where
    C: ColumnTrait,
    V: Into<sea_orm::Value> + Clone,
{
    let mut values: Vec<V> = values.into_iter().collect();
    if let Some(last) = values.last().cloned() {
        values.resize(values.len().next_power_of_two(), last);
    }
    column.is_in(values)
}
