//! Tokens for a service, derived from a user's token ([`Provider::delegate`]).

use countersign_provider::service::Delegation;
use countersign_store::grants::EndCause;
use countersign_testing::{ALICE, ClientPersona, callback, claims_of};
use serde_json::{Value, json};

use crate::api_tokens::{A, B, DAY, create, start, tokens};
use crate::introspect::{api, ask};

fn to(resource: &str) -> Delegation<'_> {
    Delegation {
        resource,
        scope: None,
        lifetime_seconds: 600,
    }
}

#[tokio::test]
async fn a_personal_token_gives_a_service_a_narrower_one() {
    let op = start().await;
    let scope = "openid a:read a:write b:read";
    let (id, token) = create(&op, &ALICE, "backup", scope).await;
    let narrower = Delegation {
        scope: Some("a:read"),
        lifetime_seconds: 60,
        ..to(A)
    };
    let jwt = op
        .provider
        .delegate(&token, &narrower)
        .await
        .expect("is issued");
    assert_eq!(jwt.scope, "a:read");
    assert_eq!(jwt.expires_in_seconds, 60);
    assert!(jwt.refresh_token.is_none() && jwt.id_token.is_none());
    let claims = claims_of(&jwt.access_token);
    assert_eq!(claims["aud"], A);
    assert_eq!(claims["sub"], ALICE.sub);
    assert_eq!(claims["exp"], op.provider.now() + 60);
    assert_eq!(claims["grant_id"], id.to_string());
    let opaque = op
        .provider
        .delegate(&token, &to(B))
        .await
        .expect("is issued");
    assert_eq!(
        opaque.scope, "openid b:read",
        "all that means something there"
    );

    let api = api(&op, "").await;
    for (child, audience) in [(&jwt.access_token, A), (&opaque.access_token, B)] {
        let told = ask(&op, &api, child).await.json();
        assert_eq!(
            (&told["active"], &told["aud"]),
            (&json!(true), &json!(audience))
        );
    }
    // Revoked with its parent.
    let now = op.provider.now();
    let cause = EndCause::RevokedByUser;
    let revoked = tokens(&op).revoke(ALICE.sub, &id, cause, now).await;
    revoked.expect("is revoked");
    for child in [&jwt.access_token, &opaque.access_token] {
        assert_eq!(
            ask(&op, &api, child).await.json(),
            json!({ "active": false })
        );
    }
}

#[tokio::test]
async fn a_token_of_a_session_does_so_too_and_ends_the_child_with_the_session() {
    let op = start().await;
    let mut metadata: Value =
        serde_json::from_str(ClientPersona::named("confidential").metadata).expect("JSON");
    metadata["default_resources"] = json!([A, B]);
    op.update_client("confidential", &metadata.to_string())
        .await;
    let mut browser = op.browser();
    let callback = callback::CONFIDENTIAL;
    let code = op
        .code(
            &mut browser,
            &ALICE,
            "confidential",
            callback,
            "openid a:read b:read",
        )
        .await;
    let parent = op.redeem("confidential", callback, &code).await.tokens();
    let child = op.provider.delegate(&parent.access_token, &to(B)).await;
    let child = child.expect("is issued").access_token;
    let api = api(&op, "").await;
    assert_eq!(ask(&op, &api, &child).await.json()["active"], true);
    let page = browser.get("/logout").await;
    browser.submit(&page, &[("decision", "confirm")]).await;
    assert_eq!(
        ask(&op, &api, &child).await.json(),
        json!({ "active": false })
    );
}

#[tokio::test]
async fn a_child_is_no_longer_good_than_its_parent() {
    let op = start().await;
    let (_, token) = create(&op, &ALICE, "backup", "a:read b:read").await;
    op.clock.advance(DAY - 100);
    for resource in [A, B] {
        let child = op.provider.delegate(&token, &to(resource)).await;
        let child = child.expect("is issued");
        assert_eq!(child.expires_in_seconds, 100);
    }
}

#[tokio::test]
async fn what_is_refused_has_a_cause() {
    let op = start().await;
    let (_, token) = create(&op, &ALICE, "backup", "a:read").await;
    let wider = Delegation {
        scope: Some("a:write"),
        ..to(A)
    };
    let malformed = Delegation {
        scope: Some("\u{7f}"),
        ..to(A)
    };
    let own = op.token("confidential", &[("grant_type", "client_credentials")]);
    let own = own.await.tokens().access_token;
    for (token, to, cause) in [
        (token.as_str(), to(B), "resource_not_granted"),
        (&token, to("https://op.example"), "resource_not_granted"),
        (&token, to("https://elsewhere.example"), "resource_unknown"),
        (&token, wider, "scope_too_wide"),
        (&token, malformed, "scope_malformed"),
        (&own, to(A), "access_token_without_user"),
        ("x", to(A), "access_token_not_ours"),
    ] {
        let failure = op
            .provider
            .delegate(token, &to)
            .await
            .expect_err("is refused");
        assert_eq!(failure.cause.name, cause);
    }
}
