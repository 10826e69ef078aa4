//! Upkeep that no request waits for: what has expired is deleted, a batch at a time, a standby is
//! made of each signing algorithm that has none, and applications are told of logouts
//! ([`backchannel`]).

use std::time::Duration;

use countersign_management::Actor;
use countersign_management::keys::Keys;
use countersign_store::events::OutboxLimits;
use tokio::task::JoinHandle;

use crate::logout::backchannel;
use crate::{Provider, keys};

/// What upkeep is done by.
#[derive(Debug, Clone, Copy)]
pub struct HousekeepingSettings {
    pub interval_seconds: u32,
    pub outbox: OutboxLimits,
}

impl Default for HousekeepingSettings {
    /// Every minute; a week of events, a million at most.
    fn default() -> HousekeepingSettings {
        HousekeepingSettings {
            interval_seconds: 60,
            outbox: OutboxLimits {
                max_events: 1_000_000,
                max_age_seconds: 7 * 86_400,
            },
        }
    }
}

/// Running upkeep. It ends when this is dropped.
#[must_use = "upkeep ends when this is dropped"]
pub struct Housekeeping([JoinHandle<()>; 2]);

impl Housekeeping {
    /// Ends it, and returns when nothing of it is under way.
    pub async fn stop(mut self) {
        for task in &mut self.0 {
            task.abort();
            // An error says that it was ended, which is what was asked for.
            _ = task.await;
        }
    }
}

impl Drop for Housekeeping {
    fn drop(&mut self) {
        for task in &self.0 {
            task.abort();
        }
    }
}

impl Provider {
    /// Starts the upkeep. Every host has to: without it expired records are never deleted, no next
    /// signing key is published, and no application is told of a logout. Any number of replicas may
    /// do it.
    pub fn start_housekeeping(&self, settings: HousekeepingSettings) -> Housekeeping {
        Housekeeping([
            tokio::spawn(keep_up(self.clone(), settings)),
            tokio::spawn(backchannel::tell(self.clone())),
        ])
    }
}

async fn keep_up(provider: Provider, settings: HousekeepingSettings) {
    let interval = Duration::from_secs(settings.interval_seconds.max(1).into());
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        make_missing_keys(&provider).await;
        rotate_overdue_keys(&provider).await;
        equalise_times(&provider).await;
        collect(&provider, &settings.outbox).await;
        backchannel::bound(&provider).await;
    }
}

async fn make_missing_keys(provider: &Provider) {
    let (sealing, random) = (&provider.sealing, &*provider.random);
    let made = keys::ensure(
        &*provider.store,
        sealing,
        random,
        &provider.settings,
        provider.now(),
    );
    if let Err(error) = made.await {
        tracing::warn!(%error, "can't create the next signing key; trying again later");
    }
}

/// Signing keys are replaced when they have signed for long enough.
async fn rotate_overdue_keys(provider: &Provider) {
    let keys = Keys::new(
        provider.context(Actor::Server),
        provider.sealing.clone(),
        provider.settings.key_publication.clone(),
    );
    let algorithms = keys::offered(&provider.settings);
    if let Err(error) = keys.rotate_overdue(&algorithms, provider.now()).await {
        tracing::warn!(%error, "can't rotate a signing key; trying again later");
    }
}

/// What [`crate::accounts::Accounts::equalise_times`] could not do is tried again.
pub(crate) async fn equalise_times(provider: &Provider) {
    if let Err(failure) = provider.accounts.equalise_times().await {
        tracing::warn!(%failure, "can't read how passwords were hashed; trying again later");
    }
}

async fn collect(provider: &Provider, outbox: &OutboxLimits) {
    loop {
        match provider.store.collect(outbox, BATCH, provider.now()).await {
            Ok(collected) if collected >= u64::from(BATCH) => tokio::task::yield_now().await,
            Ok(_) => return,
            Err(error) => {
                tracing::warn!(%error, "can't delete expired records; trying again later");
                return;
            }
        }
    }
}

/// How many expired records one act of the collector takes, so that it never keeps a writer for
/// long.
const BATCH: u32 = 500;
