//! What a client registers about token introspection (RFC 7662; RFC 9701, section 6).

use crate::client_auth_method::ClientAuthMethod;

use super::fault::ClientMetadataFault as Fault;
use super::keys::check_response_alg;
use super::{ClientMetadata, ClientPolicy};

/// Only a client that authenticates may ask (RFC 7662, section 2.1). RFC 9701, section 6, of the
/// algorithm: "The value none MUST NOT be used".
pub(super) fn check_introspection(
    metadata: &ClientMetadata,
    auth_method: ClientAuthMethod,
    policy: &ClientPolicy,
) -> Result<(), Fault> {
    if metadata.may_introspect() && auth_method == ClientAuthMethod::None {
        return Err(Fault::PublicClientMayIntrospect);
    }
    let name = metadata.introspection_signed_response_alg.as_deref();
    check_response_alg("introspection_signed_response_alg", name, policy)
}
