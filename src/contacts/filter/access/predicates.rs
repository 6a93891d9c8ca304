//! Conditions of a [`Filter`].

use entity::contact::Column;

use super::{Comparison, Conditions, Field, ListOrder, Place, Values};
use crate::contacts::{
    filter::{
        Filter, Flag, IdComparison, IdField, NumberComparison, Predicate, TagComparison, TextComparison,
        TextField,
    },
    list::SortKey,
};

impl Conditions {
    /// Adds all conditions of a filter.
    pub fn add_filter(&mut self, filter: &Filter, place: Place, order: ListOrder) {
        let Filter { predicates, and, or, not } = filter;
        for predicate in predicates {
            self.add_predicate(predicate, place, order);
        }
        for filter in and.iter().flatten() {
            self.add_filter(filter, place, order);
        }
        let alternatives = or.as_deref().unwrap_or_default();
        let beneath = if alternatives.len() > 1 { Place::Alternative } else { place };
        for filter in alternatives {
            self.add_filter(filter, beneath, order);
        }
        if let Some(filter) = not {
            self.add_filter(filter, place.negated(), order);
        }
    }

    fn add_predicate(&mut self, predicate: &Predicate, place: Place, order: ListOrder) {
        match predicate {
            Predicate::Text(field, comparison) => {
                let comparison = match comparison {
                    TextComparison::In(values) => one_of(values),
                    TextComparison::Contains(_)
                    | TextComparison::StartsWith(_)
                    | TextComparison::EndsWith(_)
                    | TextComparison::IsNull => Comparison::Other,
                };
                self.add_field(text_field(*field), comparison, place, order);
            }
            Predicate::Id(field, comparison) => {
                let comparison = match comparison {
                    IdComparison::In(values) => one_of(values),
                    IdComparison::IsNull => Comparison::Other,
                };
                self.add_field(id_field(*field), comparison, place, order);
            }
            Predicate::Number(column, comparison) => {
                let comparison = match comparison {
                    NumberComparison::Eq(_)
                    | NumberComparison::Gt(_)
                    | NumberComparison::Gte(_)
                    | NumberComparison::Lt(_)
                    | NumberComparison::Lte(_) => Comparison::Range,
                    NumberComparison::IsNull => Comparison::Other,
                };
                self.add_field(column_field(*column), comparison, place, order);
            }
            Predicate::Flag(Flag::IsActive | Flag::EmailSubscribed | Flag::DoNotCall, _)
            | Predicate::Metadata(..)
            | Predicate::Tags(TagComparison::IsEmpty) => {
                self.add_field(Field::Plain, Comparison::Other, place, order);
            }
            Predicate::Tags(TagComparison::Any(names)) => {
                self.add_field(Field::OtherTable, one_of(names), place, order);
            }
            Predicate::Tags(TagComparison::All(names)) => {
                self.add_field(Field::OtherTable, one_of(names), place, order);
                // A contact that lacks one of them is not compared with the next.
                if names.len() > 1 {
                    self.add_field(Field::OtherTable, Comparison::Other, place, order);
                }
            }
            Predicate::Not(predicate) => self.add_predicate(predicate, place.negated(), order),
        }
    }
}

impl Place {
    /// Returns the place of what stands beneath `not` in this place.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Required | Self::Complement => Self::Complement,
            Self::Alternative => Self::Alternative,
        }
    }
}

fn one_of(values: &[String]) -> Comparison {
    Comparison::OneOf(Values::of(values.iter().map(String::as_str)))
}

fn text_field(field: TextField) -> Field {
    match field {
        TextField::ExternalId => Field::ExternalId,
        TextField::LastName | TextField::Company => Field::Name,
        TextField::Email => Field::Email,
        TextField::Phone => Field::Phone,
        TextField::Plain(column) => column_field(column),
        TextField::FirstName | TextField::WhatsappNumber => Field::Plain,
    }
}

fn id_field(field: IdField) -> Field {
    match field {
        IdField::Own(column) => column_field(column),
        IdField::Assignee => Field::OtherTable,
    }
}

fn column_field(column: Column) -> Field {
    match column {
        Column::Id => Field::Id,
        Column::Status
        | Column::Stage
        | Column::CompanyId
        | Column::TeamId
        | Column::OwnerId
        | Column::PipelineStageId => Field::InDefaultOrder,
        Column::UpdatedAt => Field::Key(SortKey::UpdatedAt),
        Column::CreatedAt => Field::Key(SortKey::CreatedAt),
        Column::EnrichedAt => Field::Key(SortKey::EnrichedAt),
        Column::TagAddedAt => Field::Key(SortKey::TagAddedAt),
        Column::Score => Field::Key(SortKey::Score),
        _ => Field::Plain,
    }
}
