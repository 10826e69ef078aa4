//! The calls without HTTP, held against the endpoints: what one issues the other takes.

use countersign_provider::service::{
    CodeRedemption, CodeRequest, HostClaims, HostSession, SignedInUser,
};
use countersign_testing::{
    ALICE, BOB, ClientPersona, TestProvider, VERIFIER, callback, challenge, claims_of,
};
use http::StatusCode;
use serde_json::{Value, json};

use crate::expect;

const CALLBACK: &str = callback::CONFIDENTIAL;
const ALICE_AT_THE_HOST: SignedInUser<'static> = SignedInUser {
    sub: ALICE.sub,
    amr: &["pwd"],
    session: None,
};

fn request<'a>(code_challenge: &'a str, scope: &'a str) -> CodeRequest<'a> {
    CodeRequest {
        client_id: "confidential",
        redirect_uri: CALLBACK,
        scope,
        nonce: Some("the-nonce"),
        code_challenge: Some(code_challenge),
    }
}

fn redemption<'a>(code: &'a str) -> CodeRedemption<'a> {
    CodeRedemption {
        client_id: "confidential",
        client_secret: Some(ClientPersona::secret_of("confidential")),
        redirect_uri: CALLBACK,
        code,
        code_verifier: Some(VERIFIER),
    }
}

#[tokio::test]
async fn a_code_of_the_call_is_redeemed_at_the_token_endpoint() {
    // RFC 6749, section 4.1.3, OpenID Connect Core, section 3.1.3.3.
    let op = TestProvider::start().await;
    let challenge = challenge(VERIFIER);
    let request = request(&challenge, "openid email");
    let code = op.provider.issue_code(&request, &ALICE_AT_THE_HOST).await;
    let code = code.expect("a code");
    let tokens = op.redeem("confidential", CALLBACK, &code).await.tokens();
    let id_token = claims_of(tokens.id_token.as_deref().expect("an ID token"));
    assert_eq!(id_token["sub"], ALICE.sub);
    assert_eq!(id_token["nonce"], "the-nonce");
    assert_eq!(id_token["auth_time"], op.provider.now());
    let userinfo = op.userinfo(&tokens.access_token).await.json();
    assert_eq!(userinfo["email"], ALICE.email);
    // Once (RFC 6749, section 4.1.2): again by the call, it ends the grant.
    let again = op.provider.redeem_code(&redemption(&code)).await;
    let again = again.expect_err("was used");
    assert_eq!(again.cause.name, "code_replayed");
    assert!(!expect::is_accepted(&op, &tokens.access_token).await);
}

#[tokio::test]
async fn a_code_of_the_endpoint_is_redeemed_by_the_call() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let scope = "openid email";
    let code = op
        .code(&mut browser, &ALICE, "confidential", CALLBACK, scope)
        .await;
    let wrong = CodeRedemption {
        client_secret: Some("wrong"),
        ..redemption(&code)
    };
    let public = CodeRedemption {
        client_secret: None,
        ..redemption(&code)
    };
    // RFC 6749, section 3.2.1: who is not authenticated changes nothing.
    for (redemption, cause) in [
        (wrong, "client_secret_wrong"),
        (public, "client_auth_method_not_registered"),
    ] {
        let refused = op.provider.redeem_code(&redemption).await;
        assert_eq!(refused.expect_err("is nobody").cause.name, cause);
    }
    let tokens = op.provider.redeem_code(&redemption(&code)).await;
    let tokens = tokens.expect("tokens");
    assert_eq!(tokens.scope, scope);
    assert_eq!(tokens.expires_in_seconds, 600);
    assert!(tokens.id_token.is_some());
    assert!(expect::is_accepted(&op, &tokens.access_token).await);
    let printed = format!("{tokens:?}");
    assert!(!printed.contains(tokens.access_token.as_str()), "{printed}");
    let refresh_token = tokens.refresh_token.expect("a refresh token");
    let refreshed = op.refresh("confidential", &refresh_token).await;
    assert_eq!(refreshed.status, StatusCode::OK, "{refreshed:?}");
    let again = op.redeem("confidential", CALLBACK, &code).await;
    expect::refused(&again, "invalid_grant");
}

#[tokio::test]
async fn a_token_of_the_call_is_a_token_like_any_other() {
    // RFC 6749, section 5.1; for a public client as well, which has no secret and must use PKCE.
    let op = TestProvider::start().await;
    let request = CodeRequest {
        client_id: "public",
        redirect_uri: callback::PUBLIC,
        scope: "openid",
        nonce: None,
        code_challenge: None,
    };
    let tokens = op
        .provider
        .issue_token(&request, &ALICE_AT_THE_HOST, &HostClaims::default())
        .await;
    let tokens = tokens.expect("tokens");
    assert_eq!(
        op.userinfo(&tokens.access_token).await.json()["sub"],
        ALICE.sub
    );
    let verified = op.provider.verify_token(&tokens.access_token).await;
    let verified = verified.expect("is accepted");
    assert_eq!(verified.sub.as_deref(), Some(ALICE.sub));
    assert_eq!(verified.client_id, "public");
    assert_eq!(verified.scope.to_string(), "openid");
    assert_eq!(verified.expires_at, op.provider.now() + 600);
    // An ending of the user ends it (RFC 6750, section 3.1).
    op.disable_person(&ALICE).await;
    let refused = op.provider.verify_token(&tokens.access_token).await;
    let refused = refused.expect_err("has ended");
    assert_eq!(refused.cause.name, "access_token_ended");
}

#[tokio::test]
async fn a_clients_own_token_is_verified_without_a_user() {
    // RFC 6749, section 4.4: there is no resource owner.
    let op = TestProvider::start().await;
    let form = [("grant_type", "client_credentials")];
    let tokens = op.token("confidential", &form).await.tokens();
    let verified = op.provider.verify_token(&tokens.access_token).await;
    let verified = verified.expect("is accepted");
    assert_eq!(verified.sub, None);
    assert_eq!(verified.client_id, "confidential");
    op.clock.advance(600);
    let refused = op.provider.verify_token(&tokens.access_token).await;
    let refused = refused.expect_err("is too old");
    assert_eq!(refused.cause.name, "access_token_expired");
}

#[tokio::test]
async fn the_call_refuses_what_the_authorization_endpoint_refuses() {
    let op = TestProvider::start().await;
    let challenge = challenge(VERIFIER);
    let good = request(&challenge, "openid");
    let unknown = CodeRequest {
        client_id: "nobody",
        ..good
    };
    let elsewhere = CodeRequest {
        redirect_uri: "https://evil.example/",
        ..good
    };
    let empty = CodeRequest { scope: "", ..good };
    let without_pkce = CodeRequest {
        client_id: "public",
        redirect_uri: callback::PUBLIC,
        code_challenge: None,
        ..good
    };
    for (request, cause) in [
        (unknown, "authorize_client_unknown"),
        (elsewhere, "authorize_redirect_uri_not_registered"),
        (empty, "authorize_scope_empty"),
        (without_pkce, "pkce_required"),
    ] {
        let refused = op.provider.issue_code(&request, &ALICE_AT_THE_HOST).await;
        assert_eq!(refused.expect_err("is refused").cause.name, cause);
    }
    let nobody = SignedInUser {
        sub: "nobody",
        amr: &[],
        session: None,
    };
    let refused = op.provider.issue_code(&good, &nobody).await;
    let refused = refused.expect_err("is refused");
    assert_eq!(refused.cause.name, "login_name_unknown");
    let printed = refused.to_string();
    assert_eq!(
        printed,
        "login_name_unknown: A name that belongs to no account."
    );
    op.disable_person(&ALICE).await;
    let refused = op.provider.issue_code(&good, &ALICE_AT_THE_HOST).await;
    let refused = refused.expect_err("is refused");
    assert_eq!(refused.cause.name, "login_account_disabled");
}

#[tokio::test]
async fn clients_keys_and_metadata_are_those_of_the_endpoints() {
    let op = TestProvider::start().await;
    let is_valid = |client_id: &'static str| op.provider.is_valid_client(client_id);
    assert!(is_valid("confidential").await.expect("answers"));
    assert!(!is_valid("nobody").await.expect("answers"));
    op.disable_client("confidential").await;
    assert!(!is_valid("confidential").await.expect("answers"));

    let jwks = op.provider.jwks().await.expect("answers");
    let published = op.browser().get("/jwks").await;
    assert_eq!(published.body.as_bytes(), jwks);
    let metadata =
        serde_json::to_value(op.provider.configuration().await.expect("metadata")).expect("JSON");
    let path = "/.well-known/openid-configuration";
    assert_eq!(op.browser().get(path).await.json(), metadata);
}

/// Alice, signed in to a session of the host.
fn alice_in<'a>(op: &TestProvider, id: &'a str) -> SignedInUser<'a> {
    let now = op.provider.now();
    let session = HostSession {
        id,
        auth_time: now - 30,
        expires_at: now + 3600,
    };
    SignedInUser {
        session: Some(session),
        ..ALICE_AT_THE_HOST
    }
}

#[tokio::test]
async fn what_is_issued_ends_with_the_hosts_session() {
    let op = TestProvider::start().await;
    let challenge = challenge(VERIFIER);
    let request = request(&challenge, "openid");
    let alice = alice_in(&op, "one");
    let mut tokens = Vec::new();
    let mut sids = Vec::new();
    for _ in 0..2 {
        let code = op
            .provider
            .issue_code(&request, &alice)
            .await
            .expect("a code");
        let issued = op.redeem("confidential", CALLBACK, &code).await.tokens();
        let id_token = claims_of(issued.id_token.as_deref().expect("an ID token"));
        assert_eq!(id_token["auth_time"], op.provider.now() - 30);
        sids.push(id_token["sid"].clone());
        tokens.push(issued);
    }
    assert_eq!(sids[0], sids[1], "one session");
    let other = alice_in(&op, "other");
    let code = op
        .provider
        .issue_code(&request, &other)
        .await
        .expect("a code");
    let others = op.redeem("confidential", CALLBACK, &code).await.tokens();
    let unused = op
        .provider
        .issue_code(&request, &alice)
        .await
        .expect("a code");

    assert!(op.provider.end_host_session("one").await.expect("ends"));
    for issued in &tokens {
        assert!(!expect::is_accepted(&op, &issued.access_token).await);
        let refresh_token = issued.refresh_token.as_deref().expect("a refresh token");
        expect::refused(
            &op.refresh("confidential", refresh_token).await,
            "invalid_grant",
        );
    }
    expect::refused(
        &op.redeem("confidential", CALLBACK, &unused).await,
        "invalid_grant",
    );
    assert!(expect::is_accepted(&op, &others.access_token).await);
    // It does not come back.
    let refused = op.provider.issue_code(&request, &alice).await;
    assert_eq!(
        refused.expect_err("is refused").cause.name,
        "login_required"
    );
    assert!(!op.provider.end_host_session("one").await.expect("returns"));
    assert!(
        !op.provider
            .end_host_session("unknown")
            .await
            .expect("returns")
    );
}

#[tokio::test]
async fn a_hosts_session_ends_by_its_own_time_and_has_one_user() {
    let op = TestProvider::start().await;
    let challenge = challenge(VERIFIER);
    let request = request(&challenge, "openid");
    let alice = alice_in(&op, "one");
    op.provider
        .issue_code(&request, &alice)
        .await
        .expect("a code");
    let bob = SignedInUser {
        sub: BOB.sub,
        ..alice
    };
    let refused = op.provider.issue_code(&request, &bob).await;
    assert_eq!(
        refused.expect_err("is refused").cause.name,
        "login_required"
    );
    op.clock.advance(3601);
    let refused = op.provider.issue_code(&request, &alice).await;
    assert_eq!(
        refused.expect_err("is refused").cause.name,
        "login_required"
    );
}

#[tokio::test]
async fn a_hosts_claims_are_in_the_tokens_and_none_of_the_protocols() {
    let op = TestProvider::start().await;
    let claims = json!({ "uid_number": 4242, "groups": ["staff"] });
    let Value::Object(claims) = claims else {
        unreachable!("an object");
    };
    let claims = HostClaims::new(claims).expect("none is reserved");
    let request = CodeRequest {
        code_challenge: None,
        ..request("", "openid")
    };
    let issued = op
        .provider
        .issue_token(&request, &ALICE_AT_THE_HOST, &claims)
        .await;
    let issued = issued.expect("tokens");
    let id_token = claims_of(issued.id_token.as_deref().expect("an ID token"));
    for token in [id_token, claims_of(&issued.access_token)] {
        assert_eq!(token["uid_number"], 4242);
        assert_eq!(token["groups"], json!(["staff"]));
        assert_eq!(token["sub"], ALICE.sub);
    }
    for reserved in ["sub", "iss", "aud", "exp", "sub#de"] {
        let claims = [(reserved.to_owned(), json!("x"))].into_iter().collect();
        assert!(HostClaims::new(claims).is_err(), "{reserved}");
    }
}
