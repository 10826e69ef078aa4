//! Finds the provider: asks it once what it is (OIDC Discovery), and waits if it isn't up yet.

use std::time::Duration;

use countersign_client::fetch::{AllowList, Fetcher, Policy};
use countersign_client::{Client, ConfigurationError, Registration};
use tokio::sync::OnceCell;
use tokio::time::{Instant, sleep};

use super::DemoConfig;
use super::problem::Problem;

/// The provider, asked when it is first needed.
pub struct Provider {
    config: DemoConfig,
    client: OnceCell<Client>,
}

/// How long one request waits for a provider that is still starting; the next one tries again.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(200);

impl Provider {
    pub fn new(config: DemoConfig) -> Self {
        Self {
            config,
            client: OnceCell::new(),
        }
    }

    /// The client, after discovery at the first use.
    ///
    /// # Errors
    /// Returns a [`Problem`] if the provider does not respond in time, or its metadata cannot be
    /// used.
    pub async fn client(&self) -> Result<&Client, Problem> {
        self.client
            .get_or_try_init(|| self.discover_patiently())
            .await
    }

    async fn discover_patiently(&self) -> Result<Client, Problem> {
        // A provider on this very machine is reached over plain http. For one on the internet leave
        // the list empty.
        let policy = Policy {
            allow: AllowList::loopback(),
            total_timeout: Duration::from_secs(5),
            ..Policy::default()
        };
        let fetcher = Fetcher::new(policy).map_err(|error| Problem::http_client(&error))?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.discover(fetcher.clone()).await {
                Ok(client) => return Ok(client),
                Err(error) if error.is_temporary() && Instant::now() < deadline => {
                    sleep(PAUSE).await
                }
                Err(error) => return Err(Problem::discovery(&error, &self.config.issuer)),
            }
        }
    }

    async fn discover(&self, fetcher: Fetcher) -> Result<Client, ConfigurationError> {
        let DemoConfig {
            issuer,
            client_id,
            client_secret,
            ..
        } = &self.config;
        let registration = match client_secret {
            Some(secret) => Registration::confidential(client_id, secret.clone()),
            None => Registration::public(client_id),
        };
        let registration = registration.redirect_uri(self.config.redirect_uri());
        Client::discover(issuer, registration, fetcher).await
    }
}
