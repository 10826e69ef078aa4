use countersign_oauth::client_metadata::ClientMetadata;
use countersign_oauth::flow_name::FlowName::{
    All, AuthorizationCode, AuthorizationCodeWithPkce, ClientCredentials, DeviceCode,
    OidcAuthorizationCode, Password, PasswordMfa, RefreshToken,
};
use countersign_oauth::flow_name::{FlowName, apply_flows, are_valid_flows, flow_names, flows_of};
use proptest::prelude::*;
use serde_json::json;

fn client(value: serde_json::Value) -> ClientMetadata {
    ClientMetadata::from_json(value.to_string().as_bytes()).unwrap()
}

#[test]
fn nine_names_with_their_friendly_forms() {
    let rows = [
        ("all", "All Flows"),
        ("authorizationCode", "Authorization Code"),
        ("authorizationCodeWithPKCE", "Authorization Code with PKCE"),
        ("clientCredentials", "Client Credentials"),
        ("device_code", "Device Code"),
        ("oidcAuthorizationCode", "OIDC Authorization Code"),
        ("password", "Password"),
        ("passwordMfa", "Password MFA"),
        ("refresh_token", "Refresh Token"),
    ];
    assert_eq!(FlowName::ALL.len(), rows.len());
    for ((id, friendly), flow) in rows.into_iter().zip(FlowName::ALL) {
        assert_eq!(FlowName::parse(id), Some(flow));
        assert_eq!(flow.friendly_name(), friendly);
        assert_eq!(serde_json::to_value(flow).unwrap(), json!(id));
        assert_eq!(flow.to_string(), id);
    }
    let named = flow_names(&[RefreshToken, DeviceCode]);
    assert_eq!(
        named.into_iter().collect::<Vec<_>>(),
        [
            ("device_code", "Device Code"),
            ("refresh_token", "Refresh Token")
        ]
    );
    assert!(are_valid_flows(&["all", "passwordMfa"]));
    assert!(are_valid_flows::<&str>(&[]));
    assert!(!are_valid_flows(&["all", "implicit"]));
    assert!(!are_valid_flows(&["Password"]));
}

#[test]
fn names_are_views_of_the_metadata() {
    let code = json!(["authorization_code", "refresh_token"]);
    let rows = [
        (
            json!({}),
            vec![
                AuthorizationCode,
                AuthorizationCodeWithPkce,
                OidcAuthorizationCode,
            ],
        ),
        (
            json!({ "require_pkce": true }),
            vec![AuthorizationCodeWithPkce, OidcAuthorizationCode],
        ),
        (
            json!({ "token_endpoint_auth_method": "none", "grant_types": code }),
            vec![
                AuthorizationCodeWithPkce,
                OidcAuthorizationCode,
                RefreshToken,
            ],
        ),
        (
            json!({ "grant_types": ["client_credentials"] }),
            vec![ClientCredentials],
        ),
        (json!({ "grant_types": ["password"] }), vec![Password]),
        (
            json!({ "grant_types": [
                "password", "http://auth0.com/oauth/grant-type/mfa-otp",
                "http://auth0.com/oauth/grant-type/mfa-oob",
                "urn:ietf:params:oauth:grant-type:device_code",
            ] }),
            vec![DeviceCode, Password, PasswordMfa],
        ),
        (json!({ "grant_types": [] }), vec![]),
        (
            json!({ "grant_types": ["implicit"], "response_types": ["id_token"] }),
            vec![],
        ),
    ];
    for (metadata, expected) in rows {
        assert_eq!(flows_of(&client(metadata.clone())), expected, "{metadata}");
    }
}

#[test]
fn names_are_written_as_grant_types_response_types_and_require_pkce() {
    let rows = [
        (
            vec![AuthorizationCode],
            json!({
            "grant_types": ["authorization_code"], "response_types": ["code"], "require_pkce": false }),
        ),
        (
            vec![AuthorizationCodeWithPkce],
            json!({
            "grant_types": ["authorization_code"], "response_types": ["code"], "require_pkce": true }),
        ),
        (
            vec![AuthorizationCode, AuthorizationCodeWithPkce],
            json!({
            "grant_types": ["authorization_code"], "response_types": ["code"], "require_pkce": false }),
        ),
        (
            vec![OidcAuthorizationCode, RefreshToken],
            json!({
            "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
            "require_pkce": false }),
        ),
        (
            vec![OidcAuthorizationCode, AuthorizationCodeWithPkce],
            json!({
            "grant_types": ["authorization_code"], "response_types": ["code"], "require_pkce": true }),
        ),
        (
            vec![ClientCredentials],
            json!({ "grant_types": ["client_credentials"], "response_types": [] }),
        ),
        (
            vec![PasswordMfa],
            json!({ "grant_types": [
            "password", "http://auth0.com/oauth/grant-type/mfa-otp",
            "http://auth0.com/oauth/grant-type/mfa-oob"], "response_types": [] }),
        ),
        (vec![], json!({ "grant_types": [], "response_types": [] })),
    ];
    for (flows, expected) in rows {
        let mut metadata = ClientMetadata::default();
        apply_flows(&mut metadata, &flows);
        assert_eq!(
            serde_json::to_value(&metadata).unwrap(),
            expected,
            "{flows:?}"
        );
    }
}

#[test]
fn what_no_name_covers_stays() {
    let exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
    let mut metadata = client(json!({
        "grant_types": ["authorization_code", "implicit", exchange, "vendor"],
        "response_types": ["code", "id_token"], "require_pkce": true,
    }));
    apply_flows(&mut metadata, &[RefreshToken]);
    assert_eq!(
        serde_json::to_value(&metadata).unwrap(),
        json!({
            "grant_types": ["refresh_token", "implicit", exchange, "vendor"],
            "response_types": ["id_token"],
        })
    );
}

#[test]
fn all_covers_the_eight_and_is_shown_instead_of_them() {
    let mut metadata = ClientMetadata::default();
    apply_flows(&mut metadata, &[All]);
    assert_eq!(flows_of(&metadata), [All]);
    let mut each = ClientMetadata::default();
    apply_flows(&mut each, &FlowName::EACH);
    assert_eq!(each, metadata);
    metadata.require_pkce = Some(true);
    assert_eq!(flows_of(&metadata).len(), 7);
}

proptest! {
    #[test]
    fn what_was_given_is_shown(flows in proptest::sample::subsequence(FlowName::EACH.to_vec(), 0..=8)) {
        let mut metadata = ClientMetadata::default();
        apply_flows(&mut metadata, &flows);
        let shown = flows_of(&metadata);
        prop_assert!(flows.iter().all(|flow| shown.contains(flow) || shown == [All]));
        // Writing back what is shown changes nothing but the strictness that "with PKCE" alone has.
        let mut again = metadata.clone();
        apply_flows(&mut again, &shown);
        prop_assert_eq!(flows_of(&again), shown);
    }
}
