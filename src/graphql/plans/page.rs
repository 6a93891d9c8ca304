//! Pages of contacts that are written from rows.

use async_graphql::parser::types::{Field, SelectionSet};
use entity::contact::{self, Column};

use super::{
    Reader,
    Unplanned::{self, GiveUp},
    cell,
    object::{Builder, before, fields},
    relation::Selected,
    rows::Whole,
};
use crate::{
    contacts::{self, ListQuery},
    paging::{PageReader, Positions, RawPage, Wanted},
};

/// Index of the object that is selected first.
const FIRST_OBJECT: usize = 0;

/// Page of a selection of `ContactConnection`.
#[derive(Debug)]
pub(super) struct Page {
    fields: Vec<(Box<str>, Part)>,
    contacts: Selected<contact::Entity>,
    reader: PageReader<contacts::Order>,
}

/// Contents of a page that are to be read, as far as its selection has been looked at.
struct Needed {
    contacts: Selected<contact::Entity>,
    /// Parts of the page that are read, but for the columns.
    wanted: Wanted<Column>,
    /// True if any row is needed.
    has_rows: bool,
    positions: Positions,
}

/// Part of a page.
#[derive(Debug)]
enum Part {
    Typename,
    /// Contacts, by the index of their object.
    Nodes(usize),
    Edges(Vec<(Box<str>, EdgePart)>),
    Info(Vec<(Box<str>, InfoPart)>),
    Total,
}

/// Part of an edge.
#[derive(Debug)]
enum EdgePart {
    Typename,
    Node(usize),
    Cursor,
}

/// Part of a page's position.
#[derive(Clone, Copy, Debug)]
enum InfoPart {
    Typename,
    HasNext,
    HasPrevious,
    Start,
    End,
}

impl Page {
    /// Returns the page of a selection; `None` if the library has to answer a part of it.
    pub(super) fn of(builder: &Builder<'_>, selection: &SelectionSet) -> Option<Self> {
        let wanted = Wanted { columns: None, total: false, previous: false, next: false };
        let contacts = Selected::new(Column::Id);
        let mut needed = Needed { contacts, wanted, has_rows: false, positions: Positions::None };
        let mut parts = Vec::new();
        if selection.items.is_empty() {
            return None;
        }
        for field in fields(selection) {
            let field = field?;
            let below = &field.selection_set.node;
            let part = match field.name.node.as_str() {
                "__typename" => Part::Typename,
                "nodes" => Part::Nodes(needed.contacts(builder, below)?),
                "edges" => Part::Edges(members(below, |field| needed.edge(builder, field))?),
                "pageInfo" => Part::Info(members(below, |field| needed.info(field))?),
                "totalCount" => {
                    needed.wanted.total = true;
                    Part::Total
                }
                _ => return None,
            };
            parts.push((before(field, parts.is_empty()), part));
        }
        let has_edges = parts.iter().any(|(_, part)| matches!(part, Part::Edges(_)));
        let Needed { contacts, mut wanted, has_rows, mut positions } = needed;
        if has_edges && contacts.is_empty() {
            // Nothing else tells how many edges there are.
            positions = Positions::All;
        }
        wanted.columns = has_rows.then(|| contacts.columns().to_owned());
        Some(Self { fields: parts, contacts, reader: PageReader::new(wanted, positions) })
    }
}

impl Needed {
    fn contacts(&mut self, builder: &Builder<'_>, selection: &SelectionSet) -> Option<usize> {
        self.has_rows = true;
        self.contacts.add(builder, selection)
    }

    fn edge(&mut self, builder: &Builder<'_>, field: &Field) -> Option<EdgePart> {
        self.has_rows = true;
        match field.name.node.as_str() {
            "__typename" => Some(EdgePart::Typename),
            "node" => Some(EdgePart::Node(self.contacts(builder, &field.selection_set.node)?)),
            "cursor" => {
                self.positions = Positions::All;
                Some(EdgePart::Cursor)
            }
            _ => None,
        }
    }

    fn info(&mut self, field: &Field) -> Option<InfoPart> {
        self.has_rows = true;
        match field.name.node.as_str() {
            "__typename" => Some(InfoPart::Typename),
            "hasNextPage" => {
                self.wanted.next = true;
                Some(InfoPart::HasNext)
            }
            "hasPreviousPage" => {
                self.wanted.previous = true;
                Some(InfoPart::HasPrevious)
            }
            name @ ("startCursor" | "endCursor") => {
                if self.positions == Positions::None {
                    self.positions = Positions::Ends;
                }
                Some(if name == "startCursor" { InfoPart::Start } else { InfoPart::End })
            }
            _ => None,
        }
    }
}

impl Page {
    /// Reads the page, and writes it behind a text.
    pub(super) async fn write(
        &self,
        reader: &Reader<'_>,
        query: &ListQuery,
        before: &[u8],
    ) -> Result<Vec<u8>, Unplanned> {
        // If the page begins with its rows, they are written into their place at once.
        let begins_with = match &*self.fields {
            [(name, Part::Nodes(FIRST_OBJECT)), ..] => Some([before, name.as_bytes(), b"["].concat()),
            _ => None,
        };
        let views =
            self.contacts.views(reader, query.window.rows(), begins_with.as_deref().unwrap_or_default());
        let page = contacts::list_into(&reader.tenant, query, &self.reader, views).await?;
        reader.size.add_counted(page.total);
        let RawPage { sink: views, is_reversed, has_next, has_previous, total, mut cursors } = page;
        let mut objects = self.contacts.fill(reader, views).await?;
        reader.size.add_objects(objects.iter().flat_map(|whole| &whole.listed).sum())?;
        if is_reversed {
            for whole in &mut objects {
                whole.rows.reverse();
            }
            cursors.reverse();
        }
        let mut fields = self.fields.iter();
        let mut json = match objects.get_mut(FIRST_OBJECT) {
            Some(whole) if begins_with.is_some() && !is_reversed => {
                fields.next();
                let mut json = std::mem::take(&mut whole.json);
                json.push(b']');
                json
            }
            _ => {
                let size = objects.iter().map(|whole| whole.json.len() + whole.rows.len()).sum::<usize>();
                let mut json = Vec::with_capacity(before.len() + size + 256);
                json.extend_from_slice(before);
                json
            }
        };
        let facts = Facts { objects, has_next, has_previous, total, cursors };
        for (before, part) in fields {
            json.extend_from_slice(before.as_bytes());
            facts.write(part, &mut json)?;
        }
        json.push(b'}');
        Ok(json)
    }
}

/// A page that has been read.
struct Facts {
    objects: Vec<Whole>,
    has_next: bool,
    has_previous: bool,
    total: i64,
    cursors: Vec<String>,
}

impl Facts {
    fn write(&self, part: &Part, json: &mut Vec<u8>) -> Result<(), Unplanned> {
        match part {
            Part::Typename => json.extend_from_slice(b"\"ContactConnection\""),
            Part::Nodes(object) => {
                let whole = self.objects.get(*object).ok_or(GiveUp)?;
                list(json, whole.rows.len(), |json, row| {
                    json.extend_from_slice(whole.row(row).ok_or(GiveUp)?);
                    Ok(())
                })?;
            }
            Part::Edges(edge) => {
                let rows = self.objects.first().map_or(self.cursors.len(), |whole| whole.rows.len());
                list(json, rows, |json, row| {
                    for (before, part) in edge {
                        json.extend_from_slice(before.as_bytes());
                        match part {
                            EdgePart::Typename => json.extend_from_slice(b"\"ContactEdge\""),
                            EdgePart::Node(object) => {
                                let row = self.objects.get(*object).and_then(|whole| whole.row(row));
                                json.extend_from_slice(row.ok_or(GiveUp)?);
                            }
                            EdgePart::Cursor => {
                                cell::write_text(self.cursors.get(row).ok_or(GiveUp)?, json)?;
                            }
                        }
                    }
                    json.push(b'}');
                    Ok(())
                })?;
            }
            Part::Info(info) => {
                for (before, part) in info {
                    json.extend_from_slice(before.as_bytes());
                    self.write_info(*part, json)?;
                }
                json.push(b'}');
            }
            Part::Total => {
                let total = i32::try_from(self.total).unwrap_or(i32::MAX);
                json.extend_from_slice(total.to_string().as_bytes());
            }
        }
        Ok(())
    }

    fn write_info(&self, part: InfoPart, json: &mut Vec<u8>) -> Result<(), Unplanned> {
        let cursor = match part {
            InfoPart::Typename => Some("PageInfo"),
            InfoPart::HasNext | InfoPart::HasPrevious => {
                let flag = if matches!(part, InfoPart::HasNext) { self.has_next } else { self.has_previous };
                json.extend_from_slice(if flag { b"true" } else { b"false" });
                return Ok(());
            }
            InfoPart::Start => self.cursors.first().map(String::as_str),
            InfoPart::End => self.cursors.last().map(String::as_str),
        };
        match cursor {
            Some(text) => cell::write_text(text, json)?,
            None => json.extend_from_slice(b"null"),
        }
        Ok(())
    }
}

/// Returns the parts of an object, each with the JSON before it; `None` if the library has to answer a part of it,
/// or if there is none.
fn members<P>(
    selection: &SelectionSet,
    mut part: impl FnMut(&Field) -> Option<P>,
) -> Option<Vec<(Box<str>, P)>> {
    if selection.items.is_empty() {
        return None;
    }
    let mut parts = Vec::with_capacity(selection.items.len());
    for field in fields(selection) {
        let field = field?;
        parts.push((before(field, parts.is_empty()), part(field)?));
    }
    Some(parts)
}

/// Writes a list of so many items.
pub(super) fn list(
    json: &mut Vec<u8>,
    items: usize,
    mut write: impl FnMut(&mut Vec<u8>, usize) -> Result<(), Unplanned>,
) -> Result<(), Unplanned> {
    json.push(b'[');
    for item in 0..items {
        if item > 0 {
            json.push(b',');
        }
        write(json, item)?;
    }
    json.push(b']');
    Ok(())
}
