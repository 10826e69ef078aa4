//! Importing keys as JWKs and JWK sets (RFC 7517).

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::key::KeyError as KeyFault;
use countersign_management::keys::{self, KeyError};
use countersign_store::keys::SigningKeyRecord;
use serde_json::{Value, json};

use crate::world::{NOW, World, sealing};

// Made for these tests.

/// 2048 bits.
const RSA: &str = r#"{"kty":"RSA","n":"vsWFlsOmMbTR60uAX9sPLKoRIAsebV0l3BF5SUl6DbHNwC1Z3PsqSFC2m_quQUuVDN39uuPAqfLMMz0icZidlYhLxu5PcZ9iclPOrX9pjsdtmVihXP2LUlwmMjSfRWhXCRMoNFCGvgySfuUk7xDv5bJ5LAee8fwnyLsn8Asvx47V9zLfgup7e1at3Y_HpvrBwPza9z6tTHsDFGlJc9Huw6GVyUI02LMW2fTnyzBR7OVCJKOfX2Uz4R4cpV9FHRO8ThRcH_XqbrZS_qX8CLnSlnPXxEF3ebgV19KGFg8g2vrIlp1JBcte40zdWJxB2CFtz2s3YM-O4Vodm1_LjZrpGQ","e":"AQAB","d":"DyVJOpkRt1W1f80t-zjopBa5cYDoe210gsZcCc_nUdyEAFtUDIRf95SkNs8ovqmEmHGsbLDFxvMDjW2FBUiaTuOeroO_iL61wcFlFycBMf3Odf5QdfycLx-pRFL4snmQRWRrt0w4XQYhqv5AF9R7_fwU0i8ltO0HGeY_9gxmpfIORJYY3YTmhBXqHW9ep88cn0TPL0da6HzokD06U6gdZn1FOPebNJW9hVZ9KmT0FeH_Sgrmr7qdCLT8ywJdqJRxqxjPmQ5Cmehpx04jWfl6QoCRtMen2VjTuv2nEQMbOsXMiZTdjKA4sR8knsamN6_z80VsV5kONk0wxzNxfQK_rQ","p":"5FkjcezmHZU-JZDoVtokB0rrWvgiiH7eD14AHYoVsIT25nE9JBsPKaB5WbdWceAXwQ6hQYdulIwlgFeJ_BBlRVBYKgczHX_DP0cz7VzPwiHfUmtwn2vzSE692udncs9zhN-HH25KEgW-4NiE1GMgUZMM5E8tyXSo5-nnUsKl5j0","q":"1d9_MBHxW1py34IqaB6caVVqBzshPDGnLvPDYBSiP-VoGcR6CrmEra5RzZxZ12HW7Accv3QDEM7ONxab3OlEiKs90ewgLF9DhUmoAeG8qg45gyT20CPxGufeiCSBwhWQaLEkXfm9OGnbZKTEKIV3V9lS2-nzpukEY6pI0rYCmA0","dp":"N-tAS9jYrWvr0SVAUGyRIBwPsLJNOqHe3WKGorU7BIQ7NkmK0Hmz59y9euPzzmUzS_q6MKLqyIPddyV4y_pz4lp_jKNAuDueY7ObGsh8tCy5VKSs6s1zwURPJ_k9ExeMUYCvxVmr1-gCS2uac6xmsLNTF-Hv84KXDlvwYwr5t30","dq":"umKuGxxn9K8ckUCE6HxU3086udaEHks_YaG6UM9qnri0QlCB8zq-MAZM8B0kBpoTjVqdaRQXX9x6xnODncAEo_5oP7vCRik3VL9eFVW-74y5_lqGZdoM0t_jhU4bbyMP2M0X3nY4uyM1ub4F3TKDUSHqHhEC8CD-XEUYddl85Tk","qi":"wlbD1aUijd6H_1Q1I2zghR7KEGj3wF0SN5mhqUX3BxTjyvnLWHlq7jkOkvD7ozyewwQx8XFzSwSWNCzruob8GSnBt6Y4hbBd9FuYoeeq5QTS_TF3sin_D18fiD3_tXrxK4fu-I5XNmNFxO4iiHBXvG508DODchdwv7SWNn5EAnA"}"#;
/// 1024 bits.
const WEAK_RSA: &str = r#"{"kty":"RSA","n":"0-n9n1xWDsQH1clClYjC1c7WgMvEWUZYCKqruFmiG5M-fk6KjNcHLa--ID8MuGzAUrvKCiR3sb0jfWi6hdqOSEEgXM8wOxsatxcBktfFZCUpddM5sdcW1sWz3_YwqdIBxF9n1r7ytIlFrzACOjpL2oMl9_O6DWAty-xFz0q1Nf0","e":"AQAB","d":"wYJJY-1IdGFTmkgXMj9ZUy52N9Rarv8KQpe_CS9oVW_mwCXuZN-yIWj6361Ta1F7adErlIlqd3Z0Yv9wW-yQwQZRmaNv6BCSGYe6JVWsVxWA1bLjLn_WqBJ9IYZjo44f621QR5nrIaHtmbMwx9jQGU_oBn0By-Gc_D57nNAT9iE","p":"84w6ITj4I75PLztAY5YCk9X6BjEDqH8EhLe2EL5VmEU-Qy41Itc_mafYEvB_SzZ1zScMP-4BmtMUosG3QDCryQ","q":"3r-2d0o_RcVUTSQQUAObuDpfXjy9EplYNKbHxZKXf3hA39itXB42q1bDaUmeUVa0fp6Jq3RMMiQ9ZnFJrUBqlQ","dp":"K04CxAeCL7DWGZrafxqcSLciZtluQhabshGMYPvG8nVVddKQhipp16N9ixiSOchsN9c6mV9zj5j6sVnqgJJm6Q","dq":"kO7IuKF0vd8BVRgMDSPr5FkGyHhYxYtFGy0RevpA3M3P2FZRpkh6Zc2UZCNkgaQa2PAqv4ZyNYXi9Y7s02_AaQ","qi":"qQVmZL1PPJ-32C9YUqnNIgZPynCNqizHGhtQu-2F573ie8uetDLBUl4dKsCUoo1ScC0_J35fgqVRoVaMbB8FlA"}"#;
const P256: &str = r#"{"kty":"EC","crv":"P-256","x":"lpedoRqHwnK_zmips65mwj26Mzq-PCP07S1xlkozpxo","y":"kO9zuZadYuzxDf_2rKv2-YySp9cLavgh5tYGXW--l-I","d":"Olw57qeuIlhNXXKxGGSOwhobynzdOBAgb0j-eb7PYr4"}"#;
const SECOND_P256: &str = r#"{"kty":"EC","crv":"P-256","x":"lLGjCHIDrM1goLMTblJqHDfrtoRq63RGzQEM7ip7iIM","y":"4dUPuzzHCdCRPD8XWSG2L-JmBu1lPakScnJASpVa-n8","d":"ZN7_eTQ4TyqwWmmmdYFW-r-Zs64g8zj9BqIyfPfMP60"}"#;
const P384: &str = r#"{"kty":"EC","crv":"P-384","x":"pUGm6Ht6msvCSK-pCsyrkx8k0vm0i9vOc5awcA_7cjvLpJk7va9CIU-24Vyt4SaW","y":"Huh5u0ZtrcVRgikn5eKNzBFlSJEUeVoiO8Rf4muPWmk61BWqyT65v5ZnUS2KnHQh","d":"4qnSdMBbLd9tXwmasTxuHNsTTPg5PW_WtlxzxFegxi_OXldAJU4b7hI2jLSS2xgK"}"#;
const ED25519: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"mXtPUGiKNMuJIi2Pys8E49e8iWlr2cJg8TZh77oeGo4","d":"FdnpO8ytZqCbqTXTtr-MxmdKo_Dn29gMcnTGOA9bQlM"}"#;

/// A key with some members replaced; null removes one.
fn with(key: &str, members: Value) -> String {
    let mut key: Value = serde_json::from_str(key).expect("JSON");
    for (name, value) in members.as_object().expect("an object") {
        match value {
            Value::Null => key.as_object_mut().expect("an object").remove(name),
            value => key
                .as_object_mut()
                .expect("an object")
                .insert(name.clone(), value.clone()),
        };
    }
    key.to_string()
}

fn set(keys: &[String]) -> String {
    format!("{{\"keys\":[{}]}}", keys.join(","))
}

async fn import(
    world: &World,
    text: &str,
    algorithm: Option<&str>,
) -> Result<Vec<SigningKeyRecord>, KeyError> {
    let algorithm = algorithm.map(|name| name.parse::<SignatureAlgorithm>().expect("a name"));
    world.keys().import_all(text, None, algorithm, NOW).await
}

#[tokio::test]
async fn a_jwk_of_each_type_keeps_its_kid_or_gets_its_thumbprint() {
    for (key, algorithm, expected) in [
        (RSA, None, "RS256"),
        (RSA, Some("PS256"), "PS256"),
        (P256, None, "ES256"),
        (P384, None, "ES384"),
        (ED25519, None, "EdDSA"),
    ] {
        let world = World::new();
        let [plain] = <[_; 1]>::try_from(import(&world, key, algorithm).await.expect("imports"))
            .expect("one");
        assert_eq!(plain.alg, expected);
        assert_eq!(plain.kid, plain.thumbprint, "RFC 7638");
        let opened = keys::open(&plain, &sealing()).expect("opens");
        assert_eq!(opened.kid(), Some(plain.kid.as_str()));

        let named = with(
            key,
            json!({ "kid": "2024-01 (old system)", "alg": expected, "use": "sig", "key_ops": ["sign"] }),
        );
        let world = World::new();
        let [named] =
            <[_; 1]>::try_from(import(&world, &named, None).await.expect("imports")).expect("one");
        assert_eq!(
            (named.kid.as_str(), named.alg.as_str()),
            ("2024-01 (old system)", expected)
        );
        assert_eq!(named.thumbprint, plain.thumbprint);
        keys::open(&named, &sealing()).expect("opens under its own kid");
    }
}

#[tokio::test]
async fn a_set_is_imported_whole() {
    let world = World::new();
    let text = set(&[
        with(RSA, json!({ "kid": "a", "alg": "PS256" })),
        with(P256, json!({ "kid": "b" })),
        ED25519.to_owned(),
    ]);
    let imported = import(&world, &format!("\n {text}"), None)
        .await
        .expect("imports");
    let algs: Vec<&str> = imported.iter().map(|key| key.alg.as_str()).collect();
    assert_eq!(algs, ["PS256", "ES256", "EdDSA"]);
    assert!(
        imported.iter().all(|key| key.signs(NOW)),
        "each is the first of its algorithm"
    );
}

#[tokio::test]
async fn what_can_not_sign_or_should_not_is_refused_with_its_reason() {
    let oct = json!({ "kty": "oct", "k": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8" });
    let other_d = json!({ "d": serde_json::from_str::<Value>(ED25519).expect("JSON")["d"] });
    for (text, algorithm, said) in [
        (with(P256, json!({ "d": null })), None, "no private part"),
        (with(RSA, json!({ "d": null })), None, "no private part"),
        (
            with(RSA, json!({ "p": null })),
            None,
            "the member p is missing",
        ),
        (oct.to_string(), None, "symmetric"),
        (
            set(&[oct.to_string()]),
            None,
            "key 1 of the set: the key is symmetric",
        ),
        (WEAK_RSA.to_owned(), None, "1024 bits is too small"),
        (
            with(P256, json!({ "use": "enc" })),
            None,
            "use or key_ops forbids",
        ),
        (
            with(P256, json!({ "key_ops": ["verify"] })),
            None,
            "use or key_ops forbids",
        ),
        (
            with(P256, json!({ "alg": "ES384" })),
            None,
            "not a key for ES384",
        ),
        (
            with(P256, json!({ "alg": "HS256" })),
            None,
            "not a key for HS256",
        ),
        (
            with(P256, json!({ "alg": "ECDH-ES" })),
            None,
            "\"ECDH-ES\" is not a signature algorithm",
        ),
        (
            with(RSA, json!({ "alg": "PS256" })),
            Some("RS256"),
            "not a key for RS256",
        ),
        (P256.to_owned(), Some("RS256"), "not a key for RS256"),
        (with(P256, other_d), None, "does not match the public part"),
        (with(P256, json!({ "kid": "" })), None, "the kid is empty"),
        (
            with(P256, json!({ "kid": "a\u{1b}[2J" })),
            None,
            "control character",
        ),
        (
            with(P256, json!({ "crv": "P-255" })),
            None,
            "curve is not supported",
        ),
        (
            "{\"kty\":\"EC\",\"kty\":\"RSA\"}".to_owned(),
            None,
            "occurs twice",
        ),
        ("{\"keys\":[]}".to_owned(), None, "the set has no key"),
        (
            "{\"keys\":{}}".to_owned(),
            None,
            "the member keys is malformed",
        ),
        ("{\"keys\":[7]}".to_owned(), None, "key 1 of the set: "),
        (
            set(&[P256.to_owned(), with(RSA, json!({ "use": "enc" }))]),
            None,
            "key 2 of the set: the private key is refused: key: use or key_ops",
        ),
        (
            set(&[
                with(P256, json!({ "kid": "a" })),
                with(P256, json!({ "kid": "b" })),
            ]),
            None,
            "the file has the key a twice",
        ),
        (
            set(&[
                with(P256, json!({ "kid": "a" })),
                with(RSA, json!({ "kid": "a" })),
            ]),
            None,
            "the file has the key a twice",
        ),
    ] {
        let world = World::new();
        let refused = import(&world, &text, algorithm).await.expect_err(said);
        let message = refused.to_string();
        assert!(message.contains(said), "{said}: {message}");
        let left = world.keys().list().await.expect("lists");
        assert_eq!(left, [], "nothing of a refused file is imported: {said}");
        // No reason says anything of the key itself.
        assert!(!message.contains("AAECAwQF"), "{message}");
    }
}

#[tokio::test]
async fn two_keys_of_one_algorithm_are_not_imported_at_once() {
    let world = World::new();
    let other = {
        let generated = World::new();
        let made = import(&generated, P384, None).await.expect("imports");
        made[0].kid.clone()
    };
    let text = set(&[
        with(RSA, json!({ "kid": "a" })),
        with(P384, json!({ "kid": other })),
        with(P256, json!({ "kid": "b" })),
        with(SECOND_P256, json!({ "kid": "c" })),
    ]);
    let refused = import(&world, &text, None).await;
    assert!(matches!(refused, Err(KeyError::SameAlgorithm(alg)) if alg == "ES256"));
    assert_eq!(world.keys().list().await.expect("lists"), []);
}

/// A revoked key stays revoked under any name.
#[tokio::test]
async fn a_key_is_imported_once_under_whatever_kid() {
    let world = World::new();
    let named = |kid: &str| with(P256, json!({ "kid": kid }));
    import(&world, &named("a"), None).await.expect("imports");
    let again = import(&world, &named("a"), None).await;
    assert!(matches!(again, Err(KeyError::Present(kid)) if kid == "a"));
    for later in ["before", "after"] {
        let again = import(&world, &named("b"), None).await;
        assert!(
            matches!(&again, Err(KeyError::PresentAs { kid, known }) if kid == "b" && known == "a"),
            "{later}: {again:?}"
        );
        if later == "before" {
            world.keys().revoke("a", NOW + 1).await.expect("revokes");
        }
    }
}

#[tokio::test]
async fn a_single_key_is_asked_for_where_a_file_stands_for_one() {
    let world = World::new();
    let one = set(&[P256.to_owned()]);
    let imported = world.keys().import(&one, None, None, NOW).await;
    assert_eq!(imported.expect("imports").alg, "ES256");
    let two = set(&[RSA.to_owned(), ED25519.to_owned()]);
    let refused = world.keys().import(&two, None, None, NOW).await;
    assert!(matches!(refused, Err(KeyError::SeveralKeys(2))));
    let fault = world.keys().import("nonsense", None, None, NOW).await;
    assert!(matches!(fault, Err(KeyError::Private(KeyFault::NotPem))));
}
