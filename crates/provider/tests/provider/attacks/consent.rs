//! Attack case 58: clients that mean ill are allowed nothing unseen (RFC 9700, section 4.13;
//! RFC 8252, section 8.6).

use countersign_testing::{ALICE, BOB, TestProvider, callback};

#[tokio::test]
async fn attack_58_every_client_is_consented_to_at_its_first_use_and_remembered_then() {
    let op = TestProvider::start().await;
    let metadata = r#"{"redirect_uris": ["https://new.example/callback"], "client_name": "New"}"#;
    op.add_client_with("new", Some("secret"), metadata).await;
    let mut browser = op.signed_in(&ALICE).await;
    let asked = |scope| op.authorization("new", "https://new.example/callback", scope);

    // That she allowed another client says nothing about this one.
    let consent = browser.get_with("/authorize", &asked("openid email")).await;
    assert_eq!(consent.page_kind(), "consent", "{consent:?}");
    let mut silent = asked("openid email");
    silent.push(("prompt", "none".to_owned()));
    let refused = browser.get_with("/authorize", &silent).await;
    assert_eq!(
        refused.location_parameter("error").as_deref(),
        Some("consent_required")
    );

    browser.submit(&consent, &[("decision", "allow")]).await;
    for scope in ["openid email", "openid", "email openid"] {
        let answer = browser.get_with("/authorize", &asked(scope)).await;
        assert!(
            answer.location_parameter("code").is_some(),
            "{scope}: {answer:?}"
        );
    }
    // The person is asked again if more is requested than was allowed; another person is asked; and
    // everyone is asked on request.
    let more = browser
        .get_with("/authorize", &asked("openid email profile"))
        .await;
    assert_eq!(more.page_kind(), "consent", "{more:?}");
    let bobs = op
        .signed_in(&BOB)
        .await
        .get_with("/authorize", &asked("openid"))
        .await;
    assert_eq!(bobs.page_kind(), "consent", "{bobs:?}");
    let mut again = asked("openid");
    again.push(("prompt", "consent".to_owned()));
    assert_eq!(
        browser.get_with("/authorize", &again).await.page_kind(),
        "consent"
    );
}

#[tokio::test]
async fn attack_58_a_client_that_any_program_could_pose_as_is_granted_nothing_unseen() {
    // RFC 8252, section 8.6: "SHOULD NOT process repeated authorization requests automatically
    // (without user consent or interaction)" where the client's identity is not assured.
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    for redirect_uri in [
        "http://127.0.0.1:5000/callback",
        "com.example.app:/callback",
    ] {
        for _ in 0..2 {
            let request = op.authorization("native", redirect_uri, "openid");
            let consent = browser.get_with("/authorize", &request).await;
            assert_eq!(
                consent.page_kind(),
                "consent",
                "{redirect_uri}: {consent:?}"
            );
            browser.submit(&consent, &[("decision", "allow")]).await;
        }
        let mut silent = op.authorization("native", redirect_uri, "openid");
        silent.push(("prompt", "none".to_owned()));
        let answer = browser.get_with("/authorize", &silent).await;
        let error = answer.location_parameter("error");
        assert_eq!(error.as_deref(), Some("consent_required"), "{answer:?}");
    }
}

#[tokio::test]
async fn a_public_client_on_this_device_is_asked_whatever_its_application_type() {
    // RFC 8252, section 8.6, depends on where the response goes: public, and not https.
    let op = TestProvider::start().await;
    let address = "http://127.0.0.1:3000/callback";
    let metadata = format!(
        r#"{{"redirect_uris": ["{address}", "https://web.example/callback"], "application_type": "web",
            "token_endpoint_auth_method": "none", "client_name": "Local"}}"#
    );
    op.add_client_with("local", None, &metadata).await;
    let mut browser = op.signed_in(&ALICE).await;
    for (redirect_uri, asked_again) in [("https://web.example/callback", false), (address, true)] {
        let request = op.authorization("local", redirect_uri, "openid");
        let consent = browser.get_with("/authorize", &request).await;
        assert_eq!(consent.page_kind(), "consent", "{consent:?}");
        let why = "any program on this device could pose as this application";
        assert_eq!(consent.body.contains(why), asked_again, "{consent:?}");
        browser.submit(&consent, &[("decision", "allow")]).await;

        let mut silent = op.authorization("local", redirect_uri, "openid");
        silent.push(("prompt", "none".to_owned()));
        let answer = browser.get_with("/authorize", &silent).await;
        let error = answer.location_parameter("error");
        let expected = asked_again.then_some("consent_required");
        assert_eq!(error.as_deref(), expected, "{answer:?}");
    }
    // The operator's explicit skip still wins.
    let skipping = metadata.replacen('{', r#"{"insecure_skip_consent": true, "#, 1);
    op.update_client("local", &skipping).await;
    let request = op.authorization("local", address, "openid");
    let answer = browser.get_with("/authorize", &request).await;
    assert!(answer.location_parameter("code").is_some(), "{answer:?}");
}

#[tokio::test]
async fn attack_58_a_denied_client_is_not_remembered_as_allowed() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let request = op.authorization("public", callback::PUBLIC, "openid");
    let consent = browser.get_with("/authorize", &request).await;
    browser.submit(&consent, &[("decision", "deny")]).await;
    let again = browser.get_with("/authorize", &request).await;
    assert_eq!(again.page_kind(), "consent", "{again:?}");
}
