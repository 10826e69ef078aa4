//! Attack cases 69 and 70: a personal token never becomes more than its user made it. (RFC 8707,
//! section 3; RFC 9700, section 2.3.)

use countersign_provider::service::Delegation;
use countersign_testing::{ALICE, BOB, TestProvider};
use serde_json::json;

use crate::api_tokens::{A, B, create, start};
use crate::expect;

async fn is_alive(op: &TestProvider, token: &str) -> bool {
    op.provider.verify_token(token).await.is_ok()
}

#[tokio::test]
async fn attack_69_a_personal_token_and_its_children_never_widen() {
    let op = start().await;
    let (_, token) = create(&op, &ALICE, "narrow", "a:read").await;
    // Neither at userinfo, which it was not made for,
    expect::token_refused(&op.userinfo(&token).await);
    // nor by a child for more.
    let to = |resource, scope| Delegation {
        resource,
        scope,
        lifetime_seconds: 31_536_000,
    };
    for (resource, scope) in [
        (B, None),
        ("https://op.example", None),
        (A, Some("a:read a:write")),
        (A, Some("openid")),
        (A, Some("offline_access")),
    ] {
        let refused = op.provider.delegate(&token, &to(resource, scope)).await;
        assert!(refused.is_err(), "{resource} {scope:?}");
    }
    // A child's child is no wider than the child.
    let (_, wide) = create(&op, &ALICE, "wide", "a:read a:write b:read").await;
    let child = op.provider.delegate(&wide, &to(A, Some("a:read"))).await;
    let child = child.expect("is issued").access_token;
    for (resource, scope) in [(A, Some("a:write")), (B, None)] {
        let refused = op.provider.delegate(&child, &to(resource, scope)).await;
        assert!(refused.is_err(), "{resource} {scope:?}");
    }
    let grandchild = op.provider.delegate(&child, &to(A, None)).await;
    assert_eq!(grandchild.expect("is issued").scope, "a:read");
}

#[tokio::test]
async fn attack_69_a_personal_token_is_no_credential_of_another_kind() {
    let op = start().await;
    let (_, token) = create(&op, &ALICE, "backup", "openid").await;
    for name in ["refresh_token", "code", "device_code"] {
        for prefix in ["cs_pt_", "cs_rt_", "cs_ac_", "cs_dc_"] {
            let value = token.replace("cs_pt_", prefix);
            let grant_type = match name {
                "code" => "authorization_code",
                "device_code" => "urn:ietf:params:oauth:grant-type:device_code",
                other => other,
            };
            let form = [
                ("grant_type", grant_type),
                (name, value.as_str()),
                ("redirect_uri", countersign_testing::callback::CONFIDENTIAL),
            ];
            let answer = op.token("confidential", &form).await;
            assert!(answer.status.is_client_error(), "{name}: {answer:?}");
            assert!(answer.json()["access_token"].is_null(), "{answer:?}");
        }
    }
    // Nor does it sign anyone in, register a client, or ask about tokens in a client's name.
    let header = [("authorization", format!("Bearer {token}"))];
    let form = [("token", token.as_str())];
    let asked = op.browser().post_with("/introspect", &form, &header).await;
    assert!(asked.status.is_client_error(), "{asked:?}");
    let registered = op.browser().post_with("/register", &form, &header).await;
    assert!(registered.status.is_client_error(), "{registered:?}");
    // A client that has nothing to do with it neither learns of it nor ends it.
    let told = op.introspect("confidential", &token).await.json();
    assert_eq!(told, json!({ "active": false }));
    op.revoke("confidential", &token).await;
    assert!(is_alive(&op, &token).await);
}

#[tokio::test]
async fn attack_69_a_personal_token_ends_with_everything_of_its_user() {
    for how in ["disable", "delete", "password", "consent"] {
        let op = start().await;
        let (_, alices) = create(&op, &ALICE, "backup", "openid a:read").await;
        let (_, bobs) = create(&op, &BOB, "backup", "openid").await;
        let to = Delegation {
            resource: A,
            scope: None,
            lifetime_seconds: 600,
        };
        let child = op.provider.delegate(&alices, &to).await;
        let child = child.expect("is issued").access_token.to_string();
        match how {
            "disable" => op.disable_person(&ALICE).await,
            "delete" => op.delete_person(&ALICE).await,
            "password" => op.change_password(&ALICE, "another long password").await,
            _ => op.withdraw_consent(&ALICE, "personal-tokens").await,
        }
        for token in [&alices, &child] {
            assert!(!is_alive(&op, token).await, "{how}");
        }
        assert!(is_alive(&op, &bobs).await, "{how}");
        if how == "disable" {
            op.enable_person(&ALICE).await;
            assert!(!is_alive(&op, &alices).await, "what ended stays ended");
        }
    }
}
