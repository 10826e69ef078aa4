//! Counting sign-in attempts, in one act before the password is checked.
//!
//! There are three kinds of allowances: a small one for the name from this network, which makes
//! guessing slow; a large one for the name from everywhere, so that spreading guesses over many
//! networks helps little and locking the owner out takes many networks; and one for the network. A
//! network is counted in several sizes, the wider ones with more attempts. A success resets the
//! first kind and is not counted against the others. If no address is known, no network is counted:
//! everyone would share it.
//!
//! In a browser where the name has signed in before ([`device`](crate::device)) the name has its
//! own allowance, and nothing else is counted: strangers who guess, or a network whose allowance is
//! used up, do not keep the owner out.
//!
//! What is counted is the name that was typed, not the account behind it. If a username and an
//! email address shared an allowance, using up one and trying the other would reveal that both
//! belong to the same account. So an account has one allowance per name that it signs in with.

mod networks;

use std::net::IpAddr;
use std::sync::Arc;

use countersign_store::names::normalise;
use countersign_store::throttle::{Attempt, Count, CounterKey, Limit};

use crate::Site;
use crate::error::Failure;
use crate::exchange::Exchange;
use networks::Network;

/// The counters of `purpose` for the networks that a request comes from, where the narrowest is
/// allowed `limit`; none if no address is known.
pub fn per_network(purpose: &str, exchange: &Exchange, limit: Limit) -> Vec<Count> {
    let networks = exchange.peer.map(Network::all_of).unwrap_or_default();
    let counts = networks.iter().map(|network| Count {
        key: CounterKey::new(purpose, &[&network.key()]),
        limit: network.allowance(limit),
    });
    counts.collect()
}

/// Whether two addresses are in one network, as attempts are counted: for IPv4 a /24, for IPv6 a
/// /48.
pub fn is_same_network(one: IpAddr, other: IpAddr) -> bool {
    let others = Network::all_of(other);
    let mut ours = Network::all_of(one).into_iter();
    ours.any(|network| others.contains(&network))
}

/// What an attempt to sign in counts against.
pub struct Attempts {
    here: Vec<Count>,
    elsewhere: Vec<Count>,
    counted_at: i64,
}

impl Attempts {
    pub fn of(site: &Site, name: &str, exchange: &Exchange) -> Attempts {
        let settings = &site.settings;
        let device = site.device_of(name, exchange);
        let name = normalise(name).unwrap_or_default();
        let name = name.as_bytes();
        if let Some(device) = device {
            let from_device = Count {
                key: CounterKey::new("login: account and device", &[name, device.as_bytes()]),
                limit: settings.login.per_account(),
            };
            return Attempts {
                here: vec![from_device],
                elsewhere: Vec::new(),
                counted_at: site.now(),
            };
        }
        let mut here = Vec::new();
        let mut elsewhere = vec![Count {
            key: CounterKey::new("login: account", &[name]),
            limit: settings.login.per_account_anywhere(),
        }];
        for network in exchange.peer.map(Network::all_of).unwrap_or_default() {
            let from = network.key();
            here.push(Count {
                key: CounterKey::new("login: account and network", &[name, &from]),
                limit: network.allowance(settings.login.per_account()),
            });
            elsewhere.push(Count {
                key: CounterKey::new("login: network", &[&from]),
                limit: network.allowance(settings.login.per_address()),
            });
        }
        Attempts {
            here,
            elsewhere,
            counted_at: site.now(),
        }
    }

    /// Counts; returns the seconds to wait where an allowance is used up.
    ///
    /// # Errors
    /// Returns the store's error if the store fails.
    pub async fn count(&self, site: &Site) -> Result<Option<i64>, Failure> {
        let mut counts = self.here.clone();
        counts.extend(&self.elsewhere);
        let attempt = site.throttle.count_attempts(&counts, self.counted_at);
        match attempt.await? {
            Attempt::Allowed => Ok(None),
            Attempt::Refused(refused) => Ok(Some(refused.retry_after_seconds)),
        }
    }

    /// After a success. No one waits for it: if it is lost, only an allowance is lost.
    pub fn forget(self, site: &Site) {
        self.settle(site, true);
    }

    /// For an attempt whose password was not checked.
    pub fn give_back(self, site: &Site) {
        self.settle(site, false);
    }

    fn settle(self, site: &Site, forget: bool) {
        let throttle = Arc::clone(&site.throttle);
        tokio::spawn(async move {
            let Attempts {
                here,
                elsewhere: mut give_back,
                counted_at,
            } = self;
            let mut forgotten = Vec::new();
            match forget {
                true => forgotten = here,
                false => give_back.extend(here),
            }
            let settled = throttle.settle_attempts(&forgotten, &give_back, counted_at);
            if let Err(error) = settled.await {
                tracing::warn!(%error, "can't return sign-in attempts to the allowance");
            }
        });
    }
}
