//! Attack cases 4 to 6 and 67: what an attacker does with a refresh token (RFC 9700, section 4.14,
//! RFC 6749, section 6).

use countersign_testing::{ALICE, Options, TestProvider, Tokens, callback, claims_of};
use http::StatusCode;

use crate::expect;

const SCOPE: &str = "openid email";
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

async fn signed_in(op: &TestProvider, scope: &str) -> (Tokens, String) {
    let tokens = op
        .tokens(&ALICE, "confidential", callback::CONFIDENTIAL, scope)
        .await;
    let refresh_token = tokens.refresh_token.clone().expect("a refresh token");
    (tokens, refresh_token)
}

async fn rotated(op: &TestProvider, refresh_token: &str) -> (Tokens, String) {
    let answer = op.refresh("confidential", refresh_token).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let tokens = answer.tokens();
    let refresh_token = tokens.refresh_token.clone().expect("a successor");
    (tokens, refresh_token)
}

#[tokio::test]
async fn attack_04_a_refresh_token_whose_successor_was_used_is_refused_and_the_grant_revoked() {
    let op = TestProvider::start().await;
    let (first, oldest) = signed_in(&op, SCOPE).await;
    let (second, old) = rotated(&op, &oldest).await;
    let (third, current) = rotated(&op, &old).await;

    // Within the grace of `old`, but its successor was used: the thief came first or comes now.
    expect::refused(&op.refresh("confidential", &oldest).await, "invalid_grant");

    for tokens in [first, second, third] {
        expect::token_refused(&op.userinfo(&tokens.access_token).await);
    }
    expect::refused(&op.refresh("confidential", &current).await, "invalid_grant");
}

#[tokio::test]
async fn attack_04_a_rotated_token_after_the_grace_is_refused_and_the_grant_revoked() {
    let op = TestProvider::start().await;
    let (_, old) = signed_in(&op, SCOPE).await;
    let (tokens, current) = rotated(&op, &old).await;

    op.clock
        .advance(op.provider.settings.tokens.refresh_grace_seconds);
    expect::refused(&op.refresh("confidential", &old).await, "invalid_grant");
    assert!(!expect::is_accepted(&op, &tokens.access_token).await);
    expect::refused(&op.refresh("confidential", &current).await, "invalid_grant");
}

#[tokio::test]
async fn attack_04_a_retry_within_the_grace_gets_the_same_successor_and_a_new_access_token() {
    let op = TestProvider::start().await;
    let (_, old) = signed_in(&op, SCOPE).await;
    let (first_answer, successor) = rotated(&op, &old).await;
    op.clock
        .advance(op.provider.settings.tokens.refresh_grace_seconds - 1);
    let (second_answer, again) = rotated(&op, &old).await;

    assert_eq!(successor, again);
    let jti = |tokens: &Tokens| claims_of(&tokens.access_token)["jti"].clone();
    assert_ne!(jti(&first_answer), jti(&second_answer));
    assert!(expect::is_accepted(&op, &first_answer.access_token).await);
    assert!(expect::is_accepted(&op, &second_answer.access_token).await);
    rotated(&op, &again).await;
}

#[tokio::test]
async fn attack_04_without_a_grace_every_second_use_is_reuse() {
    let op = TestProvider::start_with(Options::with(|settings| {
        settings.tokens.refresh_grace_seconds = 0
    }))
    .await;
    let (_, old) = signed_in(&op, SCOPE).await;
    let (_, current) = rotated(&op, &old).await;
    expect::refused(&op.refresh("confidential", &old).await, "invalid_grant");
    expect::refused(&op.refresh("confidential", &current).await, "invalid_grant");
}

#[tokio::test]
async fn attack_04_a_made_up_secret_to_a_known_grant_changes_nothing() {
    let op = TestProvider::start().await;
    let (tokens, refresh_token) = signed_in(&op, SCOPE).await;
    // The secret is half random, half a MAC of it: change one, the other, both.
    for range in [30..34, 60..64, 28..71] {
        let mut made_up = refresh_token.clone();
        let filler = "A".repeat(range.len());
        made_up.replace_range(range, &filler);
        expect::refused(&op.refresh("confidential", &made_up).await, "invalid_grant");
    }
    assert!(expect::is_accepted(&op, &tokens.access_token).await);
    rotated(&op, &refresh_token).await;
}

#[tokio::test]
async fn attack_04_another_clients_refresh_token_is_refused_and_nothing_changes() {
    let op = TestProvider::start().await;
    let (_, old) = signed_in(&op, SCOPE).await;
    for thief in ["posting", "public"] {
        expect::refused(&op.refresh(thief, &old).await, "invalid_grant");
    }
    let (tokens, _) = rotated(&op, &old).await;
    // Neither within the grace period, when the owner would get tokens, nor after it, when the
    // grant would end.
    for _ in 0..2 {
        expect::refused(&op.refresh("posting", &old).await, "invalid_grant");
        op.clock.advance(30);
    }
    assert!(expect::is_accepted(&op, &tokens.access_token).await);
}

#[tokio::test]
async fn attack_04_a_public_clients_refresh_tokens_rotate_by_default() {
    let op = TestProvider::start().await;
    let tokens = op.tokens(&ALICE, "public", callback::PUBLIC, SCOPE).await;
    let old = tokens.refresh_token.expect("a refresh token");
    let current = op
        .refresh("public", &old)
        .await
        .tokens()
        .refresh_token
        .expect("a successor");
    assert_ne!(old, current);
    op.clock.advance(60);
    expect::refused(&op.refresh("public", &old).await, "invalid_grant");
    expect::refused(&op.refresh("public", &current).await, "invalid_grant");
}

#[tokio::test]
async fn attack_05_a_refresh_for_a_wider_scope_is_refused_and_costs_nothing() {
    let op = TestProvider::start().await;
    let (_, refresh_token) = signed_in(&op, SCOPE).await;
    for scope in [
        "openid email profile",
        "profile",
        "openid offline_access",
        "reports",
    ] {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token.as_str()),
            ("scope", scope),
        ];
        expect::refused(&op.token("confidential", &form).await, "invalid_scope");
    }
    let (tokens, _) = rotated(&op, &refresh_token).await;
    assert_eq!(tokens.body["scope"], SCOPE);
}

#[tokio::test]
async fn attack_05_a_narrowed_access_token_does_not_reach_further_than_it_says() {
    let op = TestProvider::start().await;
    let (_, refresh_token) = signed_in(&op, SCOPE).await;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.as_str()),
        ("scope", "openid"),
    ];
    let tokens = op.token("confidential", &form).await.tokens();
    assert_eq!(tokens.body["scope"], "openid");
    let userinfo = op.userinfo(&tokens.access_token).await.json();
    assert!(userinfo["email"].is_null(), "{userinfo}");
}

#[tokio::test]
async fn attack_06_a_refresh_after_an_ending_that_covers_it_is_refused() {
    for ending in [
        "logout",
        "password",
        "disabled user",
        "withdrawn consent",
        "disabled client",
        "revocation",
        "replayed code",
        "deleted user",
    ] {
        let op = TestProvider::start().await;
        let mut browser = op.browser();
        let code = op
            .code(
                &mut browser,
                &ALICE,
                "confidential",
                callback::CONFIDENTIAL,
                SCOPE,
            )
            .await;
        let tokens = op
            .redeem("confidential", callback::CONFIDENTIAL, &code)
            .await
            .tokens();
        let hint = tokens.id_token.expect("an ID token");
        match ending {
            "logout" => {
                let bye = browser
                    .get_with("/logout", &[("id_token_hint", &hint)])
                    .await;
                assert_eq!(bye.status, StatusCode::OK, "{bye:?}");
            }
            "password" => {
                op.change_password(&ALICE, "a new and rather long password")
                    .await
            }
            "disabled user" => op.disable_person(&ALICE).await,
            "revocation" => {
                let refresh_token = tokens.refresh_token.as_deref().expect("one");
                let answer = op.revoke("confidential", refresh_token).await;
                assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
            }
            "replayed code" => {
                let replay = op.redeem("confidential", callback::CONFIDENTIAL, &code);
                expect::refused(&replay.await, "invalid_grant");
            }
            "deleted user" => op.delete_person(&ALICE).await,
            "withdrawn consent" => op.withdraw_consent(&ALICE, "confidential").await,
            _ => op.disable_client("confidential").await,
        }
        let refresh_token = tokens.refresh_token.expect("a refresh token");
        let answer = op.refresh("confidential", &refresh_token).await;
        // A disabled client is refused before its token is looked at.
        let error = match ending {
            "disabled client" => "invalid_client",
            _ => "invalid_grant",
        };
        assert_eq!(answer.error(), error, "{ending}: {answer:?}");
        assert!(
            !expect::is_accepted(&op, &tokens.access_token).await,
            "{ending}"
        );
    }
}

#[tokio::test]
async fn attack_06_an_online_grant_never_outlives_its_session() {
    let op = TestProvider::start().await;
    let (_, refresh_token) = signed_in(&op, SCOPE).await;
    let session = op.provider.site.settings.sessions.lifetime_seconds;
    op.clock.advance(session - 1);
    let (tokens, current) = rotated(&op, &refresh_token).await;
    assert_eq!(
        tokens.body["expires_in"], 1,
        "no access token beyond the grant"
    );
    op.clock.advance(1);
    expect::refused(&op.refresh("confidential", &current).await, "invalid_grant");
    assert!(!expect::is_accepted(&op, &tokens.access_token).await);
}

#[tokio::test]
async fn attack_06_an_idle_refresh_token_expires_and_one_in_use_does_not() {
    let op = TestProvider::start().await;
    let idle = op.provider.settings.tokens.refresh_token_idle_seconds;
    let (_, refresh_token) = signed_in(&op, "openid offline_access").await;
    op.clock.advance(idle - 1);
    let (_, current) = rotated(&op, &refresh_token).await;
    op.clock.advance(idle - 1);
    let (_, current) = rotated(&op, &current).await;
    op.clock.advance(idle);
    expect::refused(&op.refresh("confidential", &current).await, "invalid_grant");
}

#[tokio::test]
async fn attack_06_the_absolute_lifetime_ends_a_grant_however_busy_it_is() {
    let op = TestProvider::start().await;
    let absolute = op.provider.settings.tokens.refresh_token_lifetime_seconds;
    let (_, mut current) = signed_in(&op, "openid offline_access").await;
    for _ in 0..(absolute / DAY - 1) {
        op.clock.advance(DAY);
        (_, current) = rotated(&op, &current).await;
    }
    op.clock.advance(DAY);
    expect::refused(&op.refresh("confidential", &current).await, "invalid_grant");
}

#[tokio::test]
async fn attack_67_reuse_is_seen_whatever_else_is_wrong_with_the_request() {
    // RFC 9700, section 4.14.2: the token decides; the fault of the request is told to who holds a
    // token that would have been rotated or repeated, and costs them nothing.
    let faults: [(&str, &str, &str); 4] = [
        ("scope", "openid email phone", "invalid_scope"),
        ("scope", "a\\b", "invalid_scope"),
        ("resource", "https://api.example", "invalid_target"),
        ("resource", "not a uri", "invalid_target"),
    ];
    for (name, value, error) in faults {
        let op = TestProvider::start().await;
        let (_, old) = signed_in(&op, SCOPE).await;
        let with_fault = async |token: &str| {
            let form = [
                ("grant_type", "refresh_token"),
                ("refresh_token", token),
                (name, value),
            ];
            op.token("confidential", &form).await
        };
        expect::refused(&with_fault(&old).await, error);
        let (tokens, current) = rotated(&op, &old).await;
        // Within the grace it is a retry, and the fault is what is told.
        expect::refused(&with_fault(&old).await, error);
        let (_, again) = rotated(&op, &old).await;
        assert_eq!(again, current);

        op.clock
            .advance(op.provider.settings.tokens.refresh_grace_seconds);
        expect::refused(&with_fault(&old).await, "invalid_grant");
        assert!(!expect::is_accepted(&op, &tokens.access_token).await);
        expect::refused(&op.refresh("confidential", &current).await, "invalid_grant");
    }
}

#[tokio::test]
async fn attack_67_reuse_is_seen_after_the_client_lost_the_grant_type() {
    let op = TestProvider::start().await;
    let (_, old) = signed_in(&op, SCOPE).await;
    let (tokens, current) = rotated(&op, &old).await;
    op.clock
        .advance(op.provider.settings.tokens.refresh_grace_seconds);
    let uri = callback::CONFIDENTIAL;
    let without = format!(
        r#"{{"redirect_uris": ["{uri}"], "grant_types": ["authorization_code"], "scope": "openid email"}}"#
    );
    op.update_client("confidential", &without).await;
    expect::refused(
        &op.refresh("confidential", &current).await,
        "unauthorized_client",
    );
    assert!(expect::is_accepted(&op, &tokens.access_token).await);
    expect::refused(&op.refresh("confidential", &old).await, "invalid_grant");
    assert!(!expect::is_accepted(&op, &tokens.access_token).await);
}

#[tokio::test]
async fn attack_67_reuse_is_seen_where_part_of_the_request_is_in_the_query() {
    let op = TestProvider::start().await;
    let (_, old) = signed_in(&op, SCOPE).await;
    let (tokens, _) = rotated(&op, &old).await;
    op.clock
        .advance(op.provider.settings.tokens.refresh_grace_seconds);
    let secret = countersign_testing::ClientPersona::secret_of("confidential");
    let headers = [(
        "authorization",
        countersign_testing::basic("confidential", secret),
    )];
    let form = [("grant_type", "refresh_token"), ("refresh_token", &old)];
    let answer = op
        .browser()
        .post_with("/token?scope=openid", &form, &headers)
        .await;
    expect::refused(&answer, "invalid_grant");
    assert!(!expect::is_accepted(&op, &tokens.access_token).await);
}
