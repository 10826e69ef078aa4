//! Keys made, imported, exported and used, for every algorithm.

use countersign_jose::alg::SignatureAlgorithm::{
    self, ES256, ES256K, ES384, ES512, EdDSA, HS256, HS384, HS512, PS256, PS512, RS256,
};
use countersign_jose::jwk::Jwk;
use countersign_jose::jws::CompactJws;
use countersign_jose::key::{KeyError, SigningKey, VerifyingKey};
use serde_json::{Map, json};

use crate::pem::{
    ED25519_PKCS8, ED25519_SPKI, P256_ENCRYPTED, P256_PKCS8, P256_SEC1, P256_SPKI, P521_PKCS8,
    P521_SEC1, P521_SPKI, RSA_PKCS1, RSA_PKCS8, RSA_PUBLIC_PKCS1, RSA_SPKI,
};
use crate::printed::{COOKBOOK_RSA_KEY, ED25519_KEY, HMAC_KEY, P256_KEY, P521_KEY, RSA_KEY};
use crate::{jwk, signing, verify};

/// A key of each algorithm; the RSA ones share one modulus, since making one takes a while.
pub fn one_of_each() -> Vec<SigningKey> {
    SignatureAlgorithm::ALL
        .into_iter()
        .map(|alg| match alg.is_rsa() {
            true => signing(RSA_KEY, alg),
            false => SigningKey::generate(alg).unwrap(),
        })
        .collect()
}

#[test]
fn what_every_algorithm_signs_only_its_own_key_verifies() {
    let keys = one_of_each();
    for key in &keys {
        let token = key.sign_jwt("JWT", br#"{"sub":"alice"}"#).unwrap();
        for other in &keys {
            let accepted = verify(&token, other.verifying_key()).is_ok();
            assert_eq!(
                accepted,
                key.alg() == other.alg(),
                "{} {}",
                key.alg(),
                other.alg()
            );
        }
        if let Some(public) = key.public_jwk() {
            let json = public.to_public_json();
            let read = VerifyingKey::from_jwk(&jwk(&json), key.alg()).unwrap();
            assert!(verify(&token, &read).is_ok());
            assert_eq!(read.kid(), key.kid());
        }
    }
}

#[test]
fn the_header_says_alg_typ_and_kid_for_usual_and_unusual_types() {
    for key in one_of_each() {
        for typ in [
            "JWT",
            "at+jwt",
            "logout+jwt",
            "something+jwt",
            "\"quoted\\\"",
        ] {
            let token = key.sign_jwt(typ, b"{}").unwrap();
            let jws = CompactJws::decode(&token).unwrap();
            assert_eq!(jws.header().alg(), key.alg());
            assert_eq!(jws.header().typ(), Some(typ));
            assert_eq!(jws.header().kid(), key.kid());
            assert!(jws.verify(key.verifying_key()).is_ok());
        }
    }
}

/// The size is known beforehand, so signing makes one string and never grows it.
#[test]
fn a_signed_token_fills_its_one_allocation_exactly() {
    for key in one_of_each() {
        for length in 0..6 {
            let token = key.sign_jwt("at+jwt", &vec![b'x'; length]).unwrap();
            assert_eq!(token.capacity(), token.len(), "{} {length}", key.alg());
        }
    }
}

#[test]
fn a_generated_key_is_named_by_its_thumbprint_and_published_for_signatures() {
    for alg in [ES256, ES384, ES512, ES256K, EdDSA, RS256] {
        let key = SigningKey::generate(alg).unwrap();
        let public = key.public_jwk().unwrap();
        assert!(!public.is_private());
        assert_eq!(key.kid(), Some(public.thumbprint_sha256().as_str()));
        assert_eq!(
            (public.kid(), public.alg()),
            (key.kid(), Some(alg.as_str()))
        );
        assert_eq!(public.key_use(), Some("sig"));
    }
    let secret = SigningKey::generate(HS256).unwrap();
    assert!(secret.kid().is_none() && secret.public_jwk().is_none());
}

#[test]
fn another_kid_goes_into_header_and_public_key() {
    let key = signing(P256_KEY, ES256).with_kid("2026-11").unwrap();
    let token = key.sign_jwt("at+jwt", b"{}").unwrap();
    assert_eq!(
        CompactJws::decode(&token).unwrap().header().kid(),
        Some("2026-11")
    );
    assert_eq!(key.public_jwk().unwrap().kid(), Some("2026-11"));
    assert_eq!(key.verifying_key().kid(), Some("2026-11"));
    assert!(matches!(
        key.with_kid("k".repeat(257)),
        Err(KeyError::KidTooLong)
    ));
    let named = signing(&P256_KEY.replacen('{', r#"{"kid":"named","#, 1), ES256);
    assert_eq!(named.kid(), Some("named"));
}

#[test]
fn pkcs8_brings_the_same_key_back() {
    for key in one_of_each() {
        let alg = key.alg();
        if alg.is_symmetric() {
            assert_eq!(key.to_pkcs8_der(), Err(KeyError::NoPkcs8Form));
            continue;
        }
        let der = key.to_pkcs8_der().unwrap();
        let back = SigningKey::from_pkcs8_der(alg, &der).unwrap();
        assert_eq!(
            back.kid(),
            key.public_jwk().map(Jwk::thumbprint_sha256).as_deref()
        );
        let token = back.sign_jwt("JWT", b"{}").unwrap();
        assert!(verify(&token, key.verifying_key()).is_ok(), "{alg}");
        for other in SignatureAlgorithm::ALL {
            let same_family = other == alg || (other.is_rsa() && alg.is_rsa());
            let result = SigningKey::from_pkcs8_der(other, &der);
            assert_eq!(result.is_ok(), same_family, "{alg} as {other}");
        }
        for end in [0, 1, der.len() / 2, der.len() - 1] {
            assert!(
                SigningKey::from_pkcs8_der(alg, &der[..end]).is_err(),
                "{alg} {end}"
            );
        }
    }
}

#[test]
fn every_private_pem_form_gives_the_key_of_the_rfc() {
    for (text, alg, json) in [
        (RSA_PKCS8, RS256, RSA_KEY),
        (RSA_PKCS1, PS256, RSA_KEY),
        (P256_PKCS8, ES256, P256_KEY),
        (P256_SEC1, ES256, P256_KEY),
        (P521_PKCS8, ES512, P521_KEY),
        (P521_SEC1, ES512, P521_KEY),
        (ED25519_PKCS8, EdDSA, ED25519_KEY),
    ] {
        let key = SigningKey::from_pem(alg, text).unwrap();
        assert_eq!(key.kid(), Some(jwk(json).thumbprint_sha256().as_str()));
    }
    for (text, alg, error) in [
        (RSA_PKCS1, ES256, KeyError::AlgorithmMismatch(ES256)),
        (P256_SEC1, RS256, KeyError::AlgorithmMismatch(RS256)),
        (P256_SEC1, ES384, KeyError::InvalidDer),
        (P256_PKCS8, ES256K, KeyError::InvalidDer),
        (ED25519_PKCS8, ES256, KeyError::InvalidDer),
        (P256_PKCS8, HS256, KeyError::NoPkcs8Form),
        (P256_SPKI, ES256, KeyError::PrivateKeyMissing),
        (P256_ENCRYPTED, ES256, KeyError::EncryptedPem),
        ("no pem", ES256, KeyError::NotPem),
    ] {
        assert_eq!(
            SigningKey::from_pem(alg, text).err(),
            Some(error),
            "{alg} {text}"
        );
    }
}

#[test]
fn every_public_pem_form_gives_the_key_of_the_rfc() {
    for (text, alg, json) in [
        (RSA_SPKI, RS256, RSA_KEY),
        (RSA_PUBLIC_PKCS1, PS512, RSA_KEY),
        (P256_SPKI, ES256, P256_KEY),
        (P521_SPKI, ES512, P521_KEY),
        (ED25519_SPKI, EdDSA, ED25519_KEY),
    ] {
        let key = Jwk::from_public_pem(text).unwrap();
        assert_eq!(key, jwk(json).public().unwrap());
        assert_eq!(VerifyingKey::from_pem(alg, text).unwrap().alg(), alg);
        let wrong = VerifyingKey::from_pem(HS256, text).err();
        assert_eq!(wrong, Some(KeyError::AlgorithmMismatch(HS256)));
    }
    assert_eq!(
        Jwk::from_public_pem(P256_PKCS8).err(),
        Some(KeyError::NotPem)
    );
    assert_eq!(Jwk::from_spki_der(b"").err(), Some(KeyError::InvalidDer));
}

#[test]
fn private_members_that_belong_to_another_key_are_refused() {
    for (own, other, alg) in [
        (P256_KEY, None, ES256),
        (RSA_KEY, Some(COOKBOOK_RSA_KEY), RS256),
    ] {
        let generated;
        let other = match other {
            Some(json) => jwk(json),
            None => {
                generated = SigningKey::generate(alg).unwrap();
                generated.public_jwk().unwrap().clone()
            }
        };
        let public = serde_json::from_str::<Map<_, _>>(&other.to_public_json()).unwrap();
        let mut mixed = serde_json::from_str::<Map<_, _>>(own).unwrap();
        for name in ["n", "e", "x", "y"] {
            if let Some(value) = public.get(name) {
                mixed.insert(name.to_owned(), value.clone());
            }
        }
        let mixed = jwk(&serde_json::to_string(&mixed).unwrap());
        let result = SigningKey::from_jwk(&mixed, alg);
        assert_eq!(result.err(), Some(KeyError::InconsistentPrivateKey));
    }
    let public = jwk(P256_KEY).public().unwrap();
    assert_eq!(
        SigningKey::from_jwk(&public, ES256).err(),
        Some(KeyError::PrivateKeyMissing)
    );
}

/// RFC 7518, section 3.2.
#[test]
fn a_mac_key_is_at_least_as_long_as_the_hash() {
    for (alg, needed) in [(HS256, 32), (HS384, 48), (HS512, 64)] {
        assert!(VerifyingKey::hmac(alg, &vec![9; needed]).is_ok());
        assert!(SigningKey::hmac(alg, &vec![9; needed]).is_ok());
        let bytes = needed - 1;
        let short = Some(KeyError::SecretTooShort { alg, bytes, needed });
        assert_eq!(VerifyingKey::hmac(alg, &vec![9; bytes]).err(), short);
        assert_eq!(SigningKey::hmac(alg, &vec![9; bytes]).err(), short);
    }
    assert!(VerifyingKey::hmac(ES256, &[9; 64]).is_err());
    assert!(VerifyingKey::from_jwk(&jwk(HMAC_KEY), HS512).is_ok());
}

#[test]
fn the_header_of_a_proof_carries_what_it_is_given_but_never_another_alg() {
    let key = signing(P256_KEY, ES256);
    let public = serde_json::to_value(key.public_jwk().unwrap()).unwrap();
    let mut header = Map::new();
    header.insert("typ".into(), json!("dpop+jwt"));
    header.insert("jwk".into(), public.clone());
    let token = key.sign_with_header(&header, b"{}").unwrap();
    let jws = CompactJws::decode(&token).unwrap();
    assert!(jws.header().has_typ("dpop+jwt"));
    assert_eq!(jws.header().members().get("jwk"), Some(&public));
    assert_eq!(jws.header().kid(), None);
    header.insert("alg".into(), json!("none"));
    assert_eq!(
        key.sign_with_header(&header, b"{}"),
        Err(KeyError::HeaderSetsAlg)
    );
}

#[test]
fn keys_print_nothing_of_themselves() {
    for key in one_of_each() {
        let printed = format!("{key:?} {:?}", key.verifying_key());
        assert!(printed.starts_with("SigningKey { alg: "), "{printed}");
        let letters = printed.len() - 2 * key.kid().map_or(0, str::len);
        assert!(letters < 120, "{printed}");
    }
}

#[test]
fn one_key_signs_on_many_threads() {
    for key in one_of_each() {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..5 {
                        let token = key.sign_jwt("JWT", b"{}").unwrap();
                        assert!(verify(&token, key.verifying_key()).is_ok());
                    }
                });
            }
        });
    }
}
