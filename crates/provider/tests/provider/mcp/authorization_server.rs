//! Metadata, resources and responses of the authorization server.

use countersign_testing::{ALICE, ISSUER, Options, TestProvider, VERIFIER, callback, claims_of};
use http::Method;
use serde_json::{Value, json};

use crate::{expect, resources};

/// MCP, Authorization Server Metadata Discovery; RFC 8414, section 3; Client ID Metadata Documents,
/// section 6.
#[tokio::test]
async fn mcp_01_as_metadata_is_at_three_addresses_and_says_s256_iss_and_documents() {
    let issuer = "https://op.example/t";
    for enabled in [true, false] {
        let mut options = Options::at(issuer);
        options.settings.client_documents.enabled = enabled;
        let op = TestProvider::start_with(options).await;
        for path in [
            "/.well-known/oauth-authorization-server/t",
            "/.well-known/openid-configuration/t",
            "/t/.well-known/openid-configuration",
        ] {
            let answer = op.browser().get(path).await;
            assert_eq!(answer.status, 200, "{path}");
            assert!(
                answer
                    .header("content-type")
                    .starts_with("application/json")
            );
            let metadata = answer.json();
            assert_eq!(metadata["issuer"], issuer, "{path}");
            assert_eq!(
                metadata["code_challenge_methods_supported"],
                json!(["S256"])
            );
            assert_eq!(
                metadata["authorization_response_iss_parameter_supported"],
                true
            );
            let supported = match enabled {
                true => json!(true),
                false => Value::Null,
            };
            assert_eq!(metadata["client_id_metadata_document_supported"], supported);
            // Without it Claude does not present itself by its document.
            let methods = metadata["token_endpoint_auth_methods_supported"].as_array();
            assert!(methods.expect("a list").contains(&json!("none")));
            for endpoint in ["authorization_endpoint", "token_endpoint"] {
                let endpoint = metadata[endpoint].as_str().expect("an address");
                assert!(endpoint.starts_with(issuer), "{endpoint}");
            }
        }
    }
}

/// RFC 3986, section 6.2.3: an empty path and `/` are the same, and no other two paths are.
#[tokio::test]
async fn mcp_08_slash_a_bare_origin_is_one_resource_with_a_slash_and_without() {
    let op = TestProvider::start_with(resources::options()).await;
    let asked = async |resource: &str| {
        let mut request = op.authorization("public", callback::PUBLIC, "openid api:read mcp:tools");
        request.push(("resource", resource.to_owned()));
        let mut browser = op.browser();
        let mut answer = browser.get_with("/authorize", &request).await;
        if answer.page_kind() == "login" {
            answer = browser
                .sign_in(&answer, ALICE.username, ALICE.password)
                .await;
        }
        match answer.page_kind() {
            "consent" => browser.submit(&answer, &[("decision", "allow")]).await,
            _ => answer,
        }
    };
    let api = resources::API;
    for (resource, audience) in [
        (api.to_owned(), api),
        (format!("{api}/"), api),
        ("https://vault.example".to_owned(), "https://vault.example/"),
    ] {
        let answer = asked(&resource).await;
        let code = answer.location_parameter("code");
        let code = code.unwrap_or_else(|| panic!("{resource}: {answer:?}"));
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", callback::PUBLIC),
            ("code_verifier", VERIFIER),
            ("resource", resource.as_str()),
        ];
        let answer = op.token("public", &form).await;
        assert_eq!(answer.status, 200, "{resource}: {answer:?}");
        if audience == api {
            let claims = claims_of(&answer.tokens().access_token);
            assert_eq!(claims["aud"], audience, "{resource}");
        }
    }
    let refused = asked(&format!("{}/", resources::MCP)).await;
    expect::sent_back(&refused, callback::PUBLIC, "invalid_target");
}

/// Codex sends no `resource` with its refreshes.
#[tokio::test]
async fn mcp_09_refresh_no_resource_keeps_the_audience_of_the_grant() {
    let op = TestProvider::start_with(resources::options()).await;
    let mut request = op.authorization("public", callback::PUBLIC, "openid mcp:tools");
    request.push(("resource", resources::MCP.to_owned()));
    let mut browser = op.browser();
    let login = browser.get_with("/authorize", &request).await;
    let consent = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    let answer = browser.submit(&consent, &[("decision", "allow")]).await;
    let code = answer.location_parameter("code").expect("a code");
    let tokens = op.redeem("public", callback::PUBLIC, &code).await.tokens();
    assert_eq!(claims_of(&tokens.access_token)["aud"], resources::MCP);
    let refresh_token = tokens.refresh_token.expect("a refresh token");
    let answer = op.refresh("public", &refresh_token).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let claims = claims_of(&answer.tokens().access_token);
    assert_eq!(claims["aud"], resources::MCP);
}

/// RFC 9207, section 2.
#[tokio::test]
async fn mcp_10_iss_is_the_issuer_of_the_metadata_in_success_and_error() {
    let op = TestProvider::start().await;
    let metadata = op.browser().get("/.well-known/openid-configuration").await;
    let issuer = metadata.json()["issuer"].clone();
    assert_eq!(issuer, ISSUER);
    let mut browser = op.signed_in(&ALICE).await;
    for (prompt, outcome) in [("", "code"), ("none consent", "error")] {
        let mut request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
        request.push(("prompt", prompt.to_owned()));
        let answer = browser.get_with("/authorize", &request).await;
        assert!(answer.location_parameter(outcome).is_some(), "{answer:?}");
        let iss = answer.location_parameter("iss").map(Value::from);
        assert_eq!(iss, Some(issuer.clone()), "{answer:?}");
    }
}

/// The Inspector runs in a browser, at an origin of this machine.
#[tokio::test]
async fn mcp_21_preflight_lets_a_browsers_client_in_and_shows_it_the_challenge() {
    let op =
        TestProvider::start_with(Options::with(|settings| settings.registration.open = true)).await;
    let origin = ("origin", "http://localhost:6274".to_owned());
    for (path, method) in [
        ("/.well-known/oauth-authorization-server", "GET"),
        ("/.well-known/openid-configuration", "GET"),
        ("/register", "POST"),
        ("/token", "POST"),
    ] {
        let headers = [
            origin.clone(),
            ("access-control-request-method", method.to_owned()),
            (
                "access-control-request-headers",
                "authorization, content-type, mcp-protocol-version, mcp-method, mcp-name"
                    .to_owned(),
            ),
        ];
        let answer = op
            .browser()
            .send(Method::OPTIONS, path, &headers, None)
            .await;
        assert!(answer.status.is_success(), "{path}: {answer:?}");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        let allowed = answer.header("access-control-allow-headers");
        // `*` covers every header but this one (Fetch, section 4.8), as no credentials are sent.
        let names: Vec<&str> = allowed.split(", ").collect();
        assert!(names.contains(&"authorization"), "{path}: {allowed}");
        assert!(names.contains(&"*"), "{path}: {allowed}");
    }
    let answer = op
        .browser()
        .get_with_headers("/userinfo", std::slice::from_ref(&origin))
        .await;
    assert_eq!(answer.status, 401, "{answer:?}");
    assert!(answer.header("www-authenticate").starts_with("Bearer"));
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let exposed = answer
        .header("access-control-expose-headers")
        .to_lowercase();
    assert!(exposed.contains("www-authenticate"), "{exposed}");
}
