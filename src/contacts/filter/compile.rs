//! From a filter to conditions on contacts.

use entity::{
    Tenanted, contact::Column, contact_assignee, contact_email, contact_phone, contact_search, contact_tag,
};
use rlibphonenumber::Region;
use sea_orm::{
    IntoSimpleExpr as _,
    sea_query::{Expr, ExprTrait as _},
};

use super::{
    Filter, Flag, IdField, Ids, Member, Number, Tags, Test, Text, TextField,
    link::{Link, Part, all, any},
    metadata, sql,
    tags::TagIds,
    text::Subject,
};
use crate::{
    contacts::search::Needle,
    database::{Read, Scoped},
    input::{email, phone},
};

/// What a filter is understood by.
pub(super) struct Compiler<'a, R> {
    pub(super) read: &'a R,
    /// For national phone numbers.
    pub(super) region: Option<Region>,
    pub(super) tags: TagIds,
}

impl<R: Read> Compiler<'_, R> {
    /// What must all hold.
    pub(super) fn parts(&self, filter: &Filter) -> Vec<Part> {
        let Filter { tests, and, or, not } = filter;
        let mut parts: Vec<Part> = tests.iter().flat_map(|test| self.test(test)).collect();
        parts.extend(and.iter().flatten().flat_map(|filter| self.parts(filter)));
        match or.as_deref() {
            Some([one]) => parts.extend(self.parts(one)),
            Some(several) => parts.push(Part::Own(any(several.iter().map(|filter| self.whole(filter))))),
            None => {}
        }
        parts.extend(not.as_deref().map(|filter| Part::Own(sql::complement(self.whole(filter)))));
        parts
    }

    /// The contacts that free text finds.
    pub(super) fn found(&self, needle: &Needle) -> Part {
        Part::Link(Link::new::<contact_search::Entity>(
            self.read,
            contact_search::Column::ContactId,
            |_| needle.documents(self.read),
            |documents| documents.filter(needle.condition(self.read.engine())),
            false,
        ))
    }

    fn whole(&self, filter: &Filter) -> Expr {
        all(self.parts(filter).into_iter().map(Part::probe))
    }

    fn test(&self, test: &Test) -> Vec<Part> {
        let engine = self.read.engine();
        vec![match test {
            Test::Text(TextField::Email, text) => self.email(text),
            Test::Text(TextField::Phone, text) => self.phone(text),
            Test::Text(TextField::WhatsappNumber, Text::In(values)) => {
                let values = self.numbers(values);
                let subject = Subject::plain(engine, Column::WhatsappNumber);
                Part::Own(subject.test(&Text::In(values)))
            }
            Test::Text(field, text) => Part::Own(Subject::of(engine, *field).test(text)),
            Test::Id(IdField::Own(column), ids) => Part::Own(self.ids(column.into_simple_expr(), ids)),
            Test::Id(IdField::Assignee, Ids::In(ids)) => {
                self.link::<contact_assignee::Entity>(contact_assignee::Column::ContactId, false, |rows| {
                    let user = contact_assignee::Column::UserId.into_simple_expr();
                    rows.filter(self.ids(user, &Ids::In(ids.clone())))
                })
            }
            Test::Id(IdField::Assignee, Ids::IsNull) => {
                let any = self.link::<contact_assignee::Entity>(
                    contact_assignee::Column::ContactId,
                    false,
                    |rows| rows,
                );
                Part::Own(sql::complement(any.probe()))
            }
            Test::Number(column, number) => Part::Own(compare(column.into_simple_expr(), *number)),
            Test::Flag(Flag::IsActive, flag) => Part::Own(Column::IsActive.into_simple_expr().eq(*flag)),
            Test::Flag(Flag::EmailSubscribed, flag) => {
                Part::Own(Column::EmailSubscribed.into_simple_expr().eq(*flag))
            }
            Test::Flag(Flag::DoNotCall, flag) => {
                let flagged = contact_phone::Column::DoNotCall.into_simple_expr().eq(true);
                let any = self
                    .link::<contact_phone::Entity>(contact_phone::Column::ContactId, false, |rows| {
                        rows.filter(flagged.clone())
                    })
                    .probe();
                Part::Own(if *flag { any } else { sql::complement(any) })
            }
            Test::Tags(Tags::Any(names)) => self.tagged(names),
            Test::Tags(Tags::All(names)) => {
                return names.iter().map(|name| self.tagged(std::slice::from_ref(name))).collect();
            }
            Test::Tags(Tags::IsEmpty) => Part::Own(Column::Tags.into_simple_expr().eq("[]")),
            Test::Metadata(key, Member::Equals(value)) => Part::Own(metadata::equals(engine, key, value)),
            Test::Metadata(key, Member::IsNull) => Part::Own(metadata::is_null(engine, key)),
            Test::Not(test) => {
                let test = all(self.test(test).into_iter().map(Part::probe));
                Part::Own(sql::complement(test))
            }
        }]
    }

    fn ids(&self, subject: Expr, ids: &Ids) -> Expr {
        match ids {
            Ids::In(ids) => {
                let ids = ids.iter().filter_map(|id| id.parse().ok()).collect();
                sql::one_of_ids(self.read.engine(), subject, ids)
            }
            Ids::IsNull => subject.is_null(),
        }
    }

    fn email(&self, text: &Text) -> Part {
        let engine = self.read.engine();
        let key = contact_email::Column::AddressKey.into_simple_expr();
        if let Text::In(values) = text {
            let keys: Vec<_> = values.iter().map(|value| email::key(value)).collect();
            let one_of = Subject::exact(engine, key).test(&Text::In(keys));
            return self.link::<contact_email::Entity>(contact_email::Column::ContactId, true, |rows| {
                rows.filter(one_of.clone())
            });
        }
        // A part of an address may be of its domain as it is written, or in its ASCII form.
        let address = contact_email::Column::AddressFold.into_simple_expr();
        let matches =
            any([Subject::folded(engine, address).test(text), Subject::lower(engine, key).test(text)]
                .into_iter());
        self.any_of_list::<contact_email::Entity>(contact_email::Column::ContactId, text, &matches)
    }

    fn phone(&self, text: &Text) -> Part {
        let engine = self.read.engine();
        let number = contact_phone::Column::Number.into_simple_expr();
        match text {
            Text::In(values) => {
                let values = self.numbers(values);
                let in_e164 = values.iter().all(|value| !value.chars().any(|c| c.is_ascii_alphabetic()));
                let number =
                    if in_e164 { Subject::exact(engine, number) } else { Subject::ascii(engine, number) };
                let one_of = number.test(&Text::In(values));
                self.link::<contact_phone::Entity>(contact_phone::Column::ContactId, in_e164, |rows| {
                    rows.filter(one_of.clone())
                })
            }
            text => {
                let matches = Subject::ascii(engine, number).test(text);
                self.any_of_list::<contact_phone::Entity>(contact_phone::Column::ContactId, text, &matches)
            }
        }
    }

    /// A test of any of a list's texts; such a list is null when it is empty.
    fn any_of_list<E: Tenanted>(&self, contact: E::Column, text: &Text, matches: &Expr) -> Part {
        Part::Own(match text {
            Text::IsNull => sql::complement(self.link::<E>(contact, false, |rows| rows).probe()),
            _ => self.link::<E>(contact, false, |rows| rows.filter(matches.clone())).probe(),
        })
    }

    /// The numbers as they may be stored.
    fn numbers(&self, values: &[String]) -> Vec<String> {
        values.iter().flat_map(|value| phone::stored_forms(value, self.region)).collect()
    }

    fn tagged(&self, names: &[String]) -> Part {
        let tag = contact_tag::Column::TagId.into_simple_expr();
        let one_of = sql::one_of_ids(self.read.engine(), tag, self.tags.of(names));
        self.link::<contact_tag::Entity>(contact_tag::Column::ContactId, false, |rows| {
            rows.filter(one_of.clone())
        })
    }

    fn link<E: Tenanted>(
        &self,
        contact: E::Column,
        surely_few: bool,
        rows: impl Fn(Scoped<E>) -> Scoped<E>,
    ) -> Part {
        Part::Link(Link::new::<E>(self.read, contact, &rows, &rows, surely_few))
    }
}

fn compare(subject: Expr, number: Number) -> Expr {
    match number {
        Number::Eq(value) => subject.eq(value),
        Number::Gt(value) => subject.gt(value),
        Number::Gte(value) => subject.gte(value),
        Number::Lt(value) => subject.lt(value),
        Number::Lte(value) => subject.lte(value),
        Number::IsNull => subject.is_null(),
    }
}
