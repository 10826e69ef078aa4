//! The key of `keys.private_key_path`, imported when the server starts.

use std::path::{Path, PathBuf};

use countersign_management::keys::{KeyError, Keys};
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

/// Imports the configured key, if there is one. A key that is there already is left as it is, so that
/// a restart doesn't bring back one that was rotated away. `now` is Unix seconds.
///
/// # Errors
/// [`ConfiguredKeyError`].
pub async fn import_configured(
    configuration: &Configuration,
    keys: &Keys,
    now: i64,
) -> Result<Option<SigningKeyRecord>, ConfiguredKeyError> {
    let settings = &configuration.key_material;
    let Some(private) = &settings.private_key_path else {
        return Ok(None);
    };
    let private_pem = read_pem(private)?;
    let public_pem = settings.public_key_path.as_deref();
    let public_pem = public_pem.map(read_pem).transpose()?;
    let algorithm = settings.private_key_algorithm.map(Into::into);
    let public_pem = public_pem.as_deref().map(String::as_str);
    match keys.import(&private_pem, public_pem, algorithm, now).await {
        Err(KeyError::Present(_)) => Ok(None),
        other => Ok(Some(other?)),
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
