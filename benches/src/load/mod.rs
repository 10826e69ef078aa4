//! The load: users on a connection of their own each, who send the next request when the last one
//! was served (a closed loop), all on one thread.
//!
//! If it has a core of its own, that core never sleeps. To wake it would be the server's work,
//! microseconds at each response, and the more of them the slower the server is: with clients on
//! other machines no one pays that.

mod connection;
mod measured;

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::time::{Duration, Instant};

pub use connection::{Answer, Connection, get, post_form};
pub use measured::Measured;

use crate::Result;
use crate::children::Server;
use crate::journeys::Work;

/// How long each cell of the table takes.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    pub warm_up: Duration,
    pub measure: Duration,
    /// Whether the load has a core of its own, and may keep it awake.
    pub own_core: bool,
}

const WARM_UP: u8 = 0;
const MEASURE: u8 = 1;
const STOP: u8 = 2;

/// Lets all users work, and counts what was served between the end of the warm-up and the end.
///
/// # Errors
/// If a user's request fails, or the server's `/proc` cannot be read.
pub async fn drive(server: &Server, users: Vec<Work>, timing: Timing) -> Result<Measured> {
    let phase = Arc::new(AtomicU8::new(WARM_UP));
    let tasks: Vec<_> = users
        .into_iter()
        .map(|user| tokio::spawn(work(user, Arc::clone(&phase))))
        .collect();
    let awake = timing.own_core.then(|| tokio::spawn(stay_awake()));
    tokio::time::sleep(timing.warm_up).await;
    let server_cpu = server.cpu_seconds()?;
    let start = Instant::now();
    phase.store(MEASURE, Relaxed);
    tokio::time::sleep(timing.measure).await;
    phase.store(STOP, Relaxed);
    let seconds = start.elapsed().as_secs_f64();
    let server_cpu = server.cpu_seconds()? - server_cpu;
    let resident_mib = server.resident_mib()?;
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await??);
    }
    if let Some(awake) = awake {
        awake.abort();
    }
    Ok(Measured::new(latencies, seconds, server_cpu, resident_mib))
}

async fn stay_awake() {
    loop {
        tokio::task::yield_now().await;
    }
}

/// One user: works until told to stop; returns the nanoseconds of each counted operation.
async fn work(mut user: Work, phase: Arc<AtomicU8>) -> Result<Vec<u32>> {
    let mut latencies = Vec::with_capacity(4096);
    loop {
        let start = Instant::now();
        user.once().await?;
        match phase.load(Relaxed) {
            WARM_UP => {}
            MEASURE => {
                latencies.push(u32::try_from(start.elapsed().as_nanos()).unwrap_or(u32::MAX));
            }
            _ => return Ok(latencies),
        }
    }
}
