//! Attack cases 27 to 34: tokens that are not what they say (RFC 8725, RFC 9068, section 4, RFC
//! 7515, section 4.1).
//!
//! Each forgery is presented wherever these endpoints take a JWT: as an access token at userinfo,
//! and as an id_token_hint at the authorization and the logout endpoint.

use std::net::TcpListener;

use countersign_jose::alg::SignatureAlgorithm::{ES256, RS256};
use countersign_jose::base64url;
use countersign_testing::{
    ALICE, Browser, Forger, ISSUER, TestProvider, Tokens, callback, claims_of, header_of,
};
use http::StatusCode;
use serde_json::{Value, json};

use crate::expect;

struct Stage {
    op: TestProvider,
    browser: Browser,
    tokens: Tokens,
    /// Of a good access token and a good ID token.
    access: Value,
    id: Value,
}

impl Stage {
    async fn set() -> Stage {
        let op = TestProvider::start().await;
        let mut browser = op.browser();
        let redirect_uri = callback::CONFIDENTIAL;
        let code = op
            .code(&mut browser, &ALICE, "confidential", redirect_uri, "openid")
            .await;
        let tokens = op
            .redeem("confidential", redirect_uri, &code)
            .await
            .tokens();
        let access = claims_of(&tokens.access_token);
        let id = claims_of(tokens.id_token.as_deref().expect("an ID token"));
        Stage {
            op,
            browser,
            tokens,
            access,
            id,
        }
    }

    fn id_token(&self) -> &str {
        self.tokens.id_token.as_deref().expect("an ID token")
    }

    async fn refuses_access_token(&self, what: &str, token: &str) {
        let answer = self.op.userinfo(token).await;
        assert_eq!(
            answer.status,
            StatusCode::UNAUTHORIZED,
            "{what}: {answer:?}"
        );
        expect::token_refused(&answer);
    }

    /// As a hint it signs no one out, selects no one, and is an error.
    async fn refuses_hint(&mut self, what: &str, token: &str) {
        let answer = self
            .browser
            .get_with("/logout", &[("id_token_hint", token)])
            .await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{what}: {answer:?}");
        expect::sign_out_page(&answer, "proof of your sign-in was not accepted");
        let redirect_uri = callback::CONFIDENTIAL;
        let mut request = self
            .op
            .authorization("confidential", redirect_uri, "openid");
        request.push(("id_token_hint", token.to_owned()));
        let answer = self.browser.get_with("/authorize", &request).await;
        expect::sent_back(&answer, redirect_uri, "invalid_request");
        assert!(
            expect::is_accepted(&self.op, &self.tokens.access_token).await,
            "{what}"
        );
    }
}

#[tokio::test]
async fn attack_27_unsigned_tokens_are_refused() {
    let mut stage = Stage::set().await;
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        for signature in [b"".as_slice(), b"x"] {
            let header = json!({ "alg": alg, "typ": "at+jwt" });
            let token = Forger::unsigned(&header, &stage.access, signature);
            stage.refuses_access_token(alg, &token).await;
            let header = json!({ "alg": alg, "typ": "JWT" });
            let token = Forger::unsigned(&header, &stage.id, signature);
            stage.refuses_hint(alg, &token).await;
        }
    }
}

#[tokio::test]
async fn attack_27_a_good_token_without_its_signature_is_refused() {
    let mut stage = Stage::set().await;
    let cut = |token: &str| {
        let (signed, _) = token.rsplit_once('.').expect("three parts");
        [
            format!("{signed}."),
            signed.to_owned(),
            format!("{signed}.."),
        ]
    };
    for token in cut(&stage.tokens.access_token) {
        stage.refuses_access_token("cut", &token).await;
    }
    for token in cut(stage.id_token()) {
        stage.refuses_hint("cut", &token).await;
    }
}

#[tokio::test]
async fn attack_27_a_changed_token_is_refused() {
    let mut stage = Stage::set().await;
    let changed = |token: &str, claims: &Value| {
        let mut claims = claims.clone();
        claims["sub"] = json!("bobs-subject-identifier");
        let parts: Vec<&str> = token.split('.').collect();
        format!(
            "{}.{}.{}",
            parts[0],
            base64url::encode(claims.to_string()),
            parts[2]
        )
    };
    let access = changed(&stage.tokens.access_token, &stage.access);
    let id = changed(stage.id_token(), &stage.id);
    stage.refuses_access_token("another sub", &access).await;
    stage.refuses_hint("another sub", &id).await;
}

#[tokio::test]
async fn attack_28_a_mac_under_the_public_key_is_refused() {
    let mut stage = Stage::set().await;
    for algorithm in [RS256, ES256] {
        let forger = Forger::of(&stage.op, algorithm).await;
        let jwk = forger.public_jwk();
        let jwks = stage.op.browser().get("/jwks").await.body;
        let modulus: Value = serde_json::from_str(&jwk).expect("JSON");
        let modulus = modulus["n"]
            .as_str()
            .or(modulus["x"].as_str())
            .expect("a number");
        let raw = base64url::decode(modulus).expect("base64url");
        for secret in [
            jwk.as_bytes(),
            jwks.as_bytes(),
            modulus.as_bytes(),
            &raw,
            b"",
        ] {
            let header = json!({ "alg": "HS256", "typ": "at+jwt", "kid": forger.kid() });
            let token = Forger::hs256(&header, &stage.access, secret);
            stage.refuses_access_token("HS256", &token).await;
            let header = json!({ "alg": "HS256", "typ": "JWT", "kid": forger.kid() });
            let token = Forger::hs256(&header, &stage.id, secret);
            stage.refuses_hint("HS256", &token).await;
        }
    }
}

#[tokio::test]
async fn attack_28_another_of_our_algorithms_makes_no_access_token() {
    // RFC 8725, section 3.1: access tokens are signed with one algorithm, whatever else has a key
    // here.
    let stage = Stage::set().await;
    let forger = Forger::of(&stage.op, RS256).await;
    stage
        .refuses_access_token("RS256", &forger.sign("at+jwt", &stage.access))
        .await;
    let forger = Forger::of(&stage.op, ES256).await;
    let same = forger.sign("at+jwt", &stage.access);
    assert!(
        expect::is_accepted(&stage.op, &same).await,
        "the forger forges well"
    );
}

#[tokio::test]
async fn attack_29_keys_that_a_token_brings_along_are_ignored_and_nothing_is_fetched() {
    let mut stage = Stage::set().await;
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("non-blocking");
    let url = format!("http://{}/jwks", listener.local_addr().expect("an address"));

    let thief = TestProvider::start().await;
    let kid = thief.replace_key(ES256).await;
    let thief = Forger::of(&thief, ES256).await;
    let own_kid = header_of(&stage.tokens.access_token)["kid"].clone();
    let jwk: Value = serde_json::from_str(&thief.public_jwk()).expect("JSON");
    for kid in [json!(kid), own_kid] {
        for (name, value) in [
            ("jwk", jwk.clone()),
            ("jku", json!(url)),
            ("x5u", json!(url)),
            ("x5c", json!(["MIIB"])),
            ("x5t#S256", json!("AAAA")),
        ] {
            let mut header = json!({ "typ": "at+jwt", "kid": kid });
            header[name] = value.clone();
            let token = thief.sign_with_header(&header, &stage.access.to_string());
            stage.refuses_access_token(name, &token).await;
            header["typ"] = json!("JWT");
            let token = thief.sign_with_header(&header, &stage.id.to_string());
            stage.refuses_hint(name, &token).await;
        }
    }
    let fetched = listener.accept();
    assert!(fetched.is_err(), "something was fetched: {fetched:?}");
}

#[tokio::test]
async fn attack_30_a_strange_kid_is_refused_and_breaks_nothing() {
    let mut stage = Stage::set().await;
    let forger = Forger::of(&stage.op, ES256).await;
    let long = "k".repeat(10 * 1024);
    for kid in [
        json!("../../../../dev/null"),
        json!("..%2f..%2fkeys"),
        json!("' OR '1'='1"),
        json!("x'; DROP TABLE signing_keys; --"),
        json!("| id"),
        json!("\u{0}"),
        json!("\u{202e}"),
        json!(""),
        json!(long),
        json!(7),
        json!(null),
        json!([]),
        json!({}),
    ] {
        let what = kid.to_string();
        let what = what.get(..20).unwrap_or(&what);
        let header = json!({ "typ": "at+jwt", "kid": kid });
        let token = forger.sign_with_header(&header, &stage.access.to_string());
        stage.refuses_access_token(what, &token).await;
        let header = json!({ "typ": "JWT", "kid": kid });
        let token = forger.sign_with_header(&header, &stage.id.to_string());
        stage.refuses_hint(what, &token).await;
    }
    // Our own tokens name their key, so one that names none is not ours.
    let token = forger.sign_with_header(&json!({ "typ": "at+jwt" }), &stage.access.to_string());
    stage.refuses_access_token("no kid", &token).await;
}

#[tokio::test]
async fn attack_31_headers_that_change_the_meaning_are_refused() {
    let mut stage = Stage::set().await;
    let forger = Forger::of(&stage.op, ES256).await;
    for (name, value) in [
        ("crit", json!(["exp"])),
        ("crit", json!(["x"])),
        ("crit", json!([])),
        ("crit", json!("x")),
        ("b64", json!(false)),
        ("b64", json!(true)),
    ] {
        let mut header = json!({ "typ": "at+jwt", "kid": forger.kid(), "x": 1 });
        header[name] = value.clone();
        let token = forger.sign_with_header(&header, &stage.access.to_string());
        stage.refuses_access_token(name, &token).await;
        header["typ"] = json!("JWT");
        let token = forger.sign_with_header(&header, &stage.id.to_string());
        stage.refuses_hint(name, &token).await;
    }
}

#[tokio::test]
async fn attack_31_duplicate_members_are_refused_though_the_signature_is_ours() {
    let mut stage = Stage::set().await;
    let forger = Forger::of(&stage.op, ES256).await;
    let doubled = |claims: &Value, name: &str| {
        let text = claims.to_string();
        format!(
            "{{\"{name}\":{},{}",
            json!("bobs-subject-identifier"),
            &text[1..]
        )
    };
    let header = json!({ "typ": "at+jwt", "kid": forger.kid() });
    for name in ["sub", "aud", "jti", "grant_id"] {
        let token = forger.sign_with_header(&header, &doubled(&stage.access, name));
        stage.refuses_access_token(name, &token).await;
    }
    let header = json!({ "typ": "JWT", "kid": forger.kid() });
    for name in ["sub", "aud", "sid"] {
        let token = forger.sign_with_header(&header, &doubled(&stage.id, name));
        stage.refuses_hint(name, &token).await;
    }
    let header = format!(r#"{{"alg":"ES256","alg":"none","kid":"{}"}}"#, forger.kid());
    let token = forger.sign_raw_header(&header, &stage.access.to_string());
    stage.refuses_access_token("alg twice", &token).await;
}

#[tokio::test]
async fn attack_31_deep_or_encrypted_or_compressed_tokens_are_refused_quickly() {
    let mut stage = Stage::set().await;
    let forger = Forger::of(&stage.op, ES256).await;
    let mut header = json!({ "typ": "at+jwt", "kid": forger.kid() });
    let deep = format!("{}{}", "[".repeat(3_000), "]".repeat(3_000));
    let access = stage.access.to_string();
    let nested = format!("{{\"x\":{deep},{}", &access[1..]);
    let token = forger.sign_with_header(&header, &nested);
    stage.refuses_access_token("deep claims", &token).await;
    header["zip"] = json!("DEF");
    header["x"] = json!("A".repeat(8 * 1024));
    let token = forger.sign_with_header(&header, "{}");
    stage
        .refuses_access_token("zip without encryption", &token)
        .await;

    // Five parts: an encrypted token (RFC 7516, section 3.1), whose key derivation or inflation
    // would be ours to do.
    for protected in [
        json!({ "alg": "PBES2-HS512+A256KW", "enc": "A256GCM", "p2c": 2_147_483_647, "p2s": "AAAA" }),
        json!({ "alg": "dir", "enc": "A256GCM", "zip": "DEF" }),
        json!({ "alg": "RSA1_5", "enc": "A128CBC-HS256" }),
    ] {
        let protected = base64url::encode(protected.to_string());
        let token = format!("{protected}.{0}.{0}.{0}.{0}", base64url::encode([0; 64]));
        stage.refuses_access_token("encrypted", &token).await;
        stage.refuses_hint("encrypted", &token).await;
    }
}

#[tokio::test]
async fn attack_32_an_ecdsa_signature_of_zeros_is_refused() {
    let mut stage = Stage::set().await;
    let kid = header_of(&stage.tokens.access_token)["kid"].clone();
    // n - 1 and n of P-256's order, in place of r and s, and a signature in DER.
    let order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let order: Vec<u8> = (0..order.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&order[i..i + 2], 16).expect("hexadecimal"))
        .collect();
    let signatures = [
        vec![0; 64],
        [vec![0; 63], vec![1]].concat(),
        [order.clone(), order.clone()].concat(),
        [vec![0; 32], order].concat(),
        vec![0; 63],
        vec![0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00],
    ];
    for signature in signatures {
        let header = json!({ "alg": "ES256", "typ": "at+jwt", "kid": kid });
        let token = Forger::unsigned(&header, &stage.access, &signature);
        stage.refuses_access_token("r and s", &token).await;
        let header = json!({ "alg": "ES256", "typ": "JWT", "kid": kid });
        let token = Forger::unsigned(&header, &stage.id, &signature);
        stage.refuses_hint("r and s", &token).await;
    }
}

#[tokio::test]
async fn attack_32_an_ephemeral_key_off_the_curve_is_not_even_looked_at() {
    let mut stage = Stage::set().await;
    let protected = json!({
        "alg": "ECDH-ES", "enc": "A128GCM",
        "epk": { "kty": "EC", "crv": "P-256", "x": base64url::encode([1; 32]), "y": base64url::encode([2; 32]) },
    });
    let token = format!(
        "{}..AAAA.AAAA.AAAA",
        base64url::encode(protected.to_string())
    );
    stage.refuses_access_token("epk", &token).await;
    stage.refuses_hint("epk", &token).await;
}

#[tokio::test]
async fn attack_33_each_kind_of_token_is_refused_where_another_is_expected() {
    let mut stage = Stage::set().await;
    let id_token = stage.id_token().to_owned();
    let access_token = stage.tokens.access_token.clone();
    stage.refuses_access_token("an ID token", &id_token).await;
    stage.refuses_hint("an access token", &access_token).await;

    // A logout token of ours (Back-Channel Logout 2.4), with its type and without.
    let forger = Forger::of(&stage.op, RS256).await;
    let logout = json!({
        "iss": ISSUER, "sub": ALICE.sub, "aud": "confidential", "sid": stage.id["sid"],
        "iat": stage.id["iat"], "exp": stage.id["exp"], "jti": "1",
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    });
    for typ in ["logout+jwt", "JWT"] {
        let token = forger.sign(typ, &logout);
        stage.refuses_hint("a logout token", &token).await;
        stage.refuses_access_token("a logout token", &token).await;
    }
    // Neither do codes, refresh tokens and session cookies open userinfo.
    let refresh_token = stage.tokens.refresh_token.clone().expect("a refresh token");
    stage
        .refuses_access_token("a refresh token", &refresh_token)
        .await;
    let redirect_uri = callback::CONFIDENTIAL;
    let mut browser = stage.browser.clone();
    let code = stage
        .op
        .code(&mut browser, &ALICE, "confidential", redirect_uri, "openid")
        .await;
    stage.refuses_access_token("a code", &code).await;
    for value in stage.browser.cookies.values() {
        stage.refuses_access_token("a cookie", value).await;
    }
}

#[tokio::test]
async fn attack_34_an_access_token_with_a_claim_that_does_not_fit_is_refused() {
    let stage = Stage::set().await;
    let forger = Forger::of(&stage.op, ES256).await;
    let now = stage.op.provider.now();
    let wrong: [(&str, Value); 20] = [
        ("aud", json!("https://api.example")),
        ("aud", json!(["https://api.example"])),
        ("aud", json!(format!("{ISSUER}/"))),
        ("aud", json!("confidential")),
        ("aud", json!([])),
        ("aud", json!(null)),
        ("iss", json!("https://evil.example")),
        ("iss", json!(format!("{ISSUER}/"))),
        ("iss", json!("HTTPS://OP.EXAMPLE")),
        ("iss", json!(null)),
        ("exp", json!(now)),
        ("exp", json!(now - 1)),
        ("exp", json!(0)),
        ("exp", json!(null)),
        ("exp", json!("never")),
        ("nbf", json!(now + 60)),
        ("iat", json!(now + 60)),
        ("jti", json!(null)),
        ("sub", json!(null)),
        ("grant_id", json!("AAAAAAAAAAAAAAAAAAAAAA")),
    ];
    for (claim, value) in wrong {
        let mut claims = stage.access.clone();
        claims[claim] = value.clone();
        let token = forger.sign("at+jwt", &claims);
        stage
            .refuses_access_token(&format!("{claim} {value}"), &token)
            .await;
    }
    for typ in [
        "JWT",
        "jwt",
        "id_token",
        "logout+jwt",
        "dpop+jwt",
        "at+jwt+x",
        "",
    ] {
        let token = forger.sign(typ, &stage.access);
        stage.refuses_access_token(typ, &token).await;
    }
    // RFC 7515, section 4.1.9: the long form is the same type.
    let token = forger.sign("application/at+jwt", &stage.access);
    assert!(expect::is_accepted(&stage.op, &token).await);
}

#[tokio::test]
async fn attack_34_an_access_token_is_refused_from_the_second_of_its_expiry_on() {
    let stage = Stage::set().await;
    let lifetime = stage
        .op
        .provider
        .settings
        .tokens
        .access_token_lifetime_seconds;
    stage.op.clock.advance(lifetime - 1);
    assert!(expect::is_accepted(&stage.op, &stage.tokens.access_token).await);
    stage.op.clock.advance(1);
    expect::token_refused(&stage.op.userinfo(&stage.tokens.access_token).await);
}

#[tokio::test]
async fn a_token_that_another_replica_made_just_now_is_accepted() {
    // Ready replicas are at most a second off the store's clock: iat may lie in our future.
    let stage = Stage::set().await;
    stage.op.clock.advance(-2);
    assert!(expect::is_accepted(&stage.op, &stage.tokens.access_token).await);
}
