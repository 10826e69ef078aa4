//! `client secret`, and the flags of the methods that need keys or certificates.

use serde_json::{Value, json};

use crate::command::Deployment;

fn create(deployment: &Deployment, more: &[&str]) -> Value {
    let mut words = vec!["client", "create", "--client-id", "robot"];
    words.extend(["--grant-type", "client_credentials"]);
    words.extend(more);
    deployment.json(&words)
}

#[test]
fn a_client_has_several_secrets_that_are_listed_without_being_shown() {
    let deployment = Deployment::new("");
    let first = create(&deployment, &[]);
    let second = deployment.json(&["client", "secret", "add", "robot"]);
    let third = deployment.json(&[
        "client",
        "secret",
        "add",
        "robot",
        "--expires-in-seconds",
        "3600",
    ]);
    let secrets = [&first, &second, &third].map(|made| made["client_secret"].as_str().unwrap());
    assert!(secrets[0] != secrets[1] && secrets[1] != secrets[2]);
    assert_eq!(second["client_secret_expires_at"], 0);
    let listed = deployment.json(&["client", "secret", "list", "robot"]);
    let ends: Vec<&Value> = (0..3).map(|place| &listed[place]["expires_at"]).collect();
    assert_eq!(
        ends,
        [&json!(0), &json!(0), &third["client_secret_expires_at"]]
    );
    let text = deployment
        .run(&["client", "secret", "list", "robot"])
        .stdout;
    assert!(text.starts_with("SECRET_ID"), "{text}");
    let end = listed[2]["expires_at"].as_i64().expect("Unix seconds");
    let in_words = jiff::Timestamp::from_second(end)
        .expect("a time")
        .to_string();
    assert!(text.contains(&in_words) && text.contains("never"), "{text}");
    assert!(!text.contains(&end.to_string()), "{text}");
    for secret in secrets {
        assert!(!listed.to_string().contains(secret) && !text.contains(secret));
    }

    let id = listed[0]["secret_id"].as_str().unwrap();
    let removed = deployment.json(&["client", "secret", "remove", "robot", id]);
    assert_eq!(removed["removed"], 1);
    let again = deployment.run(&["client", "secret", "remove", "robot", id]);
    assert_eq!(again.code, 4, "{}", again.stderr);
    let rotated = deployment.json(&[
        "client",
        "secret",
        "rotate",
        "robot",
        "--overlap-seconds",
        "60",
    ]);
    assert!(rotated["client_secret"].is_string());
    let listed = deployment.json(&["client", "secret", "list", "robot"]);
    assert_eq!(listed.as_array().unwrap().len(), 3);
    deployment.json(&["client", "secret", "rotate", "robot"]);
    let listed = deployment.json(&["client", "secret", "list", "robot"]);
    let last = listed[0]["secret_id"].as_str().unwrap();
    let refused = deployment.run(&["client", "secret", "remove", "robot", last]);
    assert_eq!(refused.code, 5, "{}", refused.stderr);
}

#[test]
fn a_client_of_each_method_is_registered_by_flags() {
    let certificates = "[http]\ntrusted_proxies = [\"127.0.0.1\"]\n[client_certificates]\nheader = \"Client-Cert\"\nverified_header = \"Client-Verify\"\n";
    for (method, more, has_secret) in [
        (
            "client_secret_jwt",
            vec!["--auth-signing-alg", "HS256"],
            true,
        ),
        (
            "private_key_jwt",
            vec!["--jwks-uri", "https://robot.example/jwks.json"],
            false,
        ),
        (
            "tls_client_auth",
            vec!["--tls-subject-dn", "CN=robot,O=Example"],
            false,
        ),
        (
            "tls_client_auth",
            vec!["--tls-san-dns", "robot.example"],
            false,
        ),
        (
            "self_signed_tls_client_auth",
            vec!["--jwks-uri", "https://robot.example/jwks.json"],
            false,
        ),
    ] {
        let deployment = Deployment::new(certificates);
        let mut words = vec!["--auth-method", method];
        words.extend(more);
        let made = create(&deployment, &words);
        assert_eq!(made["token_endpoint_auth_method"], method);
        assert_eq!(made["client_secret"].is_string(), has_secret, "{method}");
    }
}

#[test]
fn what_a_method_needs_is_named_where_it_is_missing() {
    let deployment = Deployment::new("");
    for (more, said) in [
        (vec!["--auth-method", "private_key_jwt"], "jwks_uri"),
        (
            vec![
                "--auth-method",
                "tls_client_auth",
                "--tls-san-dns",
                "a.example",
            ],
            "supported are",
        ),
        (
            vec![
                "--auth-method",
                "client_secret_jwt",
                "--auth-signing-alg",
                "RS256",
            ],
            "HS256",
        ),
    ] {
        let mut words = vec!["client", "create", "--grant-type", "client_credentials"];
        words.extend(more);
        let answer = deployment.run(&words);
        assert_eq!(answer.code, 7, "{}", answer.stderr);
        assert!(answer.stderr.contains(said), "{}", answer.stderr);
    }
}

#[test]
fn keys_are_read_from_a_file() {
    let deployment = Deployment::new("");
    let key = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k",
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
    deployment.write("keys.json", key);
    let made = create(
        &deployment,
        &["--auth-method", "private_key_jwt", "--jwks", "keys.json"],
    );
    assert_eq!(made["jwks"]["keys"][0]["kid"], "k");
    deployment.write("keys.json", "{");
    let refused = deployment.run(&["client", "update", "robot", "--jwks", "keys.json"]);
    assert_eq!(refused.code, 7, "{}", refused.stderr);
}
