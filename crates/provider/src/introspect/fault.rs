//! Causes of introspection.

use crate::error::causes;

causes! {
    /// Why a question about a token is refused. A token that is not active is no such cause
    /// (RFC 7662, section 2.2).
    pub enum IntrospectionFault {
        PublicClient = "introspection_public_client" InvalidClient Shape {
            rule: "Introspection requires authorization, so that no one can try out tokens (RFC 7662, section 2.1).",
            received: "The client_id of a client without a credential.",
            expected: "A method from introspection_endpoint_auth_methods_supported, or an access token from the client credentials grant.",
            fix: "Register a confidential client for the API that introspects.",
        }
        TokenOfUser = "introspection_token_of_a_user" InvalidToken Hidden {
            rule: "An access token that authorizes an introspection identifies the caller (RFC 7662, sections 2.1 and 2.3).",
            received: "An access token that was issued for a user.",
            expected: "An access token that the caller got for itself, with grant_type=client_credentials.",
            fix: "Send the user's token as the parameter `token`, and authenticate the API as a client.",
        }
        AlgorithmMissing = "introspection_algorithm_missing" InvalidRequest Shape status 406 {
            rule: "A signed response has the algorithm that the client registered, or RS256 (RFC 9701, section 6).",
            received: "Accept: application/token-introspection+jwt from a client whose algorithm this server has no key for.",
            expected: "introspection_signed_response_alg from introspection_signing_alg_values_supported.",
            fix: "Register introspection_signed_response_alg for the client, or add the algorithm to `keys.algorithms`.",
        }
    }
}
