//! Attack cases 21, 22 and 24 to 26: who sent a token request (RFC 6749, section 2.3, OpenID
//! Connect Core, section 9).

use std::sync::Arc;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::key::SigningKey;
use countersign_management::Actor;
use countersign_management::clients::Clients;
use countersign_oauth::client_metadata::ClientPolicy;
use countersign_provider::offered;
use countersign_store::clients::MAX_CLIENT_SECRETS;
use countersign_store::memory::Memory;
use countersign_testing::{
    ALICE, Answer, ClientPersona, ObservedStore, Options, TestProvider, basic, callback,
};
use http::{HeaderValue, Method, Request, StatusCode};

use crate::asserting;
use crate::expect;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// An Authorization header, and credentials in the form.
type Sent<'a> = (Option<String>, Vec<(&'a str, &'a str)>);

async fn posted(
    op: &TestProvider,
    authorization: Option<String>,
    credentials: &[(&str, &str)],
) -> Answer {
    let mut fields = vec![("grant_type", "client_credentials")];
    fields.extend(credentials);
    let headers: Vec<_> = authorization
        .into_iter()
        .map(|a| ("authorization", a))
        .collect();
    op.browser().post_with("/token", &fields, &headers).await
}

#[tokio::test]
async fn attack_21_two_methods_in_one_request_are_refused() {
    let op = TestProvider::start().await;
    let secret = ClientPersona::secret_of("confidential");
    let header = || Some(basic("confidential", secret));
    let assertion = [
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", "e30.e30.x"),
    ];

    let combined: [Sent<'_>; 6] = [
        (header(), vec![("client_secret", secret)]),
        (
            header(),
            vec![("client_id", "confidential"), ("client_secret", secret)],
        ),
        (header(), assertion.to_vec()),
        (header(), assertion[..1].to_vec()),
        (header(), assertion[1..].to_vec()),
        (
            None,
            vec![
                ("client_id", "confidential"),
                ("client_secret", secret),
                assertion[1],
            ],
        ),
    ];
    for (authorization, credentials) in combined {
        let answer = posted(&op, authorization, &credentials).await;
        expect::refused(&answer, "invalid_request");
    }
    // Two client_ids are two clients.
    let answer = posted(&op, header(), &[("client_id", "posting")]).await;
    expect::refused(&answer, "invalid_request");
}

#[tokio::test]
async fn attack_21_two_authorization_headers_are_two_methods() {
    let op = TestProvider::start().await;
    let good = basic("confidential", ClientPersona::secret_of("confidential"));
    for (first, second) in [
        (good.as_str(), "Basic eDp4"),
        ("Bearer x", &good),
        (&good, &good),
    ] {
        let mut request = Request::new(b"grant_type=client_credentials".to_vec());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = "/token".parse().expect("a path");
        let headers = request.headers_mut();
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert("content-type", form);
        for value in [first, second] {
            headers.append("authorization", value.parse().expect("a header"));
        }
        let answer = op.browser().send_request(request).await;
        expect::refused(&answer, "invalid_request");
    }
}

#[tokio::test]
async fn attack_21_an_equal_client_id_beside_basic_is_fine() {
    let op = TestProvider::start().await;
    let header = basic("confidential", ClientPersona::secret_of("confidential"));
    let answer = posted(&op, Some(header), &[("client_id", "confidential")]).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

#[tokio::test]
async fn attack_22_a_method_other_than_the_registered_one_is_refused() {
    let op = TestProvider::start().await;
    let secret = ClientPersona::secret_of;
    let in_form = |client_id: &'static str, secret: &'static str| {
        (
            None,
            vec![("client_id", client_id), ("client_secret", secret)],
        )
    };
    let cases: [Sent<'_>; 8] = [
        in_form("confidential", secret("confidential")), // registered: client_secret_basic
        (Some(basic("posting", secret("posting"))), vec![]), // registered: client_secret_post
        (None, vec![("client_id", "confidential")]),
        (
            None,
            vec![("client_id", "confidential"), ("client_secret", "")],
        ),
        (None, vec![("client_id", "posting")]),
        in_form("public", "anything"), // registered: none
        (Some(basic("public", "anything")), vec![]),
        (Some(basic("public", "")), vec![]),
    ];
    for (authorization, credentials) in cases {
        let answer = posted(&op, authorization, &credentials).await;
        expect::refused(&answer, "invalid_client");
    }
}

#[tokio::test]
async fn attack_22_an_assertion_and_a_secret_do_not_stand_in_for_each_other() {
    let op = TestProvider::start().await;
    let key = &asserting::KEYS[0];
    let jwks = asserting::jwks(&[key]);
    asserting::add_client(&op, serde_json::json!({ "jwks": jwks })).await;
    // Registered: private_key_jwt.
    for (authorization, credentials) in [
        (Some(basic("asserting", "secret")), vec![]),
        (
            None,
            vec![("client_id", "asserting"), ("client_secret", "secret")],
        ),
        (None, vec![("client_id", "asserting")]),
    ] {
        let answer = posted(&op, authorization, &credentials).await;
        expect::refused(&answer, "invalid_client");
    }
    let mac = SigningKey::hmac(
        SignatureAlgorithm::HS256,
        b"secret-of-32-bytes-and-some-more",
    );
    let claims = asserting::claims(&op);
    let mac = asserting::signed(&mac.expect("a key"), &claims);
    expect::refused(&asserting::present(&op, &mac).await, "invalid_client");
    // Registered: client_secret_basic, with keys beside it.
    let metadata = serde_json::json!({
        "grant_types": ["client_credentials"], "jwks": jwks,
    });
    op.update_client("confidential", &metadata.to_string())
        .await;
    let claims = asserting::with(claims, "iss", "confidential".into());
    let claims = asserting::with(claims, "sub", "confidential".into());
    let assertion = asserting::signed(key, &claims);
    expect::refused(&asserting::present(&op, &assertion).await, "invalid_client");
}

#[tokio::test]
async fn attack_22_no_one_is_a_confidential_client_without_its_secret() {
    let op = TestProvider::start().await;
    let secret = ClientPersona::secret_of("confidential");
    let other = ClientPersona::secret_of("posting");
    let longer = format!("{secret}x");
    let spaced = format!("{secret} ");
    for wrong in [
        "",
        "x",
        other,
        &longer,
        &spaced,
        &secret[1..],
        &secret.to_uppercase(),
    ] {
        let answer = posted(&op, Some(basic("confidential", wrong)), &[]).await;
        expect::refused(&answer, "invalid_client");
    }
    let answer = posted(&op, Some(basic("nobody", secret)), &[]).await;
    expect::refused(&answer, "invalid_client");
    expect::refused(&posted(&op, None, &[]).await, "invalid_client");
}

#[tokio::test]
async fn attack_24_an_id_token_or_a_request_object_is_no_client_assertion() {
    let op = TestProvider::start().await;
    let tokens = op
        .tokens(&ALICE, "confidential", callback::CONFIDENTIAL, "openid")
        .await;
    let id_token = tokens.id_token.expect("an ID token");
    for assertion in [id_token.as_str(), &tokens.access_token, "e30.e30.e30"] {
        for named in [Some(("client_id", "confidential")), None] {
            let mut credentials = vec![
                ("client_assertion_type", ASSERTION_TYPE),
                ("client_assertion", assertion),
            ];
            credentials.extend(named);
            expect::refused(&posted(&op, None, &credentials).await, "invalid_client");
        }
    }
}

/// Wall time would tell more about the machine than about the code. What an attacker could measure
/// is a difference in work, so the acts of the store are compared, and the responses byte by byte.
/// The comparison itself is of two SHA-256 values in constant time.
#[tokio::test]
async fn attack_25_a_secret_that_is_wrong_early_or_late_or_of_no_client_costs_the_same_work() {
    let store = Arc::new(ObservedStore::new(Arc::new(Memory::new())));
    let options = Options {
        store: store.clone(),
        ..Options::default()
    };
    let op = TestProvider::start_with(options).await;
    let secret = ClientPersona::secret_of("confidential");
    let first = format!("X{}", &secret[1..]);
    let last = format!("{}X", &secret[..secret.len() - 1]);
    // The client is cached from here on, as in a server that runs.
    posted(&op, Some(basic("confidential", secret)), &[]).await;

    let mut seen = Vec::new();
    for (client_id, wrong) in [
        ("confidential", first.as_str()),
        ("confidential", &last),
        ("confidential", "x"),
        ("public", secret), // another method than its own
        ("nobody", secret),
    ] {
        posted(&op, Some(basic(client_id, wrong)), &[]).await;
        store.take_acts();
        let answer = posted(&op, Some(basic(client_id, wrong)), &[]).await;
        seen.push((client_id, store.take_acts(), answer.transcript()));
    }
    let (_, acts, answer) = seen.first().expect("five").clone();
    assert_eq!(acts, ["client_standing"]);
    for (client_id, other_acts, other_answer) in seen {
        assert_eq!(acts, other_acts, "{client_id}");
        assert_eq!(answer, other_answer, "{client_id}");
    }
}

#[tokio::test]
async fn attack_25_which_of_several_secrets_it_is_costs_the_same_work() {
    let store = Arc::new(ObservedStore::new(Arc::new(Memory::new())));
    let options = Options {
        store: store.clone(),
        ..Options::default()
    };
    let op = TestProvider::start_with(options).await;
    let provider = &op.provider;
    let declared = provider.declared_resources().await.expect("resources");
    let policy = ClientPolicy::operator(offered::to_clients(&provider.settings, &declared));
    let context = provider.context(Actor::Server);
    let clients = Clients::new(context, provider.sealing.clone(), policy);
    let mut secrets = vec![ClientPersona::secret_of("confidential").to_owned()];
    for _ in 1..MAX_CLIENT_SECRETS {
        let added = clients.add_secret("confidential", None, provider.now());
        let secret = added.await.expect("adds").client_secret;
        secrets.push(secret.expect("a secret").to_string());
    }
    posted(&op, Some(basic("confidential", &secrets[0])), &[]).await;
    for secret in &secrets {
        store.take_acts();
        let answer = posted(&op, Some(basic("confidential", secret)), &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert_eq!(store.take_acts(), ["client_standing"]);
    }
    for secret in &secrets {
        let wrong = format!("{}X", &secret[..secret.len() - 1]);
        let answer = posted(&op, Some(basic("confidential", &wrong)), &[]).await;
        expect::refused(&answer, "invalid_client");
        assert_eq!(store.take_acts(), ["client_standing"]);
    }
}

#[tokio::test]
async fn attack_26_a_failed_basic_authentication_is_401_with_a_challenge() {
    // RFC 6749, section 5.2: "MUST respond with an HTTP 401 status code and include the
    // WWW-Authenticate response header field matching the authentication scheme used by the
    // client".
    let op = TestProvider::start().await;
    for authorization in [
        basic("confidential", "wrong"),
        basic("nobody", "wrong"),
        basic("posting", ClientPersona::secret_of("posting")),
        "Basic".to_owned(),
        "Basic ".to_owned(),
        "Basic !!!".to_owned(),
        "Basic Y29uZmlkZW50aWFs".to_owned(), // no colon
        "basic Og==".to_owned(),             // nothing but a colon
    ] {
        let answer = posted(&op, Some(authorization.clone()), &[]).await;
        expect::refused(&answer, "invalid_client");
        let challenge = answer.header("www-authenticate");
        assert!(
            challenge.starts_with("Basic realm=\""),
            "{authorization}: {challenge}"
        );
    }
}
