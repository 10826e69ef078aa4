//! ID tokens that must be refused: OpenID Connect Core, sections 3.1.3.7 and 3.1.3.8, attack cases
//! 27, 28 and 37.

use countersign_client::registration::ClientAuthentication;
use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::key::SigningKey;
use countersign_jose::{base64url, digest};
use countersign_oauth::id_token::left_half_hash;
use serde_json::json;

use crate::provider::{
    ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET, NOW, Provider, cause, registration, sign, signing_key,
};

#[tokio::test]
async fn attack_37_a_nonce_that_is_not_ours_is_refused() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let result = provider.sign_in(&client, |claims| {
        drop(claims.insert("nonce".into(), "x".into()))
    });
    assert_eq!(cause(result.await), "id_token_nonce_mismatch");
    let result = provider.sign_in(&client, |claims| drop(claims.remove("nonce")));
    assert_eq!(cause(result.await), "id_token_nonce_missing");
}

#[tokio::test]
async fn attack_37_azp_of_another_client_is_refused() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let result = provider.sign_in(&client, |claims| {
        drop(claims.insert("azp".into(), "other".into()))
    });
    assert_eq!(cause(result.await), "id_token_azp_mismatch");
    let result = provider.sign_in(&client, |claims| {
        drop(claims.insert("azp".into(), CLIENT_ID.into()))
    });
    assert!(result.await.is_ok());
}

#[tokio::test]
async fn attack_37_an_untrusted_further_audience_is_refused() {
    let provider = Provider::start().await;
    let change = |claims: &mut serde_json::Map<String, serde_json::Value>| {
        claims.insert("aud".into(), json!([CLIENT_ID, "api"]));
        claims.insert("azp".into(), CLIENT_ID.into());
    };
    let client = provider.client().await;
    assert_eq!(
        cause(provider.sign_in(&client, change).await),
        "id_token_aud_not_trusted"
    );
    let trusting = provider
        .client_with(registration().trusted_audience("api"))
        .await;
    assert!(provider.sign_in(&trusting, change).await.is_ok());
}

#[tokio::test]
async fn attack_37_an_audience_without_us_is_refused() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    for aud in [json!("other"), json!(["other"]), json!([])] {
        let result = provider
            .sign_in(&client, |claims| drop(claims.insert("aud".into(), aud)))
            .await;
        assert!(result.is_err());
    }
}

#[tokio::test]
async fn attack_37_an_audience_array_of_one_is_valid() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let result = provider.sign_in(&client, |claims| {
        drop(claims.insert("aud".into(), json!([CLIENT_ID])))
    });
    assert!(result.await.is_ok());
}

#[tokio::test]
async fn attack_37_at_hash_must_fit_the_access_token() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let hash = |token: &str| left_half_hash(SignatureAlgorithm::ES256, token);
    let result = provider.sign_in(&client, |claims| {
        drop(claims.insert("at_hash".into(), hash("another token").into()))
    });
    assert_eq!(cause(result.await), "id_token_at_hash_mismatch");
    let result = provider.sign_in(&client, |claims| {
        drop(claims.insert("at_hash".into(), hash(ACCESS_TOKEN).into()))
    });
    assert!(result.await.is_ok());
}

#[tokio::test]
async fn attack_27_alg_none_is_refused_in_every_spelling() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    for alg in ["none", "None", "nOnE", "NONE"] {
        let result = provider.sign_in_with_token(&client, |nonce| {
            let header = base64url::encode(json!({"alg": alg}).to_string());
            let claims = serde_json::to_string(&provider.claims(nonce)).expect("it is JSON");
            format!("{header}.{}.", base64url::encode(claims))
        });
        assert!(result.await.is_err(), "{alg}");
    }
    // And a good token whose signature was taken away.
    let result = provider.sign_in_with_token(&client, |nonce| {
        let token = provider.sign(&provider.claims(nonce));
        format!("{}.", token.rsplit_once('.').expect("it has three parts").0)
    });
    assert!(result.await.is_err());
}

#[tokio::test]
async fn attack_28_hs256_with_the_public_key_is_refused() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let public = provider
        .key()
        .public_jwk()
        .expect("it has one")
        .to_public_json();
    let result = provider.sign_in_with_token(&client, |nonce| {
        let header = base64url::encode(json!({"alg": "HS256", "kid": "first"}).to_string());
        let claims = serde_json::to_string(&provider.claims(nonce)).expect("it is JSON");
        let input = format!("{header}.{}", base64url::encode(claims));
        let mac = digest::hmac_sha256(public.as_bytes(), input.as_bytes());
        format!("{input}.{}", base64url::encode(mac))
    });
    assert_eq!(cause(result.await), "id_token_alg_not_expected");
}

#[tokio::test]
async fn a_mac_is_believed_only_where_it_was_registered_and_with_the_secret() {
    let provider = Provider::start().await;
    let secret = "0123456789abcdef0123456789abcdef0123456789a";
    let post = ClientAuthentication::SecretPost(secret.into());
    let registration = registration()
        .authentication(post)
        .id_token_signed_response_alg(SignatureAlgorithm::HS256);
    let client = provider.client_with(registration).await;
    for (key, accepted) in [
        (secret, true),
        ("another secret that is long enough, too", false),
    ] {
        let result = provider.sign_in_with_token(&client, |nonce| {
            let key = SigningKey::hmac(SignatureAlgorithm::HS256, key.as_bytes()).expect("a key");
            sign(&key, &provider.claims(nonce))
        });
        assert_eq!(result.await.is_ok(), accepted);
    }
    assert_eq!(provider.with(|shared| shared.jwks_fetches), 0);
    assert!(CLIENT_SECRET != secret);
}

#[tokio::test]
async fn a_signature_by_another_key_of_the_same_name_is_refused() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    let impostor = signing_key("first");
    let result =
        provider.sign_in_with_token(&client, |nonce| sign(&impostor, &provider.claims(nonce)));
    assert!(result.await.is_err());
}

#[tokio::test]
async fn times_are_checked_with_the_leeway_and_no_further() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    for (claim, value, accepted) in [
        // exp: "on or after which the ID Token MUST NOT be accepted"; the leeway is 30 s.
        ("exp", NOW - 29, true),
        ("exp", NOW - 30, false),
        ("exp", NOW - 3600, false),
        ("iat", NOW + 30, true),
        ("iat", NOW + 31, false),
        ("nbf", NOW + 31, false),
    ] {
        let result = provider.sign_in(&client, |claims| {
            drop(claims.insert(claim.into(), value.into()))
        });
        assert_eq!(result.await.is_ok(), accepted, "{claim} {value}");
    }
    let expired = provider.sign_in(&client, |claims| {
        drop(claims.insert("exp".into(), (NOW - 3600).into()))
    });
    assert_eq!(cause(expired.await), "jwt_expired");
}

#[tokio::test]
async fn a_required_claim_that_is_missing_is_refused() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    for claim in ["iss", "sub", "aud", "exp", "iat"] {
        let result = provider.sign_in(&client, |claims| drop(claims.remove(claim)));
        assert!(result.await.is_err(), "{claim}");
    }
}

#[tokio::test]
async fn attack_36_an_id_token_of_another_issuer_is_refused() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    for iss in [
        "https://evil.example".to_owned(),
        format!("{}/", provider.issuer),
    ] {
        let result = provider.sign_in(&client, |claims| {
            drop(claims.insert("iss".into(), iss.into()))
        });
        assert_eq!(cause(result.await), "jwt_iss_wrong");
    }
}

#[tokio::test]
async fn after_max_age_the_time_of_authentication_is_demanded_and_checked() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    for (auth_time, expected) in [
        (Some(NOW - 100), None),
        // 100 s were asked for; the leeway is 30 s.
        (Some(NOW - 131), Some("id_token_auth_time_too_old")),
        (None, Some("id_token_auth_time_missing")),
    ] {
        let authorization = client
            .authorize()
            .max_age_seconds(100)
            .build()
            .expect("it is built");
        let nonce = crate::provider::query(&authorization, "nonce").expect("it was sent");
        let mut claims = provider.claims(&nonce);
        match auth_time {
            Some(time) => claims.insert("auth_time".into(), time.into()),
            None => claims.remove("auth_time"),
        };
        let tokens = provider.tokens(&provider.sign(&claims));
        provider.with(|shared| shared.token = crate::provider::Reply::json(200, &tokens));
        let response = provider.response(&authorization);
        let result = client.callback(authorization.pending, response).await;
        assert_eq!(result.err().map(|error| error.code()), expected);
    }
}

#[tokio::test]
async fn attack_33_a_logout_token_or_access_token_is_no_id_token() {
    let provider = Provider::start().await;
    let client = provider.client().await;
    for typ in ["logout+jwt", "at+jwt"] {
        let result = provider.sign_in_with_token(&client, |nonce| {
            let claims = serde_json::to_vec(&provider.claims(nonce)).expect("it is JSON");
            provider.key().sign_jwt(typ, &claims).expect("it is signed")
        });
        assert_eq!(cause(result.await), "jwt_typ_wrong", "{typ}");
    }
    let events = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
    let result = provider.sign_in(&client, |claims| {
        drop(claims.insert("events".into(), events))
    });
    assert_eq!(cause(result.await), "id_token_is_event_token");
}
