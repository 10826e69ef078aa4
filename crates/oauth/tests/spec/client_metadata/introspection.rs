//! What a client registers about introspection, and the grace of its refresh tokens.

use countersign_oauth::client_metadata::ClientPolicy;
use serde_json::json;

use super::{judged, offered, operator, read, with};

#[test]
fn a_signed_introspection_response_has_an_algorithm_that_is_offered() {
    // RFC 9701, section 6: "The value none MUST NOT be used"; "The default, if omitted, is RS256".
    let mut policy = ClientPolicy::operator(offered());
    let member = "introspection_signed_response_alg";
    policy.offered.members.push(member);
    for (algorithm, expected) in [
        ("RS256", "valid"),
        ("EdDSA", "valid"),
        ("none", "client_metadata_algorithm_none"),
        ("None", "client_metadata_algorithm_none"),
        ("ES512", "client_metadata_algorithm_not_supported"),
        ("HS256", "client_metadata_algorithm_not_supported"),
        ("x", "client_metadata_algorithm_not_supported"),
    ] {
        let metadata = with(member, json!(algorithm));
        assert_eq!(judged(&metadata, &policy), expected, "{algorithm}");
    }
    assert_eq!(read(&json!({})).introspection_alg(), "RS256");
}

#[test]
fn only_a_client_that_authenticates_may_be_allowed_to_introspect() {
    // RFC 7662, section 2.1: "the endpoint MUST also require some form of authorization".
    let mut metadata = with("may_introspect", json!(true));
    assert_eq!(operator(&metadata), "valid");
    assert!(read(&metadata).may_introspect());
    metadata["token_endpoint_auth_method"] = json!("none");
    let expected = "client_metadata_public_client_may_introspect";
    assert_eq!(operator(&metadata), expected);
    metadata["may_introspect"] = json!(false);
    assert_eq!(operator(&metadata), "valid");
    assert!(!read(&json!({})).may_introspect());
}

#[test]
fn a_client_has_a_refresh_grace_of_at_most_ten_minutes() {
    for (seconds, expected) in [
        (json!(0), "valid"),
        (json!(600), "valid"),
        (json!(601), "client_metadata_too_great"),
        (json!(-1), "client_metadata_malformed"),
        (json!("10"), "client_metadata_malformed"),
    ] {
        let metadata = with("refresh_grace_seconds", seconds.clone());
        assert_eq!(operator(&metadata), expected, "{seconds}");
    }
}
