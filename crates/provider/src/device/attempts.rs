//! Counting wrong user codes (RFC 8628, section 5.1): per browser, per network, and in total, since
//! a code has 34 bits and guesses can come from anywhere.

use countersign_store::throttle::{Attempt, Count, CounterKey};

use crate::Provider;
use crate::error::Failure;
use crate::exchange::Exchange;
use crate::sealed_form::Binding;
use crate::throttle::per_network;

/// What an attempt counts against.
pub struct Attempts {
    counts: Vec<Count>,
    counted_at: i64,
}

impl Attempts {
    pub fn of(provider: &Provider, binding: &Binding, exchange: &Exchange) -> Attempts {
        let settings = &provider.settings.device;
        let per_address = settings.wrong_codes_per_address();
        let mut counts = per_network("user code: network", exchange, per_address);
        let browser = binding.browser().as_bytes().as_slice();
        counts.push(Count {
            key: CounterKey::new("user code: browser", &[browser]),
            limit: settings.wrong_codes_per_browser(),
        });
        counts.push(Count {
            key: CounterKey::new("user code: anywhere", &[]),
            limit: settings.wrong_codes_anywhere(),
        });
        Attempts {
            counts,
            counted_at: provider.now(),
        }
    }

    /// Counts; returns the seconds to wait if an allowance is used up.
    ///
    /// # Errors
    /// Returns a server fault if the store fails.
    pub async fn count(&self, provider: &Provider) -> Result<Option<i64>, Failure> {
        let attempt = provider.store.count_attempts(&self.counts, self.counted_at);
        match attempt.await? {
            Attempt::Allowed => Ok(None),
            Attempt::Refused(refused) => Ok(Some(refused.retry_after_seconds)),
        }
    }

    /// After a right code. If it fails, an allowance is lost and nothing else.
    pub async fn give_back(self, provider: &Provider) {
        let store = &provider.store;
        let settled = store.settle_attempts(&[], &self.counts, self.counted_at);
        if let Err(error) = settled.await {
            tracing::warn!(%error, "can't return an attempt to the allowance");
        }
    }
}
