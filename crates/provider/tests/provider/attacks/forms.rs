//! Attack case 52: forms that someone else made (OWASP ASVS 3.5, RFC 9700, section 4.7;
//! RP-Initiated Logout, section 2).

use countersign_testing::{
    ALICE, Answer, BOB, Browser, ClientPersona, Options, TestProvider, callback,
};
use http::{StatusCode, header};

use crate::expect;

struct Journey {
    op: TestProvider,
    victim: Browser,
    /// The victim's own page.
    login: Answer,
}

impl Journey {
    async fn start() -> Journey {
        let op = TestProvider::start().await;
        let mut victim = op.browser();
        let request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
        let login = victim.get_with("/authorize", &request).await;
        Journey { op, victim, login }
    }

    async fn at_consent(&mut self) -> Answer {
        self.victim
            .sign_in(&self.login, ALICE.username, ALICE.password)
            .await
    }
}

fn interaction_of(page: &Answer) -> String {
    page.hidden_field("interaction").expect("an interaction")
}

#[track_caller]
fn forbidden(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{answer:?}");
    expect::page(answer);
}

/// A sign-out that was not confirmed can still be completed: the person decides on a new page.
#[track_caller]
fn asked_again(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{answer:?}");
    expect::sign_out_page(answer, "Please decide once more");
}

#[tokio::test]
async fn attack_52_a_form_without_our_token_is_forbidden() {
    let mut journey = Journey::start().await;
    let right = [("username", ALICE.username), ("password", ALICE.password)];
    forbidden(&journey.victim.post("/login", &right).await);
    let consent = journey.at_consent().await;
    forbidden(
        &journey
            .victim
            .post("/consent", &[("decision", "allow")])
            .await,
    );
    forbidden(
        &journey
            .victim
            .post("/consent", &[("decision", "deny")])
            .await,
    );
    asked_again(
        &journey
            .victim
            .post("/logout", &[("decision", "confirm")])
            .await,
    );
    // The victim's own form still works.
    let back = journey
        .victim
        .submit(&consent, &[("decision", "allow")])
        .await;
    assert!(back.location_parameter("code").is_some(), "{back:?}");
}

#[tokio::test]
async fn attack_52_a_form_with_a_garbled_token_is_forbidden() {
    let mut journey = Journey::start().await;
    let consent = journey.at_consent().await;
    let logout = journey.victim.get("/logout").await;
    let own = interaction_of(&consent);
    let swapped = interaction_of(&logout);
    let mut flipped = own.clone();
    let middle = flipped.len() / 2;
    let other = if flipped.as_bytes()[middle] == b'A' {
        "B"
    } else {
        "A"
    };
    flipped.replace_range(middle..=middle, other);
    let cut = &own[..own.len() - 4];
    let long = "A".repeat(30_000);
    for token in ["x", "", "AAAA", "!!", cut, &flipped, &swapped, &long] {
        let fields = [("interaction", token), ("decision", "allow")];
        forbidden(&journey.victim.post("/consent", &fields).await);
        let fields = [
            ("interaction", token),
            ("username", "alice"),
            ("password", "x"),
        ];
        forbidden(&journey.victim.post("/login", &fields).await);
    }
    for token in ["x", "AAAA", &own] {
        let fields = [("interaction", token), ("decision", "confirm")];
        asked_again(&journey.victim.post("/logout", &fields).await);
    }
}

#[tokio::test]
async fn attack_52_a_form_with_another_browsers_token_is_forbidden() {
    let mut journey = Journey::start().await;
    let mut attacker = journey.op.browser();
    let request =
        journey
            .op
            .authorization("confidential", callback::CONFIDENTIAL, "openid profile");
    let attackers_login = attacker.get_with("/authorize", &request).await;

    // Login CSRF: the victim would go on under the attacker's account, in the attacker's request.
    let answer = journey
        .victim
        .sign_in(&attackers_login, BOB.username, BOB.password)
        .await;
    forbidden(&answer);

    let attackers_consent = attacker
        .sign_in(&attackers_login, BOB.username, BOB.password)
        .await;
    assert_eq!(attackers_consent.page_kind(), "consent");
    journey.at_consent().await;
    let answer = journey
        .victim
        .submit(&attackers_consent, &[("decision", "allow")])
        .await;
    forbidden(&answer);

    let attackers_logout = attacker.get("/logout").await;
    let answer = journey
        .victim
        .submit(&attackers_logout, &[("decision", "confirm")])
        .await;
    asked_again(&answer);
    // A browser without any cookie neither.
    let mut bare = journey.op.browser();
    forbidden(
        &bare
            .sign_in(&attackers_login, BOB.username, BOB.password)
            .await,
    );
}

#[tokio::test]
async fn attack_52_a_form_of_another_deployment_under_the_same_master_key_is_forbidden() {
    // A staging copy with the same key: what it sealed is not ours, whatever cookie comes with it.
    let explained = || Options::with_site(|settings| settings.errors.explain_errors = true);
    let ours = TestProvider::start_with(explained()).await;
    let theirs = TestProvider::joining(explained()).await;
    theirs
        .add_client(ClientPersona::named("confidential"))
        .await;
    let mut attacker = theirs.browser();
    let request = theirs.authorization("confidential", callback::CONFIDENTIAL, "openid");
    let login = attacker.get_with("/authorize", &request).await;
    assert_eq!(login.page_kind(), "login", "{login:?}");
    let answer = ours
        .browser()
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    forbidden(&answer);
    let cause = answer.explained_cause();
    assert_eq!(cause.as_deref(), Some("interaction_unreadable"));
}

#[tokio::test]
async fn attack_52_consent_counts_only_from_the_user_who_was_shown_the_page() {
    let mut journey = Journey::start().await;
    let alices_page = journey.at_consent().await;
    // In the same browser someone else signs in; then the old tab's button is pressed.
    let mut request = journey
        .op
        .authorization("public", callback::PUBLIC, "openid");
    request.push(("prompt", "login".to_owned()));
    let login = journey.victim.get_with("/authorize", &request).await;
    journey
        .victim
        .sign_in(&login, BOB.username, BOB.password)
        .await;
    let answer = journey
        .victim
        .submit(&alices_page, &[("decision", "allow")])
        .await;
    assert_eq!(
        answer.page_kind(),
        "consent",
        "Bob is asked himself: {answer:?}"
    );
    assert!(answer.body.contains(BOB.name), "{answer:?}");
}

#[tokio::test]
async fn attack_52_an_account_is_chosen_only_by_the_user_who_was_shown_the_page() {
    // Both consented before: without the page nothing stops Bob's code.
    let op = TestProvider::start().await;
    op.signed_in(&BOB).await;
    let mut browser = op.signed_in(&ALICE).await;
    let mut request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    request.push(("prompt", "select_account".to_owned()));
    let alices_page = browser.get_with("/authorize", &request).await;
    assert!(alices_page.body.contains(ALICE.name), "{alices_page:?}");

    // In another tab Bob signs in; then "Continue as Alice" is pressed.
    let mut request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    request.push(("prompt", "login".to_owned()));
    let login = browser.get_with("/authorize", &request).await;
    let back = browser.sign_in(&login, BOB.username, BOB.password).await;
    assert!(back.location_parameter("code").is_some(), "{back:?}");
    let bobs_page = browser
        .submit(&alices_page, &[("decision", "continue")])
        .await;
    assert!(
        bobs_page.body.contains("id=\"account-continue\"") && bobs_page.body.contains(BOB.name),
        "Bob is asked himself: {bobs_page:?}"
    );
    let back = browser
        .submit(&bobs_page, &[("decision", "continue")])
        .await;
    assert!(back.location_parameter("code").is_some(), "{back:?}");
}

#[tokio::test]
async fn attack_52_an_account_that_was_chosen_is_not_the_next_users() {
    // Alice chose her account and is on the consent page; Bob signs in in another tab.
    let op = TestProvider::start().await;
    op.signed_in(&BOB).await;
    let mut browser = op.signed_in(&ALICE).await;
    let mut request = op.authorization("confidential", callback::CONFIDENTIAL, "openid email");
    request.push(("prompt", "select_account".to_owned()));
    let chooser = browser.get_with("/authorize", &request).await;
    let consent = browser.submit(&chooser, &[("decision", "continue")]).await;
    assert_eq!(consent.page_kind(), "consent", "{consent:?}");
    let request = [("prompt", "login".to_owned())]
        .into_iter()
        .chain(op.authorization("confidential", callback::CONFIDENTIAL, "openid"));
    let login = browser
        .get_with("/authorize", &request.collect::<Vec<_>>())
        .await;
    browser.sign_in(&login, BOB.username, BOB.password).await;
    let answer = browser.submit(&consent, &[("decision", "allow")]).await;
    assert!(
        answer.body.contains("id=\"account-continue\"") && answer.body.contains(BOB.name),
        "{answer:?}"
    );
}

#[tokio::test]
async fn attack_52_an_account_choosers_token_is_no_consent() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let mut request = op.authorization("confidential", callback::CONFIDENTIAL, "openid email");
    request.push(("prompt", "select_account".to_owned()));
    let chooser = browser.get_with("/authorize", &request).await;
    let interaction = interaction_of(&chooser);
    let fields = [("interaction", interaction.as_str()), ("decision", "allow")];
    let answer = browser.post("/consent", &fields).await;
    assert_eq!(answer.location_parameter("code"), None, "{answer:?}");
}

#[tokio::test]
async fn attack_52_a_login_pages_token_is_no_consent() {
    let mut journey = Journey::start().await;
    journey.at_consent().await;
    // The sealed request of the login page, posted as if it had been the consent page's.
    let interaction = interaction_of(&journey.login);
    let fields = [("interaction", interaction.as_str()), ("decision", "allow")];
    let answer = journey.victim.post("/consent", &fields).await;
    assert_eq!(
        answer.page_kind(),
        "consent",
        "asked for, not given: {answer:?}"
    );
}

#[tokio::test]
async fn attack_52_an_old_form_decides_nothing() {
    let mut journey = Journey::start().await;
    let consent = journey.at_consent().await;
    journey.op.clock.advance(
        journey
            .op
            .provider
            .site
            .settings
            .interactions
            .lifetime_seconds,
    );
    let answer = journey
        .victim
        .submit(&consent, &[("decision", "allow")])
        .await;
    assert_eq!(answer.page_kind(), "consent", "asked again: {answer:?}");
    assert!(!answer.headers.contains_key(header::LOCATION), "{answer:?}");
}

#[tokio::test]
async fn attack_52_our_own_forms_are_taken_with_the_origin_that_browsers_send() {
    // Under `Referrer-Policy: no-referrer` a browser posts our own forms with `Origin: null`.
    for origin in ["null", "https://op.example"] {
        let mut journey = Journey::start().await;
        let interaction = interaction_of(&journey.login);
        let fields = [
            ("interaction", interaction.as_str()),
            ("username", ALICE.username),
            ("password", ALICE.password),
        ];
        let headers = [("origin", origin.to_owned())];
        let answer = journey.victim.post_with("/login", &fields, &headers).await;
        assert_eq!(answer.page_kind(), "consent", "{origin}: {answer:?}");
    }
}

#[tokio::test]
async fn attack_52_opening_the_logout_address_asks_before_it_signs_anyone_out() {
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let redirect_uri = callback::CONFIDENTIAL;
    let code = op
        .code(&mut browser, &ALICE, "confidential", redirect_uri, "openid")
        .await;
    let tokens = op
        .redeem("confidential", redirect_uri, &code)
        .await
        .tokens();
    let bobs = op
        .tokens(&BOB, "confidential", redirect_uri, "openid")
        .await;
    let bobs_hint = bobs.id_token.expect("an ID token");

    // Nothing, a client's name, and someone else's hint: each may come from any web page.
    let requests: [&[(&str, &str)]; 4] = [
        &[],
        &[("state", "x")],
        &[("client_id", "confidential")],
        &[("id_token_hint", &bobs_hint)],
    ];
    for request in requests {
        let got = browser.get_with("/logout", request).await;
        let posted = browser.post("/logout", request).await;
        for answer in [got, posted] {
            assert_eq!(answer.page_kind(), "logout", "{request:?}: {answer:?}");
            assert!(
                !answer.headers.contains_key(header::SET_COOKIE),
                "{answer:?}"
            );
        }
    }
    assert!(expect::is_accepted(&op, &tokens.access_token).await);

    let page = browser.get("/logout").await;
    let stayed = browser.submit(&page, &[("decision", "cancel")]).await;
    assert_eq!(stayed.status, StatusCode::OK);
    assert!(expect::is_accepted(&op, &tokens.access_token).await);
    browser.submit(&page, &[("decision", "confirm")]).await;
    assert!(!expect::is_accepted(&op, &tokens.access_token).await);
}

#[tokio::test]
async fn attack_52_a_sign_out_ends_no_session_but_the_one_that_was_asked() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let alices_page = browser.get("/logout").await;
    assert!(alices_page.body.contains(ALICE.name), "{alices_page:?}");

    // In another tab Bob signs in; then the button of Alice's page is pressed.
    let mut request = op.authorization("first-party", callback::FIRST_PARTY, "openid");
    request.push(("prompt", "login".to_owned()));
    let login = browser.get_with("/authorize", &request).await;
    let back = browser.sign_in(&login, BOB.username, BOB.password).await;
    let code = back.location_parameter("code").expect("a code");
    let tokens = op.redeem("first-party", callback::FIRST_PARTY, &code).await;
    let tokens = tokens.tokens();
    let confirm = [("decision", "confirm")];
    let bobs_page = browser.submit(&alices_page, &confirm).await;
    assert_eq!(bobs_page.page_kind(), "logout", "{bobs_page:?}");
    assert!(bobs_page.body.contains(BOB.name), "{bobs_page:?}");
    assert!(expect::is_accepted(&op, &tokens.access_token).await);

    let done = browser.submit(&bobs_page, &confirm).await;
    assert!(done.body.contains("You are signed out"), "{done:?}");
    assert!(!expect::is_accepted(&op, &tokens.access_token).await);
}
