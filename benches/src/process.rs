//! Processes that end with this one, and what the kernel tells of them.

use std::{
    ffi::OsStr,
    fs,
    process::{Child, Command},
    time::Duration,
};

use crate::failure::Failure;

/// Process that is ended when this value is dropped, or when this program dies.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    signal: &'static str,
}

/// Memory of a process in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    pub(crate) now: u64,
    pub(crate) peak: u64,
}

/// Returns a command that runs a program, as another user if one is given. The kernel sends it the signal when
/// the thread that starts it has ended.
pub(crate) fn command(program: impl AsRef<OsStr>, signal: &str, user: Option<&str>) -> Command {
    let mut command = Command::new("setpriv");
    command.arg(format!("--pdeathsig={signal}"));
    if let Some(user) = user {
        command.args([format!("--reuid={user}"), format!("--regid={user}"), "--clear-groups".to_owned()]);
    }
    command.arg("--").arg(program);
    command
}

impl Process {
    /// Starts a command made by [`command`].
    pub(crate) fn start(command: &mut Command, signal: &'static str) -> Result<Self, Failure> {
        let child =
            command.spawn().map_err(|error| format!("setpriv, of util-linux, does not start: {error}"))?;
        Ok(Self { child, signal })
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns an error if the process has ended.
    pub(crate) fn check(&mut self) -> Result<(), Failure> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => Err(format!("a server has ended by itself: {status}").into()),
        }
    }

    /// Returns the processor time that the process has taken.
    pub(crate) fn cpu(&self) -> Result<Duration, Failure> {
        let stat = Stat::of(self.id())?;
        Ok(ticks(stat.own))
    }

    /// Returns the processor time of the process and its children, including those that have ended.
    pub(crate) fn cpu_of_family(&self) -> Result<Duration, Failure> {
        let stat = Stat::of(self.id())?;
        let mut all = stat.own + stat.ended_children;
        for entry in fs::read_dir("/proc")?.filter_map(Result::ok) {
            let id = entry.file_name().to_str().and_then(|name| name.parse().ok());
            // A process may end meanwhile.
            let child = id.and_then(|id| Stat::of(id).ok()).filter(|child| child.parent == self.id());
            all += child.map_or(0, |child| child.own);
        }
        Ok(ticks(all))
    }

    pub(crate) fn memory(&self) -> Result<Memory, Failure> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id()))?;
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        let kib = |name| field(name).ok_or_else(|| Failure::from("the kernel tells no memory"));
        Ok(Memory { now: 1024 * kib("VmRSS:")?, peak: 1024 * kib("VmHWM:")? })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let id = self.id().to_string();
        drop(Command::new("kill").args(["-s", self.signal, &id]).status());
        drop(self.child.wait());
    }
}

struct Stat {
    parent: u32,
    own: u64,
    ended_children: u64,
}

impl Stat {
    fn of(id: u32) -> Result<Self, Failure> {
        let text = fs::read_to_string(format!("/proc/{id}/stat"))?;
        // The second field is a name in brackets, which may hold blanks.
        let rest = text.rsplit_once(')').map_or("", |(_, rest)| rest);
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let number =
            |index: usize| fields.get(index).and_then(|text| text.parse::<u64>().ok()).unwrap_or_default();
        Ok(Self {
            parent: u32::try_from(number(1)).unwrap_or_default(),
            own: number(11) + number(12),
            ended_children: number(13) + number(14),
        })
    }
}

/// Converts the kernel's ticks, a hundred a second on every architecture of Linux that this runs on.
fn ticks(ticks: u64) -> Duration {
    Duration::from_millis(10 * ticks)
}
