//! Arguments and directives of a field, and the variables in them.

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::Value;

use super::{
    super::{
        document::Variable,
        input::{Inputs, Place},
        world::SORTINGS,
    },
    Generator,
};
use crate::support::schema::{Field as Definition, Ref};

impl Generator<'_> {
    pub(super) fn directives(&mut self) -> String {
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
    pub(super) fn arguments(&mut self, definition: &Definition, depth: usize) -> Vec<(String, String)> {
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
                "updatedSince" | "filter" if self.kind.is_planned => 0.4,
                "updatedSince" | "filter" => 0.2,
                "includeDeleted" => 0.4,
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
        if self.dice.random_bool(self.kind.shared) {
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
