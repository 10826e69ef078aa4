//! What an operator ends by hand, and what goes on: one grant, one session, a user, a client.

use countersign_management::Actor;
use countersign_management::clients::{ClientError, Clients};
use countersign_management::grants::{GrantError, GrantStatus, Grants, WantedGrants};
use countersign_management::sessions::{SessionError, SessionStatus, Sessions};
use countersign_management::users::{UserError, Users};
use countersign_oauth::client_metadata::ClientPolicy;
use countersign_provider::offered;
use countersign_store::grants::{EndCause, WhatEnded};
use countersign_testing::{ALICE, BOB, Browser, Person, TestProvider, Tokens, callback, claims_of};
use http::StatusCode;

use crate::expect;

const CALLBACK: &str = callback::CONFIDENTIAL;

fn grants(op: &TestProvider) -> Grants {
    Grants::new(op.provider.context(Actor::Server))
}

fn sessions(op: &TestProvider) -> Sessions {
    Sessions::new(op.provider.context(Actor::Server))
}

fn users(op: &TestProvider) -> Users {
    let context = op.provider.context(Actor::Server);
    Users::new(context, std::sync::Arc::clone(&op.provider.passwords))
}

async fn signed_in(op: &TestProvider, person: &Person, scope: &str) -> (Browser, Tokens) {
    let mut browser = op.browser();
    let code = op
        .code(&mut browser, person, "confidential", CALLBACK, scope)
        .await;
    let tokens = op.redeem("confidential", CALLBACK, &code).await.tokens();
    (browser, tokens)
}

fn id_of(tokens: &Tokens) -> String {
    let claims = claims_of(&tokens.access_token);
    claims["grant_id"].as_str().expect("a grant").to_owned()
}

async fn lives(op: &TestProvider, tokens: &Tokens) -> bool {
    let accepted = expect::is_accepted(op, &tokens.access_token).await;
    let refresh_token = tokens.refresh_token.as_deref().expect("a refresh token");
    let told = op.introspect("confidential", refresh_token).await.json();
    assert_eq!(told["active"], accepted, "both or neither");
    accepted
}

#[tokio::test]
async fn one_grant_ends_and_its_neighbours_go_on() {
    let op = TestProvider::start().await;
    let (_, first) = signed_in(&op, &ALICE, "openid").await;
    let (_, second) = signed_in(&op, &ALICE, "openid").await;
    let now = op.provider.now();
    let id = id_of(&first);
    let ended = grants(&op).revoke(&id, now).await.expect("ends");
    assert_eq!(ended.sub, ALICE.sub);
    assert!(!lives(&op, &first).await);
    assert!(lives(&op, &second).await);
    let again = grants(&op).revoke(&id, now).await;
    let by_operator = WhatEnded::Grant(EndCause::DeletedByOperator);
    assert!(
        matches!(&again, Err(GrantError::AlreadyEnded { what_ended, .. }) if *what_ended == by_operator),
        "{again:?}"
    );
    for unknown in ["AAAAAAAAAAAAAAAAAAAAAA", "x", ""] {
        let refused = grants(&op).revoke(unknown, now).await;
        assert!(matches!(&refused, Err(GrantError::Unknown(id)) if id == unknown));
    }
}

#[tokio::test]
async fn grants_are_listed_with_what_has_become_of_them() {
    let op = TestProvider::start().await;
    let (mut browser, first) = signed_in(&op, &ALICE, "openid").await;
    let (_, ended) = signed_in(&op, &ALICE, "openid offline_access").await;
    signed_in(&op, &BOB, "openid").await;
    op.code(&mut browser, &ALICE, "confidential", CALLBACK, "openid")
        .await;
    let now = op.provider.now();
    let revoked = grants(&op).revoke(&id_of(&ended), now).await;
    revoked.expect("ends");
    let wanted = WantedGrants {
        sub: Some(ALICE.sub.to_owned()),
        ..WantedGrants::default()
    };
    let listed = grants(&op).list(&wanted).await.expect("lists");
    assert_eq!(listed.len(), 3);
    let status = |now| {
        let statuses = listed
            .iter()
            .map(|view| GrantStatus::of(view, now).as_str());
        let mut statuses: Vec<&str> = statuses.collect();
        statuses.sort_unstable();
        statuses
    };
    assert_eq!(status(now), ["active", "code_unused", "ended"]);
    assert_eq!(status(now + 60), ["active", "ended", "expired"]);
    assert_eq!(status(now + 2_592_000), ["ended", "expired", "expired"]);
    let found = grants(&op).find(&id_of(&first)).await.expect("is there");
    assert_eq!(GrantStatus::of(&found, now), GrantStatus::Active);
}

#[tokio::test]
async fn a_session_ends_with_its_online_grants_and_offline_ones_go_on() {
    let op = TestProvider::start().await;
    let (mut browser, online) = signed_in(&op, &ALICE, "openid").await;
    let scope = "openid offline_access";
    let code = op
        .code(&mut browser, &ALICE, "confidential", CALLBACK, scope)
        .await;
    let offline = op.redeem("confidential", CALLBACK, &code).await.tokens();
    let (_, elsewhere) = signed_in(&op, &ALICE, "openid").await;
    let now = op.provider.now();
    let view = grants(&op).find(&id_of(&online)).await.expect("is there");
    let session = view.grant.parents.session.expect("online").browser_session;
    let id = session.to_string();
    let ended = sessions(&op).revoke(&id, now).await.expect("ends");
    assert_eq!(ended.sub, ALICE.sub);
    assert!(!lives(&op, &online).await);
    assert!(lives(&op, &offline).await);
    assert!(lives(&op, &elsewhere).await);
    let request = op.authorization("confidential", CALLBACK, "openid");
    let answer = browser.get_with("/authorize", &request).await;
    assert_eq!(answer.page_kind(), "login", "the browser is signed out");
    let again = sessions(&op).revoke(&id, now).await;
    assert!(
        matches!(again, Err(SessionError::AlreadyEnded(_))),
        "{again:?}"
    );
    let unknown = sessions(&op).revoke("x", now).await;
    assert!(
        matches!(unknown, Err(SessionError::Unknown(_))),
        "{unknown:?}"
    );
}

#[tokio::test]
async fn all_sessions_of_a_user_end_and_no_one_elses() {
    let op = TestProvider::start().await;
    let (_, first) = signed_in(&op, &ALICE, "openid").await;
    let (_, second) = signed_in(&op, &ALICE, "openid").await;
    let (_, offline) = signed_in(&op, &ALICE, "openid offline_access").await;
    let (_, bobs) = signed_in(&op, &BOB, "openid").await;
    let now = op.provider.now();
    let ended = sessions(&op).revoke_all_of(ALICE.sub, now).await;
    assert_eq!(ended.expect("ends").len(), 3);
    assert!(!lives(&op, &first).await && !lives(&op, &second).await);
    assert!(lives(&op, &offline).await && lives(&op, &bobs).await);
    let listed = sessions(&op).list(Some(ALICE.sub)).await.expect("lists");
    assert_eq!(listed.len(), 3);
    let ended = |view| SessionStatus::of(view, now) == SessionStatus::Ended;
    assert!(listed.iter().all(ended));
    let again = sessions(&op).revoke_all_of(ALICE.sub, now).await;
    assert!(again.expect("there are none").is_empty());
}

#[tokio::test]
async fn a_user_who_is_signed_out_keeps_the_account_and_nothing_else() {
    let op = TestProvider::start().await;
    let (_, online) = signed_in(&op, &ALICE, "openid").await;
    let (_, offline) = signed_in(&op, &ALICE, "openid offline_access").await;
    let (_, bobs) = signed_in(&op, &BOB, "openid").await;
    let now = op.provider.now();
    let user = users(&op).sign_out("alice", now).await.expect("ends");
    assert_eq!(user.sub, ALICE.sub);
    assert!(!lives(&op, &online).await && !lives(&op, &offline).await);
    assert!(lives(&op, &bobs).await);
    let listed = sessions(&op).list(Some(ALICE.sub)).await.expect("lists");
    let ended = |view| SessionStatus::of(view, now) == SessionStatus::Ended;
    assert!(listed.iter().all(ended));
    let (_, anew) = signed_in(&op, &ALICE, "openid").await;
    assert!(lives(&op, &anew).await);
    let unknown = users(&op).sign_out("carol", now).await;
    assert!(matches!(unknown, Err(UserError::Unknown(_))), "{unknown:?}");
}

#[tokio::test]
async fn what_a_user_has_allowed_a_client_ends_and_is_asked_for_again() {
    let op = TestProvider::start().await;
    let (mut browser, online) = signed_in(&op, &ALICE, "openid").await;
    let (_, offline) = signed_in(&op, &ALICE, "openid offline_access").await;
    let other = op
        .tokens(&ALICE, "posting", callback::POSTING, "openid")
        .await;
    let now = op.provider.now();
    let withdrawn = grants(&op).withdraw(ALICE.sub, "confidential", now).await;
    withdrawn.expect("ends");
    assert!(!lives(&op, &online).await && !lives(&op, &offline).await);
    assert!(expect::is_accepted(&op, &other.access_token).await);
    let request = op.authorization("confidential", CALLBACK, "openid");
    let answer = browser.get_with("/authorize", &request).await;
    assert_eq!(answer.page_kind(), "consent", "{answer:?}");
    let again = grants(&op).withdraw(ALICE.sub, "confidential", now).await;
    assert!(
        matches!(again, Err(GrantError::NothingAllowed(_))),
        "{again:?}"
    );
}

#[tokio::test]
async fn a_clients_grants_end_and_it_may_go_on() {
    let op = TestProvider::start().await;
    let (_, tokens) = signed_in(&op, &ALICE, "openid").await;
    let other = op
        .tokens(&ALICE, "posting", callback::POSTING, "openid")
        .await;
    let form = [("grant_type", "client_credentials")];
    let own = op.token("confidential", &form).await.tokens().access_token;
    let now = op.provider.now();
    let declared = op.provider.declared_resources().await.expect("resources");
    let policy = ClientPolicy::operator(offered::to_clients(&op.provider.settings, &declared));
    let clients = Clients::new(
        op.provider.context(Actor::Server),
        op.provider.sealing.clone(),
        policy,
    );
    let ended = clients.revoke_grants("confidential", now).await;
    assert_eq!(ended.expect("ends").client_id, "confidential");
    assert!(!lives(&op, &tokens).await);
    expect::token_refused(&op.userinfo(&own).await);
    assert!(expect::is_accepted(&op, &other.access_token).await);
    assert_eq!(op.token("confidential", &form).await.status, StatusCode::OK);
    let unknown = clients.revoke_grants("nothing-like-it", now).await;
    assert!(
        matches!(unknown, Err(ClientError::Unknown(_))),
        "{unknown:?}"
    );
}
