//! The tree of life: what each ending ends, at once, and what it leaves.
//!
//! Each ending is held against an online and an offline grant, as JWT and opaque, at userinfo, for
//! a refresh, and for a code that was not redeemed yet; and against the browser session itself.

use countersign_testing::{ALICE, BOB, Browser, TestProvider, callback};

use crate::expect;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Logout,
    PasswordChanged,
    UserDisabled,
    UserDeleted,
    ConsentWithdrawn,
    ClientDisabled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Online,
    Offline,
}

impl Ending {
    const ALL: [Ending; 6] = [
        Ending::Logout,
        Ending::PasswordChanged,
        Ending::UserDisabled,
        Ending::UserDeleted,
        Ending::ConsentWithdrawn,
        Ending::ClientDisabled,
    ];

    /// OIDC Back-Channel Logout 2.7: refresh tokens with offline_access survive a logout.
    fn ends(self, kind: Kind) -> bool {
        self != Ending::Logout || kind == Kind::Online
    }

    fn ends_the_browser_session(self) -> bool {
        !matches!(self, Ending::ConsentWithdrawn | Ending::ClientDisabled)
    }

    async fn happen(self, op: &TestProvider, browser: &mut Browser, client_id: &str) {
        match self {
            Ending::Logout => {
                let page = browser.get("/logout").await;
                browser.submit(&page, &[("decision", "confirm")]).await;
            }
            Ending::PasswordChanged => op.change_password(&ALICE, "an entirely new password").await,
            Ending::UserDisabled => op.disable_person(&ALICE).await,
            Ending::UserDeleted => op.delete_person(&ALICE).await,
            Ending::ConsentWithdrawn => op.withdraw_consent(&ALICE, client_id).await,
            Ending::ClientDisabled => op.disable_client(client_id).await,
        }
    }
}

/// One sign-in with everything that belongs to it.
struct Held {
    access_token: String,
    refresh_token: String,
    /// Not redeemed.
    code: String,
}

async fn hold(op: &TestProvider, browser: &mut Browser, client: (&str, &str), kind: Kind) -> Held {
    let (client_id, redirect_uri) = client;
    let scope = match kind {
        Kind::Online => "openid",
        Kind::Offline => "openid offline_access",
    };
    let code = op
        .code(browser, &ALICE, client_id, redirect_uri, scope)
        .await;
    let tokens = op.redeem(client_id, redirect_uri, &code).await.tokens();
    Held {
        access_token: tokens.access_token,
        refresh_token: tokens.refresh_token.expect("a refresh token"),
        code: op
            .code(browser, &ALICE, client_id, redirect_uri, scope)
            .await,
    }
}

const CLIENTS: [(&str, &str); 2] = [
    ("confidential", callback::CONFIDENTIAL),
    ("posting", callback::POSTING),
];

#[tokio::test]
async fn every_ending_ends_what_it_covers_everywhere_and_at_once() {
    for ending in Ending::ALL {
        for client in CLIENTS {
            let op = TestProvider::start().await;
            let mut browser = op.browser();
            let online = hold(&op, &mut browser, client, Kind::Online).await;
            let offline = hold(&op, &mut browser, client, Kind::Offline).await;
            ending.happen(&op, &mut browser.clone(), client.0).await;
            for (kind, held) in [(Kind::Online, online), (Kind::Offline, offline)] {
                let lives = !ending.ends(kind);
                let (client_id, redirect_uri) = client;
                let what = format!("{ending:?} {kind:?} {client_id}");
                assert_eq!(
                    expect::is_accepted(&op, &held.access_token).await,
                    lives,
                    "{what}"
                );
                let refreshed = op.refresh(client_id, &held.refresh_token).await;
                assert_eq!(
                    refreshed.status.is_success(),
                    lives,
                    "{what}: {refreshed:?}"
                );
                let redeemed = op.redeem(client_id, redirect_uri, &held.code).await;
                assert_eq!(redeemed.status.is_success(), lives, "{what}: {redeemed:?}");
                if !lives {
                    let error = match ending {
                        Ending::ClientDisabled => "invalid_client",
                        _ => "invalid_grant",
                    };
                    expect::refused(&refreshed, error);
                    expect::refused(&redeemed, error);
                }
            }
        }
    }
}

#[tokio::test]
async fn every_ending_leaves_the_browser_session_exactly_where_it_should() {
    for ending in Ending::ALL {
        let op = TestProvider::start().await;
        let mut browser = op.browser();
        hold(&op, &mut browser, CLIENTS[0], Kind::Online).await;
        hold(&op, &mut browser, CLIENTS[1], Kind::Online).await;
        ending.happen(&op, &mut browser.clone(), CLIENTS[0].0).await;
        // Asked by the other client, which the ending does not concern but by way of the session.
        let mut request = op.authorization(CLIENTS[1].0, CLIENTS[1].1, "openid");
        request.push(("prompt", "none".to_owned()));
        let answer = browser.get_with("/authorize", &request).await;
        let error = answer.location_parameter("error");
        let expected = ending
            .ends_the_browser_session()
            .then_some("login_required");
        assert_eq!(error.as_deref(), expected, "{ending:?}: {answer:?}");
    }
}

#[tokio::test]
async fn what_ended_stays_ended_though_its_parent_is_allowed_again() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let held = hold(&op, &mut browser, CLIENTS[0], Kind::Offline).await;
    op.disable_person(&ALICE).await;
    op.enable_person(&ALICE).await;
    op.disable_client("confidential").await;
    op.enable_client("confidential").await;
    assert!(!expect::is_accepted(&op, &held.access_token).await);
    expect::refused(
        &op.refresh("confidential", &held.refresh_token).await,
        "invalid_grant",
    );
    let redeemed = op
        .redeem("confidential", callback::CONFIDENTIAL, &held.code)
        .await;
    expect::refused(&redeemed, "invalid_grant");
    // From here on everything works again.
    op.tokens(&ALICE, "confidential", callback::CONFIDENTIAL, "openid")
        .await;
}

#[tokio::test]
async fn an_ending_concerns_no_one_else() {
    for ending in Ending::ALL {
        let op = TestProvider::start().await;
        let mut browser = op.browser();
        hold(&op, &mut browser, CLIENTS[0], Kind::Online).await;
        let bobs = op
            .tokens(&BOB, "posting", callback::POSTING, "openid")
            .await;
        ending.happen(&op, &mut browser, CLIENTS[0].0).await;
        assert!(
            expect::is_accepted(&op, &bobs.access_token).await,
            "{ending:?}"
        );
        let refresh_token = bobs.refresh_token.expect("a refresh token");
        let refreshed = op.refresh("posting", &refresh_token).await;
        assert!(refreshed.status.is_success(), "{ending:?}: {refreshed:?}");
    }
}

#[tokio::test]
async fn withdrawing_consent_ends_that_users_grants_to_that_client_and_asks_again() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let here = hold(&op, &mut browser, CLIENTS[0], Kind::Online).await;
    let other_client = hold(&op, &mut browser, CLIENTS[1], Kind::Online).await;
    let bobs = op
        .tokens(&BOB, "confidential", callback::CONFIDENTIAL, "openid")
        .await;
    op.withdraw_consent(&ALICE, "confidential").await;
    assert!(!expect::is_accepted(&op, &here.access_token).await);
    assert!(expect::is_accepted(&op, &other_client.access_token).await);
    assert!(expect::is_accepted(&op, &bobs.access_token).await);
    let request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    assert_eq!(
        browser.get_with("/authorize", &request).await.page_kind(),
        "consent"
    );
}

#[tokio::test]
async fn a_sign_in_that_began_before_the_ending_ends_with_it() {
    // The password is verified, then changed, then consent is given: the proof is not good any
    // more.
    for ending in [
        Ending::PasswordChanged,
        Ending::UserDisabled,
        Ending::UserDeleted,
    ] {
        let op = TestProvider::start().await;
        let mut browser = op.browser();
        let request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
        let login = browser.get_with("/authorize", &request).await;
        let consent = browser
            .sign_in(&login, ALICE.username, ALICE.password)
            .await;
        ending
            .happen(&op, &mut browser.clone(), "confidential")
            .await;
        let answer = browser.submit(&consent, &[("decision", "allow")]).await;
        assert_eq!(answer.page_kind(), "login", "{ending:?}: {answer:?}");
    }
}

#[tokio::test]
async fn a_client_that_is_disabled_in_the_middle_of_a_sign_in_is_unknown() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    let login = browser.get_with("/authorize", &request).await;
    op.disable_client("confidential").await;
    let answer = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    expect::page(&answer);
    assert_eq!(
        answer.error_heading().as_deref(),
        Some("Unknown application")
    );
}

#[tokio::test]
async fn an_address_that_is_taken_away_in_the_middle_of_a_sign_in_gets_no_answer() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let request = op.authorization("public", callback::PUBLIC, "openid");
    let login = browser.get_with("/authorize", &request).await;
    let consent = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    let metadata = r#"{"redirect_uris": ["https://public.example/new"],
        "token_endpoint_auth_method": "none"}"#;
    op.update_client("public", metadata).await;
    for decision in ["allow", "deny"] {
        let answer = browser.submit(&consent, &[("decision", decision)]).await;
        expect::page(&answer);
        assert_eq!(
            answer.error_heading().as_deref(),
            Some("Return address not registered")
        );
    }
}

#[tokio::test]
async fn a_step_up_keeps_the_session_and_what_hangs_under_it() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let held = hold(&op, &mut browser, CLIENTS[0], Kind::Online).await;
    let mut request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    request.push(("prompt", "login".to_owned()));
    let login = browser.get_with("/authorize", &request).await;
    browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    assert!(expect::is_accepted(&op, &held.access_token).await);
    // Signing in as another ends it.
    let login = browser.get_with("/authorize", &request).await;
    browser.sign_in(&login, BOB.username, BOB.password).await;
    assert!(!expect::is_accepted(&op, &held.access_token).await);
}

#[tokio::test]
async fn each_client_has_its_own_sid_and_keeps_it_within_the_session() {
    // OIDC Back-Channel Logout 2.1.
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let mut sids = Vec::new();
    for (client_id, redirect_uri) in [CLIENTS[0], CLIENTS[0], CLIENTS[1]] {
        let code = op
            .code(&mut browser, &ALICE, client_id, redirect_uri, "openid")
            .await;
        let tokens = op.redeem(client_id, redirect_uri, &code).await.tokens();
        let id_token = countersign_testing::claims_of(&tokens.id_token.expect("an ID token"));
        sids.push(id_token["sid"].clone());
    }
    assert_eq!(sids[0], sids[1]);
    assert_ne!(sids[0], sids[2]);
}
