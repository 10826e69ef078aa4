//! Whatever ends a session, its applications are told, and no others (Back-Channel Logout,
//! sections 2.1, 2.5 and 2.7).

use std::sync::Arc;

use countersign_management::restoration::end_everything_restored;
use countersign_management::{Actor, Context};
use countersign_provider::Store;
use countersign_testing::{ALICE, BOB, Browser, Receiver};

use super::stage::{CALLBACK, Stage, a_while, sids, sign_out};

/// Alice in two browsers and Bob in one, each with the application open.
struct Scene {
    stage: Stage,
    app: Receiver,
    first: Browser,
    /// Alice's first, Alice's second, Bob's.
    sids: [String; 3],
}

impl Scene {
    async fn set() -> Scene {
        let stage = Stage::start().await;
        let app = stage.receiver("app").await;
        let (mut first, mut second) = (stage.op.browser(), stage.op.browser());
        let mut bobs = stage.op.browser();
        let sids = [
            stage.open(&mut first, &ALICE, "app").await,
            stage.open(&mut second, &ALICE, "app").await,
            stage.open(&mut bobs, &BOB, "app").await,
        ];
        Scene {
            stage,
            app,
            first,
            sids,
        }
    }

    fn context(&self) -> Context {
        self.stage.op.provider.context(Actor::Server)
    }

    fn store(&self) -> &Arc<dyn Store> {
        &self.stage.op.provider.store
    }

    /// The first so many sessions are told of, each once, and no other.
    async fn tells(&self, number: usize) {
        self.app.wait_for(number).await;
        a_while().await;
        let mut told = sids(&self.app.taken());
        let mut expected = self.sids[..number].to_vec();
        told.sort();
        expected.sort();
        assert_eq!(told, expected);
    }
}

#[tokio::test]
async fn a_sign_out_that_an_application_asked_for() {
    let stage = Stage::start().await;
    let app = stage.receiver("app").await;
    let mut browser = stage.op.browser();
    let hint = stage.id_token(&mut browser, &ALICE, "app").await;
    browser
        .get_with("/logout", &[("id_token_hint", &hint)])
        .await;
    let taken = app.wait_for(1).await;
    let sid = countersign_testing::claims_of(&hint)["sid"].clone();
    assert_eq!(sid, taken[0].claim("sid"));
}

#[tokio::test]
async fn a_sign_out_on_the_page_that_asks() {
    let mut scene = Scene::set().await;
    sign_out(&mut scene.first).await;
    scene.tells(1).await;
}

#[tokio::test]
async fn a_sign_out_on_the_account_page() {
    let mut scene = Scene::set().await;
    let page = scene.first.get("/account").await;
    scene.first.submit(&page, &[("decision", "confirm")]).await;
    scene.tells(1).await;
}

#[tokio::test]
async fn a_sign_in_of_another_user_in_the_same_browser() {
    let mut scene = Scene::set().await;
    let mut request = scene.stage.op.authorization("app", CALLBACK, "openid");
    request.push(("prompt", "login".to_owned()));
    let login = scene.first.get_with("/authorize", &request).await;
    let other = scene.first.submit(&login, &[("decision", "other")]).await;
    scene
        .first
        .sign_in(&other, BOB.username, BOB.password)
        .await;
    scene.tells(1).await;
}

#[tokio::test]
async fn the_end_of_one_client_session() {
    let scene = Scene::set().await;
    let sid = scene.sids[0].parse().expect("a sid");
    let now = scene.stage.op.provider.now();
    assert!(
        scene
            .store()
            .end_client_session(&sid, now)
            .await
            .expect("ends")
    );
    scene.tells(1).await;
}

#[tokio::test]
async fn a_client_session_is_told_of_once_though_its_browser_session_ends_later() {
    let mut scene = Scene::set().await;
    let sid = scene.sids[0].parse().expect("a sid");
    let now = scene.stage.op.provider.now();
    let ended = scene.store().end_client_session(&sid, now).await;
    assert!(ended.expect("ends"));
    scene.tells(1).await;
    sign_out(&mut scene.first).await;
    scene.tells(1).await;
}

#[tokio::test]
async fn a_changed_password() {
    let scene = Scene::set().await;
    scene
        .stage
        .op
        .change_password(&ALICE, "another password")
        .await;
    scene.tells(2).await;
}

#[tokio::test]
async fn a_disabled_user() {
    let scene = Scene::set().await;
    scene.stage.op.disable_person(&ALICE).await;
    scene.tells(2).await;
    scene.stage.op.enable_person(&ALICE).await;
    scene.tells(2).await;
}

#[tokio::test]
async fn a_deleted_user() {
    let scene = Scene::set().await;
    scene.stage.op.delete_person(&ALICE).await;
    scene.tells(2).await;
}

#[tokio::test]
async fn a_session_that_began_after_the_users_ending_goes_on() {
    let scene = Scene::set().await;
    scene.stage.op.disable_person(&ALICE).await;
    scene.stage.op.enable_person(&ALICE).await;
    let mut anew = scene.stage.op.browser();
    scene.stage.open(&mut anew, &ALICE, "app").await;
    scene.tells(2).await;
    assert_ne!(anew.get("/account").await.page_kind(), "login");
}

#[tokio::test]
async fn a_withdrawn_consent_tells_that_application_only() {
    let mut scene = Scene::set().await;
    let neighbour = scene.stage.receiver("neighbour").await;
    let stage = &scene.stage;
    stage.open(&mut scene.first, &ALICE, "neighbour").await;
    stage.op.withdraw_consent(&ALICE, "app").await;
    scene.tells(2).await;
    assert_eq!(neighbour.taken().len(), 0);
    // A late repetition must not end what begins now.
    stage.op.clock.advance(1);
    let anew = stage.open(&mut scene.first, &ALICE, "app").await;
    assert!(!scene.sids.contains(&anew));
    scene.tells(2).await;
}

#[tokio::test]
async fn a_restored_backup() {
    let scene = Scene::set().await;
    let now = scene.stage.op.provider.now();
    let replaced = end_everything_restored(&scene.context(), now).await;
    replaced.expect("replaces");
    scene.tells(3).await;
}

#[tokio::test]
async fn every_application_of_the_session_is_told_and_none_that_was_not_open() {
    let stage = Stage::start().await;
    let mut apps = Vec::new();
    for name in ["one", "two", "three"] {
        apps.push((name, stage.receiver(name).await));
    }
    let never_opened = stage.receiver("four").await;
    let mut browser = stage.op.browser();
    let mut opened = Vec::new();
    for (name, _) in &apps {
        opened.push(stage.open(&mut browser, &ALICE, name).await);
    }
    // A client without an address is not in anyone's way.
    stage
        .op
        .code(
            &mut browser,
            &ALICE,
            "public",
            "https://public.example/callback",
            "openid",
        )
        .await;
    sign_out(&mut browser).await;
    for ((name, app), sid) in apps.iter().zip(opened) {
        let taken = app.wait_for(1).await;
        assert_eq!(sids(&taken), [sid], "{name}");
        assert_eq!(taken[0].claim("aud"), *name);
    }
    a_while().await;
    assert_eq!(never_opened.taken().len(), 0);
}

#[tokio::test]
async fn a_session_that_expires_is_no_ending() {
    let scene = Scene::set().await;
    let lifetime = scene
        .stage
        .op
        .provider
        .site
        .settings
        .sessions
        .lifetime_seconds;
    scene.stage.op.clock.advance(lifetime + 1);
    a_while().await;
    assert_eq!(scene.app.taken().len(), 0);
}

#[tokio::test]
async fn a_client_that_was_disabled_is_told_nothing() {
    let mut scene = Scene::set().await;
    scene.stage.op.disable_client("app").await;
    sign_out(&mut scene.first).await;
    a_while().await;
    assert_eq!(scene.app.taken().len(), 0);
}
