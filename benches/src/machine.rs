//! What kind of machine this is. No names and no paths: only what the numbers depend on.

use std::fs::read_to_string;
use std::process::Command;

/// One line: processor, cores, memory, kernel.
pub fn describe() -> String {
    let cpu = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown processor".into());
    let family = field("/proc/cpuinfo", "cpu family").unwrap_or_default();
    let model = field("/proc/cpuinfo", "model").unwrap_or_default();
    let cores = std::fs::read_dir("/sys/devices/system/cpu").map_or(0, |entries| {
        entries
            .flatten()
            .filter(|entry| is_cpu(&entry.file_name().to_string_lossy()))
            .count()
    });
    let memory_kib: u64 = field("/proc/meminfo", "MemTotal")
        .and_then(|text| text.split_whitespace().next()?.parse().ok())
        .unwrap_or(0);
    let kernel = read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let release = kernel.trim().split('-').next().unwrap_or_default();
    format!(
        "{cpu} (family {family}, model {model}), {cores} cores, {} GiB, Linux {release}, {}",
        memory_kib.div_ceil(1024 * 1024),
        toolchain()
    )
}

/// How busy the machine is with other things: the load average of the last minute.
pub fn load_average() -> f64 {
    read_to_string("/proc/loadavg")
        .ok()
        .and_then(|text| text.split(' ').next()?.parse().ok())
        .unwrap_or(f64::NAN)
}

fn toolchain() -> String {
    let version = Command::new("rustc").arg("--version").output();
    match version {
        Ok(output) if output.status.success() => {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            text.split(' ').take(2).collect::<Vec<_>>().join(" ")
        }
        _ => "rustc unknown".to_owned(),
    }
}

fn field(path: &str, name: &str) -> Option<String> {
    let text = read_to_string(path).ok()?;
    let line = text
        .lines()
        .find(|line| line.split(':').next().is_some_and(|key| key.trim() == name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn is_cpu(name: &str) -> bool {
    name.strip_prefix("cpu").is_some_and(|number| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}
