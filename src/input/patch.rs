//! Input fields that tell absent from null, and the treatment of lists in an input.

/// State of an input field. An `Option` could not tell null from absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// Omitted field.
    #[default]
    Absent,
    /// Field that is null.
    Null,
    /// Field with a value.
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

    /// Returns true unless the field is omitted.
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

    /// Converts the value, if there is one. A refused value becomes absent, so that a mistake is reported
    /// once.
    pub fn and_then<U>(self, check: impl FnOnce(T) -> Option<U>) -> Patch<U> {
        match self {
            Self::Absent => Patch::Absent,
            Self::Null => Patch::Null,
            Self::Value(value) => check(value).map_or(Patch::Absent, Patch::Value),
        }
    }

    /// Replaces null by absent.
    pub fn omit_null(&mut self) {
        if matches!(self, Self::Null) {
            *self = Self::Absent;
        }
    }

    /// Replaces a value that satisfies the condition by null.
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
    /// Converts a field that does not tell null from absent.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Value)
    }
}

/// Treatment of blank entries in the lists of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BlankEntries {
    /// A problem for each blank entry.
    Refused,
    /// No problem: blank entries are left out of the list.
    LeftOut,
}

/// Treatment of a list in an input when the object already has that list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lists {
    /// Replacement of the stored list by the given one.
    Replace,
    /// Addition of the given entries to the stored list.
    Add,
}
