//! Run-time settings of sessions, by purpose.

use std::{fmt, time::Duration};

/// A run-time setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) name: String,
    pub(super) value: String,
}

/// The purpose of a session, and with it its settings.
#[derive(Clone, Copy, Debug)]
pub(in crate::database) struct Session {
    settings: &'static [(&'static str, &'static str)],
    /// Time after which the server ends a statement, and a transaction in which nothing happens; `None` leaves
    /// it to the URL and the role.
    limit: Option<Duration>,
    /// Maximum number of prepared statements that the connection keeps, unless the URL gives another.
    pub(super) max_prepared: usize,
}

const ISOLATION: (&str, &str) = ("default_transaction_isolation", "read committed");

/// Settings of sessions that read.
pub(super) const READING: [(&str, &str); 3] = [
    ISOLATION,
    // A statement has one process, or an organization would have more of the processors than its share.
    ("max_parallel_workers_per_gather", "0"),
    // Compiling a statement takes longer than nearly all of ours.
    ("jit", "off"),
];

/// Settings of sessions that write. Under REPEATABLE READ a snapshot would be older than the clock it waits
/// for.
const WRITING: [(&str, &str); 1] = [ISOLATION];

/// Settings that are time limits.
pub(super) const TIMEOUTS: [&str; 2] = ["statement_timeout", "idle_in_transaction_session_timeout"];

impl Session {
    /// Returns a session that reads.
    pub(in crate::database) fn reading(limit: Option<Duration>, max_prepared: usize) -> Self {
        Self { settings: &READING, limit, max_prepared }
    }

    /// Returns a session that writes.
    pub(in crate::database) fn writing(limit: Duration, max_prepared: usize) -> Self {
        Self { settings: &WRITING, limit: Some(limit), max_prepared }
    }

    /// Returns a session that nothing hurries: for migrations, and for the command line.
    pub(in crate::database) fn preparing(max_prepared: usize) -> Self {
        Self { settings: &WRITING, limit: None, max_prepared }
    }

    /// Returns its settings, after those of the URL that it does not set otherwise.
    pub(super) fn with(self, of_the_url: &[Setting]) -> Vec<Setting> {
        let timeouts = self.limit.map(|limit| limit.as_millis().to_string());
        let timeouts = timeouts.iter().flat_map(|limit| TIMEOUTS.map(|name| (name, limit.as_str())));
        let own = self.settings.iter().copied().chain(timeouts);
        let own: Vec<Setting> = own.map(|(name, value)| Setting::known(name, value)).collect();
        let is_left = |setting: &&Setting| !own.iter().any(|own| own.names(setting));
        of_the_url.iter().filter(is_left).cloned().chain(own.iter().cloned()).collect()
    }
}

impl Setting {
    pub(super) fn known(name: &str, value: &str) -> Self {
        Self { name: name.to_owned(), value: value.to_owned() }
    }

    /// Checks the name of a setting. The error says what to give instead.
    pub(super) fn new(name: &str, value: &str) -> Result<Self, String> {
        // As PostgreSQL reads the names of its command line.
        let name = name.replace('-', "_").to_ascii_lowercase();
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$');
        if name.is_empty() || !name.chars().all(is_name) {
            return Err(
                "its options have a setting whose name is not one; give options[NAME]=VALUE".to_owned()
            );
        }
        Ok(Self { name, value: value.to_owned() })
    }

    /// Returns true if it names the same setting.
    pub(super) fn names(&self, other: &Self) -> bool {
        self.name == other.name
    }

    /// Returns it as the startup packet has it.
    pub(super) fn option(&self) -> (&str, &str) {
        (&self.name, &self.value)
    }

    /// Returns its name and its value as literals of SQL.
    pub(super) fn literals(&self) -> (String, String) {
        (literal(&self.name), literal(&self.value))
    }
}

/// Reads the parameter `options` of a URL: a command line of PostgreSQL. The error says what to
/// give instead.
pub(super) fn read(options: &str) -> Result<Vec<Setting>, String> {
    let mut words = words(options).into_iter();
    let mut settings = Vec::new();
    while let Some(word) = words.next() {
        let setting = match word.strip_prefix("--").or_else(|| word.strip_prefix("-c")) {
            Some("") => words.next(),
            setting => setting.map(str::to_owned),
        };
        let setting = setting.as_deref().and_then(|setting| setting.split_once('='));
        let (name, value) = setting.ok_or("its options hold more than settings; give options[NAME]=VALUE")?;
        settings.push(Setting::new(name, value)?);
    }
    Ok(settings)
}

/// Splits a command line into words, in which a backslash takes the next character as it is.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => word.get_or_insert_default().extend(characters.next()),
            _ if character.is_ascii_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

/// Returns the statement that sets these.
pub(super) fn set(settings: &[Setting]) -> String {
    let calls = settings.iter().map(|setting| {
        let (name, value) = setting.literals();
        format!("set_config({name}, {value}, false)")
    });
    format!("SELECT {}", calls.collect::<Vec<_>>().join(", "))
}

impl fmt::Display for Setting {
    /// Writes it as a part of `ALTER ROLE … SET`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.name, literal(&self.value))
    }
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(settings: &[Setting]) -> Vec<(&str, &str)> {
        settings.iter().map(Setting::option).collect()
    }

    #[test]
    fn options_are_read_as_postgresql_reads_its_command_line() {
        let options = r" -c search_path=a,b --Work-Mem=4MB -cmy.name=it\ is\\ --empty=  ";
        let settings = read(options).expect("settings");
        assert_eq!(
            pairs(&settings),
            [("search_path", "a,b"), ("work_mem", "4MB"), ("my.name", r"it is\"), ("empty", "")]
        );
        for options in ["-c", "-c a", "a=b", "-B 100", "--a", "-c a;b=c"] {
            read(options).expect_err(options);
        }
    }

    #[test]
    fn a_session_sets_what_it_needs_whatever_the_url_says() {
        let of_the_url = read("-c jit=on -c search_path=a -c statement_timeout=1h").expect("settings");
        let reading = Session::reading(Some(Duration::from_secs(2)), 1).with(&of_the_url);
        assert_eq!(
            pairs(&reading),
            [
                ("search_path", "a"),
                ("default_transaction_isolation", "read committed"),
                ("max_parallel_workers_per_gather", "0"),
                ("jit", "off"),
                ("statement_timeout", "2000"),
                ("idle_in_transaction_session_timeout", "2000"),
            ]
        );
        let preparing = Session::preparing(1).with(&of_the_url);
        assert!(pairs(&preparing).contains(&("statement_timeout", "1h")));
    }

    #[test]
    fn values_are_quoted() {
        let settings = read(r"-c a=it's").expect("a setting");
        assert_eq!(set(&settings), "SELECT set_config('a', 'it''s', false)");
    }
}
