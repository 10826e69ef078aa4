//! Attack case 69: a token for one resource at another, and requests that would widen what was
//! granted (RFC 8707, sections 2 and 3; RFC 9068, section 4; RFC 9700, section 2.3).

use std::collections::BTreeMap;

use countersign_oauth::client_metadata::AccessTokenFormat;
use countersign_provider::settings::OperatorResource;
use countersign_testing::{
    ALICE, Answer, ISSUER, Options, TestProvider, Tokens, VERIFIER, callback, claims_of,
};
use http::StatusCode;
use serde_json::json;

use crate::expect;

const A: &str = "https://a.example";
const B: &str = "https://b.example";
/// Its tokens are opaque.
const C: &str = "https://c.example";
/// Declared so that its tokens open userinfo.
const DECLARED: &str = "https://declared.example";

const CALLBACK: &str = callback::CONFIDENTIAL;
const SCOPE: &str = "openid profile email a:read b:read c:read";

async fn start() -> TestProvider {
    let resource = |scope: &str, introspecting: &str| OperatorResource {
        scopes: vec![scope.to_owned()],
        introspecting_clients: vec![introspecting.to_owned()],
        ..OperatorResource::default()
    };
    let c = OperatorResource {
        access_token_format: Some(AccessTokenFormat::Opaque),
        ..resource("c:read", "api-c")
    };
    let declared = OperatorResource {
        userinfo: true,
        ..resource("d:read", "api-d")
    };
    let resources = BTreeMap::from([
        (A.to_owned(), resource("a:read", "api-a")),
        (B.to_owned(), resource("b:read", "api-b")),
        (C.to_owned(), c),
        (DECLARED.to_owned(), declared),
    ]);
    let options = Options::with(|settings| settings.operator.resources = resources);
    let op = TestProvider::start_with(options).await;
    for api in ["api-a", "api-b", "api-c", "api-d"] {
        let metadata = r#"{"grant_types": ["client_credentials"]}"#;
        op.add_client_with(api, Some("secret-of-an-api"), metadata)
            .await;
    }
    op
}

async fn granted(op: &TestProvider, scope: &str, resources: &[&str]) -> Tokens {
    let mut request = op.authorization("confidential", CALLBACK, scope);
    request.extend(
        resources
            .iter()
            .map(|name| ("resource", (*name).to_owned())),
    );
    let mut browser = op.browser();
    let login = browser.get_with("/authorize", &request).await;
    let mut back = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    if back.page_kind() == "consent" {
        back = browser.submit(&back, &[("decision", "allow")]).await;
    }
    let code = back.location_parameter("code").expect("a code");
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let answer = op.token("confidential", &form).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.tokens()
}

/// What an API learns of a token that it was sent.
async fn asked_by(op: &TestProvider, api: &str, token: &str) -> Answer {
    let headers = [(
        "authorization",
        countersign_testing::basic(api, "secret-of-an-api"),
    )];
    let form = [("token", token)];
    op.browser().post_with("/introspect", &form, &headers).await
}

#[tokio::test]
async fn attack_69_a_token_for_one_resource_is_worth_nothing_at_another() {
    let op = start().await;
    for (resource, own) in [(A, "api-a"), (B, "api-b"), (C, "api-c")] {
        let tokens = granted(&op, SCOPE, &[resource]).await;
        for api in ["api-a", "api-b", "api-c", "api-d"] {
            let told = asked_by(&op, api, &tokens.access_token).await.json();
            match api == own {
                true => assert_eq!(told["aud"], json!(resource), "{told}"),
                false => assert_eq!(told, json!({ "active": false }), "{api}: {resource}"),
            }
        }
    }
    // One that verifies by the signature alone has the audience to go by, and no more.
    let jwt = granted(&op, SCOPE, &[A]).await.access_token;
    assert_eq!(claims_of(&jwt)["aud"], json!(A));
}

#[tokio::test]
async fn attack_69_userinfo_is_opened_by_a_token_for_the_issuer_or_one_declared_so() {
    let op = start().await;
    for (resources, opens) in [
        (&[A][..], false),
        (&[B], false),
        (&[C], false),
        (&[A, B], false),
        (&[], true),
        (&[ISSUER], true),
        (&[A, ISSUER], true),
        (&[DECLARED], true),
    ] {
        let tokens = granted(&op, "openid email a:read b:read c:read d:read", resources).await;
        let answer = op.userinfo(&tokens.access_token).await;
        match opens {
            true => assert_eq!(answer.status, StatusCode::OK, "{resources:?}: {answer:?}"),
            false => {
                expect::token_refused(&answer);
                assert!(!answer.body.contains(ALICE.email), "{answer:?}");
            }
        }
    }
}

#[tokio::test]
async fn attack_69_a_refresh_never_widens_audience_or_scope() {
    let op = start().await;
    let tokens = granted(&op, "openid email a:read", &[A]).await;
    let mut current = tokens.refresh_token.clone().expect("a refresh token");
    // Once as granted, and once after it was narrowed.
    for narrowed in [false, true] {
        let wider: [(&[(&str, &str)], &str); 9] = [
            (&[("resource", B)], "invalid_target"),
            (&[("resource", A), ("resource", B)], "invalid_target"),
            (&[("resource", ISSUER)], "invalid_target"),
            (&[("resource", DECLARED)], "invalid_target"),
            (&[("resource", "https://unknown.example")], "invalid_target"),
            (&[("scope", "openid email a:read b:read")], "invalid_scope"),
            (&[("scope", "openid email profile")], "invalid_scope"),
            (&[("scope", "openid offline_access")], "invalid_scope"),
            (&[("scope", "reports")], "invalid_scope"),
        ];
        for (more, error) in wider {
            let mut form = vec![
                ("grant_type", "refresh_token"),
                ("refresh_token", current.as_str()),
            ];
            form.extend(more);
            expect::refused(&op.token("confidential", &form).await, error);
        }
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", current.as_str()),
            (
                "scope",
                if narrowed {
                    "openid email a:read"
                } else {
                    "a:read"
                },
            ),
        ];
        let refreshed = op.token("confidential", &form).await.tokens();
        let claims = claims_of(&refreshed.access_token);
        assert_eq!(claims["aud"], json!(A), "{claims}");
        let words = claims["scope"]
            .as_str()
            .expect("a scope")
            .split(' ')
            .count();
        assert_eq!(words, if narrowed { 3 } else { 1 }, "{claims}");
        current = refreshed.refresh_token.expect("a successor");
    }
}

#[tokio::test]
async fn attack_69_a_code_is_redeemed_for_nothing_wider() {
    let op = start().await;
    let mut request = op.authorization("confidential", CALLBACK, "openid a:read b:read");
    request.push(("resource", A.to_owned()));
    let mut browser = op.browser();
    let login = browser.get_with("/authorize", &request).await;
    let consent = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    let back = browser.submit(&consent, &[("decision", "allow")]).await;
    let code = back.location_parameter("code").expect("a code");
    for wider in [&[B][..], &[A, B], &[ISSUER], &[DECLARED]] {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        form.extend(wider.iter().map(|resource| ("resource", *resource)));
        expect::refused(&op.token("confidential", &form).await, "invalid_target");
    }
    let tokens = op.redeem("confidential", CALLBACK, &code).await.tokens();
    let claims = claims_of(&tokens.access_token);
    assert_eq!(claims["aud"], json!(A), "{claims}");
    let scope = claims["scope"].as_str().expect("a scope");
    assert!(!scope.contains("b:read"), "{scope}");
}

#[tokio::test]
async fn attack_69_a_scope_of_one_resource_does_not_come_with_another() {
    let op = start().await;
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", "b:read"),
        ("resource", A),
    ];
    expect::refused(&op.token("confidential", &form).await, "invalid_scope");
}
