//! Attack cases 1 to 3: what an attacker does with a code (RFC 6749, sections 4.1.2 and 10.5; RFC
//! 9700, section 4.5).

use countersign_testing::{ALICE, TestProvider, VERIFIER, callback};
use http::StatusCode;

use crate::expect;

const SCOPE: &str = "openid email";

/// A client, where it is sent back to.
const CLIENTS: [(&str, &str); 3] = [
    ("confidential", callback::CONFIDENTIAL), // JWT access tokens
    ("posting", callback::POSTING),           // opaque ones
    ("public", callback::PUBLIC),
];

async fn code(op: &TestProvider, client_id: &str, redirect_uri: &str) -> String {
    let mut browser = op.browser();
    op.code(&mut browser, &ALICE, client_id, redirect_uri, SCOPE)
        .await
}

#[tokio::test]
async fn attack_01_a_replayed_code_is_refused_and_all_its_tokens_are_revoked() {
    // At once, after half a minute, and long after the code's own life.
    for wait_seconds in [0, 30, 300] {
        for (client_id, redirect_uri) in CLIENTS {
            let op = TestProvider::start().await;
            let code = code(&op, client_id, redirect_uri).await;
            let tokens = op.redeem(client_id, redirect_uri, &code).await.tokens();
            assert!(expect::is_accepted(&op, &tokens.access_token).await);

            op.clock.advance(wait_seconds);
            let replay = op.redeem(client_id, redirect_uri, &code).await;
            expect::refused(&replay, "invalid_grant");

            expect::token_refused(&op.userinfo(&tokens.access_token).await);
            let refresh_token = tokens.refresh_token.expect("a refresh token");
            expect::refused(
                &op.refresh(client_id, &refresh_token).await,
                "invalid_grant",
            );
        }
    }
}

#[tokio::test]
async fn attack_01_a_replay_also_revokes_what_was_refreshed_since() {
    let op = TestProvider::start().await;
    let code = code(&op, "confidential", callback::CONFIDENTIAL).await;
    let first = op
        .redeem("confidential", callback::CONFIDENTIAL, &code)
        .await
        .tokens();
    let refresh_token = first.refresh_token.expect("a refresh token");
    let second = op.refresh("confidential", &refresh_token).await.tokens();

    let replay = op
        .redeem("confidential", callback::CONFIDENTIAL, &code)
        .await;
    expect::refused(&replay, "invalid_grant");

    assert!(!expect::is_accepted(&op, &second.access_token).await);
    let successor = second.refresh_token.expect("a successor");
    expect::refused(
        &op.refresh("confidential", &successor).await,
        "invalid_grant",
    );
}

#[tokio::test]
async fn attack_01_a_replay_ends_that_grant_and_no_other() {
    let op = TestProvider::start().await;
    let code = code(&op, "confidential", callback::CONFIDENTIAL).await;
    op.redeem("confidential", callback::CONFIDENTIAL, &code)
        .await
        .tokens();
    let other = op
        .tokens(&ALICE, "confidential", callback::CONFIDENTIAL, SCOPE)
        .await;

    let replay = op
        .redeem("confidential", callback::CONFIDENTIAL, &code)
        .await;
    expect::refused(&replay, "invalid_grant");
    assert!(expect::is_accepted(&op, &other.access_token).await);
}

#[tokio::test]
async fn attack_02_of_two_concurrent_redemptions_one_succeeds_and_the_other_is_a_replay() {
    let op = TestProvider::start().await;
    let code = code(&op, "confidential", callback::CONFIDENTIAL).await;
    let (one, other) = tokio::join!(
        op.redeem("confidential", callback::CONFIDENTIAL, &code),
        op.redeem("confidential", callback::CONFIDENTIAL, &code),
    );
    let (won, lost) = match one.status {
        StatusCode::OK => (one, other),
        _ => (other, one),
    };
    assert_eq!(won.status, StatusCode::OK, "{won:?}");
    expect::refused(&lost, "invalid_grant");
    assert!(!expect::is_accepted(&op, &won.tokens().access_token).await);
}

#[tokio::test]
async fn attack_03_a_code_with_a_wrong_redirect_uri_or_verifier_is_invalidated() {
    let wrong: [(&str, &str, Option<&str>); 3] = [
        (
            "another redirect_uri",
            "https://confidential.example/other",
            Some(VERIFIER),
        ),
        (
            "another verifier",
            callback::CONFIDENTIAL,
            Some("another-verifier-that-is-long-enough-for-the-rule"),
        ),
        ("no verifier", callback::CONFIDENTIAL, None),
    ];
    for (what, redirect_uri, verifier) in wrong {
        let op = TestProvider::start().await;
        let code = code(&op, "confidential", callback::CONFIDENTIAL).await;
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", redirect_uri),
        ];
        form.extend(verifier.map(|verifier| ("code_verifier", verifier)));
        expect::refused(&op.token("confidential", &form).await, "invalid_grant");

        let right = op
            .redeem("confidential", callback::CONFIDENTIAL, &code)
            .await;
        assert_eq!(
            right.status,
            StatusCode::BAD_REQUEST,
            "{what}: the code still works"
        );
        expect::refused(&right, "invalid_grant");
    }
}

#[tokio::test]
async fn attack_03_a_code_that_another_client_presents_is_refused_and_nothing_changes() {
    let op = TestProvider::start().await;
    let code = code(&op, "confidential", callback::CONFIDENTIAL).await;
    for (thief, redirect_uri) in [
        ("posting", callback::CONFIDENTIAL),
        ("posting", callback::POSTING),
        ("public", callback::CONFIDENTIAL),
    ] {
        let stolen = op.redeem(thief, redirect_uri, &code).await;
        expect::refused(&stolen, "invalid_grant");
    }
    let own = op
        .redeem("confidential", callback::CONFIDENTIAL, &code)
        .await;
    assert_eq!(own.status, StatusCode::OK, "{own:?}");
    let tokens = own.tokens();

    // Neither does a used one: the thief ends no one's grant.
    expect::refused(
        &op.redeem("posting", callback::CONFIDENTIAL, &code).await,
        "invalid_grant",
    );
    assert!(expect::is_accepted(&op, &tokens.access_token).await);
}

#[tokio::test]
async fn attack_03_a_used_code_with_a_wrong_verifier_changes_nothing() {
    let op = TestProvider::start().await;
    let code = code(&op, "confidential", callback::CONFIDENTIAL).await;
    let tokens = op
        .redeem("confidential", callback::CONFIDENTIAL, &code)
        .await
        .tokens();
    let guessed = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", callback::CONFIDENTIAL),
        (
            "code_verifier",
            "a-verifier-that-somebody-made-up-from-nothing",
        ),
    ];
    expect::refused(&op.token("confidential", &guessed).await, "invalid_grant");
    assert!(expect::is_accepted(&op, &tokens.access_token).await);
}

#[tokio::test]
async fn attack_03_a_made_up_code_is_refused_whoever_sends_it() {
    let op = TestProvider::start().await;
    let code = code(&op, "confidential", callback::CONFIDENTIAL).await;
    let mut other_secret = code.clone();
    other_secret.replace_range(35..40, "AAAAA");
    let other_id = format!("cs_ac_{}{}", "A".repeat(22), &code[28..]);
    for made_up in [
        other_secret.as_str(),
        &other_id,
        "cs_ac_",
        "x",
        &code[..code.len() - 1],
    ] {
        let answer = op
            .redeem("confidential", callback::CONFIDENTIAL, made_up)
            .await;
        expect::refused(&answer, "invalid_grant");
    }
    let own = op
        .redeem("confidential", callback::CONFIDENTIAL, &code)
        .await;
    assert_eq!(own.status, StatusCode::OK, "{own:?}");
}
