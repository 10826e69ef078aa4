//! A client that is its document: what it may, and what people are told (Client ID Metadata
//! Documents; RFC 9700, section 4.11.2).

use countersign_jose::key::SigningKey;
use countersign_testing::{ALICE, ISSUER, claims_of};
use serde_json::{Value, json};

use super::{CALLBACK, SITE, Stage, document, site};
use crate::asserting::{ASSERTION_TYPE, KEYS, jwks, signed};
use crate::expect;

/// Claude Code publishes its address without a port, and listens at any.
#[tokio::test]
async fn mcp_11_cimd_port_of_the_users_own_machine_varies() {
    let stage = Stage::with(document()).await;
    for redirect_uri in [
        CALLBACK,
        "http://localhost:8/callback",
        "http://localhost/callback",
    ] {
        let code = stage.code(&mut stage.op.browser(), redirect_uri).await;
        let answer = stage.redeem(&code, redirect_uri).await;
        assert_eq!(answer.status, 200, "{redirect_uri}: {answer:?}");
        let claims = claims_of(&answer.tokens().id_token.expect("an ID token"));
        assert_eq!(claims["aud"], json!(stage.client_id));
        let refreshed = stage.refresh(&answer.tokens()).await;
        assert_eq!(refreshed.status, 200, "{refreshed:?}");
    }
    // Beside a website's address too, as Visual Studio Code publishes them.
    let mut both = document();
    both["redirect_uris"] = json!(["http://127.0.0.1:33418/", "https://vscode.dev/redirect"]);
    let stage = Stage::with(both).await;
    for redirect_uri in ["http://127.0.0.1:40000/", "https://vscode.dev/redirect"] {
        stage.code(&mut stage.op.browser(), redirect_uri).await;
    }
}

/// Client ID Metadata Documents, section 4.2; RFC 9700, section 4.1.3.
#[tokio::test]
async fn mcp_12_cimd_path_and_host_do_not_vary() {
    let stage = Stage::with(document()).await;
    for redirect_uri in [
        "http://localhost:51000/callback2",
        "http://localhost:51000/callback/",
        "http://127.0.0.1:51000/callback",
        "http://[::1]:51000/callback",
        "https://localhost:51000/callback",
        "https://evil.example/callback",
    ] {
        let answer = stage.authorize(&mut stage.op.browser(), redirect_uri).await;
        expect::page(&answer);
    }
}

/// Client ID Metadata Documents, section 4.1.
#[tokio::test]
async fn mcp_15_cimd_secret_is_refused() {
    for (member, value) in [
        ("token_endpoint_auth_method", "client_secret_basic"),
        ("token_endpoint_auth_method", "client_secret_post"),
        ("token_endpoint_auth_method", "client_secret_jwt"),
        ("client_secret", "s3cret"),
    ] {
        let mut document = document();
        document[member] = json!(value);
        let stage = Stage::with(document).await;
        let answer = stage.authorize(&mut stage.op.browser(), CALLBACK).await;
        expect::page(&answer);
    }
}

fn with_key(key: &SigningKey) -> Value {
    let mut document = site();
    document["jwks"] = jwks(&[key]);
    // ChatGPT names both.
    document["token_endpoint_auth_methods_supported"] = json!(["private_key_jwt", "none"]);
    document
}

impl Stage {
    async fn redeem_by(
        &self,
        key: &SigningKey,
        jti: &str,
        code: &str,
    ) -> countersign_testing::Answer {
        let now = self.op.provider.now();
        let claims = json!({
            "iss": self.client_id, "sub": self.client_id, "aud": ISSUER, "jti": jti,
            "iat": now, "exp": now + 60,
        });
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", SITE),
            ("code_verifier", countersign_testing::VERIFIER),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", &signed(key, &claims)),
        ];
        self.token(&form).await
    }
}

/// Client ID Metadata Documents, section 8.2.
#[tokio::test]
async fn mcp_16_cimd_key_that_is_published_is_demanded() {
    let stage = Stage::with(with_key(&KEYS[0])).await;
    let code = stage.code(&mut stage.op.browser(), SITE).await;
    // Without an assertion, and with one under another key.
    expect::refused(&stage.redeem(&code, SITE).await, "invalid_client");
    let wrong = stage.redeem_by(&KEYS[1], "a", &code).await;
    expect::refused(&wrong, "invalid_client");
    let answer = stage.redeem_by(&KEYS[0], "b", &code).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    // A document that changes its key does so for what was granted before, too.
    let code = stage.code(&mut stage.op.browser(), SITE).await;
    stage.publish(with_key(&KEYS[2]));
    stage.a_day_passes();
    let old = stage.redeem_by(&KEYS[0], "c", &code).await;
    expect::refused(&old, "invalid_client");
}

/// Client ID Metadata Documents, sections 8.5 and 8.8; RFC 8252, section 8.6.
#[tokio::test]
async fn mcp_17_cimd_consent_names_both_hosts_and_warns() {
    let stage = Stage::with(document()).await;
    let mut browser = stage.op.browser();
    let page = stage.consent(&mut browser, &ALICE, CALLBACK).await;
    assert!(page.body.contains("id=\"consent-document\""), "{page:?}");
    assert!(
        page.body
            .contains("It says who it is on a page at <bdi>localhost</bdi>"),
        "{page:?}"
    );
    assert!(
        page.body
            .contains("a program on this device (<bdi>localhost</bdi>)"),
        "{page:?}"
    );
    assert!(
        page.body.contains("any program on this device could pose"),
        "{page:?}"
    );
    assert!(!page.body.contains("registered itself"), "{page:?}");
    browser.submit(&page, &[("decision", "allow")]).await;
    // Anything may listen there, so it is asked each time.
    stage.consent(&mut browser, &ALICE, CALLBACK).await;
    // A website is remembered, after one consent.
    let stage = Stage::with(site()).await;
    let mut browser = stage.op.browser();
    let page = stage.consent(&mut browser, &ALICE, SITE).await;
    assert!(
        page.body.contains("sent to <bdi>assistant.example</bdi>"),
        "{page:?}"
    );
    browser.submit(&page, &[("decision", "allow")]).await;
    let again = stage
        .authorize_with(&mut browser, SITE, &[("prompt", "none")])
        .await;
    assert!(again.location_parameter("code").is_some(), "{again:?}");
}

/// RFC 9700, section 4.11.2.
#[tokio::test]
async fn nothing_is_redirected_to_a_document_before_consent() {
    let stage = Stage::with(site()).await;
    let signed_in = stage.op.signed_in(&ALICE).await;
    for (name, value) in [
        ("prompt", "none"),
        ("scope", "openid \\"),
        ("response_type", "token"),
        ("code_challenge_method", "x"),
        ("code_challenge", ""),
    ] {
        for mut browser in [stage.op.browser(), signed_in.clone()] {
            let answer = stage
                .authorize_with(&mut browser, SITE, &[(name, value)])
                .await;
            assert!(answer.location().is_none(), "{name}: {answer:?}");
            assert_eq!(answer.page_kind(), "error", "{name}: {answer:?}");
        }
    }
    let mut browser = signed_in.clone();
    let page = stage.consent(&mut browser, &ALICE, SITE).await;
    let denied = browser.submit(&page, &[("decision", "deny")]).await;
    assert!(denied.location().is_none(), "{denied:?}");
    // Nothing was written of it.
    let store = &stage.op.provider.store;
    assert_eq!(store.client(&stage.client_id).await.expect("reads"), None);
}

/// RFC 6749, section 4.4: a token of its own needs an operator's word.
#[tokio::test]
async fn a_document_that_no_one_vouches_for_has_no_token_of_its_own() {
    let mut document = with_key(&KEYS[0]);
    document["grant_types"] = json!(["authorization_code", "client_credentials"]);
    for vouched in [false, true] {
        let stage = Stage::set(document.clone(), |settings, client_id| {
            if vouched {
                let address = client_id.parse().expect("an address");
                settings.client_documents.vouched.push(address);
            }
        })
        .await;
        if !vouched {
            stage.code(&mut stage.op.browser(), SITE).await;
        }
        let now = stage.op.provider.now();
        let claims = json!({
            "iss": stage.client_id, "sub": stage.client_id, "aud": ISSUER, "jti": "x",
            "iat": now, "exp": now + 60,
        });
        let form = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", &signed(&KEYS[0], &claims)),
        ];
        let answer = stage.token(&form).await;
        match vouched {
            false => expect::refused(&answer, "unauthorized_client"),
            true => assert_eq!(answer.status, 200, "{answer:?}"),
        }
    }
}

#[tokio::test]
async fn where_documents_are_not_accepted_such_a_client_is_unknown() {
    let stage = Stage::set(document(), |settings, _| {
        settings.client_documents.enabled = false;
    })
    .await;
    let answer = stage.authorize(&mut stage.op.browser(), CALLBACK).await;
    expect::page(&answer);
    assert!(answer.body.contains("Unknown application"), "{answer:?}");
    assert_eq!(stage.host.requests().len(), 0);
}
