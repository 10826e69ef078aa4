use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::base64url;
use countersign_jose::key::SigningKey;
use countersign_oauth::id_token::{IdTokenExpectation, NonceRule};
use serde_json::json;

use super::{CLIENT, SECRET, claims, expected, judged, judged_claims};
use crate::signed::{EC, FOREIGN, ISSUER, NOW, RSA, sign, sign_with_header, with};

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
fn number_3_the_audience_is_the_client_and_no_one_untrusted() {
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
    for (claims, expectation, outcome) in rows {
        assert_eq!(judged_claims(&claims, &expectation), outcome, "{claims}");
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
    for (azp, outcome) in [
        (CLIENT, "believed"),
        ("api", "id_token_azp_mismatch"),
        ("", "id_token_azp_mismatch"),
    ] {
        assert_eq!(
            judged_claims(&with(several.clone(), "azp", json!(azp)), &trusting),
            outcome
        );
        assert_eq!(
            judged_claims(&with(claims(), "azp", json!(azp)), &expected()),
            outcome
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
    for (token, outcome) in rows {
        assert_eq!(judged(&token, &expected()), outcome, "{token}");
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
    for (exp, expectation, outcome) in rows {
        let claims = with(claims(), "exp", exp);
        assert_eq!(judged_claims(&claims, &expectation), outcome, "{claims}");
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
    for (iat, expectation, outcome) in rows {
        let claims = with(claims(), "iat", iat);
        assert_eq!(judged_claims(&claims, &expectation), outcome, "{claims}");
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
    for (nonce, came, outcome) in rows {
        let claims = with(claims(), "nonce", came);
        assert_eq!(judged_claims(&claims, &rule(nonce)), outcome, "{claims}");
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
    for (auth_time, expectation, outcome) in rows {
        let claims = with(claims(), "auth_time", auth_time);
        assert_eq!(judged_claims(&claims, &expectation), outcome, "{claims}");
    }
}
