//! The key of `keys.private_key_path`, imported when the server starts. It is sealed like any other
//! key, so that the previous one keeps signing until it has been published for long enough.

use std::path::{Path, PathBuf};
use std::time::Duration;

use countersign_management::keys::{KeyError, Keys};
use countersign_provider::Provider;
use countersign_store::keys::SigningKeyRecord;
use zeroize::Zeroizing;

use crate::configuration::Configuration;

/// Why the configured key can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfiguredKeyError {
    #[error("can't read the key {}: {source}.", .path.display())]
    Unreadable {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("keys.private_key_path: {0}.")]
    Key(#[from] KeyError),
}

/// What came of the configured key.
pub enum ConfiguredKey {
    /// None is configured, or it already exists, in any state.
    NothingNew,
    /// It signs from now on, or once it was published for long enough.
    Imported(SigningKeyRecord),
    /// Another key is to sign from that Unix second on, and only then can this one be imported.
    Waits { until: i64 },
}

/// Imports the configured key, if there is one. A key that already exists is left unchanged, so
/// that a restart doesn't bring back one that was rotated out or revoked. `now` is Unix seconds.
///
/// # Errors
/// Returns a [`ConfiguredKeyError`].
pub async fn import_configured(
    configuration: &Configuration,
    keys: &Keys,
    now: i64,
) -> Result<ConfiguredKey, ConfiguredKeyError> {
    let settings = &configuration.key_material;
    let Some(private) = &settings.private_key_path else {
        return Ok(ConfiguredKey::NothingNew);
    };
    let private_pem = read_pem(private)?;
    let public_pem = settings.public_key_path.as_deref();
    let public_pem = public_pem.map(read_pem).transpose()?;
    let algorithm = settings.private_key_algorithm.map(Into::into);
    let public_pem = public_pem.as_deref().map(String::as_str);
    match keys.import(&private_pem, public_pem, algorithm, now).await {
        Ok(key) => {
            let signs_from = keys.life(&key, now).signs_from;
            tracing::info!(
                kid = key.kid,
                alg = key.alg,
                signs_from,
                "imported the signing key in keys.private_key_path"
            );
            Ok(ConfiguredKey::Imported(key))
        }
        Err(KeyError::Present(_) | KeyError::PresentAs { .. }) => Ok(ConfiguredKey::NothingNew),
        Err(KeyError::RotationPending { kid, from, .. }) => {
            tracing::warn!(
                kid,
                from,
                "another key is about to sign, so the key in keys.private_key_path will be imported after that"
            );
            Ok(ConfiguredKey::Waits { until: from })
        }
        Err(error) => Err(error.into()),
    }
}

/// Imports the configured key once the one that is about to sign does.
pub async fn import_later(
    configuration: Configuration,
    keys: Keys,
    provider: Provider,
    mut until: i64,
) {
    loop {
        let seconds = u64::try_from(until - provider.now()).unwrap_or(0);
        tokio::time::sleep(Duration::from_secs(seconds.max(1))).await;
        match import_configured(&configuration, &keys, provider.now()).await {
            Ok(ConfiguredKey::Waits { until: later }) => until = later,
            Ok(_) => return,
            Err(error) => {
                tracing::error!(%error, "the configured key was not imported; restart to try again");
                return;
            }
        }
    }
}

fn read_pem(path: &Path) -> Result<Zeroizing<String>, ConfiguredKeyError> {
    std::fs::read_to_string(path)
        .map(Zeroizing::new)
        .map_err(|source| ConfiguredKeyError::Unreadable {
            path: path.to_owned(),
            source,
        })
}
