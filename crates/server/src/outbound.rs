//! Outbound requests as the configuration has them: the provider reads no files.

use std::time::Duration;

use countersign_fetch::{AllowList, Fetcher, Outbound, Policy};

use crate::configuration::Configuration;

/// What may leave this machine, and to where.
///
/// # Errors
/// Returns what is wrong with `outbound.extra_ca_path`, in a sentence.
pub fn outbound(configuration: &Configuration) -> Result<Outbound, String> {
    let settings = &configuration.outbound;
    let extra_ca_pem = match &settings.extra_ca_path {
        None => None,
        Some(path) => {
            let read = std::fs::read(path);
            Some(read.map_err(|error| format!("can't read {}: {error}.", path.display()))?)
        }
    };
    let allow = AllowList::parse(&settings.allow).map_err(|fault| fault.to_string())?;
    let policy = Policy {
        connect_timeout: Duration::from_secs(settings.connect_timeout_seconds),
        total_timeout: Duration::from_secs(settings.timeout_seconds),
        max_response_bytes: settings.max_response_bytes,
        allow,
        extra_ca_pem,
        ..Policy::default()
    };
    if policy.extra_ca_pem.is_some() {
        // A file that is no certificate is found now and not at the first request.
        Fetcher::new(policy.clone()).map_err(|error| format!("{error}."))?;
    }
    Ok(Outbound::new(policy))
}
