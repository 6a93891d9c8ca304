//! Objects that are written from rows: which field is which cell.

use std::{mem::discriminant, str::FromStr};

use async_graphql::{
    Positioned,
    parser::types::{Field, Selection, SelectionSet},
};
use entity::Tenanted;
use uuid::Uuid;

use super::{
    cell::{self, Format},
    relation::{Relation, Tables},
    rows::Hole,
};
use crate::{database::RawRow, error::DatabaseError, graphql::documents::Types};

/// Object of a selection: its fields, in the order of the answer.
#[derive(Debug)]
pub(super) struct Object {
    fields: Vec<ObjectField>,
    counts_texts: bool,
}

#[derive(Debug)]
struct ObjectField {
    /// JSON before the value: the response key, and what separates it from the field before.
    before: Box<str>,
    content: Content,
}

/// Content of a field.
#[derive(Debug)]
enum Content {
    /// Name of the object's type.
    Typename(&'static str),
    Cell {
        place: usize,
        format: Format,
    },
    Computed {
        places: Box<[usize]>,
        compute: Compute,
    },
    /// Related object, of whose id a cell is.
    One {
        place: usize,
        relation: Relation,
    },
    /// Related objects that belong to this one.
    Many(Relation),
}

/// Writes a value that is made of several cells.
type Compute = fn(&RawRow<'_>, Uuid, &[usize], &mut Vec<u8>) -> Result<(), DatabaseError>;

/// Adds the relation to the objects of a selection.
type Relate = fn(&mut Tables, &Builder<'_>, &SelectionSet) -> Option<Relation>;

/// Field of an object type, as a row gives it.
pub(super) enum Source<C> {
    /// Cell of a column, in the format of the field's type.
    Column(C),
    /// Value that is made of the cells of columns.
    Computed(Vec<C>, Compute),
    /// Object whose id is in a column.
    One(C, Relate),
    /// Objects that belong to this one.
    Many(Relate),
    /// Something that only the library can answer.
    Other,
}

/// Table whose rows can be written as objects.
pub(super) trait Written: Tenanted<Column: FromStr> {
    /// Name of the object type.
    const TYPE: &'static str;
    /// True if its texts count towards the size of the answer.
    const COUNTS_TEXTS: bool = false;

    /// Returns the source of a field. Unless it is listed, a field is the column of its name.
    fn source(field: &str) -> Source<Self::Column> {
        column(field)
    }
}

/// Returns the column of a field's name; sea-orm reads it in camel case too.
pub(super) fn column<C: FromStr>(field: &str) -> Source<C> {
    C::from_str(field).map_or(Source::Other, Source::Column)
}

/// Builder of objects for one schema.
pub(super) struct Builder<'a> {
    pub(super) types: &'a Types,
}

impl Builder<'_> {
    /// Returns the object of a selection; `None` if it is empty, or if the library has to answer a part of it.
    /// The columns that it reads are added to `columns`, whose places are those of the cells, and its relations
    /// to `related`.
    pub(super) fn object<E: Written>(
        &self,
        selection: &SelectionSet,
        columns: &mut Vec<E::Column>,
        related: &mut Tables,
    ) -> Option<Object> {
        if selection.items.is_empty() {
            return None;
        }
        let fields_of = Vec::with_capacity(selection.items.len());
        let mut object = Object { fields: fields_of, counts_texts: E::COUNTS_TEXTS };
        for field in fields(selection) {
            let field = field?;
            let content = self.content::<E>(field, columns, related)?;
            let before = before(field, object.fields.is_empty());
            object.fields.push(ObjectField { before, content });
        }
        Some(object)
    }

    fn content<E: Written>(
        &self,
        field: &Field,
        columns: &mut Vec<E::Column>,
        related: &mut Tables,
    ) -> Option<Content> {
        let name = field.name.node.as_str();
        if name == "__typename" {
            return Some(Content::Typename(E::TYPE));
        }
        let mut place = |column| place(columns, column);
        match E::source(name) {
            Source::Column(column) => {
                let ty = &self.types.fields(E::TYPE)?.get(name)?.ty;
                let format = Format::of(ty.inner_named_type(), ty.is_list())?;
                Some(Content::Cell { place: place(column), format })
            }
            Source::Computed(of, compute) => {
                Some(Content::Computed { places: of.into_iter().map(place).collect(), compute })
            }
            Source::One(column, relate) => {
                let relation = relate(related, self, &field.selection_set.node)?;
                Some(Content::One { place: place(column), relation })
            }
            Source::Many(relate) => Some(Content::Many(relate(related, self, &field.selection_set.node)?)),
            Source::Other => None,
        }
    }
}

/// Returns the fields of a selection on an object type; `None` for what is not a field.
pub(in crate::graphql) fn fields(selection: &SelectionSet) -> impl Iterator<Item = Option<&Field>> {
    selection.items.iter().map(|item| match &item.node {
        Selection::Field(Positioned { node, .. }) => Some(node),
        Selection::FragmentSpread(_) | Selection::InlineFragment(_) => None,
    })
}

/// Returns the JSON that comes before the value of a field.
pub(super) fn before(field: &Field, is_first: bool) -> Box<str> {
    // A name has no characters that JSON escapes.
    let separator = if is_first { '{' } else { ',' };
    format!("{separator}\"{}\":", field.response_key().node).into()
}

/// Returns the place of a column, which is added if it is new.
pub(super) fn place<C>(columns: &mut Vec<C>, column: C) -> usize {
    columns.iter().position(|known| discriminant(known) == discriminant(&column)).unwrap_or_else(|| {
        columns.push(column);
        columns.len() - 1
    })
}

impl Object {
    /// Writes a row, except for the related objects. Returns the bytes that its texts count towards the size of
    /// the answer.
    pub(super) fn write(
        &self,
        row: &RawRow<'_>,
        key: Uuid,
        json: &mut Vec<u8>,
        holes: &mut Vec<Hole>,
    ) -> Result<usize, DatabaseError> {
        let mut size = 0;
        for ObjectField { before, content } in &self.fields {
            json.extend_from_slice(before.as_bytes());
            match content {
                Content::Typename(name) => cell::write_text(name, json)?,
                Content::Cell { place, format } => size += format.write(row, *place, json)?,
                Content::Computed { places, compute } => compute(row, key, places, json)?,
                Content::One { place, relation } => {
                    holes.push(Hole { at: json.len(), relation: *relation, key: row.id(*place)? });
                }
                Content::Many(relation) => {
                    holes.push(Hole { at: json.len(), relation: *relation, key: Some(key) });
                }
            }
        }
        json.push(b'}');
        Ok(if self.counts_texts { size } else { 0 })
    }
}
