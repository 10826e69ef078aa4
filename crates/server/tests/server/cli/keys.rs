//! `keys` and `codes`: what signs tokens, and what waits to become one.

use serde_json::{Value, json};

use crate::command::Deployment;

/// Made for these tests: P-256, PKCS#8, and its public half.
const PRIVATE: &str = "\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgKTi5diW3R2GYQjJ7
/eRkukFhIPtf3lgu5VU6xRYEjnChRANCAASAsbCdnwIoYLVs/gwM554MuPKbZ3W+
MYAadnvLf5n4lqtxWONXMjcxBBQ7MQXAjacUshuYfjjJuSy04G1ThWrf
-----END PRIVATE KEY-----
";
const PUBLIC: &str = "\
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEgLGwnZ8CKGC1bP4MDOeeDLjym2d1
vjGAGnZ7y3+Z+JarcVjjVzI3MQQUOzEFwI2nFLIbmH44ybkstOBtU4Vq3w==
-----END PUBLIC KEY-----
";
const OTHER_PUBLIC: &str = "\
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEM2QF/QnX29Ij3UhmjSI+vX5wPJ3q
uc0Uqf1X03SjbCQpQv4mJhpae60CArBK5Ok4bHaTzRinwZj+hnvIf1BtBg==
-----END PUBLIC KEY-----
";

fn states(keys: &Value) -> Vec<(String, String)> {
    let member =
        |key: &Value, name: &str| key.get(name).and_then(Value::as_str).unwrap().to_owned();
    keys.as_array()
        .unwrap()
        .iter()
        .map(|key| (member(key, "alg"), member(key, "state")))
        .collect()
}

/// How many keys of an algorithm are in each of these states.
fn counts<const N: usize>(keys: &Value, alg: &str, names: [&str; N]) -> [usize; N] {
    let states = states(keys);
    names.map(|state| {
        let pair = (alg.to_owned(), state.to_owned());
        states.iter().filter(|known| **known == pair).count()
    })
}

fn seconds(key: &Value, name: &str) -> i64 {
    let value = key.get(name).and_then(Value::as_i64);
    value.unwrap_or_else(|| panic!("{name} of {key}"))
}

/// OpenID Connect Core 1.0, section 10.1.1: a key is published before it signs.
#[test]
fn rotating_lets_the_standby_of_the_same_algorithm_sign_after_its_notice() {
    let deployment = Deployment::new("[keys]\nalgorithms = [\"ES256\", \"EdDSA\"]\n");
    let first = deployment.json(&["keys", "rotate"]);
    let of = |alg: &str, state: &str| (alg.to_owned(), state.to_owned());
    let both = [of("ES256", "signing"), of("EdDSA", "signing")];
    assert_eq!(states(&first), both, "the first of each signs at once");
    let next = deployment.json(&["keys", "rotate", "--alg", "ES256"]);
    let next = &next[0];
    assert_eq!(next["state"], "announced");
    let notice = seconds(next, "signs_from") - seconds(next, "published_from");
    assert_eq!(notice, 360, "max-age and a minute");

    let keys = deployment.json(&["keys", "list"]);
    let names = ["signing", "announced", "standby"];
    assert_eq!(counts(&keys, "ES256", names), [1, 1, 1]);
    assert_eq!(counts(&keys, "EdDSA", names), [1, 0, 1]);
    let retiring = &keys[0];
    assert_eq!(retiring["signs_until"], next["signs_from"]);
    let published = seconds(retiring, "published_until") - seconds(retiring, "signs_until");
    assert_eq!(published, 172_800);
    let words = deployment.run(&["keys", "list"]).stdout;
    for said in ["announced", "standby", "next", "until", "since"] {
        assert!(words.contains(said), "{said}: {words}");
    }

    let pending = deployment.run(&["keys", "rotate", "--alg", "ES256"]);
    assert_eq!(pending.code, 5);
    assert!(
        pending.stderr.contains("It signs from 2"),
        "{}",
        pending.stderr
    );
    for wrong in ["HS256", "none", "nonsense"] {
        let answer = deployment.run(&["keys", "rotate", "--alg", wrong]);
        assert_eq!(answer.code, 2, "{wrong}");
    }
}

#[test]
fn a_revoked_key_is_replaced_at_once_and_may_be_deleted() {
    let deployment = Deployment::new("[keys]\nalgorithms = [\"ES256\"]\n");
    let made = deployment.json(&["keys", "rotate"]);
    let kid = made[0]["kid"].as_str().unwrap();
    assert_eq!(deployment.run(&["keys", "revoke", kid]).code, 6);
    assert_eq!(deployment.run(&["keys", "delete", kid, "--yes"]).code, 5);
    let keys = deployment.json(&["keys", "revoke", kid, "--yes"]);
    let names = ["signing", "standby", "revoked"];
    assert_eq!(counts(&keys, "ES256", names), [1, 1, 1]);
    let words = deployment.run(&["keys", "list"]).stdout;
    assert!(
        words.contains("revoked") && words.contains("no longer"),
        "{words}"
    );
    let keys = deployment.json(&["keys", "delete", kid, "--yes"]);
    assert_eq!(counts(&keys, "ES256", names), [1, 1, 0]);
    for act in ["revoke", "delete"] {
        let unknown = deployment.run(&["keys", act, "unknown", "--yes"]);
        assert_eq!(unknown.code, 4, "{}", unknown.stderr);
    }
}

#[test]
fn an_imported_key_becomes_the_current_one_and_its_public_half_must_match() {
    let deployment = Deployment::new("");
    for (name, pem) in [
        ("private.pem", PRIVATE),
        ("public.pem", PUBLIC),
        ("other.pem", OTHER_PUBLIC),
    ] {
        deployment.write(name, pem);
    }
    let answer = deployment.run(&[
        "keys",
        "import",
        "--private-key",
        "private.pem",
        "--public-key",
        "other.pem",
    ]);
    assert_eq!(answer.code, 7);
    assert!(
        answer.stderr.contains("doesn't belong to the private key"),
        "{}",
        answer.stderr
    );
    assert_eq!(
        deployment
            .run(&["keys", "import", "--private-key", "public.pem"])
            .code,
        7
    );
    assert_eq!(
        deployment
            .run(&[
                "keys",
                "import",
                "--private-key",
                "private.pem",
                "--alg",
                "RS256"
            ])
            .code,
        7
    );
    let made = deployment.json_with(
        &[
            "keys",
            "import",
            "--private-key",
            "-",
            "--public-key",
            "public.pem",
        ],
        PRIVATE,
    );
    assert_eq!(counts(&made, "ES256", ["signing"]), [1], "the first");
    assert_eq!(
        deployment
            .run(&["keys", "import", "--private-key", "private.pem"])
            .code,
        5,
        "it is there already"
    );
    let shown = deployment.run(&["keys", "list"]).stdout;
    assert!(!shown.contains("PRIVATE"), "{shown}");
}

/// Made for these tests: P-256, as a JWK.
const JWK: &str = r#"{"kty":"EC","crv":"P-256","x":"lLGjCHIDrM1goLMTblJqHDfrtoRq63RGzQEM7ip7iIM","y":"4dUPuzzHCdCRPD8XWSG2L-JmBu1lPakScnJASpVa-n8","d":"ZN7_eTQ4TyqwWmmmdYFW-r-Zs64g8zj9BqIyfPfMP60","kid":"from-elsewhere"}"#;

#[test]
fn a_jwk_keeps_its_kid_and_a_set_is_imported_whole() {
    let deployment = Deployment::new("");
    deployment.write("private.jwk", JWK);
    let made = deployment.json(&["keys", "import", "private.jwk"]);
    assert_eq!(made[0]["kid"], "from-elsewhere");
    assert_eq!(made[0]["state"], "signing");
    let again = deployment.run(&["keys", "import", "--private-key", "private.jwk"]);
    assert_eq!(again.code, 5, "{}", again.stderr);
    let set = format!(
        "{{\"keys\":[{}]}}",
        JWK.replace("from-elsewhere", "another")
    );
    let known = deployment.run_with(&["keys", "import", "-"], &set);
    assert_eq!(known.code, 5, "{}", known.stderr);
    assert!(
        known.stderr.contains("already exists, as from-elsewhere"),
        "{}",
        known.stderr
    );
    let public = JWK.replace("\"d\":", "\"was_d\":");
    let refused = deployment.run_with(&["keys", "import", "-"], &public);
    assert_eq!(refused.code, 7, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("no private part"),
        "{}",
        refused.stderr
    );
    assert_eq!(deployment.run(&["keys", "import"]).code, 2);
}

#[test]
fn deleting_all_codes_has_to_be_confirmed() {
    let deployment = Deployment::new("");
    assert_eq!(deployment.run(&["codes", "delete-all"]).code, 6);
    assert_eq!(
        deployment.json(&["codes", "delete-all", "--yes"]),
        json!({ "deleted": 0 })
    );
}
