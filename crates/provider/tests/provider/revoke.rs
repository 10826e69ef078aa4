//! Token revocation (RFC 7009), demand by demand.

use std::sync::Arc;

use countersign_store::grants::EndCause;
use countersign_store::memory::Memory;
use countersign_testing::{
    ALICE, Answer, Breakage, ClientPersona, ObservedStore, Options, TestProvider, Tokens, basic,
    callback,
};
use http::{Method, StatusCode, header};

use crate::expect;

const CLIENTS: [(&str, &str); 3] = [
    ("confidential", callback::CONFIDENTIAL),
    ("posting", callback::POSTING),
    ("public", callback::PUBLIC),
];

async fn tokens(op: &TestProvider, client_id: &str) -> Tokens {
    let (_, redirect_uri) = CLIENTS
        .into_iter()
        .find(|(known, _)| *known == client_id)
        .expect("one");
    op.tokens(&ALICE, client_id, redirect_uri, "openid offline_access")
        .await
}

/// RFC 7009, section 2.2: "The content of the response body is ignored by the client as all
/// necessary information is conveyed in the response code."
#[track_caller]
fn taken(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.body, "", "{answer:?}");
    assert!(
        !answer.headers.contains_key(header::CONTENT_TYPE),
        "{answer:?}"
    );
    assert_eq!(answer.header("cache-control"), "no-store");
}

async fn refreshes(op: &TestProvider, client_id: &str, refresh_token: &str) -> bool {
    op.refresh(client_id, refresh_token).await.status == StatusCode::OK
}

#[tokio::test]
async fn a_refresh_token_ends_its_grant_and_no_other() {
    // RFC 7009, section 2.1: "the authorization server SHOULD also invalidate all access tokens
    // based on the same authorization grant".
    let op = TestProvider::start().await;
    for (client_id, _) in CLIENTS {
        let (first, other) = (tokens(&op, client_id).await, tokens(&op, client_id).await);
        let refresh_token = first.refresh_token.expect("a refresh token");
        taken(&op.revoke(client_id, &refresh_token).await);
        assert!(
            !expect::is_accepted(&op, &first.access_token).await,
            "{client_id}"
        );
        expect::refused(
            &op.refresh(client_id, &refresh_token).await,
            "invalid_grant",
        );
        assert!(
            expect::is_accepted(&op, &other.access_token).await,
            "{client_id}"
        );
        let others = other.refresh_token.expect("a refresh token");
        assert!(refreshes(&op, client_id, &others).await, "{client_id}");
    }
}

#[tokio::test]
async fn any_token_of_the_family_ends_the_grant_and_a_guess_does_not() {
    let op = TestProvider::start().await;
    let first = tokens(&op, "confidential").await;
    let ancestor = first.refresh_token.expect("a refresh token");
    let second = op.refresh("confidential", &ancestor).await.tokens();
    let second = second.refresh_token.expect("a successor");
    let third = op.refresh("confidential", &second).await.tokens();
    let current = third.refresh_token.expect("a successor");
    let guess = format!("{}{}", &ancestor[..28], "A".repeat(43));
    taken(&op.revoke("confidential", &guess).await);
    assert!(expect::is_accepted(&op, &third.access_token).await);
    op.clock.advance(60);
    taken(&op.revoke("confidential", &ancestor).await);
    assert!(!expect::is_accepted(&op, &third.access_token).await);
    assert!(!refreshes(&op, "confidential", &current).await);
}

#[tokio::test]
async fn an_access_token_is_revoked_alone() {
    let op = TestProvider::start().await;
    for (client_id, _) in CLIENTS {
        let first = tokens(&op, client_id).await;
        let refresh_token = first.refresh_token.expect("a refresh token");
        let second = op.refresh(client_id, &refresh_token).await.tokens();
        taken(&op.revoke(client_id, &first.access_token).await);
        // RFC 7009, section 2.1: "The invalidation takes place immediately, and the token cannot be
        // used again after the revocation."
        expect::token_refused(&op.userinfo(&first.access_token).await);
        assert!(
            expect::is_accepted(&op, &second.access_token).await,
            "{client_id}"
        );
        let refresh_token = second.refresh_token.expect("a refresh token");
        assert!(
            refreshes(&op, client_id, &refresh_token).await,
            "{client_id}"
        );
        // To its last second.
        op.clock.advance(599);
        expect::token_refused(&op.userinfo(&first.access_token).await);
    }
}

#[tokio::test]
async fn a_clients_own_token_is_revoked_alone() {
    let op = TestProvider::start().await;
    for client_id in ["confidential", "posting", "first-party"] {
        let form = [("grant_type", "client_credentials"), ("scope", "reports")];
        let first = op.token(client_id, &form).await.tokens().access_token;
        let second = op.token(client_id, &form).await.tokens().access_token;
        taken(&op.revoke(client_id, &first).await);
        let told = op.introspect(client_id, &first).await.json();
        assert_eq!(told["active"], false, "{client_id}");
        let told = op.introspect(client_id, &second).await.json();
        assert_eq!(told["active"], true, "{client_id}");
    }
}

#[tokio::test]
async fn a_client_authenticates_as_at_the_token_endpoint() {
    // RFC 7009, section 2.1: "The client also includes its authentication credentials"; RFC 6749,
    // section 5.2.
    let op = TestProvider::start().await;
    let token = tokens(&op, "confidential").await.access_token;
    let named = [("token", token.as_str()), ("client_id", "confidential")];
    let bare = op.browser().post("/revoke", &[("token", &token)]).await;
    let nameless = op.browser().post("/revoke", &named).await;
    let headers = [("authorization", basic("confidential", "wrong"))];
    let wrong = op
        .browser()
        .post_with("/revoke", &[("token", &token)], &headers)
        .await;
    // RFC 7009 knows no bearer tokens here: the access token would revoke itself.
    let headers = [("authorization", format!("Bearer {token}"))];
    let bearer = op
        .browser()
        .post_with("/revoke", &[("token", &token)], &headers)
        .await;
    for answer in [bare, nameless, wrong, bearer] {
        expect::refused(&answer, "invalid_client");
    }
    assert!(expect::is_accepted(&op, &token).await);
}

#[tokio::test]
async fn the_request_is_a_form_that_has_a_token() {
    // RFC 7009, section 2.1.
    let op = TestProvider::start().await;
    let token = tokens(&op, "confidential").await.access_token;
    for form in [
        vec![],
        vec![("token", "")],
        vec![("token", "a"), ("token", "b")],
    ] {
        let answer = op.post_as("confidential", "/revoke", &form).await;
        expect::refused(&answer, "invalid_request");
    }
    let credentials = basic("confidential", ClientPersona::secret_of("confidential"));
    let headers = [("authorization", credentials.clone())];
    let path = format!("/revoke?token={token}");
    let form = [("token", token.as_str())];
    let in_query = op.browser().post_with(&path, &form, &headers).await;
    let headers = [
        ("authorization", credentials),
        ("content-type", "application/json".to_owned()),
    ];
    let body = format!(r#"{{"token":"{token}"}}"#);
    let json = op
        .browser()
        .send(Method::POST, "/revoke", &headers, Some(body))
        .await;
    for answer in [in_query, json] {
        expect::refused(&answer, "invalid_request");
    }
    assert!(expect::is_accepted(&op, &token).await);
    // Section 2.3: there is no JSONP, so no GET.
    let answer = op.browser().get(&path).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_script_of_any_origin_may_revoke() {
    // RFC 7009, section 2.3, lets the endpoint support CORS.
    let op = TestProvider::start().await;
    let token = tokens(&op, "public").await.access_token;
    let origin = [
        ("origin", "https://public.example".to_owned()),
        ("access-control-request-method", "POST".to_owned()),
    ];
    let preflight = op
        .browser()
        .send(Method::OPTIONS, "/revoke", &origin, None)
        .await;
    assert_eq!(preflight.status, StatusCode::NO_CONTENT);
    let form = [("token", token.as_str()), ("client_id", "public")];
    let answer = op.browser().post_with("/revoke", &form, &origin[..1]).await;
    taken(&answer);
    for answer in [preflight, answer] {
        assert_eq!(answer.header("access-control-allow-origin"), "*");
    }
}

#[tokio::test]
async fn the_hint_is_only_a_hint() {
    // RFC 7009, section 2.2: "An invalid token type hint value is ignored by the authorization
    // server and does not influence the revocation response."
    let op = TestProvider::start().await;
    for hint in ["access_token", "refresh_token", "nothing_like_it"] {
        for (client_id, _) in CLIENTS {
            let tokens = tokens(&op, client_id).await;
            let refresh_token = tokens.refresh_token.expect("a refresh token");
            let form = [("token", refresh_token.as_str()), ("token_type_hint", hint)];
            taken(&op.post_as(client_id, "/revoke", &form).await);
            assert!(!expect::is_accepted(&op, &tokens.access_token).await);
        }
    }
}

#[tokio::test]
async fn an_invalid_token_is_as_good_as_a_revoked_one() {
    // RFC 7009, section 2.2: "invalid tokens do not cause an error response since the client cannot
    // handle such an error in a reasonable way".
    let op = TestProvider::start().await;
    let tokens = tokens(&op, "confidential").await;
    let refresh_token = tokens.refresh_token.expect("a refresh token");
    for token in [
        "x".to_owned(),
        "a.b.c".to_owned(),
        format!("{}x", tokens.access_token),
        format!("cs_rt_{}", "A".repeat(65)),
        format!("cs_at_{}", "A".repeat(65)),
        format!("cs_ct_{}", "A".repeat(65)),
    ] {
        taken(&op.revoke("confidential", &token).await);
    }
    assert!(expect::is_accepted(&op, &tokens.access_token).await);
    // Twice, and after the grant has ended by itself.
    for _ in 0..2 {
        taken(&op.revoke("confidential", &tokens.access_token).await);
    }
    for _ in 0..2 {
        taken(&op.revoke("confidential", &refresh_token).await);
    }
    op.clock.advance(600);
    taken(&op.revoke("confidential", &tokens.access_token).await);
}

#[tokio::test]
async fn what_cannot_be_revoked_is_not_said_to_be() {
    // RFC 7009, section 2.2.1: "unsupported_token_type: The authorization server does not support
    // the revocation of the presented token type."
    let op = TestProvider::start().await;
    let id_token = tokens(&op, "confidential").await.id_token.expect("one");
    let mut browser = op.browser();
    let code = op
        .code(
            &mut browser,
            &ALICE,
            "confidential",
            callback::CONFIDENTIAL,
            "openid",
        )
        .await;
    for token in [&id_token, &code] {
        let answer = op.revoke("confidential", token).await;
        expect::refused(&answer, "unsupported_token_type");
    }
    let answer = op
        .redeem("confidential", callback::CONFIDENTIAL, &code)
        .await;
    assert_eq!(
        answer.status,
        StatusCode::OK,
        "it is still good: {answer:?}"
    );
}

async fn observed() -> (TestProvider, Arc<ObservedStore>) {
    let store = Arc::new(ObservedStore::new(Arc::new(Memory::new())));
    let options = Options {
        store: store.clone(),
        ..Options::default()
    };
    (TestProvider::start_with(options).await, store)
}

#[tokio::test]
async fn a_token_is_said_to_be_revoked_only_once_it_is() {
    // RFC 7009, section 2.2.1: "If the server responds with HTTP status code 503, the client must
    // assume the token still exists and may retry after a reasonable delay."
    let (op, store) = observed().await;
    for act in [
        "check_access_token",
        "deny_access_token",
        "grant",
        "end_grant",
    ] {
        let tokens = tokens(&op, "posting").await;
        let token = match act.ends_with("access_token") {
            true => tokens.access_token,
            false => tokens.refresh_token.expect("a refresh token"),
        };
        store.break_act(act, Breakage::Unavailable);
        let answer = op.revoke("posting", &token).await;
        let status = answer.status;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{act}: {answer:?}");
        assert!(answer.headers.contains_key(header::RETRY_AFTER), "{act}");
        store.repair();
        assert_eq!(
            op.introspect("posting", &token).await.json()["active"],
            true
        );
        taken(&op.revoke("posting", &token).await);
        assert_eq!(
            op.introspect("posting", &token).await.json()["active"],
            false
        );
    }
}

#[tokio::test]
async fn a_refresh_that_meets_a_revocation_leaves_no_token_behind() {
    let (op, store) = observed().await;
    // The revocation comes right before the rotation, after everything that the refresh has read.
    let tokens = tokens(&op, "confidential").await;
    let refresh_token = tokens.refresh_token.expect("a refresh token");
    let now = op.provider.now();
    let id = refresh_token[6..28].parse().expect("the id of the grant");
    store.before("rotate_refresh_token", move |store| async move {
        let cause = EndCause::Revoked;
        let ended = store.end_grant(&id, Some("confidential"), cause, now).await;
        ended.expect("ends");
    });
    expect::refused(
        &op.refresh("confidential", &refresh_token).await,
        "invalid_grant",
    );
    assert!(store.is_quiet());

    // The rotation comes right before the end that the revocation asks for.
    let tokens = self::tokens(&op, "confidential").await;
    let old = tokens.refresh_token.expect("a refresh token");
    let second = TestProvider::share(&op).await;
    let (sender, receiver) = std::sync::mpsc::channel();
    let presented = old.clone();
    store.before("end_grant", move |_| async move {
        let refreshed = second.refresh("confidential", &presented).await.tokens();
        sender.send(refreshed).expect("is awaited");
    });
    taken(&op.revoke("confidential", &old).await);
    let refreshed = receiver.recv().expect("was refreshed");
    assert!(!expect::is_accepted(&op, &refreshed.access_token).await);
    let successor = refreshed.refresh_token.expect("a successor");
    assert!(!refreshes(&op, "confidential", &successor).await);
}
