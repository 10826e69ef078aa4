use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::base64url;
use countersign_jose::key::SigningKey;
use countersign_oauth::id_token::{
    IdTokenClaims, IdTokenExpectation, IdTokenFault, NonceRule, left_half_hash, verify_id_token,
    verify_id_token_hint,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::signed::{EC, FOREIGN, ISSUER, KEYS, NOW, RSA, sign, sign_with_header, with};

const CLIENT: &str = "s6BhdRkqt3";
const SECRET: &[u8] = b"a client secret of at least 32 octets";
const OFFERED: &[SignatureAlgorithm] = &[SignatureAlgorithm::RS256, SignatureAlgorithm::ES256];

fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "alice", "aud": CLIENT, "nonce": "n-0S6_WzA2Mj",
        "exp": NOW + 300, "iat": NOW - 1, "auth_time": NOW - 60, "acr": "1",
    })
}

fn expected() -> IdTokenExpectation<'static> {
    IdTokenExpectation {
        algorithms: OFFERED,
        nonce: NonceRule::Sent("n-0S6_WzA2Mj"),
        ..IdTokenExpectation::new(ISSUER, CLIENT)
    }
}

fn judged(token: &str, expectation: &IdTokenExpectation<'_>) -> &'static str {
    verify_id_token(token, &*KEYS, expectation, NOW)
        .map_or_else(|fault| fault.code(), |_| "believed")
}

fn judged_claims(claims: &Value, expectation: &IdTokenExpectation<'_>) -> &'static str {
    judged(&sign(&EC, "JWT", claims), expectation)
}

#[test]
fn a_good_id_token_is_believed() {
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
fn number_2_the_issuer_matches_exactly() {
    for issuer in [
        json!("https://op.example/"),
        json!("https://evil.example"),
        json!(""),
    ] {
        let claims = with(claims(), "iss", issuer);
        assert_eq!(
            judged_claims(&claims, &expected()),
            "jwt_iss_wrong",
            "{claims}"
        );
    }
}

#[test]
fn number_3_the_audience_is_the_client_and_nobody_untrusted() {
    let trusting = IdTokenExpectation {
        trusted_audiences: &["api"],
        ..expected()
    };
    let azp = |claims| with(claims, "azp", json!(CLIENT));
    let rows = [
        (
            with(claims(), "aud", json!("other")),
            expected(),
            "id_token_aud_without_client",
        ),
        (
            with(claims(), "aud", json!(["other"])),
            expected(),
            "id_token_aud_without_client",
        ),
        (
            with(claims(), "aud", json!("S6BHDRKQT3")),
            expected(),
            "id_token_aud_without_client",
        ),
        (
            azp(with(claims(), "aud", json!([CLIENT, "api"]))),
            expected(),
            "id_token_aud_not_trusted",
        ),
        (
            azp(with(claims(), "aud", json!([CLIENT, "api"]))),
            trusting,
            "believed",
        ),
        (
            azp(with(claims(), "aud", json!(["api"]))),
            trusting,
            "id_token_aud_without_client",
        ),
        (
            with(claims(), "aud", json!([])),
            expected(),
            "jwt_claim_missing",
        ),
        (
            with(claims(), "aud", json!(7)),
            expected(),
            "jwt_claim_malformed",
        ),
    ];
    for (claims, expectation, answer) in rows {
        assert_eq!(judged_claims(&claims, &expectation), answer, "{claims}");
    }
}

#[test]
fn numbers_4_and_5_the_authorized_party_is_the_client() {
    let trusting = IdTokenExpectation {
        trusted_audiences: &["api"],
        ..expected()
    };
    let several = with(claims(), "aud", json!([CLIENT, "api"]));
    assert_eq!(judged_claims(&several, &trusting), "id_token_azp_missing");
    for (azp, answer) in [
        (CLIENT, "believed"),
        ("api", "id_token_azp_mismatch"),
        ("", "id_token_azp_mismatch"),
    ] {
        assert_eq!(
            judged_claims(&with(several.clone(), "azp", json!(azp)), &trusting),
            answer
        );
        assert_eq!(
            judged_claims(&with(claims(), "azp", json!(azp)), &expected()),
            answer
        );
    }
}

#[test]
fn number_6_the_signature_is_the_issuers() {
    let token = sign(&EC, "JWT", &claims());
    let (rest, signature) = token.rsplit_once('.').unwrap();
    let flipped: String = signature
        .char_indices()
        .map(|(at, c)| {
            if at == 9 {
                if c == 'A' { 'B' } else { 'A' }
            } else {
                c
            }
        })
        .collect();
    let (header, _) = rest.split_once('.').unwrap();
    let other_claims = base64url::encode(with(claims(), "sub", json!("mallory")).to_string());
    let foreign_kid = json!({ "kid": FOREIGN.kid() });
    let borrowed_kid = json!({ "kid": EC.kid() });
    let rows = [
        (format!("{rest}.{flipped}"), "jws_signature_bad"),
        (
            format!("{header}.{other_claims}.{signature}"),
            "jws_signature_bad",
        ),
        (format!("{rest}."), "jws_signature_empty"),
        (
            sign_with_header(&FOREIGN, foreign_kid, &claims()),
            "id_token_key_unknown",
        ),
        (
            sign_with_header(&FOREIGN, borrowed_kid, &claims()),
            "jws_signature_bad",
        ),
        (
            sign_with_header(&FOREIGN, json!({}), &claims()),
            "jws_signature_bad",
        ),
        (format!("{token}.x.y"), "jws_encrypted"),
        ("a.b".to_owned(), "jws_not_three_parts"),
        (String::new(), "jws_not_three_parts"),
    ];
    for (token, answer) in rows {
        assert_eq!(judged(&token, &expected()), answer, "{token}");
    }
}

#[test]
fn number_7_the_algorithm_is_one_that_was_agreed_on() {
    // Cases 27 and 28.
    let only_default = IdTokenExpectation {
        algorithms: &[SignatureAlgorithm::RS256],
        ..expected()
    };
    assert_eq!(
        judged(&sign(&EC, "JWT", &claims()), &only_default),
        "id_token_alg_not_expected"
    );
    assert_eq!(
        IdTokenExpectation::new(ISSUER, CLIENT).algorithms,
        [SignatureAlgorithm::RS256]
    );
    for alg in ["none", "None", "nOnE"] {
        let header = base64url::encode(json!({ "alg": alg }).to_string());
        let payload = base64url::encode(claims().to_string());
        for signature in ["", "AAAA"] {
            let token = format!("{header}.{payload}.{signature}");
            assert_eq!(judged(&token, &expected()), "jws_alg_none", "{alg}");
        }
    }
    let public = RSA.public_jwk().unwrap().to_public_json();
    let header = base64url::encode(json!({ "alg": "HS256", "kid": RSA.kid() }).to_string());
    let input = format!("{header}.{}", base64url::encode(claims().to_string()));
    let mac = countersign_jose::digest::hmac_sha256(public.as_bytes(), input.as_bytes());
    let confused = format!("{input}.{}", base64url::encode(mac));
    assert_eq!(judged(&confused, &expected()), "id_token_alg_not_expected");
    let symmetric = IdTokenExpectation {
        algorithms: &[SignatureAlgorithm::HS256],
        ..expected()
    };
    assert_eq!(judged(&confused, &symmetric), "id_token_no_client_secret");
}

#[test]
fn number_8_a_mac_is_made_with_the_client_secret() {
    let key = SigningKey::hmac(SignatureAlgorithm::HS256, SECRET).unwrap();
    let other = SigningKey::hmac(
        SignatureAlgorithm::HS256,
        b"another secret of at least 32 octets!",
    )
    .unwrap();
    let expectation = IdTokenExpectation {
        algorithms: &[SignatureAlgorithm::HS256],
        client_secret: Some(SECRET),
        ..expected()
    };
    assert_eq!(
        judged(&sign(&key, "JWT", &claims()), &expectation),
        "believed"
    );
    assert_eq!(
        judged(&sign(&other, "JWT", &claims()), &expectation),
        "jws_signature_bad"
    );
    let short = IdTokenExpectation {
        client_secret: Some(b"short"),
        ..expectation
    };
    assert_eq!(
        judged(&sign(&key, "JWT", &claims()), &short),
        "id_token_no_client_secret"
    );
}

#[test]
fn number_9_the_time_is_before_exp() {
    let leeway = IdTokenExpectation {
        leeway_seconds: 10,
        ..expected()
    };
    let rows = [
        (json!(NOW + 1), expected(), "believed"),
        (json!(NOW), expected(), "jwt_expired"),
        (json!(NOW - 9), leeway, "believed"),
        (json!(NOW - 10), leeway, "jwt_expired"),
        (json!(1.8e9 + 5.5), expected(), "believed"),
        (json!("1800000300"), expected(), "jwt_claim_malformed"),
        (json!(null), expected(), "jwt_claim_missing"),
    ];
    for (exp, expectation, answer) in rows {
        let claims = with(claims(), "exp", exp);
        assert_eq!(judged_claims(&claims, &expectation), answer, "{claims}");
    }
    let future = with(claims(), "nbf", json!(NOW + 60));
    assert_eq!(judged_claims(&future, &expected()), "jwt_not_yet_valid");
}

#[test]
fn number_10_iat_is_there_and_not_too_far_away() {
    let recent = IdTokenExpectation {
        max_token_age_seconds: Some(600),
        ..expected()
    };
    let rows = [
        (json!(NOW - 86_400), expected(), "believed"),
        (json!(NOW - 600), recent, "believed"),
        (json!(NOW - 601), recent, "jwt_too_old"),
        (json!(NOW + 1), expected(), "jwt_issued_in_the_future"),
        (json!(null), expected(), "jwt_claim_missing"),
    ];
    for (iat, expectation, answer) in rows {
        let claims = with(claims(), "iat", iat);
        assert_eq!(judged_claims(&claims, &expectation), answer, "{claims}");
    }
}

#[test]
fn number_11_the_nonce_comes_back() {
    let rule = |nonce| IdTokenExpectation {
        nonce,
        ..expected()
    };
    let rows = [
        (NonceRule::Sent("n"), json!("n"), "believed"),
        (NonceRule::Sent("n"), json!("N"), "id_token_nonce_mismatch"),
        (NonceRule::Sent("n"), json!("nn"), "id_token_nonce_mismatch"),
        (NonceRule::Sent("n"), json!(""), "id_token_nonce_mismatch"),
        (NonceRule::Sent("n"), json!(null), "id_token_nonce_missing"),
        (NonceRule::NotSent, json!(null), "believed"),
        (NonceRule::NotSent, json!("n"), "id_token_nonce_unexpected"),
        // 12.2: need not come after a refresh, and is the original one if it does.
        (NonceRule::AfterRefresh(Some("n")), json!(null), "believed"),
        (NonceRule::AfterRefresh(Some("n")), json!("n"), "believed"),
        (
            NonceRule::AfterRefresh(Some("n")),
            json!("m"),
            "id_token_nonce_mismatch",
        ),
        (NonceRule::AfterRefresh(None), json!(null), "believed"),
        (
            NonceRule::AfterRefresh(None),
            json!("n"),
            "id_token_nonce_unexpected",
        ),
    ];
    for (nonce, came, answer) in rows {
        let claims = with(claims(), "nonce", came);
        assert_eq!(judged_claims(&claims, &rule(nonce)), answer, "{claims}");
    }
}

#[test]
fn number_12_acr_is_one_that_was_asked_for() {
    let asked = IdTokenExpectation {
        acr_values: &["1", "2"],
        ..expected()
    };
    assert_eq!(judged_claims(&claims(), &asked), "believed");
    assert_eq!(
        judged_claims(&with(claims(), "acr", json!("0")), &asked),
        "id_token_acr_not_satisfied"
    );
    assert_eq!(
        judged_claims(&with(claims(), "acr", json!(null)), &asked),
        "id_token_acr_not_satisfied"
    );
}

#[test]
fn number_13_the_authentication_is_recent_enough() {
    let max_age = IdTokenExpectation {
        max_age_seconds: Some(60),
        ..expected()
    };
    let at_once = IdTokenExpectation {
        max_age_seconds: Some(0),
        ..expected()
    };
    let leeway = IdTokenExpectation {
        leeway_seconds: 5,
        ..max_age
    };
    let required = IdTokenExpectation {
        require_auth_time: true,
        ..expected()
    };
    let rows = [
        (json!(NOW - 60), max_age, "believed"),
        (json!(NOW - 61), max_age, "id_token_auth_time_too_old"),
        (json!(NOW - 65), leeway, "believed"),
        (json!(NOW - 66), leeway, "id_token_auth_time_too_old"),
        (json!(NOW), at_once, "believed"),
        (json!(NOW - 1), at_once, "id_token_auth_time_too_old"),
        (
            json!(NOW + 1),
            expected(),
            "id_token_auth_time_in_the_future",
        ),
        (json!(i64::MAX), expected(), "jwt_claims_unexpected"),
        (json!(null), max_age, "id_token_auth_time_missing"),
        (json!(null), required, "id_token_auth_time_missing"),
        (json!(null), expected(), "believed"),
    ];
    for (auth_time, expectation, answer) in rows {
        let claims = with(claims(), "auth_time", auth_time);
        assert_eq!(judged_claims(&claims, &expectation), answer, "{claims}");
    }
}

#[test]
fn the_hashes_of_the_specifications_examples_come_out() {
    // OIDC Core A.3 and A.4.
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
    for (member, value, expectation, answer) in rows {
        let claims = with(claims(), member, value);
        assert_eq!(judged_claims(&claims, &expectation), answer, "{claims}");
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
    // OIDC Core 2 and 12.2.
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
    for (sub, answer) in rows {
        assert_eq!(
            judged_claims(&with(claims(), "sub", sub.clone()), &expected()),
            answer,
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
fn a_hint_may_have_expired_and_must_be_ours() {
    // OIDC Core 3.1.2.1, OIDC RP-Initiated Logout 2; cases 11 and 33.
    let hint = |token: &str| verify_id_token_hint(token, &*KEYS, OFFERED, ISSUER);
    let old = with(with(claims(), "exp", json!(5)), "sid", json!("session"));
    let good = hint(&sign(&RSA, "JWT", &old)).unwrap();
    assert_eq!((good.subject(), good.session()), ("alice", Some("session")));
    assert_eq!(good.client_id(), Some(CLIENT));
    assert!(good.is_for(CLIENT) && !good.is_for("other"));
    assert_eq!(good.claims().exp, 5);
    let both = with(
        with(claims(), "aud", json!([CLIENT, "api"])),
        "azp",
        json!(CLIENT),
    );
    let both = hint(&sign(&RSA, "JWT", &both)).unwrap();
    assert!(both.is_for(CLIENT) && !both.is_for("api"));
    let unclear = hint(&sign(
        &RSA,
        "JWT",
        &with(claims(), "aud", json!([CLIENT, "api"])),
    ))
    .unwrap();
    assert_eq!(unclear.client_id(), None);

    let mac = SigningKey::hmac(SignatureAlgorithm::HS256, SECRET).unwrap();
    let none = format!(
        "{}.{}.",
        base64url::encode(r#"{"alg":"none"}"#),
        base64url::encode(claims().to_string())
    );
    let rows = [
        (sign(&FOREIGN, "JWT", &claims()), "id_token_key_unknown"),
        (sign(&RSA, "at+jwt", &claims()), "id_token_typ_wrong"),
        (sign(&RSA, "logout+jwt", &claims()), "id_token_typ_wrong"),
        (
            sign(&RSA, "JWT", &with(claims(), "events", json!({}))),
            "id_token_is_event_token",
        ),
        (
            sign(
                &RSA,
                "JWT",
                &with(claims(), "iss", json!("https://evil.example")),
            ),
            "id_token_iss_wrong",
        ),
        (
            sign(&RSA, "JWT", &json!({ "iss": ISSUER })),
            "id_token_claims_malformed",
        ),
        (sign(&RSA, "JWT", &json!([])), "id_token_claims_malformed"),
        (sign(&mac, "JWT", &claims()), "id_token_alg_not_expected"),
        (none, "jws_alg_none"),
        ("x".to_owned(), "jws_not_three_parts"),
    ];
    for (token, answer) in rows {
        assert_eq!(
            hint(&token).map_or_else(|fault| fault.code(), |_| "believed"),
            answer
        );
    }
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
}

proptest! {
    #[test]
    fn any_text_is_refused(token in "[A-Za-z0-9_-]{0,40}(\\.[A-Za-z0-9_-]{0,40}){0,5}") {
        prop_assert!(verify_id_token(&token, &*KEYS, &expected(), NOW).is_err());
        prop_assert!(verify_id_token_hint(&token, &*KEYS, OFFERED, ISSUER).is_err());
    }
}
