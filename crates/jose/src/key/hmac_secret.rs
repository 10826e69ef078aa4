//! Which byte strings may be a MAC key.

use super::{KeyError, der};
use crate::alg::SignatureAlgorithm;

/// RFC 7518, section 3.2: a key at least as long as the hash. And never something public: if a
/// verifier can be made to take a public key for a shared secret, anyone can sign (RFC 8725,
/// section 2.1).
pub(super) fn check(alg: SignatureAlgorithm, secret: &[u8]) -> Result<(), KeyError> {
    if !alg.is_symmetric() {
        return Err(KeyError::AlgorithmMismatch(alg));
    }
    let needed = alg.signature_len().unwrap_or(usize::MAX);
    if secret.len() < needed {
        return Err(KeyError::SecretTooShort {
            alg,
            bytes: secret.len(),
            needed,
        });
    }
    if looks_public(secret) {
        return Err(KeyError::SecretIsPublicKey);
    }
    Ok(())
}

fn looks_public(secret: &[u8]) -> bool {
    let contains = |needle: &[u8]| secret.windows(needle.len()).any(|part| part == needle);
    contains(b"-----BEGIN ")
        || secret.starts_with(b"ssh-")
        || secret.starts_with(b"ecdsa-sha2-")
        || (secret.trim_ascii_start().starts_with(b"{") && contains(b"\"kty\""))
        || der::is_public_key_or_certificate(secret)
}

#[cfg(test)]
mod tests {
    use super::{KeyError, check};
    use crate::alg::SignatureAlgorithm::{ES256, HS256, HS384, HS512};

    #[test]
    fn a_secret_is_at_least_as_long_as_the_hash() {
        for (alg, needed) in [(HS256, 32), (HS384, 48), (HS512, 64)] {
            assert_eq!(check(alg, &vec![b'k'; needed]), Ok(()));
            let bytes = needed - 1;
            assert_eq!(
                check(alg, &vec![b'k'; bytes]),
                Err(KeyError::SecretTooShort { alg, bytes, needed })
            );
        }
        assert_eq!(
            check(ES256, &[b'k'; 32]),
            Err(KeyError::AlgorithmMismatch(ES256))
        );
    }

    #[test]
    fn public_key_texts_are_no_secret() {
        for text in [
            "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----\n",
            "\n-----BEGIN CERTIFICATE-----\nMIIB",
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDu0",
            " {\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
        ] {
            assert_eq!(
                check(HS256, text.as_bytes()),
                Err(KeyError::SecretIsPublicKey),
                "{text}"
            );
        }
    }
}
