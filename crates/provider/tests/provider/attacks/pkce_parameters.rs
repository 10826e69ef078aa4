//! Attack cases 14, 15, 17, 18 and 20: PKCE, and parameters that say too much (RFC 7636, RFC 9700,
//! section 2.1.1, RFC 6749, sections 3.1 and 3.2).

use countersign_testing::{
    ALICE, Answer, Browser, ClientPersona, Options, TestProvider, VERIFIER, basic, callback,
    challenge, form,
};
use http::{Method, StatusCode};

use crate::expect;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// An ordinary request of the confidential client, without some parameters and with others.
async fn asked(op: &TestProvider, without: &[&str], with: &[(&str, &str)]) -> Answer {
    let mut request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    request.retain(|(name, _)| !without.contains(name));
    request.extend(
        with.iter()
            .map(|(name, value)| (*name, (*value).to_owned())),
    );
    op.browser().get_with("/authorize", &request).await
}

async fn code_for(op: &TestProvider, browser: &mut Browser, request: &[(&str, String)]) -> String {
    let login = browser.get_with("/authorize", request).await;
    let mut answer = browser
        .sign_in(&login, ALICE.username, ALICE.password)
        .await;
    if answer.page_kind() == "consent" {
        answer = browser.submit(&answer, &[("decision", "allow")]).await;
    }
    let code = answer.location_parameter("code");
    let issuer = op.provider.issuer.as_str();
    code.unwrap_or_else(|| panic!("no code from {issuer}: {answer:?}"))
}

#[tokio::test]
async fn attack_14_a_verifier_for_a_code_without_a_challenge_is_refused() {
    // RFC 9700, section 4.8.2: someone stripped the challenge from the request.
    let op = TestProvider::start().await;
    let mut request = op.authorization("confidential", callback::CONFIDENTIAL, "openid");
    request.retain(|(name, _)| !name.starts_with("code_challenge"));
    let code = code_for(&op, &mut op.browser(), &request).await;
    let answer = op
        .redeem("confidential", callback::CONFIDENTIAL, &code)
        .await;
    expect::refused(&answer, "invalid_grant");
}

#[tokio::test]
async fn attack_14_a_public_client_without_a_challenge_is_refused() {
    let op = TestProvider::start().await;
    for (client_id, redirect_uri) in [("public", callback::PUBLIC), ("native", callback::NATIVE)] {
        let mut request = op.authorization(client_id, redirect_uri, "openid");
        request.retain(|(name, _)| !name.starts_with("code_challenge"));
        let answer = op.browser().get_with("/authorize", &request).await;
        expect::sent_back(&answer, redirect_uri, "invalid_request");
    }
}

#[tokio::test]
async fn attack_14_a_confidential_client_may_be_held_to_pkce() {
    let op = TestProvider::start().await;
    let metadata =
        r#"{"redirect_uris": ["https://strict.example/callback"], "require_pkce": true}"#;
    op.add_client_with("strict", Some("secret"), metadata).await;
    let mut request = op.authorization("strict", "https://strict.example/callback", "openid");
    request.retain(|(name, _)| !name.starts_with("code_challenge"));
    let answer = op.browser().get_with("/authorize", &request).await;
    expect::sent_back(
        &answer,
        "https://strict.example/callback",
        "invalid_request",
    );
}

#[tokio::test]
async fn attack_15_plain_is_refused() {
    let op = TestProvider::start().await;
    let strip = ["code_challenge", "code_challenge_method"];
    let s256 = challenge(VERIFIER);
    let padded = format!("{s256}=");
    let attempts: [&[(&str, &str)]; 9] = [
        &[
            ("code_challenge", VERIFIER),
            ("code_challenge_method", "plain"),
        ],
        &[("code_challenge", VERIFIER)], // RFC 7636, section 4.3: without a method it means plain
        &[("code_challenge", &s256)],
        &[("code_challenge", &s256), ("code_challenge_method", "s256")],
        &[("code_challenge", &s256), ("code_challenge_method", "S512")],
        &[
            ("code_challenge", &padded),
            ("code_challenge_method", "S256"),
        ],
        &[
            ("code_challenge", "short"),
            ("code_challenge_method", "S256"),
        ],
        &[
            ("code_challenge", &s256[1..]),
            ("code_challenge_method", "S256"),
        ],
        &[("code_challenge_method", "S256")],
    ];
    for attempt in attempts {
        let answer = asked(&op, &strip, attempt).await;
        expect::sent_back(&answer, callback::CONFIDENTIAL, "invalid_request");
    }
}

#[tokio::test]
async fn attack_15_plain_works_only_for_a_client_that_is_switched_to_it() {
    let op = TestProvider::start().await;
    let metadata = r#"{
        "redirect_uris": ["https://old.example/callback"],
        "token_endpoint_auth_method": "none",
        "insecure_plain_pkce": true
    }"#;
    op.add_client_with("old", None, metadata).await;
    let mut request = op.authorization("old", "https://old.example/callback", "openid");
    request.retain(|(name, _)| !name.starts_with("code_challenge"));
    request.push(("code_challenge", VERIFIER.to_owned()));
    request.push(("code_challenge_method", "plain".to_owned()));
    let code = code_for(&op, &mut op.browser(), &request).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", "old"),
        ("code", code.as_str()),
        ("redirect_uri", "https://old.example/callback"),
        ("code_verifier", VERIFIER),
    ];
    let answer = op.browser().post("/token", &fields).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

#[tokio::test]
async fn attack_15_a_wrong_verifier_is_refused() {
    // RFC 7636, section 4.6.
    let op = TestProvider::start().await;
    let s256 = challenge(VERIFIER);
    let longer = format!("{VERIFIER}x");
    for wrong in [
        "a-verifier-that-somebody-made-up-from-nothing",
        &VERIFIER.to_uppercase(),
        &longer,
        &s256, // the challenge itself
    ] {
        for (client_id, redirect_uri) in [
            ("public", callback::PUBLIC),
            ("confidential", callback::CONFIDENTIAL),
        ] {
            let mut browser = op.browser();
            let code = op
                .code(&mut browser, &ALICE, client_id, redirect_uri, "openid")
                .await;
            let form = [
                ("grant_type", "authorization_code"),
                ("code", code.as_str()),
                ("redirect_uri", redirect_uri),
                ("code_verifier", wrong),
            ];
            expect::refused(&op.token(client_id, &form).await, "invalid_grant");
        }
    }
}

#[tokio::test]
async fn attack_15_a_verifier_outside_the_grammar_is_reported_and_the_code_stays_valid() {
    let op = TestProvider::start().await;
    let code = op
        .code(
            &mut op.browser(),
            &ALICE,
            "public",
            callback::PUBLIC,
            "openid",
        )
        .await;
    let long = "a".repeat(129);
    for malformed in [
        "short",
        &"a".repeat(42),
        &long,
        "has spaces in it and is long enough to be one",
    ] {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", callback::PUBLIC),
            ("code_verifier", malformed),
        ];
        expect::refused(&op.token("public", &fields).await, "invalid_request");
    }
    // The rule was told, no guess was made: the client's next attempt is its first.
    assert_eq!(
        op.redeem("public", callback::PUBLIC, &code).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn attack_17_response_types_and_modes_that_are_not_registered_are_refused() {
    let op = TestProvider::start().await;
    for response_type in [
        "token",
        "id_token",
        "code token",
        "code id_token",
        "none",
        "CODE",
        "x",
    ] {
        let answer = asked(&op, &["response_type"], &[("response_type", response_type)]).await;
        is_sent_back(&answer, callback::CONFIDENTIAL, "unsupported_response_type");
        let location = answer.raw_location().expect("a location");
        assert!(!location.contains("access_token"), "{location}");
    }
    for response_mode in ["web_message", "jwt", "query.jwt", "FORM_POST", "x"] {
        let answer = asked(&op, &[], &[("response_mode", response_mode)]).await;
        expect::sent_back(&answer, callback::CONFIDENTIAL, "invalid_request");
    }
    let metadata = r#"{
        "redirect_uris": ["https://machine.example/callback"],
        "grant_types": ["client_credentials"]
    }"#;
    op.add_client_with("machine", Some("secret"), metadata)
        .await;
    let request = op.authorization("machine", "https://machine.example/callback", "openid");
    let answer = op.browser().get_with("/authorize", &request).await;
    expect::sent_back(
        &answer,
        "https://machine.example/callback",
        "unauthorized_client",
    );
}

#[tokio::test]
async fn attack_17_what_is_offered_to_others_is_refused_to_a_client_that_did_not_register_it() {
    let op = TestProvider::start_with(Options::with(|settings| {
        settings.authorization.insecure_implicit_and_hybrid = true;
    }))
    .await;
    for response_type in [
        "token",
        "id_token",
        "id_token token",
        "code token",
        "code id_token",
    ] {
        let answer = asked(&op, &["response_type"], &[("response_type", response_type)]).await;
        is_sent_back(&answer, callback::CONFIDENTIAL, "unauthorized_client");
        // Nor does a code's answer carry a token by its mode.
        let with = [("response_type", response_type), ("response_mode", "query")];
        let answer = asked(&op, &["response_type"], &with).await;
        let location = answer.raw_location().unwrap_or_default();
        assert!(!location.contains("token="), "{location}");
    }
}

#[tokio::test]
async fn attack_17_grants_that_are_not_registered_are_refused() {
    let op = TestProvider::start().await;
    let cases = [
        ("first-party", "refresh_token", "unauthorized_client"),
        ("public", "client_credentials", "unauthorized_client"),
        ("native", "client_credentials", "unauthorized_client"),
        ("confidential", "password", "unsupported_grant_type"),
        ("confidential", "implicit", "unsupported_grant_type"),
        (
            "confidential",
            "urn:ietf:params:oauth:grant-type:device_code",
            "unauthorized_client",
        ),
        (
            "confidential",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "unsupported_grant_type",
        ),
        (
            "confidential",
            "urn:ietf:params:oauth:grant-type:token-exchange",
            "unsupported_grant_type",
        ),
        (
            "confidential",
            "Authorization_Code",
            "unsupported_grant_type",
        ),
        ("confidential", "x", "unsupported_grant_type"),
    ];
    for (client_id, grant_type, error) in cases {
        let fields = [
            ("grant_type", grant_type),
            ("refresh_token", "x"),
            ("username", ALICE.username),
            ("password", ALICE.password),
        ];
        expect::refused(&op.token(client_id, &fields).await, error);
    }
}

#[tokio::test]
async fn attack_17_a_public_client_gets_no_token_of_its_own_even_if_it_is_registered_so() {
    // RFC 6749, section 4.4: "MUST only be used by confidential clients". Registration refuses it;
    // should such a row exist, the endpoint refuses as well.
    let op = TestProvider::start().await;
    let metadata =
        r#"{"token_endpoint_auth_method": "none", "grant_types": ["client_credentials"]}"#;
    op.add_client_with("careless", None, metadata).await;
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", "careless"),
    ];
    let answer = op.browser().post("/token", &fields).await;
    expect::refused(&answer, "unauthorized_client");
}

#[tokio::test]
async fn attack_18_request_and_request_uri_together_are_refused() {
    let op = TestProvider::start().await;
    let both = [
        ("request", "e30.e30."),
        ("request_uri", "https://confidential.example/r"),
    ];
    let answer = asked(&op, &[], &both).await;
    expect::sent_back(&answer, callback::CONFIDENTIAL, "invalid_request");
    // Neither alone is quietly ignored: it would hide what the client believes to have asked for.
    let answer = asked(&op, &[], &both[..1]).await;
    expect::sent_back(&answer, callback::CONFIDENTIAL, "invalid_request_object");
    let answer = asked(&op, &[], &both[1..]).await;
    expect::sent_back(&answer, callback::CONFIDENTIAL, "invalid_request_uri");
}

#[tokio::test]
async fn attack_20_token_requests_in_the_query_are_refused() {
    let op = TestProvider::start().await;
    let secret = ClientPersona::secret_of("confidential");
    let authorization = ("authorization", basic("confidential", secret));
    let fields = [("grant_type", "client_credentials")];
    let in_query = format!("/token?{}", form(&fields));
    let headers = [authorization.clone(), (FORM.0, FORM.1.to_owned())];
    let mut browser = op.browser();

    let answer = browser.send(Method::POST, &in_query, &headers, None).await;
    expect::refused(&answer, "invalid_request");
    // In both places too.
    let answer = browser.post_with(&in_query, &fields, &headers[..1]).await;
    expect::refused(&answer, "invalid_request");
    for name in [
        "client_secret",
        "code",
        "code_verifier",
        "scope",
        "device_code",
    ] {
        let answer = browser
            .post_with(&format!("/token?{name}=x"), &fields, &headers[..1])
            .await;
        expect::refused(&answer, "invalid_request");
    }
}

#[tokio::test]
async fn a_query_that_says_nothing_of_the_token_request_is_ignored() {
    // RFC 6749, section 3.2: "The authorization server MUST ignore unrecognized request
    // parameters."
    let op = TestProvider::start().await;
    let secret = ClientPersona::secret_of("confidential");
    let headers = [("authorization", basic("confidential", secret))];
    let fields = [("grant_type", "client_credentials")];
    for query in ["foo=bar", "foo", "foo=&bar=1", "", "x=1&x=2", "x=%zz"] {
        let answer = op
            .browser()
            .post_with(&format!("/token?{query}"), &fields, &headers)
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{query}: {answer:?}");
    }
}

#[tokio::test]
async fn attack_20_the_token_endpoint_takes_post_only() {
    let op = TestProvider::start().await;
    let secret = ClientPersona::secret_of("confidential");
    let headers = [("authorization", basic("confidential", secret))];
    let path = "/token?grant_type=client_credentials";
    for method in [
        Method::GET,
        Method::HEAD,
        Method::PUT,
        Method::DELETE,
        Method::PATCH,
    ] {
        let answer = op
            .browser()
            .send(method.clone(), path, &headers, None)
            .await;
        // RFC 6749, section 3.2; RFC 9110, section 15.5.6: 405 names the methods that there are.
        assert_eq!(
            answer.status,
            StatusCode::METHOD_NOT_ALLOWED,
            "{method}: {answer:?}"
        );
        assert!(
            answer.header("allow").contains("POST"),
            "{method}: {answer:?}"
        );
        assert!(!answer.body.contains("access_token"), "{answer:?}");
    }
}

/// An error that was sent to the client, in the query or the fragment.
#[track_caller]
fn is_sent_back(answer: &Answer, redirect_uri: &str, error: &str) {
    assert_eq!(answer.status.as_u16(), 303, "{answer:?}");
    let location = answer.raw_location().expect("a location");
    let rest = location
        .strip_prefix(redirect_uri)
        .expect("the client's own");
    assert!(
        rest[1..].starts_with(&format!("error={error}&")),
        "{location}"
    );
    assert!(rest.contains("&state=the-state&iss="), "{location}");
}
