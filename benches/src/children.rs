//! Servers as child processes: started, stopped, and measured.
//!
//! A child prints `ready PORT` and ends when its standard input closes, so none outlives this
//! program.

use std::fs::{File, read_to_string};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use axum::Router;
use countersign::listen::{self, Limits};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use crate::Result;
use crate::cores::Cores;

/// A running server.
pub struct Server {
    child: Child,
    pub port: u16,
}

impl Server {
    /// Starts this program's own `serve-...`; its log goes to `folder`.
    ///
    /// # Errors
    /// If the program cannot be started, or does not report its port.
    pub fn start(cores: &Cores, folder: &Path, arguments: &[&str]) -> Result<Server> {
        let mut command = cores.server_command(std::env::current_exe()?);
        command.args(arguments);
        let log = File::create(folder.join("server.log"))?;
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()?;
        let mut line = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        let Some(port) = line.trim().strip_prefix("ready ") else {
            let log = read_to_string(folder.join("server.log")).unwrap_or_default();
            return Err(format!("{} did not start: {log}", arguments.join(" ")).into());
        };
        let port = port.parse()?;
        Ok(Server { child, port })
    }

    /// A program from outside that was started already.
    pub fn adopt(child: Child, port: u16) -> Server {
        Server { child, port }
    }

    /// Time on a core so far, in user and system mode, in seconds.
    ///
    /// # Errors
    /// If `/proc` cannot be read.
    pub fn cpu_seconds(&self) -> Result<f64> {
        cpu_seconds(&self.child.id().to_string())
    }

    /// Resident memory now, in MiB.
    ///
    /// # Errors
    /// If `/proc` cannot be read.
    pub fn resident_mib(&self) -> Result<f64> {
        self.memory_mib("VmRSS:")
    }

    /// The peak of resident memory since the start or the last [`Server::forget_peak`], in MiB.
    ///
    /// # Errors
    /// If `/proc` cannot be read.
    pub fn peak_mib(&self) -> Result<f64> {
        self.memory_mib("VmHWM:")
    }

    /// Resets the peak of resident memory.
    ///
    /// # Errors
    /// If `/proc` cannot be written to.
    pub fn forget_peak(&self) -> Result<()> {
        // proc(5): 5 resets the peak to what is resident now.
        std::fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5")?;
        Ok(())
    }

    fn memory_mib(&self, name: &str) -> Result<f64> {
        let status = read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let kib: f64 = status
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .and_then(|rest| rest.split_whitespace().next())
            .ok_or("no memory in /proc")?
            .parse()?;
        Ok(kib / 1024.0)
    }
}

impl Drop for Server {
    /// Asks it to end as an operator would, and insists after a while.
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let pid = self.child.id().to_string();
        let _told = Command::new("kill").args(["-TERM", &pid]).status();
        let deadline = Instant::now() + Duration::from_secs(5);
        while Instant::now() < deadline {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _killed = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Time on a core of a process (`self`, or its id), in seconds.
///
/// # Errors
/// If `/proc` cannot be read.
pub fn cpu_seconds(process: &str) -> Result<f64> {
    /// Ticks of /proc per second: USER_HZ, 100 on every Linux that we run on (proc(5)).
    const TICKS: f64 = 100.0;
    let stat = read_to_string(format!("/proc/{process}/stat"))?;
    // The name in parentheses may hold anything; user and system time are fields 14 and 15.
    let (_, rest) = stat.rsplit_once(')').ok_or("unreadable /proc/stat")?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks = |index: usize| -> Result<f64> {
        Ok(fields
            .get(index)
            .ok_or("short /proc/stat")?
            .parse::<f64>()?)
    };
    Ok((ticks(11)? + ticks(12)?) / TICKS)
}

/// The child's side: serves a router on our accept loop until standard input closes.
///
/// # Errors
/// If no port can be listened on.
pub fn serve(router: Router) -> Result<()> {
    runtime()?.block_on(async {
        let listener = listen::bind("127.0.0.1:0").await?;
        serve_on(listener, router, Limits::default()).await
    })
}

/// As many worker threads as the process may use cores: what the server itself does.
///
/// # Errors
/// If the operating system refuses what the runtime needs.
pub fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?)
}

/// Says that it is ready and serves.
///
/// # Errors
/// If the listener has no local address.
pub async fn serve_on(listener: TcpListener, app: Router, limits: Limits) -> Result<()> {
    println!("ready {}", listener.local_addr()?.port());
    listen::serve(listener, app, limits, standard_input_closed()).await;
    Ok(())
}

async fn standard_input_closed() {
    let mut nothing = [0; 16];
    let mut input = tokio::io::stdin();
    while matches!(input.read(&mut nothing).await, Ok(1..)) {}
}
