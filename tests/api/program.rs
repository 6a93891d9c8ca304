//! The gateway's own program, started as a user starts it.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader, Lines},
    path::Path,
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

/// The program with settings of no user's environment, working in a folder.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_contacts-gateway"));
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    for variable in [
        "DATABASE_URL",
        "READ_CONNECTIONS",
        "WRITE_CONNECTIONS",
        "LOG",
        "LOG_FORMAT",
        "LISTEN",
        "CORS_ORIGINS",
        "HOSTS",
        "FAILED_KEYS",
        "METRICS_LISTEN",
    ] {
        command.env_remove(variable);
    }
    command
}

/// What a command that ends by itself left behind.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs a command to its end, without a log.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Done {
    let output = command(folder, arguments).env("LOG", "off").output().expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Done { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

impl Done {
    /// Its standard output, when all went well.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.stdout
    }

    /// The one line that says what is wrong.
    #[track_caller]
    pub(crate) fn complaint(&self, code: i32) -> &str {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
        let mut lines = self.stderr.lines();
        let line = lines.next().unwrap_or_else(|| panic!("says nothing: {self:?}"));
        assert_eq!(lines.next(), None, "more than one line: {self:?}");
        assert!(!line.contains("panicked"), "{self:?}");
        line
    }
}

/// A folder to start programs in.
pub(crate) fn folder() -> TempDir {
    tempfile::Builder::new().prefix("contacts-gateway-tests-").tempdir().expect("a folder")
}

/// A server, on a port of its own choice unless told one. Dropping it kills it.
pub(crate) struct Server {
    pub(crate) child: Child,
    /// Such as `127.0.0.1:40001`.
    pub(crate) address: String,
    /// What it printed until it said where the API is.
    pub(crate) greeting: Vec<String>,
    rest: Lines<BufReader<ChildStdout>>,
    http: reqwest::Client,
}

impl Server {
    /// Starts it on the folder's `contacts.db` unless the arguments say otherwise.
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Self {
        Self::start_on("127.0.0.1:0", folder, arguments)
    }

    /// The same, on a port of the caller's choice.
    pub(crate) fn start_on(listen: &str, folder: &Path, arguments: &[&str]) -> Self {
        let log = folder.join("server.log");
        let mut child = command(folder, &["--listen", listen])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(File::create(&log).expect("a log"))
            .spawn()
            .expect("the program starts");
        let mut rest = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut greeting = Vec::new();
        let address = loop {
            let Some(line) = rest.next() else {
                panic!("it ended: {greeting:?} {}", fs::read_to_string(&log).unwrap_or_default());
            };
            let line = line.expect("text");
            let address =
                line.strip_prefix("The API: http://").and_then(|rest| rest.strip_suffix("/graphql"));
            let address = address.map(str::to_owned);
            greeting.push(line);
            if let Some(address) = address {
                break address;
            }
        };
        Self { child, address, greeting, rest, http: reqwest::Client::new() }
    }

    /// The key that was printed on the first start.
    pub(crate) fn key(&self) -> Option<&str> {
        self.greeting.iter().find_map(|line| line.trim().starts_with("cgw_").then(|| line.trim()))
    }

    /// Asks over HTTP; `None` when the server does not answer any more.
    pub(crate) async fn ask(&self, key: &str, query: &str) -> Option<Value> {
        let url = format!("http://{}/graphql", self.address);
        let request = self.http.post(url).header("x-api-key", key).json(&json!({"query": query}));
        let mut answer: Value = request.send().await.ok()?.json().await.ok()?;
        // Every answer tells its cost, of which these tests say nothing.
        answer.as_object_mut()?.remove("extensions");
        Some(answer)
    }

    /// Sends a signal, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status();
        assert!(sent.is_ok_and(|status| status.success()), "the signal is sent");
    }

    /// Waits for its end; what else it printed.
    pub(crate) fn wait(mut self) -> (ExitStatus, Vec<String>) {
        let rest = self.rest.by_ref().map(|line| line.expect("text")).collect();
        (self.child.wait().expect("it ends"), rest)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
