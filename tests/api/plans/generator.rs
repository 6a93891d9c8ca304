//! Documents made by dice from the schema. Most are valid.

mod arguments;

use std::collections::HashMap;

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};

use super::{
    document::{Document, Field, Fragment, Selection, arguments},
    world::World,
};
use crate::support::schema::{Field as Definition, Ref};

/// Maximum number of aliases, below the limit of a document.
const MAX_ALIASES: usize = 15;
/// Maximum depth of fields within fields.
const MAX_DEPTH: usize = 7;
/// Names for aliases; some are those of other fields.
const ALIASES: [&str; 8] = ["a", "b", "id", "email", "name", "nodes", "_2", "x__typename"];
/// Root fields, the more frequent ones several times.
const ROOTS: [&str; 12] = [
    "contacts",
    "contacts",
    "contacts",
    "contacts",
    "contact",
    "contact",
    "contact",
    "contactByIdentifier",
    "contactByIdentifier",
    "node",
    "nodes",
    "",
];
/// Number of those that have plans.
const PLANNED_ROOTS: usize = 9;
/// Fields that no plan writes.
const RARE: [&str; 6] = ["organization", "contactsCount", "formatted", "isValid", "contacts", "apiKeys"];

/// Kind of documents.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    /// Number of requests with a document, of which each has other values.
    pub(super) requests: usize,
    /// True if plans can answer all of it.
    pub(super) is_planned: bool,
    /// Chance of a variable in the place of an argument, and deeper within one.
    pub(super) variables: [f64; 2],
    /// Chance that a variable is one that is used elsewhere, if it fits.
    pub(super) shared: f64,
}

/// Maker of one document.
pub(super) struct Generator<'a> {
    world: &'a World,
    dice: StdRng,
    document: Document,
    /// Fields by where they are answered: those of one place and key must be the same.
    fields: HashMap<String, Vec<Field>>,
    types: HashMap<(String, String), String>,
    aliases: usize,
    kind: Kind,
    /// Chance of a field that no plan writes.
    rare: f64,
}

impl<'a> Generator<'a> {
    /// Returns the document of a seed.
    pub(super) fn document(world: &'a World, seed: u64, kind: Kind) -> Document {
        let mut dice = StdRng::seed_from_u64(seed);
        let rare = if kind.is_planned || dice.random_bool(0.8) { 0.0 } else { 0.3 };
        let document = Document::default();
        let (fields, types) = (HashMap::new(), HashMap::new());
        let mut this = Self { world, dice, document, fields, types, aliases: 0, kind, rare };
        let query = world.schema.get("Query");
        for _ in 0..*[1, 1, 1, 2, 3].choose(&mut this.dice).expect("a number") {
            let roots = if kind.is_planned { &ROOTS[..PLANNED_ROOTS] } else { &ROOTS };
            let name = *roots.choose(&mut this.dice).expect("a field");
            let any = query.fields().choose(&mut this.dice).expect("a field");
            let field = query.fields().iter().find(|field| field.name == name).unwrap_or(any);
            let field = this.field(field, "", 0);
            let mut selection: Vec<_> = field.into_iter().map(Selection::Field).collect();
            if !selection.is_empty() && this.dice.random_bool(0.1) {
                selection = vec![this.fragment("Query", selection)];
            }
            this.document.root.append(&mut selection);
        }
        if this.document.root.is_empty() || this.dice.random_bool(0.05) {
            this.document.root.push(Selection::Field(typename()));
        }
        this.document
    }

    fn set(&mut self, ty: &str, path: &str, depth: usize) -> Vec<Selection> {
        let mut set = Vec::new();
        let possible = self.world.schema.possible(ty);
        for _ in 0..self.dice.random_range(1..8) {
            let on = if !possible.is_empty() && self.dice.random_bool(0.7) {
                let is_contact = possible.contains(&"Contact") && self.dice.random_bool(0.6);
                if is_contact { "Contact" } else { possible.choose(&mut self.dice).expect("a type") }
            } else {
                ty
            };
            if on != ty {
                let inner = self.set(on, path, depth);
                set.push(self.wrapped(on, inner, true));
                continue;
            }
            if let Some(spread) = self.spread_again(ty, path) {
                set.push(spread);
                continue;
            }
            if self.dice.random_bool(0.15) && depth < MAX_DEPTH {
                let inner = self.set(ty, path, depth + 1);
                let is_node = self.world.schema.possible("Node").contains(&ty) && self.dice.random_bool(0.2);
                let inner = self.wrapped(ty, inner, is_node);
                set.push(if is_node { self.wrapped("Node", vec![inner], true) } else { inner });
                continue;
            }
            set.extend(self.any_field(ty, path, depth).map(Selection::Field));
        }
        if set.is_empty() {
            set.push(Selection::Field(typename()));
        }
        set
    }

    fn wrapped(&mut self, on: &str, set: Vec<Selection>, must_say: bool) -> Selection {
        if self.dice.random_bool(0.4) {
            return self.fragment(on, set);
        }
        let on = (must_say || self.dice.random_bool(0.5)).then(|| on.to_owned());
        Selection::Inline { on, directives: self.directives(), set }
    }

    /// Makes a named fragment of a selection, and spreads it.
    fn fragment(&mut self, on: &str, set: Vec<Selection>) -> Selection {
        let name = format!("F{}", self.document.fragments.len());
        self.document.fragments.push(Fragment { name: name.clone(), on: on.to_owned(), set });
        Selection::Spread { name, directives: self.directives() }
    }

    /// Spreads a fragment of another place, if what it selects can be selected here.
    fn spread_again(&mut self, ty: &str, path: &str) -> Option<Selection> {
        if !self.dice.random_bool(0.1) {
            return None;
        }
        let fragments = self.document.fragments.clone();
        let of_type: Vec<_> = fragments.iter().filter(|fragment| fragment.on == ty).collect();
        let fragment = of_type.choose(&mut self.dice)?;
        let before = self.types.clone();
        if !self.admits(path, ty, &fragment.set) {
            self.types = before;
            return None;
        }
        Some(Selection::Spread { name: fragment.name.clone(), directives: self.directives() })
    }

    /// Registers the fields of a set; false if one of them contradicts another field.
    fn admits(&mut self, path: &str, ty: &str, set: &[Selection]) -> bool {
        set.iter().all(|selection| match selection {
            Selection::Inline { on, set, .. } => {
                self.admits(path, &on.clone().unwrap_or_else(|| ty.to_owned()), set)
            }
            Selection::Spread { name, .. } => {
                let fragments = self.document.fragments.clone();
                let fragment = fragments.iter().find(|fragment| fragment.name == *name);
                fragment.is_some_and(|fragment| self.admits(path, &fragment.on, &fragment.set))
            }
            Selection::Field(field) => {
                let fields = self.world.schema.get(ty).fields();
                let of = fields.iter().find(|definition| definition.name == field.name).map(|it| &it.ty);
                let inner = format!("{path}/{}", field.key());
                self.register(path, field, of)
                    && of.is_none_or(|of| self.admits(&inner, of.named(), &field.set))
            }
        })
    }

    fn register(&mut self, path: &str, field: &Field, ty: Option<&Ref>) -> bool {
        let what =
            format!("{}{}: {}", field.name, arguments(field), ty.map(Ref::to_string).unwrap_or_default());
        let place = (path.to_owned(), field.key().to_owned());
        *self.types.entry(place).or_insert_with(|| what.clone()) == what
    }

    fn any_field(&mut self, ty: &str, path: &str, depth: usize) -> Option<Field> {
        if self.dice.random_bool(0.1) {
            let field = Field { alias: self.alias(), ..typename() };
            return self.register(path, &field, None).then_some(field);
        }
        let schema = &self.world.schema;
        let fields = schema.get(ty).fields();
        let definition = fields.choose(&mut self.dice)?;
        // A second one is merged with the first, unless it contradicts it.
        if let Some(known) = self.fields.get(path).filter(|_| self.dice.random_bool(0.2)) {
            let again = known.choose(&mut self.dice).expect("a field").clone();
            if let Some(definition) = fields.iter().find(|definition| definition.name == again.name) {
                return self.again(again, definition, path, depth);
            }
        }
        let is_rare = RARE.contains(&&*definition.name);
        // Where its pipeline is missing, either field may be the one that fails: the other one is cut off.
        let is_cut_off = ty == "PipelineStage" && definition.name == "contactsCount";
        if is_cut_off || is_rare && !self.dice.random_bool(self.rare) {
            return None;
        }
        let is_leaf = matches!(&*schema.get(definition.ty.named()).kind, "SCALAR" | "ENUM");
        if !is_leaf && depth >= MAX_DEPTH {
            return None;
        }
        self.field(definition, path, depth)
    }

    fn again(&mut self, field: Field, definition: &Definition, path: &str, depth: usize) -> Option<Field> {
        let mut field = Field { directives: self.directives(), ..field };
        if !self.register(path, &field, Some(&definition.ty)) {
            return None;
        }
        if !field.set.is_empty() {
            field.set = self.set(definition.ty.named(), &format!("{path}/{}", field.key()), depth + 1);
        }
        Some(field)
    }

    fn field(&mut self, definition: &Definition, path: &str, depth: usize) -> Option<Field> {
        let mut field = Field {
            alias: self.alias(),
            name: definition.name.clone(),
            arguments: self.arguments(definition, depth),
            directives: self.directives(),
            set: vec![],
        };
        if !self.register(path, &field, Some(&definition.ty)) {
            return None;
        }
        let ty = definition.ty.named();
        if !matches!(&*self.world.schema.get(ty).kind, "SCALAR" | "ENUM") {
            field.set = self.set(ty, &format!("{path}/{}", field.key()), depth + 1);
        }
        self.fields.entry(path.to_owned()).or_default().push(field.clone());
        Some(field)
    }

    fn alias(&mut self) -> Option<String> {
        let has_alias = self.aliases < MAX_ALIASES && self.dice.random_bool(0.15);
        self.aliases += usize::from(has_alias);
        has_alias.then(|| (*ALIASES.choose(&mut self.dice).expect("a name")).to_owned())
    }
}

fn typename() -> Field {
    Field {
        alias: None,
        name: "__typename".to_owned(),
        arguments: vec![],
        directives: String::new(),
        set: vec![],
    }
}
