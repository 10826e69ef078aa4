//! The secrets that we give to clients, and how they are kept.
//!
//! A secret is generated, never chosen, and shown once. Its hash is all that is kept, unless the
//! client uses it as the key of a MAC: then it is sealed, since the server needs it too.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::base64url;
use countersign_jose::random::Random;
use countersign_jose::seal::{self, Keyring, SealError};
use countersign_oauth::client_auth_method::ClientAuthMethod;
use countersign_oauth::client_metadata::ClientMetadata;
use countersign_store::SecretHash;
use countersign_store::clients::{Client, ClientSecret, KeptSecret, MAX_CLIENT_SECRETS};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::ClientError;

/// A secret as it is kept, and this once in the clear.
pub type NewSecret = (ClientSecret, Zeroizing<String>);

/// The form in which a client's secrets are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeptAs {
    Hash,
    Sealed,
}

impl KeptAs {
    /// `None` for a client that authenticates without a secret.
    pub(super) fn of(metadata: &ClientMetadata) -> Option<KeptAs> {
        let method = metadata
            .auth_method()
            .filter(|method| method.uses_secret())?;
        let request_alg = metadata.request_object_signing_alg.as_deref();
        let has_mac = method == ClientAuthMethod::ClientSecretJwt
            || is_symmetric(metadata.id_token_alg())
            || request_alg.is_some_and(is_symmetric);
        Some(match has_mac {
            true => KeptAs::Sealed,
            false => KeptAs::Hash,
        })
    }
}

fn is_symmetric(alg: &str) -> bool {
    let alg = alg.parse::<SignatureAlgorithm>();
    alg.is_ok_and(SignatureAlgorithm::is_symmetric)
}

/// Makes secrets for one client.
pub(super) struct SecretMaker<'a> {
    pub client_id: &'a str,
    pub sealing: &'a Keyring,
    pub random: &'a dyn Random,
    /// Unix seconds.
    pub now: i64,
}

impl SecretMaker<'_> {
    /// The only secret of a client with this metadata, if it needs one.
    pub(super) fn first(&self, metadata: &ClientMetadata) -> Option<NewSecret> {
        KeptAs::of(metadata).map(|kept_as| self.make(kept_as, None))
    }

    /// 256 random bits; for a MAC 384, whose text is long enough to be the key of HS512 (RFC 7518,
    /// section 3.2; OpenID Connect Core, section 16.19).
    pub(super) fn make(&self, kept_as: KeptAs, expires_at: Option<i64>) -> NewSecret {
        let secret = Zeroizing::new(match kept_as {
            KeptAs::Hash => base64url::encode(self.random.bytes::<32>()),
            KeptAs::Sealed => base64url::encode(self.random.bytes::<48>()),
        });
        let kept = match kept_as {
            KeptAs::Hash => KeptSecret::Hashed(SecretHash::of(secret.as_bytes())),
            KeptAs::Sealed => KeptSecret::Sealed(seal_secret(
                self.client_id,
                secret.as_bytes(),
                self.sealing,
                self.random,
            )),
        };
        let id = self.random.bytes::<6>();
        let kept = ClientSecret {
            id: id.iter().map(|byte| format!("{byte:02x}")).collect(),
            created_at: self.now,
            expires_at,
            kept,
        };
        (kept, secret)
    }
}

/// A sealed secret in the clear.
///
/// # Errors
/// Returns a [`SealError`] if it was sealed for another client or under another master key.
pub fn open_secret(
    client_id: &str,
    sealed: &[u8],
    sealing: &Keyring,
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    sealing.open(&associated_data(client_id), sealed)
}

/// A secret, sealed for its client.
pub(crate) fn seal_secret(
    client_id: &str,
    secret: &[u8],
    sealing: &Keyring,
    random: &dyn Random,
) -> Vec<u8> {
    sealing.seal(random, &associated_data(client_id), secret)
}

fn associated_data(client_id: &str) -> Vec<u8> {
    seal::associated_data("clients", client_id, "secrets")
}

/// What may be shown of a secret.
#[must_use]
pub fn secret_information(secret: &ClientSecret, now: i64) -> Map<String, Value> {
    let status = match secret.is_expired(now) {
        true => "expired",
        false => "active",
    };
    [
        ("secret_id", Value::from(secret.id.as_str())),
        ("created_at", Value::from(secret.created_at)),
        ("expires_at", Value::from(secret.expires_at.unwrap_or(0))),
        ("status", Value::from(status)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into_iter()
    .collect()
}

/// What has expired is left out whenever the secrets change.
pub(super) fn unexpired(client: &Client, now: i64) -> Vec<ClientSecret> {
    let secrets = client.secrets.iter();
    secrets
        .filter(|secret| !secret.is_expired(now))
        .cloned()
        .collect()
}

pub(super) fn refuse_another_of(count: usize, client_id: &str) -> Result<(), ClientError> {
    match count < MAX_CLIENT_SECRETS {
        true => Ok(()),
        false => Err(ClientError::TooManySecrets {
            client_id: client_id.to_owned(),
            limit: MAX_CLIENT_SECRETS,
        }),
    }
}
