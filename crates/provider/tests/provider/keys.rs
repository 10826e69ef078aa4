//! Signing keys while the provider runs (OpenID Connect Core 1.0, section 10.1.1): a key is
//! published before it signs and while what it signed may be accepted, and a revoked one is gone at
//! once.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use countersign_jose::alg::SignatureAlgorithm::{ES256, RS256};
use countersign_management::keys::Keys;
use countersign_store::memory::Memory;
use countersign_testing::{
    ALICE, Answer, Breakage, ObservedStore, Options, TestProvider, callback, header_of,
};
use http::StatusCode;

use crate::expect;

const CALLBACK: &str = callback::CONFIDENTIAL;

async fn jwks(op: &TestProvider) -> Answer {
    op.browser().get("/jwks").await
}

async fn published(op: &TestProvider) -> Vec<String> {
    let set = jwks(op).await.json();
    let keys = set["keys"].as_array().expect("keys").clone();
    keys.iter()
        .map(|key| key["kid"].as_str().expect("a kid").to_owned())
        .collect()
}

/// What the response says about how long a copy of it may be used.
fn max_age(response: &Answer) -> i64 {
    let directives = response.header("cache-control").split(", ");
    let mut seconds = directives.filter_map(|directive| directive.strip_prefix("max-age="));
    let seconds = seconds.next().expect("max-age");
    seconds.parse().expect("a number")
}

fn kid_of(token: &str) -> String {
    header_of(token)["kid"].as_str().expect("a kid").to_owned()
}

/// An access token, which ES256 signs.
async fn access_token(op: &TestProvider) -> String {
    let form = [("grant_type", "client_credentials"), ("scope", "reports")];
    op.token("confidential", &form).await.tokens().access_token
}

/// Watches two replicas for as long as a change may take. Every second one of them issues a token,
/// and its kid is in each copy of the other's JWK set that a relying party may still hold. Returns
/// the kids in the order in which they began to sign, with the second.
async fn watch(one: &TestProvider, other: &TestProvider) -> Vec<(i64, String)> {
    let mut copies: VecDeque<(i64, HashSet<String>)> = VecDeque::new();
    let mut signed: Vec<(i64, String)> = Vec::new();
    for second in 0..800 {
        let (issuing, publishing) = match second % 2 {
            0 => (one, other),
            _ => (other, one),
        };
        let response = jwks(publishing).await;
        let fresh_seconds = max_age(&response);
        copies.push_back((second, published(publishing).await.into_iter().collect()));
        copies.retain(|(fetched_at, _)| second - fetched_at <= fresh_seconds);
        let kid = kid_of(&access_token(issuing).await);
        for (fetched_at, kids) in &copies {
            assert!(
                kids.contains(&kid),
                "{kid} at {second}, copy of {fetched_at}"
            );
        }
        if signed.last().is_none_or(|(_, last)| *last != kid) {
            signed.push((second, kid));
        }
        one.clock.advance(1);
        other.clock.advance(1);
    }
    signed
}

/// Two replicas that have run for a while.
async fn replicas(seconds: i64) -> [TestProvider; 2] {
    let one = TestProvider::start().await;
    let other = TestProvider::share(&one).await;
    one.clock.advance(seconds);
    other.clock.advance(seconds);
    [one, other]
}

#[tokio::test]
async fn the_first_key_signs_at_once_and_a_standby_of_each_algorithm_is_published() {
    let op = TestProvider::start().await;
    let kids = published(&op).await;
    let algorithms = op.provider.settings.keys.signing_algorithms().len();
    assert_eq!(kids.len(), 2 * algorithms);
    assert!(kids.contains(&kid_of(&access_token(&op).await)));
}

#[tokio::test]
async fn a_client_with_a_copy_of_the_jwk_set_never_meets_an_unknown_kid_across_a_rotation() {
    // The standby was made just now, so that it has to wait.
    let [one, other] = replicas(0).await;
    let kid = one.rotate_key(ES256).await;
    let signed = watch(&one, &other).await;
    assert_eq!(signed.len(), 2, "{signed:?}");
    assert_eq!(
        signed[1],
        (360, kid),
        "max-age and a minute, on both replicas"
    );
}

#[tokio::test]
async fn a_standby_that_was_published_for_long_enough_signs_at_once() {
    let [one, other] = replicas(10_000).await;
    // The copies from before the rotation hold it already.
    let before: HashSet<String> = published(&other).await.into_iter().collect();
    let kid = one.rotate_key(ES256).await;
    assert!(before.contains(&kid));
    one.clock.advance(1);
    other.clock.advance(1);
    let signed = watch(&one, &other).await;
    assert_eq!(signed, [(0, kid)]);
}

#[tokio::test]
async fn a_client_with_a_copy_of_the_jwk_set_never_meets_an_unknown_kid_across_an_import() {
    let [one, other] = replicas(10_000).await;
    let imported = import(&one.keys(), one.provider.now()).await;
    let signed = watch(&one, &other).await;
    assert_eq!(signed.len(), 2, "{signed:?}");
    assert_eq!(signed[1], (360, imported));
}

async fn import(keys: &Keys, now: i64) -> String {
    // Made for these tests: P-256, PKCS#8.
    let pem = "\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgKTi5diW3R2GYQjJ7
/eRkukFhIPtf3lgu5VU6xRYEjnChRANCAASAsbCdnwIoYLVs/gwM554MuPKbZ3W+
MYAadnvLf5n4lqtxWONXMjcxBBQ7MQXAjacUshuYfjjJuSy04G1ThWrf
-----END PRIVATE KEY-----
";
    let imported = keys.import(pem, None, None, now).await;
    imported.expect("imports").kid
}

#[tokio::test]
async fn the_max_age_of_the_jwk_set_is_the_setting_that_a_rotation_goes_by() {
    let options = countersign_testing::Options::with(|settings| {
        settings.key_publication.jwks_max_age_seconds = 30;
    });
    let op = TestProvider::start_with(options).await;
    assert_eq!(
        jwks(&op).await.header("cache-control"),
        "public, max-age=30"
    );
    let kid = op.rotate_key(ES256).await;
    op.clock.advance(89);
    assert_ne!(kid_of(&access_token(&op).await), kid);
    op.clock.advance(1);
    assert_eq!(kid_of(&access_token(&op).await), kid);
}

#[tokio::test]
async fn a_copy_of_the_jwk_set_is_confirmed_by_its_entity_tag() {
    let [op, other] = replicas(0).await;
    let whole = jwks(&op).await;
    let tag = whole.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"'), "strong: {tag}");
    assert_eq!(jwks(&other).await.header("etag"), tag, "replicas agree");
    // RFC 9110, section 13.1.2: the weak comparison, a list, and `*`.
    let known = [
        tag.clone(),
        format!("W/{tag}"),
        format!("\"x\", {tag}"),
        "*".to_owned(),
    ];
    for sent in known {
        let headers = [("if-none-match", sent.clone())];
        let response = op.browser().get_with_headers("/jwks", &headers).await;
        assert_eq!(response.status, StatusCode::NOT_MODIFIED, "{sent}");
        assert_eq!(response.body, "", "{sent}");
        // Section 15.4.5
        for header in ["etag", "cache-control"] {
            assert_eq!(response.header(header), whole.header(header), "{sent}");
        }
    }
    op.keys()
        .revoke(&kid_of(&access_token(&op).await), op.provider.now())
        .await
        .expect("revokes");
    op.clock.advance(1);
    for sent in [tag, "\"x\"".to_owned(), "nonsense".to_owned()] {
        let headers = [("if-none-match", sent.clone())];
        let response = op.browser().get_with_headers("/jwks", &headers).await;
        assert_eq!(response.status, StatusCode::OK, "{sent}");
        assert!(!response.body.is_empty());
    }
}

#[tokio::test]
async fn what_a_revoked_key_signed_is_refused_and_the_jwk_set_lacks_it() {
    let [op, other] = replicas(0).await;
    let tokens = op.tokens(&ALICE, "confidential", CALLBACK, "openid").await;
    let hint = tokens.id_token.expect("an ID token");
    let revoked = [kid_of(&hint), kid_of(&tokens.access_token)];
    let before = published(&op).await;
    for kid in &revoked {
        let successor = op.keys().revoke(kid, op.provider.now()).await;
        let successor = successor.expect("revokes").expect("another signs").kid;
        assert!(before.contains(&successor), "it was standby");
    }
    for replica in [&op, &other] {
        replica.clock.advance(1);
        let set = published(replica).await;
        assert!(revoked.iter().all(|kid| !set.contains(kid)), "{set:?}");
        assert_eq!(set.len(), before.len(), "a new standby of each");
        assert!(!expect::is_accepted(replica, &tokens.access_token).await);
        let page = replica
            .browser()
            .get_with("/logout", &[("id_token_hint", &hint)])
            .await;
        expect::sign_out_page(&page, "proof of your sign-in was not accepted");
        let fresh = replica
            .tokens(&ALICE, "confidential", CALLBACK, "openid")
            .await;
        assert!(expect::is_accepted(replica, &fresh.access_token).await);
        assert!(before.contains(&kid_of(&fresh.id_token.expect("one"))));
    }
}

#[tokio::test]
async fn a_retired_key_stays_published_and_its_tokens_are_accepted() {
    let [op, _] = replicas(10_000).await;
    let tokens = op
        .tokens(&ALICE, "confidential", CALLBACK, "openid offline_access")
        .await;
    let id_token = tokens.id_token.expect("an ID token");
    op.rotate_key(RS256).await;
    op.rotate_key(ES256).await;
    op.clock.advance(2);

    let set = published(&op).await;
    for token in [&id_token, &tokens.access_token] {
        assert!(set.contains(&kid_of(token)), "{set:?}");
    }
    assert_ne!(
        kid_of(&access_token(&op).await),
        kid_of(&tokens.access_token)
    );
    assert!(expect::is_accepted(&op, &tokens.access_token).await);
    let mut browser = op.signed_in(&ALICE).await;
    let mut request = op.authorization("confidential", CALLBACK, "openid");
    request.push(("prompt", "none".to_owned()));
    request.push(("id_token_hint", id_token.clone()));
    let answer = browser.get_with("/authorize", &request).await;
    assert!(answer.location_parameter("code").is_some(), "{answer:?}");
}

#[tokio::test]
async fn a_retired_key_is_gone_after_its_time_and_proves_nothing_then() {
    let [op, _] = replicas(10_000).await;
    let tokens = op.tokens(&ALICE, "confidential", CALLBACK, "openid").await;
    let hint = tokens.id_token.expect("an ID token");
    op.rotate_key(RS256).await;
    let publication = &op.provider.settings.key_publication;
    op.clock
        .advance(publication.retired_key_published_seconds - 1);
    assert!(published(&op).await.contains(&kid_of(&hint)));
    op.clock.advance(1);
    assert!(!published(&op).await.contains(&kid_of(&hint)));
    let page = op
        .browser()
        .get_with("/logout", &[("id_token_hint", &hint)])
        .await;
    expect::sign_out_page(&page, "proof of your sign-in was not accepted");
}

#[tokio::test]
async fn a_retired_key_outlives_every_token_that_it_signed() {
    let op = TestProvider::start().await;
    let settings = &op.provider.settings;
    let longest = settings
        .tokens
        .access_token_lifetime_seconds
        .max(settings.tokens.id_token_lifetime_seconds);
    assert!(settings.key_publication.retired_key_published_seconds > longest);
}

#[tokio::test]
async fn replicas_change_over_at_the_same_instant_and_accept_each_others_tokens() {
    let [one, other] = replicas(0).await;
    let kid = one.rotate_key(ES256).await;
    for (seconds, expected) in [(359, false), (1, true)] {
        one.clock.advance(seconds);
        other.clock.advance(seconds);
        let tokens = [access_token(&one).await, access_token(&other).await];
        for token in &tokens {
            assert_eq!(kid_of(token) == kid, expected);
        }
    }
    let tokens = one.tokens(&ALICE, "confidential", CALLBACK, "openid").await;
    assert!(expect::is_accepted(&other, &tokens.access_token).await);
    assert_eq!(published(&one).await, published(&other).await);
}

/// RFC 6749, sections 4.1.2 and 6: a code is used, and a refresh token replaced, when tokens are
/// issued. A response that fails before that spends neither, so the client can ask again.
#[tokio::test]
async fn a_request_whose_tokens_could_not_be_signed_spends_nothing() {
    let store = Arc::new(ObservedStore::new(Arc::new(Memory::new())));
    let op = TestProvider::start_with(Options {
        store: store.clone(),
        ..Options::default()
    })
    .await;
    let tokens = op.tokens(&ALICE, "confidential", CALLBACK, "openid").await;
    let refresh_token = tokens.refresh_token.expect("a refresh token");
    let mut browser = op.browser();
    let code = op
        .code(&mut browser, &ALICE, "confidential", CALLBACK, "openid")
        .await;

    // The copy of the keys is older than a second, and the keys can't be read.
    op.clock.advance(2);
    store.break_act("signing_keys", Breakage::Corrupt);
    let refused = op.redeem("confidential", CALLBACK, &code).await;
    assert!(refused.status.is_server_error(), "{refused:?}");
    let refused = op.refresh("confidential", &refresh_token).await;
    assert!(refused.status.is_server_error(), "{refused:?}");
    store.repair();

    // Later than any grace.
    op.clock.advance(20);
    let redeemed = op.redeem("confidential", CALLBACK, &code).await;
    assert_eq!(redeemed.status, StatusCode::OK, "{redeemed:?}");
    let refreshed = op.refresh("confidential", &refresh_token).await;
    assert_eq!(refreshed.status, StatusCode::OK, "{refreshed:?}");
}

/// The first start was on a machine whose clock was ahead, and then it was put right.
#[tokio::test]
async fn a_clock_that_is_set_back_to_before_the_first_key_stops_no_one() {
    let op = TestProvider::start().await;
    let kids = published(&op).await;
    for step in [5, 300, 365 * 86_400] {
        op.clock.advance(-step);
        let ready = op.browser().get("/readyz").await;
        assert_eq!(ready.status, StatusCode::OK, "{step} s back");
        let tokens = op.tokens(&ALICE, "confidential", CALLBACK, "openid").await;
        assert!(
            kids.contains(&kid_of(&tokens.access_token)),
            "{step} s back"
        );
        let userinfo = op.userinfo(&tokens.access_token).await;
        assert_eq!(userinfo.status, StatusCode::OK, "{step} s back");
    }
}

/// RFC 7519, section 4.1.4: some leeway for clocks that differ.
#[tokio::test]
async fn a_token_from_before_the_clock_was_set_back_is_accepted() {
    let op = TestProvider::start().await;
    let tokens = op.tokens(&ALICE, "confidential", CALLBACK, "openid").await;
    op.clock.advance(-30);
    let userinfo = op.userinfo(&tokens.access_token).await;
    assert_eq!(userinfo.status, StatusCode::OK, "{userinfo:?}");
    op.clock
        .advance(299 + op.provider.settings.tokens.access_token_lifetime_seconds);
    let expired = op.userinfo(&tokens.access_token).await;
    assert_eq!(expired.status, StatusCode::UNAUTHORIZED, "{expired:?}");
}
