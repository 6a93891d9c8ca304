//! The contacts that a command selects by criteria.
//!
//! They are found before the write, as any read: criteria that go through many contacts keep no other writer
//! waiting. Under the change clock, the contacts that have changed since are asked again, and those alone.

use std::collections::HashSet;

use entity::contact;
use rlibphonenumber::Region;
use sea_orm::{
    ColumnTrait as _,
    sea_query::{CaseStatement, Expr},
};
use uuid::Uuid;

use super::{
    commands::MAX_MATCHING,
    filter::{
        Criteria, TagIds,
        access::{Conditions, Place},
    },
    find::live,
    list::PricedArguments,
};
use crate::{
    database::{Clock, Database, Read as _, WriteTx},
    error::DatabaseError,
    organizations::Settings,
};

/// Contacts that matched criteria at some moment.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// Clock at that moment, or before.
    since: Clock,
    region: Option<Region>,
    /// Tags that the criteria name.
    tags: TagIds,
    /// The live contacts that matched, or one more than expected.
    ids: Vec<Uuid>,
    expected: usize,
}

impl Found {
    /// Finds the live contacts of an organization that match, at most one more than expected.
    pub(super) async fn find(
        database: &Database,
        org_id: Uuid,
        criteria: &Criteria,
        expected: i32,
        settings: &Settings,
    ) -> Result<Self, DatabaseError> {
        let tenant = database.tenant(org_id);
        // First: what changes while the contacts are read is asked again.
        let since = match database.published_version(org_id) {
            Some(version) => version,
            None => database.version(org_id).await?,
        };
        let since = since.clock();
        let region = settings.policy.phone_region();
        let tags = criteria.tags(&tenant).await?;
        let expected = usize::try_from(expected).unwrap_or_default();
        let mut ids = Vec::new();
        // An expected number that is refused anyway is not looked up.
        if expected <= MAX_MATCHING {
            let resolved = criteria.resolve_with(&tenant, region, tags.clone()).await?;
            let select = tenant
                .select::<contact::Entity>()
                .column(contact::Column::Id)
                .filter(live().add(resolved.all))
                .limit(expected as u64 + 1)
                .priced(price(criteria, expected));
            for row in tenant.rows(select).await? {
                ids.push(row.get(contact::Column::Id)?);
            }
        }
        Ok(Self { since, region, tags, ids, expected })
    }

    /// Number of contacts that the command expects.
    pub(super) fn expected(&self) -> usize {
        self.expected
    }

    /// Returns the live contacts that match now, or one more than expected. `None` if the criteria mean something
    /// else by now, and they have to be found again.
    pub(super) async fn now(
        &self,
        tx: &WriteTx<'_>,
        criteria: &Criteria,
        settings: &Settings,
    ) -> Result<Option<Vec<Uuid>>, DatabaseError> {
        if self.region != settings.policy.phone_region() || self.tags != criteria.tags(tx).await? {
            return Ok(None);
        }
        // Too many, at that moment.
        if self.ids.len() > self.expected {
            return Ok(Some(self.ids.clone()));
        }
        let matches = live().add(criteria.probe(tx, self.region, self.tags.clone()));
        let changed = tx
            .select::<contact::Entity>()
            .column(contact::Column::Id)
            .expr(CaseStatement::new().case(matches, Expr::val(1_i64)).finally(Expr::val(0_i64)), "matches")
            // The first condition is implied by the second, and has an index.
            .filter(contact::Column::UpdatedAt.gte(self.since.at))
            .filter(contact::Column::ChangeSeq.gt(self.since.seq()));
        let (mut changed_ids, mut matching) = (HashSet::new(), Vec::new());
        for row in tx.rows(changed).await? {
            let id: Uuid = row.get(contact::Column::Id)?;
            changed_ids.insert(id);
            if row.value::<i64>("matches")? == 1 {
                matching.push(id);
            }
        }
        matching.extend(self.ids.iter().filter(|id| !changed_ids.contains(id)));
        matching.truncate(self.expected + 1);
        Ok(Some(matching))
    }
}

/// Returns the price of finding contacts by criteria.
fn price(criteria: &Criteria, expected: usize) -> u32 {
    let arguments = PricedArguments { query: criteria.query(), ..PricedArguments::default() };
    let mut conditions = Conditions::default();
    if let Some(filter) = criteria.filter() {
        conditions.add_filter(filter, Place::Required, arguments.order());
    }
    arguments.price(conditions).of_rows(expected + 1)
}
