//! `client`: registration in the words of RFC 7591.

use serde_json::{Value, json};

use crate::command::Deployment;

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value
        .get(member)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("{member} in {value}"))
}

#[test]
fn create_answers_the_registration_response_with_the_secret_that_once() {
    let deployment = Deployment::new("");
    let metadata = json!({ "client_name": "Shop", "redirect_uris": ["https://shop.example/callback"], "tos_uri#de": "https://shop.example/agb" });
    let made = deployment.json_with(
        &["client", "create", "--metadata", "-"],
        &metadata.to_string(),
    );
    // RFC 7591, section 3.2.1: client_id is required; client_secret_expires_at where there is a
    // secret; and all that was registered, with the defaults of section 2.
    assert_eq!(
        text(&made, "client_secret").len(),
        43,
        "256 random bits in base64url"
    );
    assert_eq!(made.get("client_secret_expires_at"), Some(&json!(0)));
    assert!(made.get("client_id_issued_at").unwrap().is_i64());
    assert_eq!(
        made.get("token_endpoint_auth_method"),
        Some(&json!("client_secret_basic"))
    );
    assert_eq!(
        made.get("grant_types"),
        Some(&json!(["authorization_code"]))
    );
    assert_eq!(made.get("response_types"), Some(&json!(["code"])));
    assert_eq!(made.get("redirect_uris"), metadata.get("redirect_uris"));
    assert_eq!(made.get("tos_uri#de"), metadata.get("tos_uri#de"));

    let id = text(&made, "client_id");
    let shown = deployment.json(&["client", "show", id]);
    assert_eq!(shown.get("client_secret"), None);
    assert_eq!(shown.get("client_name"), Some(&json!("Shop")));
    assert_eq!(deployment.json(&["client", "list"]), json!([shown]));
    let database = std::fs::read(deployment.folder.join("data/countersign.sqlite3")).unwrap();
    let write_ahead_log =
        std::fs::read(deployment.folder.join("data/countersign.sqlite3-wal")).unwrap_or_default();
    let secret = text(&made, "client_secret").as_bytes();
    assert!(
        ![database, write_ahead_log]
            .concat()
            .windows(secret.len())
            .any(|window| window == secret),
        "only its hash is stored"
    );
}

#[test]
fn flags_stand_for_the_common_members() {
    let deployment = Deployment::new("");
    let words = [
        "client",
        "create",
        "--client-id",
        "app",
        "--name",
        "App",
        "--public",
        "--application-type",
        "native",
        "--redirect-uri",
        "http://127.0.0.1/callback",
        "--redirect-uri",
        "com.example.app:/callback",
        "--grant-type",
        "authorization_code",
        "--grant-type",
        "refresh_token",
        "--scope",
        "openid profile",
        "--id-token-alg",
        "ES256",
        "--access-token-format",
        "opaque",
        "--post-logout-redirect-uri",
        "https://app.example/",
    ];
    let made = deployment.json(&words);
    for (member, expected) in [
        ("client_id", json!("app")),
        ("client_name", json!("App")),
        ("token_endpoint_auth_method", json!("none")),
        ("application_type", json!("native")),
        (
            "redirect_uris",
            json!(["http://127.0.0.1/callback", "com.example.app:/callback"]),
        ),
        (
            "grant_types",
            json!(["authorization_code", "refresh_token"]),
        ),
        ("scope", json!("openid profile")),
        ("id_token_signed_response_alg", json!("ES256")),
        ("access_token_format", json!("opaque")),
        ("post_logout_redirect_uris", json!(["https://app.example/"])),
    ] {
        assert_eq!(made.get(member), Some(&expected), "{member}");
    }
    assert_eq!(made.get("client_secret"), None, "a public client has none");
    assert_eq!(deployment.run(&words).code, 5, "its id is taken");
    let answer = deployment.run(&["client", "rotate-secret", "app"]);
    assert_eq!(answer.code, 7, "{}", answer.stderr);
}

#[test]
fn metadata_that_breaks_a_rule_is_refused_and_nothing_is_made() {
    let deployment = Deployment::new("");
    for metadata in [
        json!({}),
        json!({ "redirect_uris": ["javascript:alert(1)"] }),
        json!({ "redirect_uris": ["https://shop.example/#fragment"] }),
        json!({ "redirect_uris": ["https://shop.example/"], "grant_types": ["password"] }),
    ] {
        let answer = deployment.run_with(
            &["client", "create", "--metadata", "-"],
            &metadata.to_string(),
        );
        assert_eq!(answer.code, 7, "{metadata}: {}", answer.stderr);
        let said = answer.stderr.lines().last().unwrap();
        assert!(
            said.starts_with("countersign: the client metadata is refused: "),
            "{}",
            answer.stderr
        );
    }
    assert_eq!(
        deployment
            .run_with(&["client", "create", "--metadata", "-"], "[]")
            .code,
        7
    );
    // RFC 7617, section 2: a user id has no colon.
    for client_id in ["with:colon", "café", "with\ttab"] {
        let words = ["client", "create", "--client-id", client_id];
        let answer =
            deployment.run(&[&words[..], &["--grant-type", "client_credentials"]].concat());
        assert_eq!(answer.code, 7, "{client_id}: {}", answer.stderr);
    }
    assert_eq!(deployment.json(&["client", "list"]), json!([]));
}

#[test]
fn a_client_id_of_the_operator_may_have_any_visible_character_but_a_colon() {
    // RFC 6749, appendix A.1.
    let deployment = Deployment::new("");
    for client_id in [
        "grafana.example.com",
        "https//app",
        "with space",
        "a~b@c/d?e",
    ] {
        let words = ["client", "create", "--client-id", client_id];
        let made = deployment.json(&[&words[..], &["--grant-type", "client_credentials"]].concat());
        assert_eq!(made["client_id"], client_id);
    }
}

#[test]
fn update_replaces_what_is_named_and_rotate_secret_the_secret() {
    let deployment = Deployment::new("");
    let made = deployment.json(&[
        "client",
        "create",
        "--client-id",
        "shop",
        "--name",
        "Shop",
        "--redirect-uri",
        "https://shop.example/callback",
    ]);
    let updated = deployment.json(&[
        "client",
        "update",
        "shop",
        "--redirect-uri",
        "https://shop.example/new",
    ]);
    assert_eq!(
        updated.get("redirect_uris"),
        Some(&json!(["https://shop.example/new"]))
    );
    assert_eq!(updated.get("client_name"), Some(&json!("Shop")));
    assert_eq!(
        updated.get("client_secret"),
        None,
        "an update that needs no new secret makes none"
    );
    let updated = deployment.json_with(
        &["client", "update", "shop", "--metadata", "-"],
        "{\"client_name\":null}",
    );
    assert_eq!(updated.get("client_name"), None);
    let rotated = deployment.json(&["client", "rotate-secret", "shop"]);
    assert_ne!(
        text(&rotated, "client_secret"),
        text(&made, "client_secret")
    );
    let public = deployment.json(&["client", "update", "shop", "--public"]);
    assert_eq!(public.get("client_secret"), None);
    let confidential = deployment.json(&[
        "client",
        "update",
        "shop",
        "--token-endpoint-auth-method",
        "client_secret_post",
    ]);
    assert_eq!(
        text(&confidential, "client_secret").len(),
        43,
        "it needs one again"
    );

    assert_eq!(deployment.run(&["client", "delete", "shop"]).code, 6);
    assert_eq!(
        deployment.run(&["client", "delete", "shop", "--yes"]).code,
        0
    );
    for words in [
        &["client", "show", "shop"][..],
        &["client", "update", "shop", "--public"],
        &["client", "delete", "shop", "--yes"],
    ] {
        assert_eq!(deployment.run(words).code, 4, "{words:?}");
    }
    let answer = deployment.run(&[
        "client",
        "create",
        "--client-id",
        "shop",
        "--grant-type",
        "client_credentials",
    ]);
    assert_eq!(
        answer.code, 5,
        "the id of a deleted client is never given to anyone else: {}",
        answer.stderr
    );
}

#[test]
fn the_flow_names_of_older_tools_are_views_of_grant_types_response_types_and_require_pkce() {
    let deployment = Deployment::new("");
    let words = ["--redirect-uri", "https://app.example/callback"];
    let made = deployment.json(
        &[
            &[
                "client",
                "create",
                "--flow",
                "authorizationCodeWithPKCE",
                "--flow",
                "refresh_token",
            ],
            &words[..],
        ]
        .concat(),
    );
    assert_eq!(
        made.get("grant_types"),
        Some(&json!(["authorization_code", "refresh_token"]))
    );
    assert_eq!(made.get("response_types"), Some(&json!(["code"])));
    assert_eq!(made.get("require_pkce"), Some(&json!(true)));
    assert_eq!(made.get("valid_flow"), None, "a view is not stored");

    let metadata = json!({ "client_name": "Robot", "valid_flow": ["clientCredentials"] });
    let made = deployment.json_with(
        &["client", "create", "--metadata", "-"],
        &metadata.to_string(),
    );
    assert_eq!(
        made.get("grant_types"),
        Some(&json!(["client_credentials"]))
    );
    let shown = deployment.run(&["client", "show", text(&made, "client_id")]);
    assert!(
        shown.stdout.contains("Client Credentials"),
        "{}",
        shown.stdout
    );

    let refused = deployment.run(&["client", "create", "--flow", "code"]);
    assert_eq!(refused.code, 7);
    assert!(
        refused.stderr.contains("authorizationCodeWithPKCE"),
        "{}",
        refused.stderr
    );
}

#[test]
fn a_disabled_client_is_kept_and_can_be_enabled_again() {
    let deployment = Deployment::new("");
    let words = [
        "client",
        "create",
        "--client-id",
        "app",
        "--redirect-uri",
        "https://a.example/",
    ];
    deployment.json(&words);
    let disabled = deployment.json(&["client", "disable", "app"]);
    assert_eq!(disabled.get("status"), Some(&json!("disabled")));
    let enabled = deployment.json(&["client", "enable", "app"]);
    assert_eq!(enabled.get("status"), Some(&json!("active")));
    assert_eq!(deployment.run(&["client", "disable", "nobody"]).code, 4);
}

/// A client that is a document at its own client_id has that address as its name, and may be
/// refused before anyone has used it.
#[test]
fn a_client_that_is_a_document_is_disabled_by_its_address() {
    let deployment = Deployment::new("");
    let id = "https://app.example/client.json";
    assert_eq!(deployment.run(&["client", "show", id]).code, 4);
    let disabled = deployment.json(&["client", "disable", id]);
    assert_eq!(disabled.get("status"), Some(&json!("disabled")));
    assert_eq!(disabled.get("client_id"), Some(&json!(id)));
    let listed = deployment.run(&["client", "list"]);
    assert!(listed.stdout.contains(id), "{}", listed.stdout);
    for words in [
        &["client", "update", id, "--name", "App"][..],
        &["client", "delete", id, "--yes"],
    ] {
        let refused = deployment.run(words);
        assert_eq!(refused.code, 7, "{}", refused.stderr);
        assert!(
            refused.stderr.contains("client disable"),
            "{}",
            refused.stderr
        );
    }
    let enabled = deployment.json(&["client", "enable", id]);
    assert_eq!(enabled.get("status"), Some(&json!("active")));
    let words = ["client", "create", "--client-id", id, "--redirect-uri", id];
    assert_ne!(deployment.run(&words).code, 0);
    let malformed = deployment.run(&["client", "disable", "https://app.example"]);
    assert_eq!(malformed.code, 4);
}

#[test]
fn single_addresses_are_added_and_removed() {
    let deployment = Deployment::new("");
    let one = "https://shop.example/callback";
    let two = "https://shop.example/other";
    let words = [
        "client",
        "create",
        "--client-id",
        "grafana.example.com",
        "--redirect-uri",
        one,
    ];
    deployment.json(&words);
    let update = |flags: &[&str]| {
        deployment.json(&[&["client", "update", "grafana.example.com"], flags].concat())
    };
    let added = update(&["--add-redirect-uri", two, "--name", "Shop"]);
    assert_eq!(added.get("redirect_uris"), Some(&json!([one, two])));
    assert_eq!(added.get("client_name"), Some(&json!("Shop")));
    let again = update(&["--add-redirect-uri", two]);
    assert_eq!(again.get("redirect_uris"), Some(&json!([one, two])));
    let removed = update(&["--remove-redirect-uri", one]);
    assert_eq!(removed.get("redirect_uris"), Some(&json!([two])));
    let bye = "https://shop.example/bye";
    let added = update(&["--add-post-logout-redirect-uri", bye]);
    assert_eq!(added.get("post_logout_redirect_uris"), Some(&json!([bye])));
    let swapped = update(&[
        "--remove-post-logout-redirect-uri",
        bye,
        "--add-post-logout-redirect-uri",
        one,
    ]);
    assert_eq!(
        swapped.get("post_logout_redirect_uris"),
        Some(&json!([one]))
    );

    for (flags, code) in [
        (["--remove-redirect-uri", one], 7),
        (["--remove-redirect-uri", two], 7),
        (["--add-redirect-uri", "javascript:alert(1)"], 7),
    ] {
        let answer =
            deployment.run(&[&["client", "update", "grafana.example.com"], &flags[..]].concat());
        assert_eq!(answer.code, code, "{flags:?}: {}", answer.stderr);
    }
    let both = [
        "client",
        "update",
        "grafana.example.com",
        "--redirect-uri",
        one,
        "--add-redirect-uri",
        two,
    ];
    assert_eq!(deployment.run(&both).code, 2, "a whole list and one of it");
    let shown = deployment.json(&["client", "show", "grafana.example.com"]);
    assert_eq!(
        shown.get("redirect_uris"),
        Some(&json!([two])),
        "nothing was changed"
    );
}

#[test]
fn what_is_not_offered_is_refused_with_the_list() {
    let deployment = Deployment::new(
        "[keys]\nalgorithms = [\"ES256\"]\naccess_token_algorithm = \"ES256\"\n\n[scopes.invoices]\nclaims = []\n",
    );
    let address = ["--redirect-uri", "https://shop.example/callback"];
    for (flags, list) in [
        (
            &["--id-token-alg", "ES256", "--scope", "openid invoises"][..],
            "invoices",
        ),
        (&["--id-token-alg", "RS256"], "ES256"),
        (&[], "ES256"),
    ] {
        let answer = deployment.run(&[&["client", "create"], &address[..], flags].concat());
        assert_eq!(answer.code, 7, "{flags:?}: {}", answer.stderr);
        assert!(answer.stderr.contains(list), "{flags:?}: {}", answer.stderr);
    }
    let fits = ["--id-token-alg", "ES256", "--scope", "openid invoices"];
    let made = deployment.json(
        &[
            &["client", "create", "--client-id", "shop"],
            &address[..],
            &fits,
        ]
        .concat(),
    );
    assert_eq!(made.get("scope"), Some(&json!("openid invoices")));
    let answer = deployment.run(&["client", "update", "shop", "--scope", "openid receipts"]);
    assert_eq!(answer.code, 7, "{}", answer.stderr);
}

#[test]
fn each_act_writes_a_line_into_the_log() {
    let deployment = Deployment::new("[logging]\nformat = \"json\"\n");
    let words = [
        "client",
        "create",
        "--client-id",
        "shop",
        "--redirect-uri",
        "https://shop.example/",
    ];
    let lines = |answer: crate::command::Answer| -> Vec<Value> {
        let lines = answer
            .stderr
            .lines()
            .filter(|line| line.contains("\"act\""));
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    for (outcome, reason) in [
        ("done", Value::Null),
        ("refused", json!("the client_id \"shop\" is taken")),
    ] {
        let made = lines(deployment.run(&words));
        assert_eq!(made.len(), 1, "{made:?}");
        assert_eq!(made[0]["act"], "client.create");
        assert_eq!(made[0]["actor"], "cli:tester");
        assert_eq!(made[0]["outcome"], outcome);
        assert_eq!(made[0]["reason"], reason);
        assert_eq!(made[0]["level"], "INFO");
    }
    let rotated = deployment.run(&["client", "rotate-secret", "shop", "--json"]);
    let secret: Value = serde_json::from_str(&rotated.stdout).unwrap();
    assert!(!rotated.stderr.contains(text(&secret, "client_secret")));
    assert_eq!(lines(rotated)[0]["client_id"], "shop");
    let shown = deployment.run(&["client", "show", "shop"]);
    assert!(lines(shown).is_empty(), "nothing was changed");
}

fn has_in_the_database(deployment: &Deployment, text: &str) -> bool {
    let files = ["data/countersign.sqlite3", "data/countersign.sqlite3-wal"];
    let bytes = files.map(|name| std::fs::read(deployment.folder.join(name)).unwrap_or_default());
    let text = text.as_bytes();
    bytes
        .concat()
        .windows(text.len())
        .any(|window| window == text)
}

const CREATE: [&str; 4] = ["client", "create", "--metadata", "-"];
const UPDATE: [&str; 5] = ["client", "update", "shop", "--metadata", "-"];

/// RFC 7591, section 3.2.1: the client_id that is printed is the client's.
#[test]
fn a_client_id_in_the_file_is_the_clients() {
    let deployment = Deployment::new("");
    let metadata = |client_id: Value| {
        let redirect_uris = ["https://shop.example/callback"];
        json!({ "client_id": client_id, "redirect_uris": redirect_uris }).to_string()
    };
    let made = deployment.json_with(&CREATE, &metadata(json!("shop")));
    assert_eq!(made["client_id"], "shop");
    assert_eq!(
        deployment.json(&["client", "show", "shop"])["client_id"],
        "shop"
    );
    let same = [&CREATE[..], &["--client-id", "twice"]].concat();
    let made = deployment.json_with(&same, &metadata(json!("twice")));
    assert_eq!(made["client_id"], "twice");
    for absent in [Value::Null, json!("")] {
        let made = deployment.json_with(&CREATE, &metadata(absent));
        assert_eq!(text(&made, "client_id").len(), 22, "a random one");
    }

    let differing = [&CREATE[..], &["--client-id", "flag"]].concat();
    let known = deployment.json(&["client", "list"]);
    for (words, client_id, code, told) in [
        (&differing[..], json!("file"), 7, "\"file\""),
        (&CREATE, json!("shop"), 5, "taken"),
        (&CREATE, json!("with:colon"), 7, "can't be a client_id"),
        (&CREATE, json!(7), 7, "client_id is not a text"),
        // RFC 7592, section 2.2: it must be the client's own.
        (&UPDATE, json!("twice"), 7, "\"twice\""),
        (&UPDATE, json!(["shop"]), 7, "client_id is not a text"),
    ] {
        let refused = deployment.run_with(words, &metadata(client_id));
        assert_eq!(refused.code, code, "{}", refused.stderr);
        assert!(refused.stderr.contains(told), "{told}: {}", refused.stderr);
    }
    assert_eq!(deployment.json(&["client", "list"]), known);
    let updated = deployment.json_with(&UPDATE, &metadata(json!("shop")));
    assert_eq!(updated["client_id"], "shop");
}

/// RFC 7592, section 2.2: a client must not choose its secret.
#[test]
fn a_client_secret_in_the_file_is_refused() {
    let deployment = Deployment::new("");
    let metadata = |client_secret: Value| {
        let redirect_uris = ["https://shop.example/callback"];
        json!({ "client_secret": client_secret, "redirect_uris": redirect_uris }).to_string()
    };
    let named = [&CREATE[..], &["--client-id", "shop"]].concat();
    let made = deployment.json_with(&named, &metadata(Value::Null));
    assert_eq!(text(&made, "client_secret").len(), 43);
    for words in [&CREATE[..], &UPDATE] {
        let refused = deployment.run_with(words, &metadata(json!("chosen-by-the-file")));
        assert_eq!(refused.code, 7, "{}", refused.stderr);
        assert!(
            refused.stderr.contains("secrets are generated")
                && refused.stderr.contains("countersign client rotate-secret"),
            "{}",
            refused.stderr
        );
        assert!(!refused.stderr.contains("chosen-by-the-file"));
    }
    assert!(!has_in_the_database(&deployment, "chosen-by-the-file"));
    assert_eq!(
        deployment
            .json(&["client", "list"])
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

/// What `show` prints is what `create` and `update` read, here and in another deployment.
#[test]
fn what_is_shown_of_a_client_makes_another_like_it() {
    let deployment = Deployment::new("");
    let metadata = json!({
        "client_name": "Shop", "redirect_uris": ["https://shop.example/callback"],
        "tos_uri#de": "https://shop.example/agb", "vendor_member": { "kept": true },
        "registration_access_token": "a-token", "client_secret_expires_at": 5,
        "registration_client_uri": "https://id.example/clients/1",
    });
    let words = [&CREATE[..], &["--client-id", "shop"]].concat();
    deployment.json_with(&words, &metadata.to_string());
    assert!(!has_in_the_database(&deployment, "a-token"));
    deployment.json(&["client", "disable", "shop"]);
    let shown = deployment.json(&["client", "show", "shop"]);
    assert_eq!(shown["vendor_member"], metadata["vendor_member"]);
    assert_eq!(shown.get("registration_access_token"), None);

    let words = [&CREATE[..], &["--client-id", "copy"]].concat();
    deployment.json_with(&words, &shown.to_string());
    let metadata_of = |mut shown: Value| {
        let members = shown.as_object_mut().unwrap();
        members
            .retain(|name, _| !["client_id", "client_id_issued_at", "status"].contains(&&**name));
        shown
    };
    let copy = deployment.json(&["client", "show", "copy"]);
    assert_eq!(copy["client_id"], "copy");
    assert_eq!(
        copy["status"], "active",
        "a new client is, whatever the other one was"
    );
    assert_eq!(metadata_of(copy), metadata_of(shown.clone()));
    assert!(!has_in_the_database(&deployment, r#""status""#));

    let updated = deployment.json_with(&UPDATE, &shown.to_string());
    assert_eq!(metadata_of(updated), metadata_of(shown.clone()));
    let taken = deployment.run_with(&CREATE, &shown.to_string());
    assert_eq!(taken.code, 5, "{}", taken.stderr);
    let elsewhere = Deployment::new("");
    let moved = elsewhere.json_with(&CREATE, &shown.to_string());
    assert_eq!(moved["client_id"], "shop");
    assert_eq!(
        metadata_of(deployment.json(&["client", "show", "shop"])),
        metadata_of(shown)
    );
}
