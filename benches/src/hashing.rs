//! Bare Argon2id (RFC 9106) at the server's default parameters: how fast the server's own pool is,
//! and the best implementation that we know of.

use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use argon2_rust::params::Memory;
use argon2_rust::{Algorithm, Argon2, Params, Version};
use countersign_jose::random::SystemRandom;
use countersign_provider::passwords::PasswordHasher;
use countersign_provider::settings::PasswordSettings;

use crate::children::cpu_seconds;
use crate::cores::Cores;
use crate::journeys::PASSWORD;
use crate::{Error, Result};

/// Whose hashing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Implementation {
    /// The provider's pool, kept busy without anything else.
    Ours,
    /// The crate `argon2-rust`: AVX-512 chosen at run time, memory reused, in huge pages.
    Best,
}

impl FromStr for Implementation {
    type Err = Error;

    fn from_str(text: &str) -> Result<Implementation> {
        match text {
            "ours" => Ok(Implementation::Ours),
            "best" => Ok(Implementation::Best),
            _ => Err(format!("{text}: ours or best").into()),
        }
    }
}

/// Hashes per second.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// By the clock.
    pub per_second: f64,
    /// By the time that was spent on cores: the same where nothing else takes turns on them.
    pub per_core_second: f64,
}

/// Measured in a process of its own on the server's core.
///
/// # Errors
/// If the process cannot be started, or fails.
pub fn rate(cores: &Cores, implementation: &str, duration: Duration) -> Result<Rate> {
    let seconds = duration.as_secs_f64().to_string();
    let output = cores
        .server_command(std::env::current_exe()?)
        .args(["hash", implementation, &seconds])
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let (per_second, per_core_second) = text.trim().split_once(' ').ok_or("two rates")?;
    Ok(Rate {
        per_second: per_second.parse()?,
        per_core_second: per_core_second.parse()?,
    })
}

/// The child's side.
///
/// # Errors
/// If a hash cannot be computed, or `/proc` cannot be read.
pub fn print_rate(implementation: Implementation, seconds: f64) -> Result<()> {
    let duration = Duration::from_secs_f64(seconds);
    let (hashes, elapsed) = match implementation {
        Implementation::Ours => ours(duration)?,
        Implementation::Best => best(duration)?,
    };
    let hashes = f64::from(hashes);
    println!(
        "{} {}",
        hashes / elapsed.as_secs_f64(),
        hashes / cpu_seconds("self")?
    );
    Ok(())
}

/// Two verifications under way per thread, so that none ever waits for work.
fn ours(duration: Duration) -> Result<(u32, Duration)> {
    let settings = PasswordSettings::default();
    let hasher = Arc::new(PasswordHasher::start(&settings, Arc::new(SystemRandom))?);
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(async {
        let hash = hasher.hash(PASSWORD).await?;
        let start = Instant::now();
        let tasks: Vec<_> = (0..settings.threads() * 2)
            .map(|_| {
                let (hasher, hash) = (Arc::clone(&hasher), hash.clone());
                tokio::spawn(async move {
                    let mut hashes = 0;
                    while start.elapsed() < duration {
                        if hasher.verify(PASSWORD, Some(&hash)).await != Ok(true) {
                            return Err("a password was not verified");
                        }
                        hashes += 1;
                    }
                    Ok(hashes)
                })
            })
            .collect();
        let mut hashes = 0;
        for task in tasks {
            hashes += task.await??;
        }
        Ok((hashes, start.elapsed()))
    })
}

fn best(duration: Duration) -> Result<(u32, Duration)> {
    let settings = PasswordSettings::default();
    let parameters = Params::builder()
        .memory(Memory::kib(settings.argon2_memory_kib.into()))
        .passes(settings.argon2_iterations)
        .lanes(settings.argon2_parallelism)
        .build()
        .map_err(|error| error.to_string())?;
    let threads: Vec<_> = (0..settings.threads())
        .map(|_| {
            std::thread::spawn(move || {
                let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
                let mut hasher = argon2.hasher();
                let mut tag = [0; 32];
                let mut hashes: u32 = 0;
                let start = Instant::now();
                while start.elapsed() < duration {
                    let salt = u128::from(hashes).to_le_bytes();
                    hasher
                        .hash_into(PASSWORD.as_bytes(), &salt, &mut tag)
                        .map_err(|error| error.to_string())?;
                    hashes += 1;
                }
                Ok::<_, String>((hashes, start.elapsed()))
            })
        })
        .collect();
    let mut total = (0, Duration::ZERO);
    for thread in threads {
        let (hashes, elapsed) = thread.join().map_err(|_| "a hashing thread panicked")??;
        total = (total.0 + hashes, total.1.max(elapsed));
    }
    Ok(total)
}
