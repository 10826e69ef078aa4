//! Which parameters of a token request came in the query of a POST.
//!
//! A token request has its parameters in the body (RFC 6749, section 3.2); in a query they would
//! end up in logs, and "request parameters MUST NOT be included" there with client credentials
//! (section 2.3.1). A query of its own the endpoint may have: what is not a parameter of the
//! request is unrecognised and ignored.

/// The first of `names` that the query contains, however it is encoded. Names that are not listed,
/// and pairs that can't be read, are ignored.
#[must_use]
pub fn name_in_query<'n>(query: &str, names: &[&'n str]) -> Option<&'n str> {
    let mut sent = query.split('&').filter_map(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        super::decode_component(name.as_bytes()).ok()
    });
    sent.find_map(|sent| names.iter().copied().find(|name| *name == sent))
}

/// Every parameter of an introspection or a revocation request (RFC 7662, section 2.1; RFC 7009,
/// section 2.1), and those of client authentication.
pub const TOKEN_MANAGEMENT_REQUEST: &[&str] = &[
    "token",
    "token_type_hint",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
];

/// Every parameter of a token request that a specification defines (IANA, OAuth Parameters, "token
/// request"), and those of the multi-factor grants.
pub const TOKEN_REQUEST: &[&str] = &[
    "grant_type",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "code",
    "redirect_uri",
    "code_verifier",
    "refresh_token",
    "scope",
    "resource",
    "audience",
    "username",
    "password",
    "assertion",
    "device_code",
    "auth_req_id",
    "subject_token",
    "subject_token_type",
    "actor_token",
    "actor_token_type",
    "requested_token_type",
    "authorization_details",
    "mfa_token",
    "otp",
    "oob_code",
    "oobCode",
    "binding_code",
    "recovery_code",
];
