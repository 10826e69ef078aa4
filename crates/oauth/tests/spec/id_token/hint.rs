use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::base64url;
use countersign_jose::key::SigningKey;
use countersign_oauth::id_token::verify_id_token_hint;
use serde_json::json;

use super::{CLIENT, OFFERED, SECRET, claims};
use crate::signed::{FOREIGN, ISSUER, KEYS, RSA, sign, with};

#[test]
fn a_hint_may_have_expired_and_must_be_ours() {
    // OpenID Connect Core, section 3.1.2.1; OIDC RP-Initiated Logout, section 2; cases 11 and 33.
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
    for (token, outcome) in rows {
        assert_eq!(
            hint(&token).map_or_else(|fault| fault.code(), |_| "believed"),
            outcome
        );
    }
    // Anyone who knows the secret could have made it, so listing the algorithm changes nothing.
    let token = sign(&mac, "JWT", &claims());
    let listed = [SignatureAlgorithm::HS256];
    let fault = verify_id_token_hint(&token, &*KEYS, &listed, ISSUER).unwrap_err();
    assert_eq!(fault.code(), "id_token_alg_not_expected");
}
