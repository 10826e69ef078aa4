//! Causes of the token endpoint.

use std::collections::BTreeSet;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::key::SigningKey;
use countersign_oauth::client_certificate::{Chain, ClientCertificate};
use countersign_testing::{ALICE, ClientPersona, Forger, Options, VERIFIER, basic};
use http::Method;
use serde_json::json;

use super::{CALLBACK, Stage};
use crate::asserting::{self, ASSERTION_TYPE, KEYS, jwks, signed, with};
use crate::resources::{API, MCP, OLD};

pub async fn client_authentication() -> BTreeSet<String> {
    let mut stage = Stage::with(Options::default()).await;
    let secret = ClientPersona::secret_of("confidential");
    let good = || Some(basic("confidential", secret));
    let form = [("client_secret", "x")];
    stage
        .post_token("client_auth_methods_combined", good(), &form)
        .await;
    stage
        .post_token("client_ids_differ", good(), &[("client_id", "posting")])
        .await;
    let malformed = Some("Basic x".to_owned());
    stage
        .post_token("client_auth_header_malformed", malformed, &[])
        .await;
    stage.post_token("client_auth_missing", None, &[]).await;
    let assertion = [("client_assertion", "x")];
    stage
        .post_token("client_assertion_incomplete", None, &assertion)
        .await;
    stage
        .post_token("client_unknown", Some(basic("nobody", "x")), &[])
        .await;
    let form = [("client_id", "confidential")];
    stage
        .post_token("client_auth_method_not_registered", None, &form)
        .await;
    stage
        .post_token("client_secret_wrong", Some(basic("confidential", "x")), &[])
        .await;
    stage.met
}

pub async fn client_assertions() -> BTreeSet<String> {
    let mut stage = Stage::with(Options::default()).await;
    let keys = json!({ "jwks": jwks(&[&KEYS[0]]) });
    asserting::add_client(&stage.op, keys).await;
    asserting::add_client_named(&stage.op, "keyless", json!({})).await;
    let now = stage.op.provider.now();
    let claims = asserting::claims(&stage.op);
    let changed = |member, value| with(claims.clone(), member, value);
    let keyless = with(changed("iss", json!("keyless")), "sub", json!("keyless"));
    let mac = Forger::hs256(&json!({ "alg": "HS256" }), &claims, b"any secret");
    let of_key = |kid: Option<&str>| {
        let header = kid.map(|kid| ("kid".to_owned(), json!(kid)));
        let payload = claims.to_string();
        let header = header.into_iter().collect();
        let signed = KEYS[2].sign_with_header(&header, payload.as_bytes());
        signed.expect("signs")
    };
    let other_alg = SigningKey::generate(SignatureAlgorithm::ES256K).expect("a key");
    for (cause, assertion) in [
        ("client_assertion_malformed", "x".to_owned()),
        (
            "client_assertion_names_another_client",
            signed(&KEYS[0], &changed("iss", json!("another"))),
        ),
        ("client_auth_method_not_registered", mac),
        (
            "client_assertion_alg_not_agreed",
            signed(&other_alg, &claims),
        ),
        ("client_keys_unavailable", signed(&KEYS[0], &keyless)),
        ("client_assertion_key_unknown", of_key(Some("x"))),
        ("client_assertion_signature_wrong", of_key(None)),
        (
            "client_assertion_audience_wrong",
            signed(&KEYS[0], &changed("aud", json!("https://other.example"))),
        ),
        (
            "client_assertion_times_wrong",
            signed(&KEYS[0], &changed("exp", json!(now - 60))),
        ),
        (
            "client_assertion_claims_wrong",
            signed(&KEYS[0], &changed("jti", json!(null))),
        ),
    ] {
        stage.assertion(cause, ASSERTION_TYPE, &assertion).await;
    }
    let good = signed(&KEYS[0], &claims);
    let other_type = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer";
    stage
        .assertion("client_assertion_type_unknown", other_type, &good)
        .await;
    let answer = asserting::present(&stage.op, &good).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    stage
        .assertion("client_assertion_replayed", ASSERTION_TYPE, &good)
        .await;
    stage.met
}

pub async fn client_certificates() -> BTreeSet<String> {
    let mut stage = Stage::with(Options::default()).await;
    let add = async |client_id, method, members| {
        let mut metadata = with(members, "token_endpoint_auth_method", json!(method));
        metadata["jwks"] = json!({ "keys": [] });
        asserting::add_client_named(&stage.op, client_id, metadata).await;
    };
    let name = json!({ "tls_client_auth_san_dns": "client.example" });
    add("named", "tls_client_auth", name).await;
    add("listed", "self_signed_tls_client_auth", json!({})).await;
    let certificate = rcgen::generate_simple_self_signed(["client.example".to_owned()]);
    let certificate = certificate.expect("a certificate").cert;
    let of = |chain| ClientCertificate::from_der(certificate.der(), chain).expect("reads");
    for (cause, client_id, certificate) in [
        ("client_certificate_missing", "named", None),
        (
            "client_certificate_not_verified",
            "named",
            Some(of(Chain::NotVerified)),
        ),
        (
            "client_certificate_wrong",
            "listed",
            Some(of(Chain::Verified)),
        ),
    ] {
        stage.log.take();
        let answer = asserting::present_certificate(&stage.op, client_id, certificate).await;
        stage.meets(cause, &answer);
    }
    stage.met
}

impl Stage {
    async fn assertion(&mut self, cause: &str, assertion_type: &str, assertion: &str) {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", assertion_type),
            ("client_assertion", assertion),
        ];
        self.post_token(cause, None, &form).await;
    }
}

pub async fn codes() -> BTreeSet<String> {
    let mut stage = Stage::with(Options::default()).await;
    let mut browser = stage.op.browser();
    let code = stage.code(&mut browser, "openid").await;
    let mut unknown = code.clone();
    unknown.replace_range(40..44, "AAAA");
    stage
        .redeem("code_malformed", "confidential", CALLBACK, "x")
        .await;
    stage
        .redeem("code_unknown", "confidential", CALLBACK, &unknown)
        .await;
    stage
        .redeem("code_of_another_client", "posting", CALLBACK, &code)
        .await;
    stage
        .redeem(
            "code_invalidated_by_redirect_uri",
            "confidential",
            "https://x.example",
            &code,
        )
        .await;
    stage
        .redeem("grant_ended", "confidential", CALLBACK, &code)
        .await;

    let code = stage.code(&mut browser, "openid").await;
    let form = |verifier| {
        [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", verifier),
        ]
    };
    stage
        .token("code_verifier_malformed", "confidential", &form("short"))
        .await;
    let wrong = VERIFIER.replace("the", "any");
    stage
        .token(
            "code_invalidated_by_verifier",
            "confidential",
            &form(&wrong),
        )
        .await;

    let code = stage.code(&mut browser, "openid").await;
    stage
        .op
        .redeem("confidential", CALLBACK, &code)
        .await
        .tokens();
    stage
        .redeem("code_used", "confidential", "https://x.example", &code)
        .await;
    stage
        .redeem("code_replayed", "confidential", CALLBACK, &code)
        .await;
    let code = stage.code(&mut browser, "openid").await;
    stage.op.clock.advance(60);
    stage
        .redeem("code_expired", "confidential", CALLBACK, &code)
        .await;
    stage.met
}

pub async fn refresh_tokens() -> BTreeSet<String> {
    let mut stage = Stage::with(Options::default()).await;
    let scope = "openid offline_access";
    let tokens = stage
        .op
        .tokens(&ALICE, "confidential", CALLBACK, scope)
        .await;
    let refresh_token = tokens.refresh_token.expect("a refresh token");
    let mut unknown = refresh_token.clone();
    unknown.replace_range(40..44, "AAAA");
    let form = |token| [("grant_type", "refresh_token"), ("refresh_token", token)];
    stage
        .token("refresh_token_malformed", "confidential", &form("x"))
        .await;
    stage
        .token("refresh_token_unknown", "confidential", &form(&unknown))
        .await;
    stage
        .token(
            "refresh_token_of_another_client",
            "posting",
            &form(&refresh_token),
        )
        .await;
    let wide = [
        form(&refresh_token)[0],
        form(&refresh_token)[1],
        ("scope", "openid email"),
    ];
    stage.token("scope_too_wide", "confidential", &wide).await;
    stage.op.set_client_scope("confidential", "phone").await;
    stage
        .token("scope_taken_away", "confidential", &form(&refresh_token))
        .await;
    stage.op.set_client_scope("confidential", "openid").await;
    let successor = stage
        .op
        .refresh("confidential", &refresh_token)
        .await
        .tokens();
    let successor = successor.refresh_token.expect("a successor");
    stage.op.clock.advance(14 * 86_400);
    stage
        .token("refresh_token_expired", "confidential", &form(&successor))
        .await;
    stage
        .token(
            "refresh_token_reused",
            "confidential",
            &form(&refresh_token),
        )
        .await;
    stage.met
}

pub async fn other_tokens() -> BTreeSet<String> {
    let mut stage = Stage::with(Options::default()).await;
    let careless =
        r#"{"token_endpoint_auth_method": "none", "grant_types": ["client_credentials"]}"#;
    stage.op.add_client_with("careless", None, careless).await;
    let own = ("grant_type", "client_credentials");
    stage
        .token("grant_type_unknown", "confidential", &[("grant_type", "x")])
        .await;
    stage
        .token("grant_type_not_registered", "public", &[own])
        .await;
    stage
        .token(
            "resource_unknown",
            "confidential",
            &[own, ("resource", "https://x.example")],
        )
        .await;
    stage
        .token(
            "scope_malformed",
            "confidential",
            &[own, ("scope", "a \"b\"")],
        )
        .await;
    stage
        .token(
            "scope_not_allowed",
            "confidential",
            &[own, ("scope", "nothing_like_it")],
        )
        .await;
    let form = [own, ("client_id", "careless")];
    stage
        .post_token("client_credentials_public_client", None, &form)
        .await;
    let json = [("content-type", "application/json".to_owned())];
    let body = Some("{}".to_owned());
    let answer = stage
        .op
        .browser()
        .send(Method::POST, "/token", &json, body)
        .await;
    stage.meets("token_request_json", &answer);
    stage.met
}

pub async fn resources() -> BTreeSet<String> {
    let mut stage = Stage::with(crate::resources::options()).await;
    let own = ("grant_type", "client_credentials");
    let (api, other) = (("resource", API), ("resource", OLD));
    stage
        .token(
            "resources_conflict",
            "confidential",
            &[own, ("resource", MCP), other],
        )
        .await;
    let code = stage.code(&mut stage.op.browser(), "openid").await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        api,
    ];
    stage
        .token("resource_not_granted", "confidential", &form)
        .await;
    let answer = stage.op.token("confidential", &[own, api]).await;
    stage
        .userinfo(
            "access_token_for_other_resource",
            &answer.tokens().access_token,
        )
        .await;
    stage.met
}
