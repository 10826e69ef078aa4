//! What a client registers about token introspection (RFC 7662; RFC 9701, section 6).

use countersign_jose::alg::SignatureAlgorithm;

use crate::client_auth_method::ClientAuthMethod;

use super::fault::ClientMetadataFault as Fault;
use super::flows::listed;
use super::uris::printable;
use super::{ClientMetadata, ClientPolicy};

/// Only a client that authenticates may ask (RFC 7662, section 2.1), and its responses are signed
/// with an algorithm that the server has a key for. A MAC is refused: it would be made with a
/// secret of which the server keeps only the hash.
pub(super) fn check_introspection(
    metadata: &ClientMetadata,
    auth_method: ClientAuthMethod,
    policy: &ClientPolicy,
) -> Result<(), Fault> {
    if metadata.may_introspect() && auth_method == ClientAuthMethod::None {
        return Err(Fault::PublicClientMayIntrospect);
    }
    let member = "introspection_signed_response_alg";
    let Some(name) = &metadata.introspection_signed_response_alg else {
        return Ok(());
    };
    // RFC 9701, section 6: "The value none MUST NOT be used".
    if name.eq_ignore_ascii_case("none") {
        return Err(Fault::AlgorithmNone { member });
    }
    let offered = policy.offered.id_token_algs.iter().copied();
    let offered: Vec<SignatureAlgorithm> = offered.filter(|alg| !alg.is_symmetric()).collect();
    match name.parse().is_ok_and(|alg| offered.contains(&alg)) {
        true => Ok(()),
        false => Err(Fault::AlgorithmNotSupported {
            member,
            value: printable(name),
            offered: listed(&offered),
        }),
    }
}
