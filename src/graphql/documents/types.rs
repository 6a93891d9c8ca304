//! The schema against which documents are validated.

use std::collections::HashMap;

use apollo_compiler::{
    Name, Schema,
    schema::{Component, ExtendedType, FieldDefinition},
    validation::Valid,
};

/// The schema, with the possible types of its interfaces and unions.
#[derive(Debug)]
pub(in crate::graphql) struct Types {
    schema: Valid<Schema>,
    /// Object types of each interface and union.
    possible: HashMap<Name, Vec<Name>>,
}

/// Fields of an object or interface type by their names.
pub(in crate::graphql) type FieldMap =
    apollo_compiler::collections::IndexMap<Name, Component<FieldDefinition>>;

impl Types {
    /// Reads a schema in the schema definition language.
    pub(super) fn new(sdl: &str) -> Self {
        // The schema is our own, and a unit test fails if it is not valid.
        let mut schema = Schema::parse(sdl, "schema.graphql").unwrap_or_else(|incomplete| incomplete.partial);
        add_is_one_of(&mut schema);
        let schema = schema.validate().unwrap_or_else(|invalid| Valid::assume_valid(invalid.partial));
        let mut possible: HashMap<Name, Vec<Name>> = HashMap::new();
        for (name, definition) in &schema.types {
            match definition {
                ExtendedType::Object(object) => {
                    for interface in &object.implements_interfaces {
                        possible.entry(interface.name.clone()).or_default().push(name.clone());
                    }
                }
                ExtendedType::Union(union) => {
                    let members = union.members.iter().map(|member| member.name.clone());
                    possible.insert(name.clone(), members.collect());
                }
                _ => {}
            }
        }
        Self { schema, possible }
    }

    pub(super) fn schema(&self) -> &Valid<Schema> {
        &self.schema
    }

    /// Returns the possible types of an interface or union; `None` for an object type.
    pub(super) fn possible(&self, name: &str) -> Option<&[Name]> {
        self.possible.get(name).map(Vec::as_slice)
    }

    /// Returns true if a fragment on the type `condition` applies to the object type `object`.
    pub(super) fn applies(&self, condition: &str, object: &str) -> bool {
        condition == object
            || self.possible(condition).is_some_and(|objects| objects.iter().any(|name| name == object))
    }

    /// Returns the fields of an object or interface type.
    pub(in crate::graphql) fn fields(&self, name: &str) -> Option<&FieldMap> {
        match self.schema.types.get(name)? {
            ExtendedType::Object(object) => Some(&object.fields),
            ExtendedType::Interface(interface) => Some(&interface.fields),
            _ => None,
        }
    }

    /// Returns true if a type is a scalar or an enum.
    pub(super) fn is_leaf(&self, name: &str) -> bool {
        self.schema.types.get(name).is_none_or(ExtendedType::is_leaf)
    }
}

/// Adds `isOneOf` to the compiler's `__Type`, which lacks it. Clients of schemas with `@oneOf` select it.
fn add_is_one_of(schema: &mut Schema) {
    // The name of the type around the field does not matter: only the field is taken from it.
    const EXTENSION: &str = "type Query { isOneOf: Boolean }";
    let extension = Schema::parse(EXTENSION, "one_of.graphql").unwrap_or_else(|partial| partial.partial);
    let field = extension.get_object("Query").and_then(|of| of.fields.get_key_value("isOneOf"));
    if let (Some((name, field)), Some(ExtendedType::Object(of))) = (field, schema.types.get_mut("__Type")) {
        of.make_mut().fields.insert(name.clone(), field.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_valid_by_the_rules_of_the_compiler() {
        let sdl = crate::graphql::sdl();
        if let Err(invalid) = Schema::parse_and_validate(sdl.as_str(), "schema.graphql") {
            panic!("{}", invalid.errors);
        }
        let types = Types::new(&sdl);
        assert!(types.fields("__Type").is_some_and(|fields| fields.contains_key("isOneOf")));
        assert!(types.applies("Node", "Contact") && !types.applies("Contact", "Company"));
    }
}
