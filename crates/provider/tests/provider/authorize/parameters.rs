//! Which parameters matter, and which do not.

use countersign_testing::{ALICE, TestProvider, callback, claims_of};
use http::{Method, StatusCode};

use super::{CALLBACK, asked, id_token_of, request};
use crate::expect;

#[tokio::test]
async fn get_and_post_are_both_taken() {
    // OpenID Connect Core, section 3.1.2.1: "Authorization Servers MUST support the use of the HTTP
    // GET and POST methods".
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let request = request(&op, &[("scope", "openid")]);
    let got = browser.get_with("/authorize", &request).await;
    let posted = browser.post("/authorize", &request).await;
    for answer in [got, posted] {
        assert!(answer.location_parameter("code").is_some(), "{answer:?}");
    }
}

#[tokio::test]
async fn a_head_request_is_answered_like_a_get_without_effect() {
    let op = TestProvider::start().await;
    let query = countersign_testing::form(&request(&op, &[]));
    let path = format!("/authorize?{query}");
    let answer = op.browser().send(Method::HEAD, &path, &[], None).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn neither_the_order_of_parameters_nor_that_of_scopes_matters() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    op.code(
        &mut browser,
        &ALICE,
        "confidential",
        CALLBACK,
        "openid email profile",
    )
    .await;
    let mut shuffled = request(&op, &[]);
    for _ in 0..shuffled.len() {
        shuffled.rotate_left(1);
        for scope in [
            "openid email profile",
            "profile email openid",
            "email openid profile",
        ] {
            let mut request = shuffled.clone();
            for (_, value) in request.iter_mut().filter(|(name, _)| *name == "scope") {
                scope.clone_into(value);
            }
            let answer = browser.get_with("/authorize", &request).await;
            assert!(answer.location_parameter("code").is_some(), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn unknown_parameters_and_unknown_scopes_are_ignored() {
    // RFC 6749, section 3.1: "MUST ignore unrecognized request parameters"; OpenID Connect Core,
    // section 3.1.2.1 for scopes.
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let changes = [
        ("extra", "foobar"),
        ("access_token", "x"),
        ("code", "x"),
        ("scope", "openid nobody_has_this read:everything"),
    ];
    let answer = asked(&op, &mut browser, &changes).await;
    let code = answer.location_parameter("code").expect("a code");
    let tokens = op.redeem("confidential", CALLBACK, &code).await.tokens();
    assert_eq!(
        tokens.body["scope"], "openid",
        "the answer names what was granted"
    );
}

#[tokio::test]
async fn an_uninvited_challenge_is_accepted_and_held_to() {
    // A confidential client that need not use PKCE: RFC 9700, section 2.1.1, still recommends it.
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let with = asked(&op, &mut browser, &[("scope", "openid")]).await;
    id_token_of(&op, &with).await;
    let changes = [
        ("scope", "openid"),
        ("code_challenge", ""),
        ("code_challenge_method", ""),
    ];
    let without = asked(&op, &mut browser, &changes).await;
    let code = without.location_parameter("code").expect("a code");
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
    ];
    let answer = op.token("confidential", &form).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

#[tokio::test]
async fn hints_and_preferences_never_are_an_error() {
    // OpenID Connect Core, section 3.1.2.1: "An error SHOULD NOT result if some or all of the
    // requested locales are not supported"; acr_values are a voluntary wish.
    let op = TestProvider::start().await;
    for (name, value) in [
        ("display", "page"),
        ("display", "popup"),
        ("display", "wap"),
        ("display", "hologram"),
        ("ui_locales", "se"),
        ("ui_locales", "xx-YY zz !!"),
        ("claims_locales", "se"),
        ("login_hint", "nobody@example.org"),
        ("login_hint", "<>"),
        ("acr_values", "urn:mace:incommon:iap:silver 1 2"),
        ("claims", r#"{"userinfo":{"name":{"essential":true}}}"#),
        ("prompt", "login"),
        ("max_age", "0"),
    ] {
        let answer = asked(&op, &mut op.browser(), &[(name, value)]).await;
        assert_eq!(answer.status, StatusCode::OK, "{name}={value}: {answer:?}");
        assert_eq!(answer.page_kind(), "login", "{name}={value}: {answer:?}");
    }
}

#[tokio::test]
async fn a_login_hint_stands_in_the_username_field() {
    let op = TestProvider::start().await;
    let answer = asked(
        &op,
        &mut op.browser(),
        &[("login_hint", "alice@example.org")],
    )
    .await;
    assert!(
        answer.body.contains("value=\"alice@example.org\""),
        "{answer:?}"
    );
}

#[tokio::test]
async fn ui_locales_go_before_the_browsers_own_language() {
    let op = TestProvider::start().await;
    let cases = [
        ("de", "en", "de"),
        ("de-AT en", "en", "de"),
        ("se de", "en", "de"),
        ("en", "de", "en"),
    ];
    for (ui_locales, accept_language, language) in cases {
        let query = countersign_testing::form(&request(&op, &[("ui_locales", ui_locales)]));
        let headers = [("accept-language", accept_language.to_owned())];
        let path = format!("/authorize?{query}");
        let answer = op.browser().get_with_headers(&path, &headers).await;
        assert_eq!(answer.header("content-language"), language, "{ui_locales}");
    }
    let mut browser = op.browser();
    let login = asked(&op, &mut browser, &[("ui_locales", "de")]).await;
    let consent = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    assert_eq!(
        consent.header("content-language"),
        "de",
        "and stay through the whole sign-in"
    );
}

#[tokio::test]
async fn nonce_is_optional_for_a_code() {
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let answer = asked(&op, &mut browser, &[("scope", "openid"), ("nonce", "")]).await;
    let id_token = id_token_of(&op, &answer).await;
    assert!(id_token["nonce"].is_null(), "{id_token}");
}

#[tokio::test]
async fn an_empty_value_counts_as_omitted() {
    // RFC 6749, section 3.1: "Parameters sent without a value MUST be treated as if they were
    // omitted".
    let op = TestProvider::start().await;
    let mut browser = op.signed_in(&ALICE).await;
    let mut request = request(&op, &[("scope", "openid")]);
    for name in [
        "prompt",
        "max_age",
        "response_mode",
        "id_token_hint",
        "request",
        "request_uri",
        "x",
    ] {
        request.push((name, String::new()));
    }
    let answer = browser.get_with("/authorize", &request).await;
    assert!(answer.location_parameter("code").is_some(), "{answer:?}");
}

#[tokio::test]
async fn a_request_without_scope_gets_the_clients_default() {
    // RFC 6749, section 3.3.
    let op = TestProvider::start().await;
    let mut request = op.authorization("first-party", callback::FIRST_PARTY, "");
    request.retain(|(name, _)| *name != "scope");
    let mut browser = op.browser();
    let login = browser.get_with("/authorize", &request).await;
    let back = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    let code = back.location_parameter("code").expect("a code");
    let tokens = op
        .redeem("first-party", callback::FIRST_PARTY, &code)
        .await
        .tokens();
    assert_eq!(tokens.body["scope"], "openid profile");

    let without = asked(&op, &mut op.browser(), &[("scope", "")]).await;
    expect::sent_back(&without, CALLBACK, "invalid_scope");
    let only_unknown = asked(&op, &mut op.browser(), &[("scope", "nothing that exists")]).await;
    expect::sent_back(&only_unknown, CALLBACK, "invalid_scope");
}

#[tokio::test]
async fn a_client_gets_no_scope_that_it_is_not_registered_for() {
    let op = TestProvider::start().await;
    let scope = "openid profile email address phone reports offline_access";
    let tokens = op
        .tokens(&ALICE, "first-party", callback::FIRST_PARTY, scope)
        .await;
    assert_eq!(tokens.body["scope"], "openid profile email reports");
    assert!(
        tokens.refresh_token.is_none(),
        "not registered for refresh_token"
    );
}

#[tokio::test]
async fn without_openid_it_is_plain_oauth() {
    let op = TestProvider::start().await;
    let tokens = op.tokens(&ALICE, "confidential", CALLBACK, "reports").await;
    assert_eq!(tokens.body["scope"], "reports");
    assert!(tokens.id_token.is_none());
    // Several spaces are one, as in prompt.
    let spaced = " reports   email ";
    let tokens = op.tokens(&ALICE, "confidential", CALLBACK, spaced).await;
    assert_eq!(tokens.body["scope"], "reports email");
    // OpenID Connect Core, section 11: offline_access is OpenID Connect's, and ignored without
    // openid.
    let tokens = op
        .tokens(&ALICE, "confidential", CALLBACK, "reports offline_access")
        .await;
    assert_eq!(tokens.body["scope"], "reports");
}

#[tokio::test]
async fn what_cannot_be_understood_is_sent_back_with_its_code() {
    let op = TestProvider::start().await;
    let cases: [(&str, &str, &str); 11] = [
        ("response_type", "", "invalid_request"), // RFC 6749, section 4.1.2.1
        ("scope", "openid\u{a0}email", "invalid_scope"),
        ("scope", "openid,\"email\"", "invalid_scope"),
        ("scope", "openid \\", "invalid_scope"),
        ("prompt", "none login", "invalid_request"), // OpenID Connect Core, section 3.1.2.1
        ("prompt", "Login", "invalid_request"),
        ("max_age", "-1", "invalid_request"),
        ("max_age", "1.5", "invalid_request"),
        ("max_age", "+1", "invalid_request"),
        ("max_age", "soon", "invalid_request"),
        ("registration", "{}", "registration_not_supported"), // OpenID Connect Core, section 3.1.2.6
    ];
    for (name, value, error) in cases {
        let answer = asked(&op, &mut op.browser(), &[(name, value)]).await;
        expect::sent_back(&answer, CALLBACK, error);
    }
}

/// OpenID Connect Core, section 3.1.2.1. It is told, as a fault in the form of the request.
#[tokio::test]
async fn a_max_age_that_is_no_number_of_seconds_is_told_so() {
    let op = TestProvider::start().await;
    for max_age in [
        "-1",
        "-99999999999999999999",
        "1.5",
        "1e3",
        "+1",
        "0x10",
        "soon",
        "\u{664}",
        "1 ",
        " 1",
        "10s",
        "99999999999999999999999x",
    ] {
        let answer = asked(&op, &mut op.browser(), &[("max_age", max_age)]).await;
        expect::sent_back(&answer, CALLBACK, "invalid_request");
        assert_eq!(
            answer.location_parameter("error_description").as_deref(),
            Some("A max_age that does not consist of digits alone. (cause: max_age_invalid)"),
            "{max_age:?}"
        );
    }
}

#[tokio::test]
async fn a_missing_redirect_uri_is_a_page_even_if_one_alone_is_registered() {
    let op = TestProvider::start().await;
    let answer = asked(&op, &mut op.browser(), &[("redirect_uri", "")]).await;
    expect::page(&answer);
    assert_eq!(
        answer.error_heading().as_deref(),
        Some("Return address missing")
    );
}

#[tokio::test]
async fn an_id_token_of_the_ids_own_algorithm_says_when_and_how_the_user_signed_in() {
    // OpenID Connect Core, section 2.
    let op = TestProvider::start().await;
    let mut browser = op.browser();
    let login = asked(&op, &mut browser, &[]).await;
    op.clock.advance(5);
    let consent = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    let signed_in_at = op.provider.now();
    op.clock.advance(7);
    let back = browser.submit(&consent, &[("decision", "allow")]).await;
    let code = back.location_parameter("code").expect("a code");
    let tokens = op.redeem("confidential", CALLBACK, &code).await.tokens();
    let id_token = claims_of(tokens.id_token.as_deref().expect("an ID token"));
    assert_eq!(id_token["auth_time"], signed_in_at);
    assert_eq!(id_token["iat"], op.provider.now());
    assert_eq!(id_token["amr"], serde_json::json!(["pwd"])); // RFC 8176, section 2
    assert_eq!(id_token["acr"], "1", "one factor");
}

#[tokio::test]
async fn a_resource_is_refused_where_none_is_known() {
    // RFC 8707, section 2: "invalid_target: The requested resource is invalid, missing, unknown, or
    // malformed"; an empty value counts as omitted (RFC 6749, section 3.1).
    let op = TestProvider::start().await;
    let changes = [("resource", "https://api.example/")];
    let answer = asked(&op, &mut op.browser(), &changes).await;
    expect::sent_back(&answer, CALLBACK, "invalid_target");
    let answer = asked(&op, &mut op.browser(), &[("resource", "")]).await;
    assert_eq!(answer.page_kind(), "login", "{answer:?}");
}

/// RFC 6749, section 4.1.2.1: a request that is malformed is an error for the client, if the client
/// and its redirect URI are beyond doubt. A silent request would otherwise wait for ever.
#[tokio::test]
async fn a_malformed_parameter_is_sent_back_to_a_client_that_is_beyond_doubt() {
    let op = TestProvider::start().await;
    let good = request(&op, &[("prompt", "none")]);
    let good = countersign_testing::form(&good);
    for (malformed, state) in [
        ("nonce=%00", true),
        ("login_hint=a%0Ab", true),
        ("unknown=%zz", true),
        ("unknown=%ff", true),
        ("=x", true),
        ("unknown=1&unknown=2", true),
        ("response_mode=query&response_mode=query", true),
        ("state=%00", false),
        ("state=again", false),
    ] {
        let path = format!("/authorize?{good}&{malformed}");
        let answer = op.browser().get(&path).await;
        let sent = |name: &str| answer.location_parameter(name);
        let error = sent("error");
        assert_eq!(
            error.as_deref(),
            Some("invalid_request"),
            "{malformed}: {answer:?}"
        );
        assert_eq!(sent("state").is_some(), state, "{malformed}");
        assert_eq!(sent("iss").as_deref(), Some(op.provider.issuer.as_str()));
        // In the mode that was asked for.
        let path = format!("/authorize?{good}&{malformed}&response_mode=form_post");
        let page = op.browser().get(&path).await;
        if !malformed.contains("response_mode") {
            assert_eq!(page.form_action().as_deref(), Some(CALLBACK), "{malformed}");
            let error = page.hidden_field("error");
            assert_eq!(error.as_deref(), Some("invalid_request"), "{malformed}");
        }
    }
    for malformed in [
        "client_id=confidential",
        "client_id=%00",
        "redirect_uri=%zz",
        "redirect_uri=https%3A%2F%2Fevil.example%2F",
    ] {
        let path = format!("/authorize?{good}&{malformed}");
        expect::page(&op.browser().get(&path).await);
    }
}
