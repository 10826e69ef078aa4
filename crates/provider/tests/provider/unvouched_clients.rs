//! Clients that registered themselves without an initial access token, so that no one vouches for
//! them: what they may not have.

use countersign_testing::{ALICE, Answer, TestProvider, VERIFIER};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::expect;
use crate::register::{CALLBACK, initial_access_token, management, open, register, send, shop};

/// The `Authorization` header of a client by what its registration returned.
fn authorization(registered: &Value) -> [(&'static str, String); 1] {
    let client_id = registered["client_id"].as_str().expect("an id");
    let secret = registered["client_secret"].as_str().expect("a secret");
    let basic = countersign_testing::basic(client_id, secret);
    [("authorization", basic)]
}

async fn redeem(op: &TestProvider, registered: &Value, code: &str) -> Answer {
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let headers = authorization(registered);
    op.browser().post_with("/token", &form, &headers).await
}

#[tokio::test]
async fn a_registered_client_signs_people_in_once_they_consented() {
    let op = open().await;
    let registered = register(&op, None, &shop()).await.json();
    op.clock.advance(1);
    let client_id = registered["client_id"].as_str().expect("an id");
    let mut browser = op.browser();
    let request = op.authorization(client_id, CALLBACK, "openid profile");
    let login = browser.get_with("/authorize", &request).await;
    let consent = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    assert_eq!(consent.page_kind(), "consent");
    assert!(consent.body.contains("registered itself"), "{consent:?}");
    assert!(consent.body.contains("shop.example"), "{consent:?}");
    let answer = browser.submit(&consent, &[("decision", "allow")]).await;
    let code = answer.location_parameter("code").expect("a code");
    let answer = redeem(&op, &registered, &code).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    // Remembered consent is enough for a silent request.
    let mut silent = request.clone();
    silent.push(("prompt", "none".to_owned()));
    let answer = browser.get_with("/authorize", &silent).await;
    assert!(answer.location_parameter("code").is_some(), "{answer:?}");
    // But not for what the client has since made of itself (RFC 7592, section 2.2).
    let (path, token) = management(&registered);
    let mut change = shop();
    change["client_id"] = registered["client_id"].clone();
    change["client_name"] = json!("The Bank");
    let changed = send(&op, Method::PUT, &path, Some(&token), Some(&change)).await;
    assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
    let answer = browser.get_with("/authorize", &request).await;
    assert_eq!(answer.page_kind(), "consent", "{answer:?}");
}

/// RFC 7591, section 2: `scope` is what the client can use. The client chose it itself, so only the
/// person decides. MCP clients register the scope that they need first and step up later.
#[tokio::test]
async fn what_it_registered_as_scope_is_no_limit_unless_someone_vouches() {
    let op = open().await;
    let token = initial_access_token(&op, None).await;
    for (token, granted) in [(None, "openid email"), (Some(token.as_str()), "openid")] {
        let mut metadata = shop();
        metadata["scope"] = json!("openid");
        let registered = register(&op, token, &metadata).await.json();
        assert_eq!(registered["scope"], "openid");
        op.clock.advance(1);
        let client_id = registered["client_id"].as_str().expect("an id");
        let mut browser = op.signed_in(&ALICE).await;
        let request = op.authorization(client_id, CALLBACK, "openid email");
        let consent = browser.get_with("/authorize", &request).await;
        let answer = browser.submit(&consent, &[("decision", "allow")]).await;
        let code = answer.location_parameter("code").expect("a code");
        let answer = redeem(&op, &registered, &code).await;
        // RFC 6749, section 5.1: named if it is not what was asked for.
        let scope = answer.json()["scope"]
            .as_str()
            .unwrap_or("openid email")
            .to_owned();
        assert_eq!(scope, granted);
    }
}

/// RFC 9700, section 4.11.2: a provider that redirects to anyone who registered is an open
/// redirector.
#[tokio::test]
async fn nothing_is_redirected_to_an_unvouched_client_before_consent() {
    let op = open().await;
    let registered = register(&op, None, &shop()).await.json();
    let client_id = registered["client_id"].as_str().expect("an id");
    let signed_in = op.signed_in(&ALICE).await;
    for (name, value) in [
        ("prompt", "none"),
        ("scope", "openid \\"),
        ("response_type", "token"),
        ("code_challenge_method", "x"),
        ("max_age", "soon"),
    ] {
        let mut request = op.authorization(client_id, CALLBACK, "openid");
        request.retain(|(known, _)| *known != name);
        request.push((name, value.to_owned()));
        for mut browser in [op.browser(), signed_in.clone()] {
            let answer = browser.get_with("/authorize", &request).await;
            assert!(answer.location().is_none(), "{name}: {answer:?}");
            assert_eq!(answer.page_kind(), "error", "{name}");
            assert!(
                answer.body.contains("id=\"error-return\""),
                "the person may go on"
            );
            assert!(
                answer.body.contains("is at <bdi>shop.example</bdi>."),
                "{answer:?}"
            );
        }
    }
    // Denied by the person themselves.
    let mut browser = signed_in.clone();
    let request = op.authorization(client_id, CALLBACK, "openid");
    let consent = browser.get_with("/authorize", &request).await;
    let denied = browser.submit(&consent, &[("decision", "deny")]).await;
    assert!(denied.location().is_none(), "{denied:?}");
    // An operator vouched for this one.
    let token = initial_access_token(&op, None).await;
    let registered = register(&op, Some(&token), &shop()).await.json();
    let client_id = registered["client_id"].as_str().expect("an id");
    let mut request = op.authorization(client_id, CALLBACK, "openid");
    request.push(("prompt", "none".to_owned()));
    let answer = op.browser().get_with("/authorize", &request).await;
    expect::sent_back(&answer, CALLBACK, "login_required");
}

/// RFC 9700, section 4.11.2, for the return address of a logout: the person follows a link, or
/// does not.
#[tokio::test]
async fn a_sign_out_leads_to_an_unvouched_client_by_a_link() {
    let op = open().await;
    let bye = "https://shop.example/bye";
    let mut metadata = shop();
    metadata["post_logout_redirect_uris"] = json!([bye]);
    metadata["token_endpoint_auth_method"] = json!("none");
    let token = initial_access_token(&op, None).await;
    for vouched in [false, true] {
        let presented = vouched.then_some(token.as_str());
        let registered = register(&op, presented, &metadata).await.json();
        let client_id = registered["client_id"].as_str().expect("an id");
        let mut browser = op.signed_in(&ALICE).await;
        let request = op.authorization(client_id, CALLBACK, "openid");
        let consent = browser.get_with("/authorize", &request).await;
        let answer = browser.submit(&consent, &[("decision", "allow")]).await;
        let code = answer.location_parameter("code").expect("a code");
        let redeemed = op
            .browser()
            .post(
                "/token",
                &[
                    ("grant_type", "authorization_code"),
                    ("client_id", client_id),
                    ("redirect_uri", CALLBACK),
                    ("code_verifier", VERIFIER),
                    ("code", &code),
                ],
            )
            .await;
        let tokens = redeemed.tokens();
        let logout = [
            ("id_token_hint", tokens.id_token.as_deref().expect("one")),
            ("post_logout_redirect_uri", bye),
        ];
        let answer = browser.get_with("/logout", &logout).await;
        if vouched {
            let location = answer.raw_location().expect("a location");
            assert_eq!(location, bye);
        } else {
            assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
            assert!(answer.raw_location().is_none(), "{answer:?}");
            assert!(
                answer.body.contains(&format!("href=\"{bye}\"")),
                "{answer:?}"
            );
        }
    }
}

/// RFC 6749, section 4.4: a token without a person's consent needs an operator's word.
#[tokio::test]
async fn an_unvouched_client_has_no_token_for_itself() {
    let op = open().await;
    let mut metadata = shop();
    metadata["grant_types"] = json!(["client_credentials", "authorization_code"]);
    let refused = register(&op, None, &metadata).await;
    expect::refused(&refused, "invalid_client_metadata");
    // Nor by a change of what it registered.
    let registered = register(&op, None, &shop()).await.json();
    let (path, token) = management(&registered);
    let mut change = metadata.clone();
    change["client_id"] = registered["client_id"].clone();
    let refused = send(&op, Method::PUT, &path, Some(&token), Some(&change)).await;
    expect::refused(&refused, "invalid_client_metadata");
    // Nor after an operator's change of it, which does not vouch for it.
    let client_id = registered["client_id"].as_str().expect("an id");
    let members = json!({"grant_types": metadata["grant_types"]});
    op.update_client(client_id, &members.to_string()).await;
    let form = [("grant_type", "client_credentials")];
    let headers = authorization(&registered);
    let answer = op.browser().post_with("/token", &form, &headers).await;
    expect::refused(&answer, "unauthorized_client");
    // An operator vouches for this one.
    let token = initial_access_token(&op, None).await;
    let answer = register(&op, Some(&token), &metadata).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
}

/// An initial access token vouches for what it registers, and not for what the client makes of
/// itself later.
#[tokio::test]
async fn a_client_that_adds_to_what_was_vouched_for_loses_its_voucher() {
    let op = open().await;
    let token = initial_access_token(&op, Some(1)).await;
    let mut metadata = shop();
    metadata["grant_types"] = json!(["authorization_code", "client_credentials"]);
    metadata["redirect_uris"] = json!([CALLBACK, "https://shop.example/other"]);
    let registered = register(&op, Some(&token), &metadata).await.json();
    let client_id = registered["client_id"].as_str().expect("an id").to_owned();
    let own = async |registered: &Value| {
        let form = [("grant_type", "client_credentials")];
        let headers = authorization(registered);
        op.browser().post_with("/token", &form, &headers).await
    };
    let redirects = async || {
        let mut request = op.authorization(&client_id, CALLBACK, "openid");
        request.push(("prompt", "none".to_owned()));
        let answer = op.browser().get_with("/authorize", &request).await;
        answer.location().is_some()
    };
    assert_eq!(own(&registered).await.status, StatusCode::OK);
    assert!(redirects().await);

    let put = async |before: &serde_json::Value, change: &[(&str, serde_json::Value)]| {
        let (path, token) = management(before);
        let mut update = before.clone();
        for (name, value) in change {
            update[*name] = value.clone();
        }
        send(&op, Method::PUT, &path, Some(&token), Some(&update)).await
    };
    // It may take away.
    let narrowed = put(&registered, &[("redirect_uris", json!([CALLBACK]))]).await;
    assert_eq!(narrowed.status, StatusCode::OK, "{narrowed:?}");
    assert!(redirects().await);
    // What needs a voucher is not kept without one; what is refused costs none.
    let renamed = [("client_name", json!("The Bank"))];
    let refused = put(&narrowed.json(), &renamed).await;
    assert_eq!(refused.error(), "invalid_client_metadata", "{refused:?}");
    assert_eq!(own(&registered).await.status, StatusCode::OK);
    assert!(redirects().await);
    let change = [
        ("client_name", json!("The Bank")),
        ("grant_types", json!(["authorization_code"])),
    ];
    let changed = put(&narrowed.json(), &change).await;
    assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
    assert!(!redirects().await, "no one vouches for the new name");

    // An operator who has seen it may vouch again.
    let vouched = op
        .clients()
        .await
        .vouch(&client_id, op.provider.now())
        .await;
    vouched.expect("vouches");
    assert!(redirects().await);
    let back = put(
        &changed.json(),
        &[("redirect_uris", json!([CALLBACK, "https://b.example/"]))],
    )
    .await;
    assert_eq!(back.status, StatusCode::OK, "{back:?}");
    assert!(!redirects().await);
    let known = op
        .clients()
        .await
        .vouch("confidential", op.provider.now())
        .await;
    assert!(known.is_err(), "the operator registered it");
}
