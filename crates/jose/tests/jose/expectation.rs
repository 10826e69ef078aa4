//! RFC 7519, section 4.1 and RFC 8725: a table of claims, what was expected of them, and the
//! outcome.

use countersign_jose::alg::SignatureAlgorithm::HS256;
use countersign_jose::jwt::{self, Expectation, JwtError, MAX_EXCERPT_BYTES, VerifiedJwt};
use countersign_jose::key::SigningKey;
use serde::Deserialize;
use serde_json::{Map, Value, json};

const NOW: i64 = 1_800_000_000;
const ISSUER: &str = "https://op.example";

fn key() -> SigningKey {
    SigningKey::hmac(HS256, &[7; 32]).unwrap()
}

fn check(typ: &str, claims: &Value, expectation: &Expectation) -> Result<(), JwtError> {
    let token = key().sign_jwt(typ, claims.to_string().as_bytes()).unwrap();
    jwt::verify::<Map<String, Value>>(&token, key().verifying_key(), expectation, NOW).map(|_| ())
}

fn any() -> Expectation {
    Expectation::any_typ()
}

/// RFC 8725, section 3.11.
#[test]
fn the_type_is_demanded_in_any_spelling_of_the_media_type() {
    let expected = Expectation::typed("at+jwt");
    for typ in [
        "at+jwt",
        "AT+JWT",
        "application/at+jwt",
        "APPLICATION/at+JWT",
    ] {
        assert_eq!(check(typ, &json!({}), &expected), Ok(()), "{typ}");
    }
    for typ in ["JWT", "logout+jwt", "", "at+jwt;a=b", "x/at+jwt"] {
        let wrong = JwtError::WrongType {
            received: Some(typ.to_owned()),
            expected: "at+jwt".to_owned(),
        };
        assert_eq!(check(typ, &json!({}), &expected), Err(wrong), "{typ}");
    }
}

#[test]
fn a_missing_type_passes_only_where_the_standard_names_none() {
    let untyped = key().sign_with_header(&Map::new(), b"{}").unwrap();
    let verify = |expectation: &Expectation| {
        jwt::verify::<Map<String, Value>>(&untyped, key().verifying_key(), expectation, NOW)
    };
    assert!(verify(&Expectation::typ_absent_or("JWT")).is_ok());
    assert!(verify(&any()).is_ok());
    assert_eq!(
        verify(&Expectation::typed("JWT")).unwrap_err(),
        JwtError::WrongType {
            received: None,
            expected: "JWT".to_owned()
        }
    );
    assert_eq!(
        check("jwt", &json!({}), &Expectation::typ_absent_or("JWT")),
        Ok(())
    );
    assert!(check("at+jwt", &json!({}), &Expectation::typ_absent_or("JWT")).is_err());
    assert_eq!(check("whatever", &json!({}), &any()), Ok(()));
}

/// Section 4.1.1: a case-sensitive string.
#[test]
fn the_issuer_is_compared_byte_for_byte() {
    let expected = any().issuer(ISSUER);
    assert_eq!(check("JWT", &json!({"iss": ISSUER}), &expected), Ok(()));
    assert_eq!(
        check("JWT", &json!({}), &expected),
        Err(JwtError::MissingClaim("iss"))
    );
    for other in [
        "https://op.example/",
        "https://OP.example",
        "https://op.example.evil.example",
        "",
    ] {
        let wrong = JwtError::WrongIssuer {
            received: other.to_owned(),
            expected: ISSUER.to_owned(),
        };
        assert_eq!(check("JWT", &json!({"iss": other}), &expected), Err(wrong));
    }
    for malformed in [json!(1), json!(null), json!([ISSUER])] {
        let error = Err(JwtError::MalformedClaim("iss"));
        assert_eq!(check("JWT", &json!({"iss": malformed}), &expected), error);
    }
}

/// Section 4.1.3: an array of strings or one string.
#[test]
fn the_audience_holds_one_of_those_expected() {
    let one = any().audience("api");
    let two = any().audience("api").audience("other");
    for (aud, expectation, accepted) in [
        (json!("api"), &one, true),
        (json!(["api"]), &one, true),
        (json!(["x", "api"]), &one, true),
        (json!("other"), &two, true),
        (json!("API"), &one, false),
        (json!("api "), &one, false),
        (json!(["x"]), &two, false),
    ] {
        let result = check("JWT", &json!({"aud": aud}), expectation);
        match accepted {
            true => assert_eq!(result, Ok(()), "{aud}"),
            false => assert!(
                matches!(result, Err(JwtError::WrongAudience { .. })),
                "{aud}"
            ),
        }
    }
    let missing = Err(JwtError::MissingClaim("aud"));
    assert_eq!(check("JWT", &json!({}), &one), missing);
    assert_eq!(check("JWT", &json!({"aud": []}), &one), missing);
    for malformed in [json!(1), json!(null), json!(["api", 1]), json!({"api": 1})] {
        let error = Err(JwtError::MalformedClaim("aud"));
        assert_eq!(check("JWT", &json!({"aud": malformed}), &one), error);
        // malformed is malformed, expected or not
        assert_eq!(check("JWT", &json!({"aud": malformed}), &any()), error);
    }
}

#[test]
fn the_audience_may_have_to_be_alone_or_a_single_string() {
    let alone = any().audience("api").only_audience();
    assert_eq!(check("JWT", &json!({"aud": "api"}), &alone), Ok(()));
    assert_eq!(check("JWT", &json!({"aud": ["api"]}), &alone), Ok(()));
    assert_eq!(
        check("JWT", &json!({"aud": ["api", "x"]}), &alone),
        Err(JwtError::FurtherAudiences {
            received: vec!["api".to_owned(), "x".to_owned()]
        })
    );
    let single = any().audience("api").audience_as_single_string();
    assert_eq!(check("JWT", &json!({"aud": "api"}), &single), Ok(()));
    assert_eq!(
        check("JWT", &json!({"aud": ["api"]}), &single),
        Err(JwtError::AudienceIsArray)
    );
}

#[test]
fn the_subject_is_compared_when_it_is_known() {
    let expected = any().subject("alice");
    assert_eq!(check("JWT", &json!({"sub": "alice"}), &expected), Ok(()));
    assert_eq!(
        check("JWT", &json!({"sub": "bob"}), &expected),
        Err(JwtError::WrongSubject)
    );
    assert_eq!(
        check("JWT", &json!({}), &expected),
        Err(JwtError::MissingClaim("sub"))
    );
}

/// Sections 4.1.4 to 4.1.6: "on or after" exp is expired, "before" nbf is not yet valid.
#[test]
fn times_have_exact_edges() {
    let strict = any();
    let lenient = any().leeway_seconds(5);
    let expired = |exp| Err(JwtError::Expired { exp, now: NOW });
    let early = |nbf| Err(JwtError::NotYetValid { nbf, now: NOW });
    let future = |iat| Err(JwtError::IssuedInTheFuture { iat, now: NOW });
    for (claims, expectation, outcome) in [
        (json!({"exp": NOW + 1}), &strict, Ok(())),
        (json!({"exp": NOW}), &strict, expired(NOW)),
        (json!({"exp": NOW - 1}), &strict, expired(NOW - 1)),
        (json!({"exp": NOW - 4}), &lenient, Ok(())),
        (json!({"exp": NOW - 5}), &lenient, expired(NOW - 5)),
        (json!({"nbf": NOW}), &strict, Ok(())),
        (json!({"nbf": NOW + 1}), &strict, early(NOW + 1)),
        (json!({"nbf": NOW + 5}), &lenient, Ok(())),
        (json!({"nbf": NOW + 6}), &lenient, early(NOW + 6)),
        (json!({"iat": NOW}), &strict, Ok(())),
        (json!({"iat": NOW + 1}), &strict, future(NOW + 1)),
        (json!({"iat": NOW + 5}), &lenient, Ok(())),
        (json!({"iat": NOW + 6}), &lenient, future(NOW + 6)),
        // a fraction shortens the life on either side
        (json!({"exp": NOW as f64 + 0.9}), &strict, expired(NOW)),
        (json!({"nbf": NOW as f64 + 0.1}), &strict, early(NOW + 1)),
        (json!({}), &strict, Ok(())),
        (json!({"exp": 0}), &strict, expired(0)),
        (json!({"exp": -1}), &strict, expired(-1)),
    ] {
        assert_eq!(check("JWT", &claims, expectation), outcome, "{claims}");
    }
}

#[test]
fn times_that_are_no_times_are_refused() {
    for name in ["exp", "nbf", "iat"] {
        for value in [
            json!("1800000001"),
            json!(null),
            json!([1]),
            json!(true),
            json!(1e300),
            json!(u64::MAX),
            json!(i64::MAX),
            json!(i64::MIN),
        ] {
            let claims = json!({name: value});
            let error = check("JWT", &claims, &any());
            assert_eq!(error, Err(JwtError::MalformedClaim(name)), "{claims}");
        }
    }
}

#[test]
fn age_and_lifetime_have_their_limits() {
    let aged = any().max_age_seconds(300);
    assert_eq!(check("JWT", &json!({"iat": NOW - 300}), &aged), Ok(()));
    assert_eq!(
        check("JWT", &json!({}), &aged),
        Err(JwtError::MissingClaim("iat"))
    );
    assert_eq!(
        check("JWT", &json!({"iat": NOW - 301}), &aged),
        Err(JwtError::TooOld {
            iat: NOW - 301,
            now: NOW,
            max_age_seconds: 300
        })
    );
    let short = any().max_lifetime_seconds(60);
    assert_eq!(check("JWT", &json!({"exp": NOW + 60}), &short), Ok(()));
    assert_eq!(
        check("JWT", &json!({}), &short),
        Err(JwtError::MissingClaim("exp"))
    );
    assert_eq!(
        check("JWT", &json!({"exp": NOW + 61}), &short),
        Err(JwtError::LivesTooLong {
            exp: NOW + 61,
            now: NOW,
            max_lifetime_seconds: 60
        })
    );
    let extreme = any().leeway_seconds(i64::MAX).max_age_seconds(i64::MAX);
    assert_eq!(
        check(
            "JWT",
            &json!({"iat": 0, "exp": 0, "nbf": 1_i64 << 50}),
            &extreme
        ),
        Ok(())
    );
}

#[test]
fn required_claims_must_be_there() {
    for name in ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"] {
        let expected = any().require(&[name]);
        assert_eq!(
            check("JWT", &json!({}), &expected),
            Err(JwtError::MissingClaim(name))
        );
        let claims = match name {
            "exp" => json!({name: NOW + 1}),
            "nbf" | "iat" => json!({name: NOW}),
            _ => json!({name: "x"}),
        };
        assert_eq!(check("JWT", &claims, &expected), Ok(()), "{name}");
    }
    let unknown = any().require(&["nonce"]);
    assert_eq!(
        check("JWT", &json!({"nonce": "x"}), &unknown),
        Err(JwtError::MissingClaim("nonce"))
    );
}

#[test]
fn claims_come_as_the_callers_type() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Claims {
        sub: String,
        scope: String,
    }
    let claims = json!({"sub": "alice", "scope": "openid", "exp": NOW + 60, "aud": ["a", "b"]});
    let token = key()
        .sign_jwt("at+jwt", claims.to_string().as_bytes())
        .unwrap();
    let verified: VerifiedJwt<Claims> = jwt::verify(
        &token,
        key().verifying_key(),
        &Expectation::typed("at+jwt"),
        NOW,
    )
    .unwrap();
    assert_eq!(verified.header().typ(), Some("at+jwt"));
    assert_eq!(verified.registered().aud, ["a", "b"]);
    assert!(verified.registered().aud_is_array);
    assert_eq!(verified.registered().exp, Some(NOW + 60));
    assert_eq!(verified.claims().scope, "openid");
    assert_eq!(
        verified.into_claims(),
        Claims {
            sub: "alice".into(),
            scope: "openid".into()
        }
    );

    for (claims, named) in [
        (r#"{"sub":"alice"}"#, "missing field `scope`"),
        (
            r#"{"sub":"alice","scope":{"a":"secret"}}"#,
            "scope is not of the expected form",
        ),
        (
            r#"{"sub":"alice","scope":7}"#,
            "scope is not of the expected form",
        ),
    ] {
        let token = key().sign_jwt("at+jwt", claims.as_bytes()).unwrap();
        let error = jwt::verify::<Claims>(&token, key().verifying_key(), &any(), NOW).unwrap_err();
        assert_eq!(
            error,
            JwtError::UnexpectedClaims(named.to_owned()),
            "{claims}"
        );
    }
}

#[test]
fn an_error_repeats_only_the_beginning_of_what_a_token_says() {
    let long = "\u{e4}".repeat(10_000);
    let cut = "\u{e4}".repeat(MAX_EXCERPT_BYTES / 2);
    let Err(JwtError::WrongIssuer { received, .. }) =
        check("JWT", &json!({"iss": long}), &any().issuer(ISSUER))
    else {
        panic!("another issuer");
    };
    assert_eq!(received, cut);
    let Err(JwtError::WrongAudience { received, .. }) = check(
        "JWT",
        &json!({"aud": vec![&long; 2]}),
        &any().audience("api"),
    ) else {
        panic!("another audience");
    };
    assert_eq!(received, [cut.as_str(); 2]);
    let Err(JwtError::WrongType { received, .. }) =
        check(&long, &json!({}), &Expectation::typed("JWT"))
    else {
        panic!("another type");
    };
    assert_eq!(received, Some(cut));
}

#[test]
fn a_payload_that_is_no_object_is_no_jwt() {
    for payload in ["", "null", "[]", "\"text\"", "{", "{}{}"] {
        let token = key().sign_jwt("JWT", payload.as_bytes()).unwrap();
        let result = jwt::verify::<Value>(&token, key().verifying_key(), &any(), NOW);
        assert!(matches!(result, Err(JwtError::ClaimsJson(_))), "{payload}");
    }
    // RFC 8259, section 8.1: a byte order mark may be ignored.
    let token = key().sign_jwt("JWT", "\u{feff}{}".as_bytes()).unwrap();
    assert!(jwt::verify::<Value>(&token, key().verifying_key(), &any(), NOW).is_ok());
}
