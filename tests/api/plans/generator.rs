//! Documents made by dice from the schema. Most are valid.

use std::collections::HashMap;

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::Value;

use super::{
    document::{Document, Field, Fragment, Selection, Variable, arguments},
    input::{Inputs, Place},
    world::{SORTINGS, World},
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
        if is_rare && !self.dice.random_bool(self.rare) {
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

    fn directives(&mut self) -> String {
        if !self.dice.random_bool(0.06) {
            return String::new();
        }
        let name = ["include", "skip"].choose(&mut self.dice).expect("a name");
        let condition = match self.dice.random_range(0..4) {
            0 => self.dice.random_bool(0.5).to_string(),
            _ => {
                let schema = &self.world.schema;
                let by = schema.get("Query").fields().iter().find(|field| field.name == "contacts");
                let input =
                    by.and_then(|field| field.args.iter().find(|input| input.name == "includeDeleted"));
                let place = Place { name: "if".to_owned(), field: String::new(), sorting: 0, depth: 0 };
                format!("${}", self.variable(&input.expect("a Boolean").ty, true, &place))
            }
        };
        format!(" @{name}(if: {condition})")
    }

    /// Chooses arguments that fit each other, mostly.
    fn arguments(&mut self, definition: &Definition, depth: usize) -> Vec<(String, String)> {
        let sorting = self.dice.random_range(0..SORTINGS.len());
        let mut chosen = Vec::new();
        let takes = |name: &str| definition.args.iter().any(|argument| argument.name == name);
        let is_list = takes("first");
        let forward = self.dice.random_bool(0.7);
        for argument in &definition.args {
            let fixed = SORTINGS[sorting].iter().find(|(name, _)| *name == argument.name && takes("event"));
            if let Some((_, value)) = fixed.filter(|_| self.dice.random_bool(0.85)) {
                chosen.push((argument.name.clone(), (*value).to_owned()));
                continue;
            }
            let chance = match &*argument.name {
                "first" if forward => {
                    if depth > 0 {
                        1.0
                    } else {
                        0.8
                    }
                }
                "last" if !forward => 0.95,
                "after" => {
                    if forward {
                        0.4
                    } else {
                        0.1
                    }
                }
                "before" => {
                    if forward {
                        0.1
                    } else {
                        0.4
                    }
                }
                "updatedSince" | "filter" => 0.2,
                "includeDeleted" => 0.4,
                "query" => 0.1,
                "offset" => 0.1,
                "first" | "last" | "event" | "order" | "sortKey" => 0.02,
                _ if is_list => 0.1,
                _ => 1.0,
            };
            if self.dice.random_bool(chance) {
                let field = definition.name.clone();
                let place = Place { name: argument.name.clone(), field, sorting, depth: 0 };
                chosen.push((argument.name.clone(), self.input(&argument.ty, &place)));
            }
        }
        if self.dice.random_bool(0.2) {
            chosen.reverse();
        }
        chosen
    }

    fn input(&mut self, ty: &Ref, place: &Place) -> String {
        let world = self.world;
        let mut dice = StdRng::seed_from_u64(self.dice.random());
        let mut variable = |ty: &Ref, place: &Place, dice: &mut StdRng| {
            let chance = self.kind.variables[place.depth.min(1)];
            dice.random_bool(chance).then(|| self.variable(ty, false, place))
        };
        let input = Inputs { world, variable: &mut variable }.of(ty, place, &mut dice);
        input.literal()
    }

    /// Returns the name of a variable of a type: a new one, or one that is used elsewhere.
    fn variable(&mut self, ty: &Ref, is_required: bool, place: &Place) -> String {
        let wanted = if is_required { format!("{ty}!") } else { ty.to_string() };
        let required = format!("{}!", wanted.trim_end_matches('!'));
        let fits = |variable: &&Variable| variable.ty == wanted || variable.ty == required;
        if self.dice.random_bool(0.25) {
            let known: Vec<_> = self.document.variables.iter().filter(fits).collect();
            if let Some(known) = known.choose(&mut self.dice) {
                return known.name.clone();
            }
        }
        let mut declared = if self.dice.random_bool(0.1) { required } else { wanted };
        let mut dice = StdRng::seed_from_u64(self.dice.random());
        let mut value = || {
            let mut none = |_: &Ref, _: &Place, _: &mut StdRng| None;
            Inputs { world: self.world, variable: &mut none }.of(ty, place, &mut dice)
        };
        let default = value();
        let has_default = self.dice.random_bool(0.2) && default.json() != Value::Null;
        if has_default && declared.ends_with('!') && self.dice.random_bool(0.5) {
            declared.pop();
        }
        let values: Vec<Value> = (0..self.kind.requests).map(|_| value().json()).collect();
        let may_miss = !declared.ends_with('!');
        let mut given: Vec<Option<Value>> = Vec::new();
        for value in values {
            let value = match self.dice.random_range(0..10) {
                0 if has_default || may_miss && !is_required => None,
                1 if may_miss && !is_required => Some(Value::Null),
                2..5 if !given.is_empty() => given[given.len() - 1].clone(),
                _ => Some(value),
            };
            given.push(value);
        }
        let name = format!("v{}", self.document.variables.len());
        let default = has_default.then(|| default.literal());
        self.document.variables.push(Variable { name: name.clone(), ty: declared, default, values: given });
        name
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
