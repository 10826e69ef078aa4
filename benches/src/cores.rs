//! The server on one core, the load on another, so that neither takes the other's time.
//!
//! `taskset` does it (util-linux): a child is started under it, and this process is moved before it
//! starts a thread. If there is none, or only one core, everything shares what there is and the
//! report says so.

use std::ffi::OsStr;
use std::process::Command;

use crate::Result;

/// Which core is whose; `None` if nothing is pinned.
#[derive(Debug, Clone, Copy)]
pub struct Cores {
    pair: Option<Pair>,
}

#[derive(Debug, Clone, Copy)]
struct Pair {
    server: usize,
    load: usize,
}

impl Cores {
    /// Chooses the cores and moves this process to the load's.
    ///
    /// # Errors
    /// If the list of allowed cores cannot be read.
    pub fn take() -> Result<Cores> {
        let allowed = allowed_cores()?;
        // Interrupts tend to the first core; the server gets the quieter one.
        let (Some(load), Some(server)) = (allowed.first(), allowed.last()) else {
            return Ok(Cores { pair: None });
        };
        if load == server {
            return Ok(Cores { pair: None });
        }
        let own = std::process::id().to_string();
        let moved = Command::new("taskset")
            .args(["-p", "-c", &load.to_string(), &own])
            .output();
        let pair = Pair {
            server: *server,
            load: *load,
        };
        Ok(Cores {
            pair: moved
                .is_ok_and(|output| output.status.success())
                .then_some(pair),
        })
    }

    /// A command whose process runs on the server's core.
    pub fn server_command(&self, program: impl AsRef<OsStr>) -> Command {
        match self.pair {
            None => Command::new(program),
            Some(Pair { server, .. }) => {
                let mut command = Command::new("taskset");
                command.args(["-c", &server.to_string()]).arg(program);
                command
            }
        }
    }

    /// One line for the report.
    pub fn describe(&self) -> String {
        match self.pair {
            Some(Pair { server, load }) => format!("server on core {server}, load on core {load}"),
            None => "nothing pinned: no taskset, or only one core".to_owned(),
        }
    }

    /// Whether nothing else runs on the load's core.
    pub fn load_has_its_own(&self) -> bool {
        self.pair.is_some()
    }

    /// How many cores a server has.
    pub fn of_server(&self) -> usize {
        match self.pair {
            Some(_) => 1,
            None => std::thread::available_parallelism().map_or(1, usize::from),
        }
    }
}

/// The cores that this process may use, from the kernel's list such as `0-3,6`.
fn allowed_cores() -> Result<Vec<usize>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let list = status
        .lines()
        .find_map(|line| line.strip_prefix("Cpus_allowed_list:"))
        .unwrap_or("0")
        .trim();
    let mut cores = Vec::new();
    for range in list.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        cores.extend(first.parse::<usize>()?..=last.parse::<usize>()?);
    }
    Ok(cores)
}
