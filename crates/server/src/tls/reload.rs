//! Reads the files again at intervals, and at SIGHUP. Open connections continue. If new files can't
//! be used, that is logged, and the old ones stay in use.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::MissedTickBehavior;

use super::files::{Digest, Files};
use super::material::Material;
use super::{ListenerTls, Terms, Tls, TlsFault, warnings};
use crate::configuration::Configuration;
use crate::surroundings::now;

/// How often a warning about an expiring certificate is repeated.
const WARNING_INTERVAL: Duration = Duration::from_hours(24);

/// The task that reads the files again. Dropping this stops it.
#[derive(Debug)]
pub struct Reloading(JoinHandle<()>);

impl Drop for Reloading {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Tls {
    /// Starts watching the files.
    #[must_use]
    pub fn keep_current(self, configuration: &Configuration) -> Reloading {
        let interval = Duration::from_secs(configuration.tls.reload_interval_seconds);
        let watch = Watch {
            files: self.files,
            listeners: vec![self.main, self.mtls],
            loaded: self.loaded,
            refused: None,
            configuration: Arc::new(configuration.clone()),
        };
        Reloading(tokio::spawn(watch.run(interval)))
    }
}

struct Watch {
    files: Files,
    listeners: Vec<Arc<ListenerTls>>,
    loaded: Digest,
    /// The last refused contents, so that each is reported once.
    refused: Option<Refused>,
    configuration: Arc<Configuration>,
}

#[derive(PartialEq, Eq)]
enum Refused {
    Unreadable(TlsFault),
    Contents(Digest),
}

impl Watch {
    async fn run(mut self, interval: Duration) {
        let mut ticks = tokio::time::interval(interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.reset();
        let mut hangups = signal(SignalKind::hangup())
            .inspect_err(|error| tracing::warn!(%error, "SIGHUP will not reload certificates"))
            .ok();
        let mut warned = Instant::now();
        loop {
            let is_asked = tokio::select! {
                _ = ticks.tick() => false,
                () = hangup(&mut hangups) => true,
            };
            let is_new = self.look(is_asked).await;
            if is_new || warned.elapsed() > WARNING_INTERVAL {
                warned = Instant::now();
                let configuration = Arc::clone(&self.configuration);
                let found = spawn_blocking(move || warnings(&configuration, now())).await;
                for warning in found.unwrap_or_default() {
                    tracing::warn!("{warning}");
                }
            }
        }
    }

    /// Applies changed files. Returns whether anything changed.
    async fn look(&mut self, is_asked: bool) -> bool {
        let files = self.files.clone();
        let read = spawn_blocking(move || {
            let contents = files.read().map_err(|fault| (None, fault))?;
            let digest = contents.digest();
            let material = Material::of(&contents, &files);
            Ok((digest, material.map_err(|fault| (Some(digest), fault))?))
        });
        let Ok(read) = read.await else { return false };
        let taken = read.and_then(|(digest, material)| {
            if digest != self.loaded {
                self.take(&material)
                    .map_err(|fault| (Some(digest), fault))?;
            }
            Ok(digest)
        });
        match taken {
            Ok(digest) if digest == self.loaded => {
                self.refused = None;
                if is_asked {
                    tracing::info!("the certificate files have not changed");
                }
                false
            }
            Ok(digest) => {
                self.loaded = digest;
                self.refused = None;
                tracing::info!("new connections use the changed certificate files");
                true
            }
            Err((digest, fault)) => {
                let refused = match digest {
                    Some(digest) => Refused::Contents(digest),
                    None => Refused::Unreadable(fault.clone()),
                };
                if is_asked || self.refused.as_ref() != Some(&refused) {
                    tracing::error!(
                        setting = fault.setting,
                        "the changed certificate files can't be used, and the earlier ones stay in use: {}",
                        fault.message
                    );
                }
                self.refused = Some(refused);
                false
            }
        }
    }

    /// All listeners or none.
    fn take(&self, material: &Material) -> Result<(), TlsFault> {
        let listeners = self.listeners.iter();
        let made: Result<Vec<(&Arc<ListenerTls>, Terms)>, TlsFault> = listeners
            .map(|listener| Ok((listener, Terms::new(listener.asks(), material)?)))
            .collect();
        for (listener, terms) in made? {
            listener.replace(terms);
        }
        Ok(())
    }
}

/// Completes at a SIGHUP. Never completes if signals are not available.
async fn hangup(hangups: &mut Option<Signal>) {
    match hangups {
        Some(hangups) => _ = hangups.recv().await,
        None => std::future::pending().await,
    }
}
