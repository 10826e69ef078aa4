//! The ids and secrets that we give to clients.

use countersign_jose::base64url;
use countersign_jose::random::Random;
use countersign_oauth::client_auth_method::ClientAuthMethod;
use countersign_oauth::client_metadata::ClientMetadata;
use countersign_store::SecretHash;
use countersign_store::clients::ClientSecret;
use zeroize::Zeroizing;

/// 128 random bits. It never begins with a dash, which a command line would read as a flag.
pub(super) fn generate_client_id(random: &dyn Random) -> String {
    loop {
        let id = base64url::encode(random.bytes::<16>());
        if id.starts_with(|first: char| first.is_ascii_alphanumeric()) {
            return id;
        }
    }
}

/// Whether the client authenticates with a secret.
pub(super) fn needs_secret(metadata: &ClientMetadata) -> bool {
    metadata
        .auth_method()
        .is_some_and(ClientAuthMethod::uses_secret)
}

/// 256 random bits, of which only the hash is kept; nothing for a client without a secret.
pub(super) fn secret_for(
    metadata: &ClientMetadata,
    random: &dyn Random,
) -> (ClientSecret, Option<Zeroizing<String>>) {
    if !needs_secret(metadata) {
        return (ClientSecret::None, None);
    }
    let secret = Zeroizing::new(base64url::encode(random.bytes::<32>()));
    (
        ClientSecret::Hashed(SecretHash::of(secret.as_bytes())),
        Some(secret),
    )
}
