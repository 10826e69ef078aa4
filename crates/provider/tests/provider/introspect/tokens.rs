//! What is told of an access token (RFC 7662, section 2.2).

use std::collections::BTreeSet;
use std::sync::Arc;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_store::memory::Memory;
use countersign_testing::{
    ALICE, Breakage, Forger, ISSUER, ObservedStore, Options, TestProvider, callback, claims_of,
};
use http::StatusCode;
use serde_json::{Value, json};

use super::{api, ask, inactive, jwt, opaque, own, read, told};

#[track_caller]
fn has_exactly(told: &Value, members: &[&str]) {
    let object = told.as_object().expect("an object");
    let sent: BTreeSet<&str> = object.keys().map(String::as_str).collect();
    assert_eq!(sent, members.iter().copied().collect(), "{told}");
    assert!(object.values().all(|value| !value.is_null()), "{told}");
}

#[tokio::test]
async fn a_jwt_is_told_with_every_member_that_applies() {
    let op = TestProvider::start().await;
    let tokens = jwt(&op, "openid profile").await;
    let claims = claims_of(&tokens.access_token);
    let told = told(&op, "confidential", &tokens.access_token).await;
    has_exactly(
        &told,
        &[
            "active",
            "scope",
            "client_id",
            "username",
            "token_type",
            "exp",
            "iat",
            "sub",
            "aud",
            "iss",
            "jti",
            "auth_time",
            "acr",
        ],
    );
    assert_eq!(told["active"], true);
    assert_eq!(told["scope"], "openid profile");
    assert_eq!(told["client_id"], "confidential");
    assert_eq!(told["username"], ALICE.username);
    assert_eq!(told["token_type"], "Bearer"); // RFC 6749, section 5.1
    for claim in ["exp", "iat", "sub", "aud", "iss", "jti", "auth_time", "acr"] {
        assert_eq!(told[claim], claims[claim], "{claim}");
    }
}

#[tokio::test]
async fn an_opaque_token_is_told_as_a_jwt_is() {
    let op = TestProvider::start().await;
    let tokens = opaque(&op, "openid").await;
    let told = told(&op, "posting", &tokens.access_token).await;
    let members = [
        "active",
        "scope",
        "client_id",
        "token_type",
        "exp",
        "sub",
        "aud",
        "iss",
    ];
    has_exactly(&told, &[members.as_slice(), &["auth_time", "acr"]].concat());
    assert_eq!(told["exp"], op.provider.now() + 600);
    assert_eq!(told["sub"], ALICE.sub);
    assert_eq!(told["aud"], ISSUER);
    assert_eq!(told["iss"], ISSUER);
    assert_eq!(told["auth_time"], op.provider.now()); // RFC 9470, section 6.2
}

#[tokio::test]
async fn a_clients_own_token_has_no_user() {
    let op = TestProvider::start().await;
    for client_id in ["confidential", "posting", "first-party"] {
        let token = own(&op, client_id).await;
        let told = told(&op, client_id, &token).await;
        assert_eq!(told["active"], true, "{client_id}");
        // RFC 9068, section 2.2: without a resource owner, sub identifies the client.
        assert_eq!(told["sub"], client_id);
        assert_eq!(told["client_id"], client_id);
        assert_eq!(told["scope"], "reports");
        assert!(
            told["username"].is_null() && told["auth_time"].is_null(),
            "{told}"
        );
    }
}

#[tokio::test]
async fn a_name_is_told_only_where_the_scope_releases_it() {
    // RFC 7662, section 5: "measures MUST be taken to prevent disclosure of this information to
    // unintended parties."
    let op = TestProvider::start().await;
    for (scope, name) in [
        ("openid", None),
        ("openid email", None),
        ("profile", Some(ALICE.username)),
    ] {
        let token = jwt(&op, scope).await.access_token;
        let told = told(&op, "confidential", &token).await;
        assert_eq!(told["username"].as_str(), name, "{scope}");
    }
}

#[tokio::test]
async fn the_scope_is_the_tokens_and_not_the_grants() {
    let op = TestProvider::start().await;
    for (client_id, tokens) in [
        ("confidential", jwt(&op, "openid email").await),
        ("posting", opaque(&op, "openid email").await),
    ] {
        let refresh_token = tokens.refresh_token.expect("a refresh token");
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token.as_str()),
            ("scope", "email"),
        ];
        let narrow = op.token(client_id, &form).await.tokens().access_token;
        assert_eq!(told(&op, client_id, &narrow).await["scope"], "email");
        let wide = told(&op, client_id, &tokens.access_token).await;
        assert_eq!(wide["scope"], "openid email");
    }
}

#[tokio::test]
async fn no_token_is_told_to_live_longer_than_its_grant() {
    let op = TestProvider::start_with(Options::with(|settings| {
        settings.tokens.refresh_token_lifetime_seconds = 100;
    }))
    .await;
    let end = op.provider.now() + 100;
    for (client_id, tokens) in [
        ("confidential", jwt(&op, "openid").await),
        ("posting", opaque(&op, "openid").await),
    ] {
        let told = told(&op, client_id, &tokens.access_token).await;
        assert_eq!(told["exp"], end, "{client_id}");
    }
}

#[tokio::test]
async fn of_what_is_not_active_nothing_else_is_told() {
    let op = TestProvider::start().await;
    let tokens = jwt(&op, "openid").await;
    let forger = Forger::of(&op, SignatureAlgorithm::ES256).await;
    let claims = claims_of(&tokens.access_token);
    let changed = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        forger.sign("at+jwt", &claims)
    };
    let mut browser = op.browser();
    let code = op
        .code(
            &mut browser,
            &ALICE,
            "confidential",
            callback::CONFIDENTIAL,
            "openid",
        )
        .await;
    for token in [
        "x".to_owned(),
        "a.b.c".to_owned(),
        format!("cs_at_{}", "A".repeat(65)),
        format!("cs_ct_{}", "A".repeat(65)),
        format!("cs_rt_{}", "A".repeat(65)),
        code,
        tokens.id_token.clone().expect("an ID token"),
        forger.sign("JWT", &claims),
        changed("iss", json!("https://other.example")),
        changed("grant_id", json!("AAAAAAAAAAAAAAAAAAAAAA")),
        changed("exp", json!(op.provider.now())),
        format!("{}x", tokens.access_token),
    ] {
        inactive(&told(&op, "confidential", &token).await);
    }
    assert_eq!(
        told(&op, "confidential", &tokens.access_token).await["active"],
        true
    );
}

#[tokio::test]
async fn what_ended_is_inactive_at_once() {
    for (client_id, opaque_tokens) in [("confidential", false), ("posting", true)] {
        for ending in ["time", "client", "user", "consent", "session"] {
            let op = TestProvider::start().await;
            let redirect_uri = match opaque_tokens {
                true => callback::POSTING,
                false => callback::CONFIDENTIAL,
            };
            let mut browser = op.browser();
            let code = op
                .code(&mut browser, &ALICE, client_id, redirect_uri, "openid")
                .await;
            let tokens = op.redeem(client_id, redirect_uri, &code).await.tokens();
            assert_eq!(
                told(&op, client_id, &tokens.access_token).await["active"],
                true
            );
            match ending {
                "time" => op.clock.advance(600),
                "client" => {
                    op.disable_client(client_id).await;
                    op.enable_client(client_id).await;
                }
                "user" => op.disable_person(&ALICE).await,
                "consent" => op.withdraw_consent(&ALICE, client_id).await,
                _ => {
                    let hint = tokens.id_token.as_deref().expect("an ID token");
                    browser
                        .get_with("/logout", &[("id_token_hint", hint)])
                        .await;
                }
            }
            inactive(&told(&op, client_id, &tokens.access_token).await);
            let refresh_token = tokens.refresh_token.expect("a refresh token");
            if ending != "time" {
                inactive(&told(&op, client_id, &refresh_token).await);
            }
        }
    }
}

#[tokio::test]
async fn the_hint_is_only_a_hint() {
    // RFC 7662, section 2.1: "If the server is unable to locate the token using the given hint, it
    // MUST extend its search across all of its supported token types."
    let op = TestProvider::start().await;
    let tokens = jwt(&op, "openid").await;
    let opaque = opaque(&op, "openid").await.access_token;
    let refresh_token = tokens.refresh_token.expect("a refresh token");
    for hint in ["access_token", "refresh_token", "nothing_like_it"] {
        for (client_id, token) in [
            ("confidential", &tokens.access_token),
            ("confidential", &refresh_token),
            ("posting", &opaque),
        ] {
            let form = [("token", token.as_str()), ("token_type_hint", hint)];
            let answer = op.post_as(client_id, "/introspect", &form).await;
            assert_eq!(read(&answer)["active"], true, "{hint}: {client_id}");
        }
    }
}

#[tokio::test]
async fn an_api_that_the_operator_allows_may_ask_about_access_tokens_of_every_client() {
    let op = TestProvider::start().await;
    let (jwt, opaque) = (jwt(&op, "openid").await, opaque(&op, "openid").await);
    let credentials = api(&op, "").await;
    for (client_id, token) in [
        ("confidential", &jwt.access_token),
        ("posting", &opaque.access_token),
        ("confidential", &own(&op, "confidential").await),
        ("posting", &own(&op, "posting").await),
    ] {
        let told = read(&ask(&op, &credentials, token).await);
        assert_eq!(told["active"], true);
        assert_eq!(told["client_id"], client_id);
    }
}

#[tokio::test]
async fn asking_reads_and_writes_nothing() {
    let store = Arc::new(ObservedStore::new(Arc::new(Memory::new())));
    let options = Options {
        store: store.clone(),
        ..Options::default()
    };
    let op = TestProvider::start_with(options).await;
    let (jwt, opaque) = (jwt(&op, "openid").await, opaque(&op, "openid").await);
    let refresh_token = jwt.refresh_token.expect("a refresh token");
    // The standing of the caller, which is read in every request, and one read of the token. The
    // standing of a JWT's client is read beside it.
    for (client_id, token, acts) in [
        (
            "posting",
            &opaque.access_token,
            vec!["client_standing", "check_access_token"],
        ),
        (
            "confidential",
            &jwt.access_token,
            vec!["client_standing", "client_standing", "check_access_token"],
        ),
        (
            "confidential",
            &refresh_token,
            vec!["client_standing", "grant"],
        ),
    ] {
        told(&op, client_id, token).await;
        store.take_acts();
        assert_eq!(told(&op, client_id, token).await["active"], true);
        assert_eq!(store.take_acts(), acts);
    }
    // What cannot be found out is not told to be inactive: a resource server would log a user out.
    for (client_id, token, act) in [
        ("posting", &opaque.access_token, "check_access_token"),
        ("confidential", &refresh_token, "grant"),
    ] {
        store.break_act(act, Breakage::Unavailable);
        let answer = op.introspect(client_id, token).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{answer:?}");
        assert!(answer.json()["active"].is_null());
        store.repair();
    }
}
