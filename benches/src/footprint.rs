//! The server as people run it: how long until its first response, what it takes while idle, how
//! large the file is.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::Result;
use crate::children::Server;
use crate::cores::Cores;

/// Starts that are timed; the middle one counts.
const STARTS: usize = 5;

pub struct Footprint {
    pub binary_mb: f64,
    pub first_200_milliseconds: f64,
    pub idle_mib: f64,
}

/// The binary beside this program, unless another one was named.
///
/// # Errors
/// If this program's own path is unknown.
pub fn binary(named: Option<&Path>) -> Result<PathBuf> {
    match named {
        Some(path) => Ok(path.to_owned()),
        None => Ok(std::env::current_exe()?.with_file_name("countersign")),
    }
}

/// Measures `countersign serve` on a database that is migrated already.
///
/// # Errors
/// If the server cannot be started, or does not respond in time.
pub fn measure(cores: &Cores, binary: &Path, folder: &Path) -> Result<Footprint> {
    let binary_mb = fs::metadata(binary)?.len() as f64 / 1e6;
    let data = folder.join("data");
    // The first start makes keys and tables; it is not counted.
    drop(start(cores, binary, folder, &data)?);
    let mut times = Vec::new();
    let mut idle_mib = 0.0;
    for _ in 0..STARTS {
        let (server, elapsed) = start(cores, binary, folder, &data)?;
        times.push(elapsed.as_secs_f64() * 1e3);
        std::thread::sleep(Duration::from_millis(500));
        idle_mib = server.resident_mib()?;
    }
    times.sort_by(f64::total_cmp);
    Ok(Footprint {
        binary_mb,
        first_200_milliseconds: times.get(STARTS / 2).copied().unwrap_or(f64::NAN),
        idle_mib,
    })
}

/// A server, and the time from its start to its first 200.
fn start(cores: &Cores, binary: &Path, folder: &Path, data: &Path) -> Result<(Server, Duration)> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let configuration = folder.join("countersign.toml");
    let text = format!(
        "issuer = \"http://127.0.0.1:{port}\"\nlisten = \"127.0.0.1:{port}\"\ndata_dir = {:?}\n",
        data.display().to_string()
    );
    // One database is one issuer, so the port of the first start stays.
    if !configuration.exists() {
        fs::write(&configuration, text)?;
    }
    let port = configured_port(&configuration)?;
    let log = fs::File::create(folder.join("footprint.log"))?;
    let begin = Instant::now();
    let child = cores
        .server_command(binary)
        .arg("serve")
        .arg("--config")
        .arg(&configuration)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()?;
    let server = Server::adopt(child, port);
    while begin.elapsed() < Duration::from_secs(20) {
        if answers(port).unwrap_or(false) {
            return Ok((server, begin.elapsed()));
        }
        std::thread::sleep(Duration::from_micros(500));
    }
    let log = fs::read_to_string(folder.join("footprint.log")).unwrap_or_default();
    Err(format!("{} did not respond: {log}", binary.display()).into())
}

fn configured_port(configuration: &Path) -> Result<u16> {
    let text = fs::read_to_string(configuration)?;
    let port = text
        .split("127.0.0.1:")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .ok_or("no port")?;
    Ok(port.parse()?)
}

fn answers(port: u16) -> Result<bool> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let path = "/.well-known/openid-configuration";
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer.starts_with("HTTP/1.1 200"))
}
