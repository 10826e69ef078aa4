//! Discovery (OpenID Connect Discovery, section 4, RFC 8414, section 3) and the JWK set (RFC 7517,
//! section 5).

use std::collections::HashSet;

use countersign_testing::{ALICE, ISSUER, Options, TestProvider, callback};
use http::StatusCode;
use serde_json::Value;

const DOCUMENT: &str = "/.well-known/openid-configuration";

async fn document(op: &TestProvider, path: &str) -> Value {
    let answer = op.browser().get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {answer:?}");
    assert_eq!(answer.header("content-type"), "application/json", "{path}");
    assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
    answer.json()
}

#[tokio::test]
async fn it_says_what_is_supported_and_nothing_else() {
    let op = TestProvider::start().await;
    let document = document(&op, DOCUMENT).await;
    insta::assert_snapshot!(serde_json::to_string_pretty(&document).expect("JSON"));
    // OpenID Connect Discovery, section 3: required.
    for member in [
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "response_types_supported",
        "subject_types_supported",
        "id_token_signing_alg_values_supported",
    ] {
        assert!(!document[member].is_null(), "{member}");
    }
    let algorithms = document["id_token_signing_alg_values_supported"].to_string();
    assert!(
        algorithms.contains("\"RS256\""),
        "MUST be included: {algorithms}"
    );
    assert!(
        !document.to_string().contains("none\"],\"id_token"),
        "{document}"
    );
    // What does not exist here must not be promised.
    for member in [
        "pushed_authorization_request_endpoint",
        "backchannel_authentication_endpoint",
        "check_session_iframe",
        "dpop_signing_alg_values_supported",
        "tls_client_certificate_bound_access_tokens",
        "mtls_endpoint_aliases",
    ] {
        assert!(document[member].is_null(), "{member}");
    }
    let members = document.as_object().expect("an object");
    // RFC 8414, section 3.2: "Claims with zero elements MUST be omitted from the response".
    assert!(
        members
            .values()
            .all(|value| !value.is_null() && *value != Value::Array(vec![]))
    );
}

#[tokio::test]
async fn every_promised_endpoint_is_https_below_the_issuer_and_answers() {
    let op = TestProvider::start().await;
    let document = document(&op, DOCUMENT).await;
    assert_eq!(document["issuer"], ISSUER);
    let endpoints = document.as_object().expect("an object").iter();
    let endpoints =
        endpoints.filter(|(name, _)| name.ends_with("_endpoint") || *name == "jwks_uri");
    let mut count = 0;
    for (name, value) in endpoints {
        let path = value
            .as_str()
            .and_then(|uri| uri.strip_prefix(ISSUER))
            .expect("below the issuer");
        let answer = op.browser().get(path).await;
        assert_ne!(answer.status, StatusCode::NOT_FOUND, "{name}");
        count += 1;
    }
    assert_eq!(count, 9);
}

#[tokio::test]
async fn what_is_promised_is_kept() {
    let op = TestProvider::start().await;
    let document = document(&op, DOCUMENT).await;
    let words = |member: &str| -> Vec<String> {
        serde_json::from_value(document[member].clone()).expect("a list of text values")
    };
    for mode in words("response_modes_supported") {
        let mut request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
        request.push(("response_mode", mode.clone()));
        assert_eq!(
            op.browser()
                .get_with("/authorize", &request)
                .await
                .page_kind(),
            "login",
            "{mode}"
        );
    }
    for alg in words("id_token_signing_alg_values_supported") {
        let client_id = format!("client-{alg}");
        let redirect_uri = "https://alg.example/callback";
        let metadata = format!(
            r#"{{"redirect_uris": ["{redirect_uri}"], "token_endpoint_auth_method": "none",
                "id_token_signed_response_alg": "{alg}"}}"#
        );
        op.add_client_with(&client_id, None, &metadata).await;
        let mut browser = op.browser();
        let code = op
            .code(&mut browser, &ALICE, &client_id, redirect_uri, "openid")
            .await;
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", client_id.as_str()),
            ("code", &code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", countersign_testing::VERIFIER),
        ];
        let tokens = browser.post("/token", &form).await.tokens();
        let header = countersign_testing::header_of(&tokens.id_token.expect("an ID token"));
        assert_eq!(header["alg"], alg.as_str());
    }
    // RFC 7662, section 2.1: without a credential no one may ask. RFC 8414, section 2, lists access
    // token types among the methods.
    let methods = words("introspection_endpoint_auth_methods_supported");
    assert_eq!(
        methods,
        [
            "client_secret_basic",
            "client_secret_post",
            "private_key_jwt",
            "client_secret_jwt",
            "Bearer"
        ]
    );
    let languages = words("ui_locales_supported");
    // BCP 47 2.1.1: language in lower case, script in title case, region in upper case.
    assert!(
        languages
            .iter()
            .all(|tag| tag.chars().all(|c| c.is_ascii_lowercase())),
        "{languages:?}"
    );
    assert_eq!(words("code_challenge_methods_supported"), ["S256"]);
}

#[tokio::test]
async fn both_documents_and_both_jwk_sets_are_the_same() {
    let op = TestProvider::start().await;
    let one = document(&op, DOCUMENT).await;
    assert_eq!(
        one,
        document(&op, "/.well-known/oauth-authorization-server").await
    );
    assert_eq!(
        document(&op, "/jwks").await,
        document(&op, "/.well-known/jwks.json").await
    );
}

#[tokio::test]
async fn under_a_path_prefix_both_forms_of_both_addresses_work() {
    // OpenID Connect Discovery, section 4 appends to the issuer; RFC 8414, section 3 inserts before
    // its path.
    let op = TestProvider::start_with(Options::at("https://op.example/tenant")).await;
    let one = document(&op, "/tenant/.well-known/openid-configuration").await;
    assert_eq!(one["issuer"], "https://op.example/tenant");
    assert_eq!(one["token_endpoint"], "https://op.example/tenant/token");
    assert_eq!(one["jwks_uri"], "https://op.example/tenant/jwks");
    for path in [
        "/.well-known/openid-configuration/tenant",
        "/.well-known/oauth-authorization-server/tenant",
        "/tenant/.well-known/oauth-authorization-server",
    ] {
        assert_eq!(one, document(&op, path).await, "{path}");
    }
    document(&op, "/tenant/jwks").await;
    document(&op, "/tenant/.well-known/jwks.json").await;
    for path in [
        DOCUMENT,
        "/.well-known/oauth-authorization-server",
        "/jwks",
        "/authorize",
        "/token",
    ] {
        assert_eq!(
            op.browser().get(path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    for path in [
        "/healthz",
        "/readyz",
        "/tenant/healthz",
        "/tenant/readyz",
        "/tenant/account",
    ] {
        assert_eq!(
            op.browser().get(path).await.status,
            StatusCode::OK,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_whole_sign_in_works_under_a_path_prefix() {
    let op = TestProvider::start_with(Options::at("https://op.example/deep/tenant")).await;
    let mut browser = op.browser();
    let request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    let login = browser.get_with("/deep/tenant/authorize", &request).await;
    assert_eq!(login.form_action().as_deref(), Some("/deep/tenant/login"));
    assert!(
        login.body.contains("href=\"/deep/tenant/assets/"),
        "{login:?}"
    );
    let consent = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    assert_eq!(
        consent.form_action().as_deref(),
        Some("/deep/tenant/consent")
    );
    let back = browser.submit(&consent, &[("decision", "allow")]).await;
    assert_eq!(
        back.location_parameter("iss").as_deref(),
        Some("https://op.example/deep/tenant")
    );
    let logout = browser.get("/deep/tenant/logout").await;
    assert_eq!(logout.form_action().as_deref(), Some("/deep/tenant/logout"));
    let stylesheet = login
        .body
        .split("href=\"")
        .find(|rest| rest.starts_with("/deep/tenant/assets/"));
    let stylesheet = stylesheet
        .and_then(|rest| rest.split('"').next())
        .expect("an address");
    assert_eq!(browser.get(stylesheet).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_issuer_with_a_slash_at_its_end_is_named_so() {
    // OpenID Connect Discovery, section 4.1: the slash is removed for the address and kept in the
    // name.
    let op = TestProvider::start_with(Options::at("https://op.example/")).await;
    let one = document(&op, DOCUMENT).await;
    assert_eq!(one["issuer"], "https://op.example/");
    assert_eq!(one["token_endpoint"], "https://op.example/token");
}

#[tokio::test]
async fn the_jwk_set_has_public_keys_only_each_with_its_own_kid() {
    let op = TestProvider::start().await;
    let set = document(&op, "/jwks").await;
    let keys = set["keys"].as_array().expect("keys");
    assert_eq!(
        keys.len(),
        2 * op.provider.settings.keys.signing_algorithms().len(),
        "one that signs and one that is standby"
    );
    let mut kids = HashSet::new();
    for key in keys {
        let kid = key["kid"].as_str().expect("a kid").to_owned();
        assert!(kids.insert(kid), "twice: {key}");
        assert!(key["kty"].is_string() && key["alg"].is_string(), "{key}");
        assert_eq!(key["use"], "sig");
        for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            assert!(key[private].is_null(), "{private}: {key}");
        }
        assert_ne!(key["kty"], "oct");
    }
}
