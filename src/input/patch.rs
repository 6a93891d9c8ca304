//! What an input says of a field, and how its lists are taken.

/// Three states of a field of an input, which an `Option` cannot tell apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// Left out.
    #[default]
    Absent,
    /// Given as null.
    Null,
    /// Given as a value.
    Value(T),
}

impl<T> Patch<T> {
    /// Returns the value, if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Null | Self::Absent => None,
        }
    }

    /// Returns true unless the field was left out.
    pub fn is_present(&self) -> bool {
        !matches!(self, Self::Absent)
    }

    /// Converts to a patch of a reference to the value.
    pub fn as_ref(&self) -> Patch<&T> {
        match self {
            Self::Absent => Patch::Absent,
            Self::Null => Patch::Null,
            Self::Value(value) => Patch::Value(value),
        }
    }

    /// Converts the value, if there is one.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Absent => Patch::Absent,
            Self::Null => Patch::Null,
            Self::Value(value) => Patch::Value(convert(value)),
        }
    }

    /// Converts the value, if there is one; a value that is refused counts as left out, so that one
    /// mistake is reported once.
    pub fn and_then<U>(self, check: impl FnOnce(T) -> Option<U>) -> Patch<U> {
        match self {
            Self::Absent => Patch::Absent,
            Self::Null => Patch::Null,
            Self::Value(value) => check(value).map_or(Patch::Absent, Patch::Value),
        }
    }

    /// Turns null into absent.
    pub fn omit_null(&mut self) {
        if matches!(self, Self::Null) {
            *self = Self::Absent;
        }
    }

    /// Turns a value that satisfies the condition into null.
    pub fn null_if(&mut self, condition: impl FnOnce(&T) -> bool) {
        if matches!(self, Self::Value(value) if condition(value)) {
            *self = Self::Null;
        }
    }

    /// Writes the patch into a nullable field: absent leaves it, null clears it.
    pub fn apply_to(self, field: &mut Option<T>) {
        match self {
            Self::Absent => {}
            Self::Null => *field = None,
            Self::Value(value) => *field = Some(value),
        }
    }
}

impl<T> From<Option<T>> for Patch<T> {
    /// Reads a field that does not tell null from absent.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Value)
    }
}

/// Treatment of blank entries of lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BlankEntries {
    /// Each is a problem.
    Refused,
    /// The list is taken without them.
    LeftOut,
}

/// Treatment of a list whose object has one already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lists {
    /// It replaces the stored list.
    Replace,
    /// It is added to the stored list.
    Add,
}
