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

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(alg, state)| ((*alg).to_owned(), (*state).to_owned()))
        .collect()
}

#[test]
fn rotating_retires_the_key_of_the_same_algorithm_only() {
    let deployment = Deployment::new("[keys]\nalgorithms = [\"ES256\", \"EdDSA\"]\n");
    assert_eq!(
        states(&deployment.json(&["keys", "rotate"])),
        pairs(&[("ES256", "signing"), ("EdDSA", "signing")])
    );
    deployment.json(&["keys", "rotate", "--alg", "ES256"]);
    assert_eq!(
        states(&deployment.json(&["keys", "list"])),
        pairs(&[
            ("ES256", "retired"),
            ("EdDSA", "signing"),
            ("ES256", "signing")
        ])
    );
    for wrong in ["HS256", "none", "nonsense"] {
        assert_eq!(
            deployment.run(&["keys", "rotate", "--alg", wrong]).code,
            2,
            "{wrong}"
        );
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
    assert_eq!(states(&made), pairs(&[("ES256", "signing")]));
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

#[test]
fn deleting_all_codes_has_to_be_confirmed() {
    let deployment = Deployment::new("");
    assert_eq!(deployment.run(&["codes", "delete-all"]).code, 6);
    assert_eq!(
        deployment.json(&["codes", "delete-all", "--yes"]),
        json!({ "deleted": 0 })
    );
}
