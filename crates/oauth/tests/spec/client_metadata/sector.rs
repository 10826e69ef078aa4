//! Pairwise subjects (OpenID Connect Core, section 8.1; OIDC Registration, section 5).

use countersign_oauth::client_metadata::ClientPolicy;
use serde_json::{Value, json};

use super::{judged, offered, read};

fn pairwise(redirect_uris: &[&str], more: &Value) -> Value {
    let mut metadata = json!({ "redirect_uris": redirect_uris, "subject_type": "pairwise" });
    for (member, value) in more.as_object().expect("an object") {
        metadata[member] = value.clone();
    }
    metadata
}

fn verdict(metadata: &Value) -> &'static str {
    let mut policy = ClientPolicy::operator(offered());
    let members = ["subject_type", "sector_identifier_uri"];
    policy.offered.members.extend(members);
    judged(metadata, &policy)
}

const SECTOR: &str = "https://Sector.example/redirect-uris.json";

#[test]
fn the_sector_is_the_one_host_of_the_redirect_uris() {
    // The host alone: neither port nor path nor case.
    let metadata = pairwise(
        &["https://App.example/a", "https://app.example:8443/b?c=d"],
        &json!({}),
    );
    assert_eq!(verdict(&metadata), "valid");
    assert_eq!(read(&metadata).sector().as_deref(), Ok("app.example"));
}

#[test]
fn or_the_host_of_the_sector_identifier_uri() {
    let more = json!({ "sector_identifier_uri": SECTOR });
    let metadata = pairwise(&["https://a.example/", "https://b.example/"], &more);
    assert_eq!(verdict(&metadata), "valid");
    assert_eq!(read(&metadata).sector().as_deref(), Ok("sector.example"));
}

/// "If there are multiple hostnames in the registered redirect_uris, the Client MUST register a
/// sector_identifier_uri" (Core, section 8.1).
#[test]
fn several_hosts_need_a_sector_identifier_uri() {
    let metadata = pairwise(&["https://a.example/", "https://b.example/"], &json!({}));
    assert_eq!(verdict(&metadata), "client_metadata_sectors_differ");
}

/// An address on the user's own machine is every application's.
#[test]
fn addresses_on_the_users_machine_are_no_sector() {
    let native = json!({ "application_type": "native", "token_endpoint_auth_method": "none" });
    for uris in [
        &["http://127.0.0.1/callback"][..],
        &["http://[::1]/callback"],
        &["http://localhost/callback"],
        &["com.example.app:/callback"],
        &["https://app.example/", "com.example.app:/callback"],
    ] {
        let metadata = pairwise(uris, &native);
        assert_eq!(verdict(&metadata), "client_metadata_sector_missing");
        let mut named = metadata;
        named["sector_identifier_uri"] = json!(SECTOR);
        assert_eq!(verdict(&named), "valid", "{uris:?}");
    }
    let without = json!({ "grant_types": ["client_credentials"], "subject_type": "pairwise" });
    assert_eq!(verdict(&without), "client_metadata_sector_missing");
}

/// "This URL MUST use the https scheme" (Registration, section 2).
#[test]
fn a_sector_identifier_uri_is_https() {
    let more = json!({ "sector_identifier_uri": "http://sector.example/" });
    let metadata = pairwise(&["https://app.example/"], &more);
    assert_eq!(verdict(&metadata), "client_metadata_uri_not_https");
}

#[test]
fn who_says_nothing_has_public_subjects() {
    let metadata = read(&json!({ "redirect_uris": ["https://app.example/"] }));
    assert!(!metadata.is_pairwise());
}
