//! Starts the server of a cluster, and the watchdog that ends it.

use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::folder::temporary_folder;

/// The folder of `initdb`, `postgres` and `pg_ctl`, as `build.rs` found it.
pub(crate) const BIN_DIR: &str = env!("POSTGRES_BIN_DIR");

/// `$1` is the cluster's folder, `$2` the folder of `pg_ctl`; the pipe is the standard input. Every
/// user writes one byte, so that one who came and went during the pause counts as well. A user who
/// comes before `ready` is gone is waited for, one who comes after starts another cluster.
/// It runs as the server does, so that it may stop it.
const WATCHDOG: &str = r#"
trap '' HUP
cat >/dev/null
while sleep 20; [ $(wc -c) -gt 0 ]; do :; done
rm -f "$1/ready"
cat >/dev/null
"$2/pg_ctl" stop --mode=immediate --pgdata="$1/data"
"#;

/// `$1` is the cluster's folder; the standard input ends with the watchdog. It runs as the tests
/// do, who own the parent of the folder. A server that nobody stopped because the watchdog was
/// killed misses its files within a minute, and ends.
const SWEEPER: &str = r#"
trap '' HUP
cat >/dev/null
rm -rf "$1"
"#;

/// Nothing here has to outlive the tests, so nothing is forced to the disk. Autovacuum would sit in
/// a template now and then, and hold up who copies it. Shared memory kept in files goes with them.
const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 300
shared_buffers = 64MB
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
autovacuum = off
dynamic_shared_memory_type = mmap
log_checkpoints = off
log_min_messages = error
";

/// Makes and starts a cluster, with settings that come after those of all clusters. The caller holds the lock, and the file until it has joined. The
/// watchdog goes first: whatever fails or is interrupted after it, nothing stays.
pub(crate) fn start(settings: &str) -> (PathBuf, File, Owner) {
    let dir = temporary_folder().keep();
    fs::set_permissions(&dir, Permissions::from_mode(0o700)).expect("the folder can be closed");
    let owner = Owner::of(&dir);
    owner.give(&dir);
    owner.run(Path::new("mkfifo"), &["-m", "600", &in_dir(&dir, "users")]);
    let user = become_user(&dir).expect("a new pipe can be opened");
    watch(&dir, &owner);

    let (data, log, secret) = (in_dir(&dir, "data"), in_dir(&dir, "log"), in_dir(&dir, "secret"));
    let password = format!("{:032x}", rand::random::<u128>());
    fs::write(&secret, &password).expect("the password can be written");
    owner.give(Path::new(&secret));
    owner.run(
        &Path::new(BIN_DIR).join("initdb"),
        &[
            "--pgdata",
            &data,
            "--username",
            "tests",
            "--auth",
            "md5",
            "--pwfile",
            &secret,
            "--encoding",
            "UTF8",
            "--locale",
            "C",
            "--no-sync",
        ],
    );
    fs::remove_file(&secret).expect("the password can be removed");
    let port = free_port();
    let mut file = File::options()
        .append(true)
        .open(dir.join("data/postgresql.conf"))
        .expect("initdb makes a file of settings");
    writeln!(file, "{SETTINGS}port = {port}\n{settings}").expect("the settings can be written");
    let started = owner.try_run(
        &Path::new(BIN_DIR).join("pg_ctl"),
        &["start", "--wait", "--silent", "--pgdata", &data, "--log", &log],
    );
    if let Err(error) = started {
        let log = fs::read_to_string(log).unwrap_or_default();
        panic!("{error}{log}");
    }

    let ready = format!("postgres://tests:{password}@{}:{port}\n{BIN_DIR}", Ipv4Addr::LOCALHOST);
    fs::write(dir.join("ready"), ready).expect("the cluster can be made known");
    (dir, user, owner)
}

/// Opens the pipe for writing, and for reading because that never waits for somebody else to read.
pub(crate) fn become_user(dir: &Path) -> Option<File> {
    let mut pipe = File::options().read(true).write(true).open(dir.join("users")).ok()?;
    pipe.write_all(b"u").ok()?;
    Some(pipe)
}

fn watch(dir: &Path, owner: &Owner) {
    // This end is open for reading only, so it does not count as a user.
    let users = File::open(dir.join("users")).expect("a pipe with a writer opens at once");
    let (ended, running) = io::pipe().expect("a pipe can be made");
    let programs = Path::new(BIN_DIR);
    detach(
        owner
            .command(Path::new("sh"))
            .args(["-c", WATCHDOG, "contacts-gateway-tests"])
            .args([dir, programs])
            .stdin(users)
            .stdout(running),
    );
    detach(
        Command::new("sh")
            .args(["-c", SWEEPER, "contacts-gateway-tests"])
            .arg(dir)
            .current_dir("/")
            .stdin(ended)
            .stdout(Stdio::null()),
    );
}

/// Lets a program run on without the terminal and the output of this process, whose end others
/// wait for.
#[expect(clippy::zombie_processes, reason = "it outlives this process")]
fn detach(command: &mut Command) {
    command.stderr(Stdio::null()).process_group(0).spawn().expect("a shell can be started");
}

fn in_dir(dir: &Path, name: &str) -> String {
    dir.join(name).to_str().expect("the temporary folder's name is UTF-8").to_owned()
}

/// Returns a port on which nobody listens.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    listener.local_addr().expect("a listener has an address").port()
}

/// Who PostgreSQL runs as: it refuses to be root.
pub(crate) struct Owner(Option<(u32, u32)>);

impl Owner {
    /// Whoever runs the tests and so made the folder; instead of root `postgres` or `nobody`.
    fn of(dir: &Path) -> Self {
        if fs::metadata(dir).expect("the temporary folder is there").uid() != 0 {
            return Self(None);
        }
        let id = |of: &str, name: &str| {
            let output = Command::new("id").args([of, name]).output().ok()?;
            String::from_utf8(output.stdout).ok()?.trim().parse::<u32>().ok()
        };
        let found = ["postgres", "nobody"].iter().find_map(|name| Some((id("-u", name)?, id("-g", name)?)));
        Self(Some(found.expect("root needs a user postgres or nobody to run PostgreSQL as")))
    }

    pub(crate) fn give(&self, path: &Path) {
        if let Some((user, group)) = self.0 {
            chown(path, Some(user), Some(group)).expect("root can give files away");
        }
    }

    /// As this user, without the settings that PostgreSQL's programs read from the environment.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/").stdin(Stdio::null()).env("LC_ALL", "C");
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"PG")) {
            command.env_remove(name);
        }
        if let Some((user, group)) = self.0 {
            command.uid(user).gid(group);
        }
        command
    }

    pub(crate) fn run(&self, program: &Path, arguments: &[&str]) {
        self.try_run(program, arguments).unwrap_or_else(|error| panic!("{error}"));
    }

    /// An error is the program's name and what it said.
    pub(crate) fn try_run(&self, program: &Path, arguments: &[&str]) -> Result<(), String> {
        let name = program.display();
        let output = self
            .command(program)
            .args(arguments)
            .output()
            .map_err(|error| format!("{name} does not start: {error}"))?;
        if output.status.success() {
            return Ok(());
        }
        let said = [output.stdout, output.stderr].concat();
        Err(format!("{name} failed: {}", String::from_utf8_lossy(&said)))
    }
}
