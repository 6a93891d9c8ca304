//! Values of an operation's variables.

use apollo_compiler::{ast::VariableDefinition, executable::Operation};
use async_graphql::{Name, Value, Variables as GivenVariables};

use crate::{
    error::ErrorCode,
    graphql::{
        documents::{
            locations::SourceLocations,
            types::Types,
            validation::MAX_ERRORS,
            values::{self, Coercion, Uncoerced, Variable, Variables},
        },
        error::ApiError,
    },
};

/// Argument of a root field that is a variable in the document.
#[derive(Debug)]
pub(in crate::graphql) struct VariableArgument {
    /// Response key of the field.
    pub(in crate::graphql) field: Name,
    pub(in crate::graphql) argument: Name,
    pub(in crate::graphql) variable: Name,
}

/// Coerces the variables of an operation. One that the request omits has its default, if it has one.
pub(in crate::graphql::documents) fn coerce_variables<'a>(
    types: &Types,
    locations: &SourceLocations,
    operation: &'a Operation,
    given: &GivenVariables,
) -> Result<Variables<'a>, Vec<ApiError>> {
    let none = Variables::new();
    let mut coerced = Variables::new();
    let mut errors = Vec::new();
    for definition in &operation.variables {
        // The body bounds the bytes of all variables, so none are counted until they are copied.
        let mut coercion = Coercion::new(types, locations, &none, usize::MAX);
        match coerce(&mut coercion, definition, given.get(definition.name.as_str())) {
            Ok(variable) => drop(coerced.insert(definition.name.as_str(), variable)),
            Err(error) => errors.push(error.at_unless_known(locations.start_of(definition.location()))),
        }
    }
    errors.truncate(MAX_ERRORS);
    if errors.is_empty() { Ok(coerced) } else { Err(errors) }
}

fn coerce<'a>(
    coercion: &mut Coercion<'_>,
    definition: &'a VariableDefinition,
    given: Option<&Value>,
) -> Result<Variable<'a>, ApiError> {
    let name = format!("${}", definition.name);
    let given = match (given, &definition.default_value) {
        (Some(value), _) => Uncoerced::Json(value),
        (None, Some(default)) => Uncoerced::Literal(default),
        (None, None) if !definition.ty.is_non_null() => return Ok(Variable::Omitted),
        (None, None) => {
            return Err(ApiError::new(ErrorCode::BadUserInput, format!("the variable `{name}` is required")));
        }
    };
    let value = coercion.variable(&name, &definition.ty, given)?;
    let bytes = values::bytes(&value);
    Ok(Variable::Coerced { value, bytes })
}
