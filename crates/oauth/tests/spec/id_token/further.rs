use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::base64url;
use countersign_oauth::id_token::{
    IdTokenClaims, IdTokenExpectation, IdTokenFault, left_half_hash, verify_id_token,
    verify_id_token_hint,
};
use proptest::prelude::*;
use serde_json::json;

use super::{CLIENT, OFFERED, claims, expected, judged, judged_claims};
use crate::signed::{EC, FOREIGN, ISSUER, KEYS, NOW, RSA, sign, sign_with_header, with};

#[test]
fn a_valid_id_token_is_accepted() {
    for key in [&RSA, &EC] {
        let token = sign(
            key,
            "JWT",
            &with(claims(), "email", json!("alice@example.com")),
        );
        let verified = verify_id_token(&token, &*KEYS, &expected(), NOW).unwrap();
        assert_eq!(verified.subject(), "alice");
        assert_eq!(verified.alg(), key.alg());
        assert_eq!(verified.claims().auth_time, Some(NOW - 60));
        assert_eq!(verified.into_claims().other["email"], "alice@example.com");
    }
    let kid = EC.kid();
    let untyped = sign_with_header(&EC, json!({ "kid": kid }), &claims());
    assert_eq!(
        judged(&untyped, &expected()),
        "believed",
        "OIDC names no typ"
    );
    let without_kid = sign_with_header(&EC, json!({}), &claims());
    assert_eq!(
        judged(&without_kid, &expected()),
        "believed",
        "10.1: one key suits"
    );
    let array = with(claims(), "aud", json!([CLIENT]));
    assert_eq!(
        judged_claims(&array, &expected()),
        "believed",
        "case 37: an array of one"
    );
}

#[test]
fn the_hashes_of_the_specifications_examples_come_out() {
    // OIDC Core, appendices A.3 and A.4.
    let access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    let code = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";
    assert_eq!(
        left_half_hash(SignatureAlgorithm::RS256, access_token),
        "77QmUPtjPfzWtF2AnpK9RQ"
    );
    assert_eq!(
        left_half_hash(SignatureAlgorithm::RS256, code),
        "LDktKdoQak3Pk0cnXxCltA"
    );
    let lengths = [
        (SignatureAlgorithm::ES256, 16),
        (SignatureAlgorithm::PS384, 24),
        (SignatureAlgorithm::HS512, 32),
        (SignatureAlgorithm::EdDSA, 32),
    ];
    for (alg, octets) in lengths {
        assert_eq!(
            base64url::decode(left_half_hash(alg, code)).unwrap().len(),
            octets,
            "{alg}"
        );
    }
}

#[test]
fn hashes_tie_the_token_to_what_came_along() {
    // 3.1.3.8, 3.2.2.10, 3.3.2.11; case 37.
    let hash = |value| json!(left_half_hash(SignatureAlgorithm::ES256, value));
    let token = IdTokenExpectation {
        access_token: Some("token"),
        ..expected()
    };
    let implicit = IdTokenExpectation {
        require_at_hash: true,
        ..token
    };
    let hybrid = IdTokenExpectation {
        code: Some("code"),
        ..expected()
    };
    let rows = [
        ("at_hash", json!(null), token, "believed"),
        ("at_hash", hash("token"), token, "believed"),
        ("at_hash", hash("other"), token, "id_token_at_hash_mismatch"),
        ("at_hash", json!(""), token, "id_token_at_hash_mismatch"),
        ("at_hash", json!(null), implicit, "id_token_at_hash_missing"),
        ("at_hash", hash("token"), implicit, "believed"),
        ("at_hash", hash("whatever"), expected(), "believed"),
        ("c_hash", hash("code"), hybrid, "believed"),
        ("c_hash", hash("other"), hybrid, "id_token_c_hash_mismatch"),
        ("c_hash", json!(null), hybrid, "id_token_c_hash_missing"),
    ];
    for (member, value, expectation, outcome) in rows {
        let claims = with(claims(), member, value);
        assert_eq!(judged_claims(&claims, &expectation), outcome, "{claims}");
    }
}

#[test]
fn no_other_kind_of_token_passes_for_an_id_token() {
    // Case 33.
    for typ in [
        "at+jwt",
        "application/at+jwt",
        "logout+jwt",
        "dpop+jwt",
        "secevent+jwt",
        "oauth-authz-req+jwt",
    ] {
        assert_eq!(
            judged(&sign(&EC, typ, &claims()), &expected()),
            "jwt_typ_wrong",
            "{typ}"
        );
    }
    let events = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
    let logout = with(claims(), "events", events);
    assert_eq!(
        judged_claims(&logout, &expected()),
        "id_token_is_event_token"
    );
}

#[test]
fn the_subject_is_there_and_stays() {
    // OpenID Connect Core, sections 2 and 12.2.
    let same = IdTokenExpectation {
        subject: Some("alice"),
        ..expected()
    };
    assert_eq!(judged_claims(&claims(), &same), "believed");
    assert_eq!(
        judged_claims(&with(claims(), "sub", json!("bob")), &same),
        "id_token_sub_changed"
    );
    let rows = [
        (json!(null), "jwt_claim_missing"),
        (json!(""), "id_token_sub_malformed"),
        (json!("é"), "id_token_sub_malformed"),
        (json!("x".repeat(255)), "believed"),
        (json!("x".repeat(256)), "id_token_sub_malformed"),
        (json!(7), "jwt_claim_malformed"),
    ];
    for (sub, outcome) in rows {
        assert_eq!(
            judged_claims(&with(claims(), "sub", sub.clone()), &expected()),
            outcome,
            "{sub}"
        );
    }
}

#[test]
fn claims_are_written_without_what_is_absent() {
    let claims: IdTokenClaims = serde_json::from_value(json!({
        "iss": ISSUER, "sub": "alice", "aud": ["a"], "exp": 2.9, "iat": 1, "sid": "s", "own": true,
    }))
    .unwrap();
    assert_eq!(
        serde_json::to_value(&claims).unwrap(),
        json!({ "iss": ISSUER, "sub": "alice", "aud": "a", "exp": 2, "iat": 1, "sid": "s", "own": true })
    );
}

#[test]
fn an_ambiguous_key_is_told_from_an_unknown_one() {
    let twin = crate::signed::key(SignatureAlgorithm::ES256);
    let keys: countersign_jose::jwk::JwkSet = [&*EC, &twin]
        .into_iter()
        .map(|key| key.public_jwk().unwrap().clone())
        .collect();
    let token = sign_with_header(&EC, json!({}), &claims());
    let fault = verify_id_token(&token, &keys, &expected(), NOW).unwrap_err();
    assert_eq!(fault.code(), "id_token_key_ambiguous");
    assert!(matches!(fault, IdTokenFault::Key(_)));
    assert!(
        !fault.keys_may_be_stale(),
        "fetching again makes it no clearer"
    );
    let foreign = sign(&FOREIGN, "JWT", &claims());
    let fault = verify_id_token(&foreign, &keys, &expected(), NOW).unwrap_err();
    assert!(fault.keys_may_be_stale());
}

proptest! {
    #[test]
    fn any_text_is_refused(token in "[A-Za-z0-9_-]{0,40}(\\.[A-Za-z0-9_-]{0,40}){0,5}") {
        prop_assert!(verify_id_token(&token, &*KEYS, &expected(), NOW).is_err());
        prop_assert!(verify_id_token_hint(&token, &*KEYS, OFFERED, ISSUER).is_err());
    }
}
