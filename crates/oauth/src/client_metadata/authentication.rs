//! What a method of authentication needs beside its name: keys, and the algorithm of assertions
//! (OpenID Connect Registration, section 2; OpenID Connect Core, section 9).

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::jwk::{JwkSet, NoSuitableKey};
use serde::Deserialize;
use serde_json::Value;

use crate::client_auth_method::ClientAuthMethod;
use crate::client_certificate::{CertificateName, certificates_of};

use super::fault::ClientMetadataFault as Fault;
use super::flows::listed;
use super::uris::printable;
use super::{ClientMetadata, ClientPolicy};

pub(super) fn check_authentication(
    metadata: &ClientMetadata,
    method: ClientAuthMethod,
    policy: &ClientPolicy,
) -> Result<(), Fault> {
    let algorithms = assertion_algorithms(metadata, method, policy)?;
    match method {
        ClientAuthMethod::PrivateKeyJwt => check_signing_keys(metadata, method, &algorithms),
        // RFC 8705, section 2.1.2: exactly one member says which certificate is the client's.
        ClientAuthMethod::TlsClientAuth => match CertificateName::registered(metadata) {
            Ok(_) => Ok(()),
            Err(fault) => Err(Fault::CertificateName(fault)),
        },
        ClientAuthMethod::SelfSignedTlsClientAuth => check_certificates(metadata, method),
        _ => Ok(()),
    }
}

/// The algorithms that the client's assertions may have: the one that it registers, else all that
/// are offered for its method.
fn assertion_algorithms(
    metadata: &ClientMetadata,
    method: ClientAuthMethod,
    policy: &ClientPolicy,
) -> Result<Vec<SignatureAlgorithm>, Fault> {
    let member = "token_endpoint_auth_signing_alg";
    let symmetric = method == ClientAuthMethod::ClientSecretJwt;
    let offered = policy.offered.client_signature_algs.iter().copied();
    let suitable: Vec<SignatureAlgorithm> = match method {
        ClientAuthMethod::PrivateKeyJwt | ClientAuthMethod::ClientSecretJwt => offered
            .filter(|algorithm| algorithm.is_symmetric() == symmetric)
            .collect(),
        // It says what assertions would be signed with, and there are none.
        _ => offered.collect(),
    };
    match metadata.token_endpoint_auth_signing_alg.as_deref() {
        None => Ok(suitable),
        Some(name) if name.eq_ignore_ascii_case("none") => Err(Fault::AlgorithmNone { member }),
        Some(name) => match name.parse().ok().filter(|named| suitable.contains(named)) {
            Some(named) => Ok(vec![named]),
            None => Err(Fault::AlgorithmNotSupported {
                member,
                value: printable(name),
                offered: listed(&suitable),
            }),
        },
    }
}

/// Keys by reference are fetched when the first assertion comes: they may not be there yet.
fn check_signing_keys(
    metadata: &ClientMetadata,
    method: ClientAuthMethod,
    algorithms: &[SignatureAlgorithm],
) -> Result<(), Fault> {
    let Some(jwks) = &metadata.jwks else {
        return match metadata.jwks_uri {
            Some(_) => Ok(()),
            None => Err(Fault::KeysMissing { method }),
        };
    };
    let keys = read_keys(jwks)?;
    // Of several that suit, a kid says which one.
    let is_signed_with =
        |alg: &SignatureAlgorithm| !matches!(keys.select(None, *alg), Err(NoSuitableKey::None));
    match algorithms.iter().any(is_signed_with) {
        true => Ok(()),
        false => Err(Fault::NoSigningKey {
            algorithms: listed(algorithms),
        }),
    }
}

/// RFC 8705, section 2.2.2: the certificates are in the keys' `x5c`.
fn check_certificates(metadata: &ClientMetadata, method: ClientAuthMethod) -> Result<(), Fault> {
    match (&metadata.jwks, &metadata.jwks_uri) {
        (None, None) => Err(Fault::KeysMissing { method }),
        (Some(jwks), _) if certificates_of(jwks).is_empty() => Err(Fault::NoCertificate),
        _ => Ok(()),
    }
}

fn read_keys(jwks: &Value) -> Result<JwkSet, Fault> {
    JwkSet::deserialize(jwks).map_err(|_| Fault::JwksInvalid {
        reason: "it can't be read as one",
    })
}
