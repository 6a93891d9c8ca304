//! Scopes: the rights of a key.

use std::{fmt, str::FromStr};

/// One right. Written `contacts:write` in messages and on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every query but those of API keys.
    ContactsRead,
    /// Contact, company and tag mutations; includes reading.
    ContactsWrite,
    /// Erasing contacts for good.
    ContactsPurge,
    /// Policy, team, user and pipeline mutations.
    SettingsWrite,
    /// API keys.
    KeysManage,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 5] =
        [Self::ContactsRead, Self::ContactsWrite, Self::ContactsPurge, Self::SettingsWrite, Self::KeysManage];

    /// Name in messages and on the command line: `contacts:write`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ContactsRead => "contacts:read",
            Self::ContactsWrite => "contacts:write",
            Self::ContactsPurge => "contacts:purge",
            Self::SettingsWrite => "settings:write",
            Self::KeysManage => "keys:manage",
        }
    }

    /// Name in the API's enum: `CONTACTS_WRITE`.
    #[must_use]
    pub fn constant(self) -> &'static str {
        match self {
            Self::ContactsRead => "CONTACTS_READ",
            Self::ContactsWrite => "CONTACTS_WRITE",
            Self::ContactsPurge => "CONTACTS_PURGE",
            Self::SettingsWrite => "SETTINGS_WRITE",
            Self::KeysManage => "KEYS_MANAGE",
        }
    }

    fn bit(self) -> i32 {
        match self {
            Self::ContactsRead => 1,
            Self::ContactsWrite => 1 << 1,
            Self::ContactsPurge => 1 << 2,
            Self::SettingsWrite => 1 << 3,
            Self::KeysManage => 1 << 4,
        }
    }
}

/// A text that does not name a scope.
#[derive(Debug, thiserror::Error)]
#[error(
    "unknown scope `{0}`; the scopes are contacts:read, contacts:write, contacts:purge, settings:write and keys:manage"
)]
pub struct UnknownScope(String);

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        Self::ALL.into_iter().find(|scope| scope.name() == text).ok_or_else(|| UnknownScope(text.to_owned()))
    }
}

/// A set of scopes. A write scope includes its read scope.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Scopes(i32);

impl Scopes {
    /// Reads the stored form; unknown bits give no right.
    #[must_use]
    pub fn from_bits(bits: i32) -> Self {
        Scope::ALL.into_iter().filter(|scope| bits & scope.bit() != 0).collect()
    }

    /// Returns the stored form.
    #[must_use]
    pub fn bits(self) -> i32 {
        self.0
    }

    /// Returns true if the right is among them.
    #[must_use]
    pub fn allow(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Returns each scope in the set.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.allow(*scope))
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut bits = 0;
        for scope in scopes {
            bits |= scope.bit();
            if scope == Scope::ContactsWrite {
                bits |= Scope::ContactsRead.bit();
            }
        }
        Self(bits)
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Scope::name)).finish()
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, scope) in self.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            write!(f, "{comma}{}", scope.name())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_includes_reading_and_nothing_else() {
        let scopes: Scopes = [Scope::ContactsWrite].into_iter().collect();
        assert_eq!(scopes.to_string(), "contacts:read,contacts:write");
    }

    #[test]
    fn every_scope_survives_its_name_and_its_bit() {
        for scope in Scope::ALL {
            assert_eq!(scope.name().parse::<Scope>().ok(), Some(scope));
            let scopes: Scopes = [scope].into_iter().collect();
            assert!(Scopes::from_bits(scopes.bits()).allow(scope));
        }
    }
}
