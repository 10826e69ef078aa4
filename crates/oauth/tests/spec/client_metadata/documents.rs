//! Client ID Metadata Documents: the address, and what a document says (sections 3 and 4).

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::key::SigningKey;
use countersign_oauth::client_auth_method::ClientAuthMethod;
use countersign_oauth::client_id_url::{ClientIdUrl, ClientIdUrlFault as Fault};
use countersign_oauth::client_metadata::{
    ClientDocumentFault, ClientMetadata, ClientPolicy, Offered,
};
use serde_json::{Value, json};

use super::offered;

const CLIENT_ID: &str = "https://app.example/client.json";

fn policy() -> ClientPolicy {
    ClientPolicy::self_registered(Offered {
        auth_methods: vec![
            ClientAuthMethod::None,
            ClientAuthMethod::PrivateKeyJwt,
            ClientAuthMethod::SelfSignedTlsClientAuth,
        ],
        ..offered()
    })
}

fn read_at(client_id: &str, document: &Value) -> Result<ClientMetadata, ClientDocumentFault> {
    let client_id = ClientIdUrl::parse(client_id).expect("an address");
    let json = document.to_string();
    let read = ClientMetadata::from_document(&client_id, json.as_bytes(), &policy());
    read.map(|valid| valid.into_inner())
}

fn read(document: &Value) -> Result<ClientMetadata, ClientDocumentFault> {
    read_at(CLIENT_ID, document)
}

fn app() -> Value {
    json!({
        "client_id": CLIENT_ID,
        "client_name": "App",
        "redirect_uris": ["https://app.example/callback"],
    })
}

fn app_with(member: &str, value: Value) -> Value {
    let mut document = app();
    document[member] = value;
    document
}

fn keys() -> Value {
    let key = SigningKey::generate(SignatureAlgorithm::ES256).expect("a key");
    let public = key.public_jwk().expect("asymmetric").to_public_json();
    json!({ "keys": [serde_json::from_str::<Value>(&public).expect("JSON")] })
}

/// Section 3.
#[test]
fn a_client_id_that_is_an_address_keeps_the_rules() {
    for (client_id, expected) in [
        ("https://app.example/client.json", None),
        ("https://app.example/", None),
        ("https://app.example:8443/client", None),
        ("https://app.example:443/client", None),
        ("https://app.example/client?version=1", None),
        ("https://App.example/client", None),
        ("https://[2001:db8::1]/client", None),
        ("http://app.example/client", Some(Fault::NotHttps)),
        ("HTTPS://app.example/client", Some(Fault::NotHttps)),
        ("app", Some(Fault::NotHttps)),
        ("https://app.example", Some(Fault::NoPath)),
        ("https://app.example?x=/", Some(Fault::NoPath)),
        ("https://", Some(Fault::NoPath)),
        ("https:///client", Some(Fault::Host)),
        ("https://app.example/client#x", Some(Fault::Fragment)),
        ("https://app.example/client#", Some(Fault::Fragment)),
        ("https://user@app.example/client", Some(Fault::Userinfo)),
        ("https://user:pw@app.example/client", Some(Fault::Userinfo)),
        ("https://@app.example/client", Some(Fault::Userinfo)),
        ("https://app.example/../client", Some(Fault::DotSegment)),
        ("https://app.example/a/./client", Some(Fault::DotSegment)),
        ("https://app.example/a/%2E%2e", Some(Fault::DotSegment)),
        ("https://app.example/a/..", Some(Fault::DotSegment)),
        ("https://127.1/client", Some(Fault::Host)),
        ("https://0x7f000001/client", Some(Fault::Host)),
        ("https://app.example,evil.example/client", Some(Fault::Host)),
        ("https://app.example:x/client", Some(Fault::NotAUrl)),
        ("https://app.example:99999/client", Some(Fault::NotAUrl)),
        ("https://bücher.example/client", Some(Fault::Character)),
        ("https://app.example/a b", Some(Fault::Character)),
        (
            "https://app.example\\@evil.example/x",
            Some(Fault::Character),
        ),
        ("https://app.example/\n", Some(Fault::Character)),
    ] {
        let parsed = ClientIdUrl::parse(client_id);
        assert_eq!(parsed.err(), expected, "{client_id}");
    }
    let longest = format!("https://app.example/{}", "x".repeat(235));
    assert!(ClientIdUrl::parse(&longest).is_ok());
    let fault = ClientIdUrl::parse(&format!("{longest}x")).err();
    assert_eq!(fault, Some(Fault::TooLong));
}

/// Section 4.1: simple string comparison.
#[test]
fn attack_46_a_document_names_its_own_address_character_by_character() {
    assert!(read(&app()).is_ok());
    for other in [
        json!("https://app.example:443/client.json"),
        json!("https://APP.example/client.json"),
        json!("https://app.example/client.json/"),
        json!("https://evil.example/client.json"),
        json!(""),
        json!(null),
        json!([CLIENT_ID]),
    ] {
        let document = app_with("client_id", other.clone());
        let fault = read(&document).err();
        assert_eq!(fault, Some(ClientDocumentFault::OtherClientId), "{other}");
    }
}

/// Section 4.1: what is public holds no secret.
#[test]
fn a_document_holds_no_secret() {
    for (member, value) in [
        ("client_secret", json!("s3cret")),
        ("client_secret", json!(null)),
        ("client_secret_expires_at", json!(0)),
    ] {
        let fault = read(&app_with(member, value)).expect_err("it is refused");
        assert!(
            matches!(fault, ClientDocumentFault::Secret { .. }),
            "{fault}"
        );
    }
    for method in [
        "client_secret_basic",
        "client_secret_post",
        "client_secret_jwt",
    ] {
        let document = app_with("token_endpoint_auth_method", json!(method));
        let fault = read(&document).expect_err("it is refused");
        assert!(
            matches!(fault, ClientDocumentFault::SharedSecret { .. }),
            "{fault}"
        );
    }
    let mut private = keys();
    private["keys"][0]["d"] = json!("AAAA");
    let fault = read(&app_with("jwks", private)).expect_err("it is refused");
    assert!(matches!(fault, ClientDocumentFault::Metadata(_)), "{fault}");
}

/// Section 8.2, and what no section says.
#[test]
fn the_strongest_method_counts_and_keys_oblige() {
    let method = "token_endpoint_auth_method";
    let methods = "token_endpoint_auth_methods_supported";
    let cases = [
        (json!({}), "none"),
        (json!({ method: "none" }), "none"),
        (json!({ method: "none", "jwks": keys() }), "private_key_jwt"),
        (json!({ "jwks": keys() }), "private_key_jwt"),
        (
            json!({ "jwks_uri": "https://app.example/jwks" }),
            "private_key_jwt",
        ),
        (
            json!({ methods: ["none", "private_key_jwt"], "jwks": keys() }),
            "private_key_jwt",
        ),
        (json!({ methods: ["none", "private_key_jwt"] }), "none"),
        (json!({ methods: ["client_secret_basic", "none"] }), "none"),
        (
            json!({ method: "none", methods: ["private_key_jwt"], "jwks": keys() }),
            "private_key_jwt",
        ),
    ];
    for (members, expected) in cases {
        let mut document = app();
        for (name, value) in members.as_object().expect("an object") {
            document[name] = value.clone();
        }
        let metadata = read(&document).unwrap_or_else(|fault| panic!("{members}: {fault}"));
        assert_eq!(
            metadata.token_endpoint_auth_method.as_deref(),
            Some(expected),
            "{members}"
        );
    }
    // A method that proves a key needs one.
    let fault = read(&app_with(method, json!("private_key_jwt"))).expect_err("it is refused");
    assert!(matches!(fault, ClientDocumentFault::Metadata(_)), "{fault}");
    let fault = read(&app_with(method, json!("magic"))).expect_err("it is refused");
    assert!(
        matches!(fault, ClientDocumentFault::NoUsableMethod { .. }),
        "{fault}"
    );
}

#[test]
fn a_document_has_a_name_and_addresses() {
    for document in [
        app_with("client_name", json!(null)),
        app_with("client_name", json!("")),
    ] {
        assert_eq!(read(&document), Err(ClientDocumentFault::NameMissing));
    }
    for document in [
        app_with("redirect_uris", json!([])),
        app_with("redirect_uris", json!(null)),
        app_with("redirect_uris", json!("https://app.example/callback")),
        app_with("redirect_uris", json!(["javascript:alert(1)"])),
        app_with("redirect_uris", json!(["https://app.example/#x"])),
        app_with("client_name", json!({})),
        app_with("client_name#de", json!(1)),
    ] {
        let fault = read(&document).expect_err("it is refused");
        assert!(matches!(fault, ClientDocumentFault::Metadata(_)), "{fault}");
    }
    let client_id = ClientIdUrl::parse(CLIENT_ID).expect("an address");
    for json in [
        "",
        "[]",
        "{",
        "null",
        r#"{"client_id":"a","client_id":"b"}"#,
    ] {
        assert!(ClientMetadata::from_document(&client_id, json.as_bytes(), &policy()).is_err());
    }
}

/// A document is written for every server at once.
#[test]
fn what_is_not_known_or_offered_is_left_out() {
    let mut document = app();
    for (member, value) in [
        ("something_new", json!({"kept": false})),
        (
            "grant_types",
            json!(["authorization_code", "refresh_token", "password", "magic"]),
        ),
        ("response_types", json!(["code", "token", "magic"])),
        ("scope", json!("openid mcp:tools profile")),
        ("dpop_bound_access_tokens", json!(true)),
        ("sector_identifier_uri", json!("https://app.example/sector")),
        ("subject_type", json!("pairwise")),
        ("client_name#de", json!("Anwendung")),
        // The operator's own members are not a document's.
        ("insecure_skip_consent", json!(true)),
        ("insecure_plain_pkce", json!(true)),
        ("refresh_grace_seconds", json!(600)),
        ("access_token_format", json!("opaque")),
        ("default_scope", json!("openid")),
        ("may_introspect", json!(true)),
    ] {
        document[member] = value;
    }
    let metadata = read(&document).expect("accepted");
    let told = serde_json::to_value(&metadata).expect("JSON");
    assert_eq!(
        told["grant_types"],
        json!(["authorization_code", "refresh_token"])
    );
    assert_eq!(told["response_types"], json!(["code"]));
    // Which scopes there are is looked at when one is asked for.
    assert_eq!(told["scope"], "openid mcp:tools profile");
    assert_eq!(told["client_name#de"], "Anwendung");
    assert_eq!(told["subject_type"], "public");
    for dropped in [
        "something_new",
        "client_id",
        "dpop_bound_access_tokens",
        "sector_identifier_uri",
        "insecure_skip_consent",
        "insecure_plain_pkce",
        "refresh_grace_seconds",
        "access_token_format",
        "default_scope",
        "may_introspect",
    ] {
        assert!(told[dropped].is_null(), "{dropped}");
    }
    // Without a credential there is no token of the client's own (RFC 6749, section 4.4).
    let grants = json!(["authorization_code", "client_credentials"]);
    let metadata = read(&app_with("grant_types", grants)).expect("accepted");
    assert_eq!(
        metadata.grant_types,
        Some(vec!["authorization_code".to_owned()])
    );
    let nothing = read(&app_with("grant_types", json!(["password"])));
    assert_eq!(nothing, Err(ClientDocumentFault::NoGrant));
    assert!(read(&app_with("scope", json!("a \"b\""))).is_err());
}

/// The documents that MCP clients publish, as they present themselves.
#[test]
fn the_documents_of_real_clients_are_accepted() {
    let native = "native";
    let web = "web";
    let cases = [
        (
            "https://claude.ai/oauth/mcp-oauth-client-metadata",
            json!({
                "client_name": "Claude",
                "client_uri": "https://claude.ai",
                "redirect_uris": ["https://claude.ai/api/mcp/auth_callback"],
                "grant_types": ["authorization_code", "refresh_token"],
                "response_types": ["code"],
                "token_endpoint_auth_method": "none",
            }),
            ("none", web),
        ),
        (
            "https://claude.ai/oauth/claude-code-client-metadata",
            json!({
                "client_name": "Claude Code",
                "redirect_uris": ["http://localhost/callback", "http://127.0.0.1/callback"],
                "grant_types": ["authorization_code", "refresh_token"],
                "response_types": ["code"],
                "token_endpoint_auth_method": "none",
            }),
            ("none", native),
        ),
        (
            "https://chatgpt.com/oauth/client.json",
            json!({
                "client_name": "ChatGPT",
                "redirect_uris": ["https://chatgpt.com/connector_platform_oauth_redirect"],
                "grant_types": ["authorization_code", "refresh_token"],
                "response_types": ["code"],
                "token_endpoint_auth_method": "private_key_jwt",
                "token_endpoint_auth_methods_supported": ["private_key_jwt", "none"],
                "jwks_uri": "https://chatgpt.com/oauth/jwks.json",
            }),
            ("private_key_jwt", web),
        ),
        (
            "https://chatgpt.com/oauth/codex/client.json",
            json!({
                "client_name": "Codex",
                "redirect_uris": ["http://127.0.0.1/callback"],
                "token_endpoint_auth_method": "none",
            }),
            ("none", native),
        ),
        (
            "https://vscode.dev/oauth/client-metadata.json",
            json!({
                "client_name": "Visual Studio Code",
                "client_uri": "https://vscode.dev",
                "redirect_uris": [
                    "http://127.0.0.1/", "http://127.0.0.1:33418/", "http://localhost/",
                    "https://vscode.dev/redirect",
                ],
                "grant_types": [
                    "authorization_code", "refresh_token",
                    "urn:ietf:params:oauth:grant-type:device_code",
                ],
                "response_types": ["code"],
                "token_endpoint_auth_method": "none",
            }),
            ("none", native),
        ),
        (
            "https://opencode.ai/oauth/client.json",
            json!({
                "client_name": "opencode",
                "redirect_uris": ["http://127.0.0.1:19876/callback"],
            }),
            ("none", native),
        ),
    ];
    for (client_id, mut document, (method, kind)) in cases {
        document["client_id"] = json!(client_id);
        let metadata =
            read_at(client_id, &document).unwrap_or_else(|fault| panic!("{client_id}: {fault}"));
        let chosen = metadata.token_endpoint_auth_method.as_deref();
        assert_eq!(chosen, Some(method), "{client_id}");
        assert_eq!(metadata.application_type().as_str(), kind, "{client_id}");
        assert!(document.to_string().len() < 5_120, "{client_id}");
    }
}

/// Section 8.4: a new name, address or key is another client to people.
#[test]
fn the_fingerprint_changes_with_what_people_consent_to() {
    let before = read(&app()).expect("accepted").fingerprint();
    assert_eq!(read(&app()).expect("accepted").fingerprint(), before);
    for (member, value) in [
        ("scope", json!("openid")),
        ("contacts", json!(["a@app.example"])),
        ("software_version", json!("2")),
        ("tos_uri", json!("https://app.example/tos")),
    ] {
        let metadata = read(&app_with(member, value)).expect("accepted");
        assert_eq!(metadata.fingerprint(), before, "{member}");
    }
    for (member, value) in [
        ("client_name", json!("Bank")),
        ("client_name#de", json!("Bank")),
        (
            "redirect_uris",
            json!(["https://app.example/callback", "https://app.example/other"]),
        ),
        ("jwks", keys()),
        ("jwks_uri", json!("https://app.example/jwks")),
        ("client_uri", json!("https://bank.example")),
        ("initiate_login_uri", json!("https://app.example/start")),
    ] {
        let metadata = read(&app_with(member, value)).expect("accepted");
        assert_ne!(metadata.fingerprint(), before, "{member}");
    }
    let mut reordered = app_with(
        "redirect_uris",
        json!(["https://app.example/b", "https://app.example/a"]),
    );
    let one = read(&reordered).expect("accepted").fingerprint();
    reordered["redirect_uris"] = json!(["https://app.example/a", "https://app.example/b"]);
    assert_eq!(read(&reordered).expect("accepted").fingerprint(), one);
}
