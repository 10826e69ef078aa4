//! `user`: accounts, while no server runs.

use serde_json::json;

use crate::command::Deployment;

const PASSWORD: &str = "correct horse battery";

fn create(deployment: &Deployment, username: &str) -> serde_json::Value {
    let email = format!("{username}@example.org");
    deployment.json_with(
        &[
            "user",
            "create",
            "--username",
            username,
            "--email",
            &email,
            "--password-stdin",
        ],
        &format!("{PASSWORD}\n"),
    )
}

#[test]
fn an_account_is_made_shown_listed_disabled_enabled_and_deleted() {
    let deployment = Deployment::new("");
    let made = create(&deployment, "alice");
    assert_eq!(
        made.pointer("/sub").unwrap().as_str().unwrap().len(),
        22,
        "128 random bits in base64url"
    );
    create(&deployment, "bob");
    // Found by any of its names, as sign-in compares them.
    for name in [
        "alice",
        "ALICE",
        "alice@Example.org",
        made.pointer("/sub").unwrap().as_str().unwrap(),
    ] {
        assert_eq!(deployment.json(&["user", "show", name]), made, "{name}");
    }
    assert_eq!(
        deployment.json(&["user", "list"]).as_array().unwrap().len(),
        2
    );
    assert_eq!(
        deployment
            .json(&["user", "disable", "alice"])
            .pointer("/status"),
        Some(&json!("disabled"))
    );
    assert_eq!(
        deployment
            .json(&["user", "show", "alice"])
            .pointer("/status"),
        Some(&json!("disabled"))
    );
    assert_eq!(
        deployment
            .json(&["user", "enable", "alice"])
            .pointer("/status"),
        Some(&json!("active"))
    );

    let answer = deployment.run(&["user", "delete", "alice"]);
    assert_eq!(
        answer.code, 6,
        "no one is at a terminal to be asked: {}",
        answer.stderr
    );
    assert!(answer.stderr.contains("--yes"), "{}", answer.stderr);
    assert_eq!(
        deployment.run(&["user", "delete", "alice", "--yes"]).code,
        0
    );
    for words in [
        ["user", "show", "alice"],
        ["user", "disable", "alice"],
        ["user", "enable", "alice"],
    ] {
        assert_eq!(deployment.run(&words).code, 4, "{words:?}");
    }
}

#[test]
fn a_name_belongs_to_one_account() {
    let deployment = Deployment::new("");
    create(&deployment, "alice");
    for words in [
        ["user", "create", "--username", "Alice"],
        ["user", "create", "--username", "alice@example.org"],
    ] {
        let answer = deployment.run(&words);
        assert_eq!(answer.code, 5, "{words:?}: {}", answer.stderr);
    }
    let answer = deployment.run(&[
        "user",
        "create",
        "--username",
        "carol",
        "--email",
        "ALICE@example.org",
    ]);
    assert_eq!(answer.code, 5, "{}", answer.stderr);
}

#[test]
fn claims_are_taken_by_their_standard_names_and_types() {
    let deployment = Deployment::new("");
    let claims = json!({ "given_name": "Alice", "address": { "country": "AT" }, "email_verified": true, "department": ["a", "b"] });
    deployment.write("claims.json", &claims.to_string());
    let words = [
        "user",
        "create",
        "--username",
        "alice",
        "--name",
        "Alice Adams",
        "--claims",
        "claims.json",
    ];
    let made = deployment.json(&words);
    let mut expected = claims;
    expected
        .as_object_mut()
        .unwrap()
        .insert("name".to_owned(), json!("Alice Adams"));
    assert_eq!(made.pointer("/claims"), Some(&expected));
    for refused in [
        json!({ "sub": "somebody" }),
        json!({ "iss": "https://elsewhere.example" }),
        json!({ "email_verified": "yes" }),
        json!({ "address": "Vienna" }),
        json!({ "name": "twice" }),
        json!({ "phone_number": 1 }),
    ] {
        let answer = deployment.run_with(
            &[
                "user",
                "create",
                "--username",
                "bob",
                "--name",
                "Bob",
                "--claims",
                "-",
            ],
            &refused.to_string(),
        );
        assert_eq!(answer.code, 7, "{refused}: {}", answer.stderr);
    }
    let answer = deployment.run_with(
        &["user", "create", "--username", "bob", "--claims", "-"],
        "{\"a\":1,\"a\":2}",
    );
    assert_eq!(answer.code, 7, "duplicate keys: {}", answer.stderr);
}

#[test]
fn a_password_has_its_least_length_and_is_never_shown() {
    let deployment = Deployment::new("");
    let answer = deployment.run_with(
        &["user", "create", "--username", "alice", "--password-stdin"],
        "canary\n",
    );
    assert_eq!(answer.code, 7);
    assert!(
        answer.stderr.contains("the minimum is 12") && !answer.stderr.contains("canary"),
        "{}",
        answer.stderr
    );
    create(&deployment, "alice");
    let answer = deployment.run_with(
        &["user", "password", "alice", "--password-stdin"],
        "canary of a new password\n",
    );
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let all = format!(
        "{}{}{}",
        answer.stdout,
        answer.stderr,
        deployment.run(&["user", "show", "alice"]).stdout
    );
    assert!(!all.contains("canary") && !all.contains("argon2"), "{all}");
}

#[test]
fn another_issuer_and_another_master_key_are_told_from_ours() {
    let deployment = Deployment::new("");
    create(&deployment, "alice");
    deployment.write("data/master.key", "too short\n");
    let answer = deployment.run(&["user", "list"]);
    assert_eq!(answer.code, 15, "{}", answer.stderr);
}

#[test]
fn what_an_account_can_not_have_is_refused_with_the_rule() {
    let deployment = Deployment::new("");
    for (words, claims, said) in [
        (
            &["--username", "a b"][..],
            "{}",
            "the username is refused: it contains white space.",
        ),
        (
            &["--username", "a", "--email", "nobody"],
            "{}",
            "the email address is refused: it needs a name, an @ and a domain.",
        ),
        (
            &["--username", "a", "--email", "a@b.example"],
            "{\"email\":\"a@b.example\"}",
            "email is given twice.",
        ),
        (
            &["--username", "a"],
            "{\"email\":1}",
            "the claim email must be a string.",
        ),
        (&["--username", "a"], "[]", "the claims are refused: "),
    ] {
        let create = [&["user", "create", "--claims", "-"], words].concat();
        let answer = deployment.run_with(&create, claims);
        assert_eq!(answer.code, 7, "{words:?}: {}", answer.stderr);
        assert!(answer.stderr.contains(said), "{words:?}: {}", answer.stderr);
    }
    let both = [
        "user",
        "create",
        "--username",
        "a",
        "--claims",
        "-",
        "--password-stdin",
    ];
    let answer = deployment.run(&both);
    assert_eq!(answer.code, 2, "{}", answer.stderr);
    assert!(
        answer.stderr.contains("both read standard input"),
        "{}",
        answer.stderr
    );
    let password = ["user", "create", "--username", "a", "--password-stdin"];
    let answer = deployment.run_with(&password, &"x".repeat(1_025));
    assert_eq!(answer.code, 7);
    assert!(
        answer.stderr.contains("more than 1024 bytes"),
        "{}",
        answer.stderr
    );
    // The email address may also come as the claim that it is.
    let words = ["user", "create", "--username", "a", "--claims", "-"];
    let made = deployment.json_with(&words, "{\"email\":\"a@b.example\"}");
    assert_eq!(made.get("email"), Some(&json!("a@b.example")));
}

#[test]
fn an_account_is_changed_field_by_field() {
    let deployment = Deployment::new("");
    create(&deployment, "alice");
    create(&deployment, "bob");
    let update = |flags: &[&str]| deployment.json(&[&["user", "update", "alice"], flags].concat());
    let changed = update(&[
        "--name",
        "Alice Berg",
        "--email",
        "alice@new.example",
        "--email-verified",
        "true",
        "--administrator",
        "true",
        "--claim",
        "groups=[\"staff\"]",
        "--claim",
        "phone_number=12345",
        "--claim",
        "employee=true",
    ]);
    assert_eq!(changed["email"], "alice@new.example");
    assert_eq!(changed["administrator"], true);
    assert_eq!(
        changed["claims"],
        json!({
            "name": "Alice Berg", "email_verified": true, "groups": ["staff"],
            "phone_number": "12345", "employee": true,
        })
    );
    assert_eq!(
        update(&["--administrator", "false"])["administrator"],
        false
    );
    let changed = update(&["--email", "alice@newer.example", "--remove-claim", "groups"]);
    assert_eq!(
        changed["claims"].get("email_verified"),
        None,
        "another address"
    );
    assert_eq!(changed["claims"].get("groups"), None);
    let claims = "{\"employee\":null,\"nickname\":\"Ali\"}";
    let words = ["user", "update", "alice", "--claims", "-"];
    let changed = deployment.json_with(&words, claims);
    assert_eq!(changed["claims"].get("employee"), None);
    assert_eq!(changed["claims"]["nickname"], "Ali");
    let changed = update(&["--remove-email", "--remove-name", "--username", "Alicia"]);
    assert_eq!(changed["email"], json!(null));
    assert_eq!(changed["claims"].get("name"), None);
    assert_eq!(changed["username"], "Alicia");

    let refused = |flags: &[&str]| {
        let answer = deployment.run(&[&["user", "update", "alicia"], flags].concat());
        assert!(!answer.stderr.is_empty());
        answer.code
    };
    assert_eq!(refused(&[]), 2);
    assert_eq!(
        refused(&["--email-verified", "true"]),
        7,
        "there is no address"
    );
    assert_eq!(refused(&["--email", "bob@example.org"]), 5);
    assert_eq!(refused(&["--username", "BOB"]), 5);
    assert_eq!(refused(&["--username", "alice\t"]), 7);
    assert_eq!(refused(&["--claim", "sub=another"]), 7);
    assert_eq!(refused(&["--claim", "email_verified=perhaps"]), 7);
    assert_eq!(refused(&["--claim", "nickname"]), 2);
    assert_eq!(refused(&["--claim", "a=1", "--remove-claim", "a"]), 2);
    assert_eq!(
        deployment
            .run(&["user", "update", "carol", "--name", "C"])
            .code,
        4
    );
}

#[test]
fn a_password_that_is_tried_first_or_that_no_one_can_type_is_refused() {
    let deployment = Deployment::new("");
    let words = [
        "user",
        "create",
        "--username",
        "kowalczyk",
        "--email",
        "zdzislawa@firm.example",
        "--password-stdin",
    ];
    for (password, said) in [
        ("123456789012", "easy to guess"),
        ("passwordpassword", "easy to guess"),
        ("Password2024!!", "easy to guess"),
        ("kowalczyk1984", "own names"),
        ("zdzislawa@firm.example", "own names"),
        ("a line\nbreak in it", "line break"),
        ("a tab\tis not typed", "control character"),
    ] {
        let answer = deployment.run_with(&words, &format!("{password}\n"));
        assert_eq!(answer.code, 7, "{password}: {}", answer.stderr);
        assert!(
            answer.stderr.contains(said),
            "{password}: {}",
            answer.stderr
        );
        assert!(!answer.stderr.contains(password), "{}", answer.stderr);
    }
    assert_eq!(deployment.json(&["user", "list"]), json!([]));
    // Piped input is used unchanged, except for the newline at its end.
    assert_eq!(
        deployment
            .run_with(&words, "correct horse battery\r\n")
            .code,
        0
    );
}
