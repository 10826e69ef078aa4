//! Counting sign-in attempts, in one act before the password is looked at.
//!
//! Three allowances: a small one for the account from this network, which makes guessing slow; a
//! large one for the account from everywhere, so that spreading out helps little, and keeping the
//! owner out takes as many networks as it is larger; and one for the network. A success forgets the
//! first and is not counted against the others.
//!
//! Counted is the name that was typed and not the account behind it: if a username and an address
//! shared an allowance, using one up and trying the other would tell that both are an account's, and
//! the same one's. So an account has one allowance per name that it signs in with.

use std::net::IpAddr;

use countersign_jose::digest;
use countersign_store::names::normalise;
use countersign_store::throttle::{Attempt, Count};

use crate::Site;
use crate::error::Failure;

pub struct Attempts {
    here: Count,
    elsewhere: Vec<Count>,
}

impl Attempts {
    pub fn of(site: &Site, name: &str, peer: Option<IpAddr>) -> Attempts {
        let settings = &site.settings;
        let name = normalise(name).unwrap_or_default();
        let network = peer.map(network_of).unwrap_or_default();
        let mut elsewhere = vec![Count {
            key: key("account", &name),
            limit: settings.login_attempts_per_account_anywhere,
        }];
        if !network.is_empty() {
            elsewhere.push(Count {
                key: key("network", &network),
                limit: settings.login_attempts_per_address,
            });
        }
        Attempts {
            here: Count {
                key: key("account and network", &format!("{network} {name}")),
                limit: settings.login_attempts_per_account,
            },
            elsewhere,
        }
    }

    /// Counts; answers the seconds to wait where an allowance is used up.
    pub async fn count(&self, site: &Site) -> Result<Option<i64>, Failure> {
        let mut counts = vec![self.here];
        counts.extend(&self.elsewhere);
        match site.throttle.count_attempts(&counts, site.now()).await? {
            Attempt::Allowed => Ok(None),
            Attempt::Refused(refused) => Ok(Some(refused.retry_after_seconds)),
        }
    }

    /// After a success. Nobody waits for it: what is lost with it is an allowance.
    pub fn forget(self, site: &Site) {
        self.settle(site, true);
    }

    /// The attempt was not looked at.
    pub fn give_back(self, site: &Site) {
        self.settle(site, false);
    }

    fn settle(self, site: &Site, forget: bool) {
        let (throttle, now) = (std::sync::Arc::clone(&site.throttle), site.now());
        tokio::spawn(async move {
            let mut give_back = self.elsewhere;
            let mut forgotten = Vec::new();
            match forget {
                true => forgotten.push(self.here.key),
                false => give_back.push(self.here),
            }
            if let Err(error) = throttle.settle_attempts(&forgotten, &give_back, now).await {
                tracing::warn!(%error, "can't give sign-in attempts back");
            }
        });
    }
}

/// One household of IPv6 is a /64.
fn network_of(peer: IpAddr) -> String {
    match peer {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(address) => address.to_string(),
            None => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        },
    }
}

/// Names and addresses are not kept in the clear where only their equality matters.
fn key(what: &str, value: &str) -> [u8; 32] {
    digest::sha256(format!("login {what} {value}").as_bytes())
}
