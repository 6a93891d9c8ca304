//! Errors of values, with the path and the location of the value.

use super::{Coercion, Uncoerced};
use crate::{error::ErrorCode, graphql::error::ApiError};

impl Coercion<'_> {
    /// Returns the error of a value: of the document if it is a literal, of the request if it is JSON.
    pub(super) fn error(&self, given: Uncoerced<'_>, what: &str) -> ApiError {
        let code = match given {
            Uncoerced::Literal(_) => ErrorCode::GraphqlValidationFailed,
            Uncoerced::Json(_) => ErrorCode::BadUserInput,
        };
        self.error_with_code(code, given, what)
    }

    /// Returns the error of a variable's value, which is the request's although its location is in the
    /// document.
    pub(super) fn request_error(&self, given: Uncoerced<'_>, what: &str) -> ApiError {
        self.error_with_code(ErrorCode::BadUserInput, given, what)
    }

    fn error_with_code(&self, code: ErrorCode, given: Uncoerced<'_>, what: &str) -> ApiError {
        let location = match given {
            Uncoerced::Literal(literal) => self.locations.start_of(literal.location()),
            Uncoerced::Json(_) => None,
        };
        ApiError::new(code, format!("`{}` {what}", self.path)).at(location)
    }
}
