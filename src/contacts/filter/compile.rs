//! Compilation of a filter to conditions on contacts.

use entity::{
    Tenanted, contact::Column, contact_assignee, contact_email, contact_phone, contact_search, contact_tag,
};
use rlibphonenumber::Region;
use sea_orm::{
    IntoSimpleExpr as _,
    sea_query::{Expr, ExprTrait as _},
};

use super::{
    Filter, Flag, IdComparison, IdField, MetadataComparison, NumberComparison, Predicate, TagComparison,
    TextComparison, TextField, metadata,
    semi_join::{Clause, SemiJoin, all, any},
    sql,
    tags::TagIds,
    text::Subject,
};
use crate::{
    contacts::search::Needle,
    database::{Read, Scoped},
    input::{email, phone},
};

/// Compiler of a filter, with what it needs to look up.
pub(super) struct Compiler<'a, R> {
    pub(super) read: &'a R,
    /// Region of national phone numbers.
    pub(super) region: Option<Region>,
    pub(super) tags: TagIds,
}

impl<R: Read> Compiler<'_, R> {
    /// Returns the clauses that must all hold.
    pub(super) fn clauses(&self, filter: &Filter) -> Vec<Clause> {
        let Filter { predicates, and, or, not } = filter;
        let mut clauses: Vec<Clause> =
            predicates.iter().flat_map(|predicate| self.predicate(predicate)).collect();
        clauses.extend(and.iter().flatten().flat_map(|filter| self.clauses(filter)));
        match or.as_deref() {
            // A single alternative stays a conjunction, so that its semi-joins may be looked up first.
            Some([one]) => clauses.extend(self.clauses(one)),
            Some(several) => clauses.push(Clause::Own(any(several.iter().map(|filter| self.whole(filter))))),
            None => {}
        }
        clauses.extend(not.as_deref().map(|filter| Clause::Own(sql::complement(self.whole(filter)))));
        clauses
    }

    /// Returns the clause that contacts found by free text satisfy.
    pub(super) fn free_text(&self, needle: &Needle) -> Clause {
        Clause::SemiJoin(SemiJoin::new::<contact_search::Entity>(
            self.read,
            contact_search::Column::ContactId,
            |_| needle.documents(self.read),
            |documents| documents.filter(needle.condition(self.read.engine())),
            false,
        ))
    }

    fn whole(&self, filter: &Filter) -> Expr {
        all(self.clauses(filter).into_iter().map(Clause::probe))
    }

    fn predicate(&self, predicate: &Predicate) -> Vec<Clause> {
        let engine = self.read.engine();
        vec![match predicate {
            Predicate::Text(TextField::Email, text) => self.email(text),
            Predicate::Text(TextField::Phone, text) => self.phone(text),
            Predicate::Text(TextField::WhatsappNumber, TextComparison::In(values)) => {
                let values = self.numbers(values);
                let subject = Subject::plain(engine, Column::WhatsappNumber);
                Clause::Own(subject.compare(&TextComparison::In(values)))
            }
            Predicate::Text(field, text) => Clause::Own(Subject::of(engine, *field).compare(text)),
            Predicate::Id(IdField::Own(column), ids) => Clause::Own(self.ids(column.into_simple_expr(), ids)),
            Predicate::Id(IdField::Assignee, IdComparison::In(ids)) => self
                .semi_join::<contact_assignee::Entity>(contact_assignee::Column::ContactId, false, |rows| {
                    let user = contact_assignee::Column::UserId.into_simple_expr();
                    rows.filter(self.ids(user, &IdComparison::In(ids.clone())))
                }),
            Predicate::Id(IdField::Assignee, IdComparison::IsNull) => {
                let any = self.semi_join::<contact_assignee::Entity>(
                    contact_assignee::Column::ContactId,
                    false,
                    |rows| rows,
                );
                Clause::Own(sql::complement(any.probe()))
            }
            Predicate::Number(column, number) => Clause::Own(compare(column.into_simple_expr(), *number)),
            Predicate::Flag(Flag::IsActive, flag) => {
                Clause::Own(Column::IsActive.into_simple_expr().eq(*flag))
            }
            Predicate::Flag(Flag::EmailSubscribed, flag) => {
                Clause::Own(Column::EmailSubscribed.into_simple_expr().eq(*flag))
            }
            Predicate::Flag(Flag::DoNotCall, flag) => {
                let flagged = contact_phone::Column::DoNotCall.into_simple_expr().eq(true);
                let any = self
                    .semi_join::<contact_phone::Entity>(contact_phone::Column::ContactId, false, |rows| {
                        rows.filter(flagged.clone())
                    })
                    .probe();
                Clause::Own(if *flag { any } else { sql::complement(any) })
            }
            Predicate::Tags(TagComparison::Any(names)) => self.tagged(names),
            Predicate::Tags(TagComparison::All(names)) => {
                return names.iter().map(|name| self.tagged(std::slice::from_ref(name))).collect();
            }
            Predicate::Tags(TagComparison::IsEmpty) => Clause::Own(Column::Tags.into_simple_expr().eq("[]")),
            Predicate::Metadata(key, MetadataComparison::Equals(value)) => {
                Clause::Own(metadata::equals(engine, key, value))
            }
            Predicate::Metadata(key, MetadataComparison::IsNull) => {
                Clause::Own(metadata::is_null(engine, key))
            }
            Predicate::Not(predicate) => {
                let whole = all(self.predicate(predicate).into_iter().map(Clause::probe));
                Clause::Own(sql::complement(whole))
            }
        }]
    }

    fn ids(&self, subject: Expr, ids: &IdComparison) -> Expr {
        match ids {
            IdComparison::In(ids) => {
                let ids = ids.iter().filter_map(|id| id.parse().ok()).collect();
                sql::one_of_ids(self.read.engine(), subject, ids)
            }
            IdComparison::IsNull => subject.is_null(),
        }
    }

    fn email(&self, text: &TextComparison) -> Clause {
        let engine = self.read.engine();
        let key = contact_email::Column::AddressKey.into_simple_expr();
        if let TextComparison::In(values) = text {
            let keys: Vec<_> = values.iter().map(|value| email::key(value)).collect();
            let one_of = Subject::exact(engine, key).compare(&TextComparison::In(keys));
            return self.semi_join::<contact_email::Entity>(contact_email::Column::ContactId, true, |rows| {
                rows.filter(one_of.clone())
            });
        }
        // A part of an address may be a part of its domain in Unicode, or of the domain's ASCII form.
        let address = contact_email::Column::AddressFold.into_simple_expr();
        let matches =
            any([Subject::folded(engine, address).compare(text), Subject::lower(engine, key).compare(text)]
                .into_iter());
        self.any_of_list::<contact_email::Entity>(contact_email::Column::ContactId, text, &matches)
    }

    fn phone(&self, text: &TextComparison) -> Clause {
        let engine = self.read.engine();
        let number = contact_phone::Column::Number.into_simple_expr();
        match text {
            TextComparison::In(values) => {
                let values = self.numbers(values);
                // A value with letters can only equal a number that is stored as it was given. Those compare
                // without case, which the index on numbers does not serve.
                let in_e164 = values.iter().all(|value| !value.chars().any(|c| c.is_ascii_alphabetic()));
                let number =
                    if in_e164 { Subject::exact(engine, number) } else { Subject::ascii(engine, number) };
                let one_of = number.compare(&TextComparison::In(values));
                self.semi_join::<contact_phone::Entity>(contact_phone::Column::ContactId, in_e164, |rows| {
                    rows.filter(one_of.clone())
                })
            }
            TextComparison::Contains(_)
            | TextComparison::StartsWith(_)
            | TextComparison::EndsWith(_)
            | TextComparison::IsNull => {
                let matches = Subject::ascii(engine, number).compare(text);
                self.any_of_list::<contact_phone::Entity>(contact_phone::Column::ContactId, text, &matches)
            }
        }
    }

    /// Returns the clause that any text of a list matches. An empty list counts as null.
    fn any_of_list<E: Tenanted>(&self, contact: E::Column, text: &TextComparison, matches: &Expr) -> Clause {
        Clause::Own(match text {
            TextComparison::IsNull => {
                sql::complement(self.semi_join::<E>(contact, false, |rows| rows).probe())
            }
            TextComparison::In(_)
            | TextComparison::Contains(_)
            | TextComparison::StartsWith(_)
            | TextComparison::EndsWith(_) => {
                self.semi_join::<E>(contact, false, |rows| rows.filter(matches.clone())).probe()
            }
        })
    }

    /// Returns every form in which the numbers may be stored.
    fn numbers(&self, values: &[String]) -> Vec<String> {
        values.iter().flat_map(|value| phone::stored_forms(value, self.region)).collect()
    }

    fn tagged(&self, names: &[String]) -> Clause {
        let tag = contact_tag::Column::TagId.into_simple_expr();
        let one_of = sql::one_of_ids(self.read.engine(), tag, self.tags.of(names));
        self.semi_join::<contact_tag::Entity>(contact_tag::Column::ContactId, false, |rows| {
            rows.filter(one_of.clone())
        })
    }

    fn semi_join<E: Tenanted>(
        &self,
        contact: E::Column,
        is_selective: bool,
        rows: impl Fn(Scoped<E>) -> Scoped<E>,
    ) -> Clause {
        Clause::SemiJoin(SemiJoin::new::<E>(self.read, contact, &rows, &rows, is_selective))
    }
}

fn compare(subject: Expr, number: NumberComparison) -> Expr {
    match number {
        NumberComparison::Eq(value) => subject.eq(value),
        NumberComparison::Gt(value) => subject.gt(value),
        NumberComparison::Gte(value) => subject.gte(value),
        NumberComparison::Lt(value) => subject.lt(value),
        NumberComparison::Lte(value) => subject.lte(value),
        NumberComparison::IsNull => subject.is_null(),
    }
}
