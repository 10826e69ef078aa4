//! What `config check` and `serve` say of a deployment that exposes too much: to other machines, to
//! strangers, and to other users of the machine.

use crate::command::Deployment;

#[test]
fn explained_errors_where_strangers_can_ask_are_warned_of() {
    for (issuer, explain_errors, warned) in [
        ("https://id.example.com", true, true),
        ("https://id.example.com", false, false),
        ("http://localhost:8080", true, false),
    ] {
        // Nothing can listen there, so the server ends after its warnings.
        let deployment = Deployment::empty();
        let text = format!(
            "issuer = {issuer:?}\nlisten = \"192.0.2.1:1\"\n[errors]\nexplain_errors = {explain_errors}\n[http]\ninsecure_plain_http_on_network = true\n"
        );
        deployment.write("countersign.toml", &text);
        let checked = deployment.run(&["config", "check"]);
        assert_eq!(checked.code, 0, "{}", checked.stderr);
        let served = deployment.run(&["serve"]);
        assert_eq!(served.code, 16, "{}", served.stderr);
        for said in [checked.stderr, served.stdout + &served.stderr] {
            let lines = said.lines().filter(|line| {
                line.to_lowercase().contains("warn") && line.contains("errors.explain_errors")
            });
            assert_eq!(lines.count(), usize::from(warned), "{issuer}: {said}");
        }
    }
}

#[test]
fn a_public_issuer_without_trusted_proxies_is_warned_of_by_check_and_at_the_start() {
    for (issuer, proxies, warned) in [
        ("https://id.example.com", "", true),
        (
            "https://id.example.com",
            "trusted_proxies = [\"127.0.0.1\"]",
            false,
        ),
        ("http://localhost:8080", "", false),
    ] {
        let deployment = Deployment::empty();
        // Nothing can listen there, so the server ends after its warnings.
        let text = format!(
            "issuer = {issuer:?}\nlisten = \"192.0.2.1:1\"\n[http]\ninsecure_plain_http_on_network = true\n{proxies}\n"
        );
        deployment.write("countersign.toml", &text);
        let checked = deployment.run(&["config", "check"]);
        assert_eq!(checked.code, 0, "{}", checked.stderr);
        let served = deployment.run(&["serve"]);
        assert_eq!(served.code, 16, "{}", served.stderr);
        for said in [checked.stderr, served.stdout + &served.stderr] {
            let lines = said
                .lines()
                .filter(|line| line.contains("http.trusted_proxies is empty"));
            assert_eq!(
                lines.count(),
                usize::from(warned),
                "{issuer} {proxies}: {said}"
            );
        }
    }
}

#[test]
fn plain_http_on_the_network_needs_a_setting_that_says_so() {
    for (listen, allowed, code) in [
        ("0.0.0.0:8080", false, 3),
        ("[::]:8080", false, 3),
        ("192.0.2.1:8080", false, 3),
        ("id.example.com:8080", false, 3),
        ("0.0.0.0:8080", true, 0),
        ("127.0.0.1:8080", false, 0),
        ("127.0.0.2:8080", false, 0),
        ("[::1]:8080", false, 0),
        ("localhost:8080", false, 0),
    ] {
        let deployment = Deployment::empty();
        let text = format!(
            "issuer = \"https://id.example.com\"\nlisten = {listen:?}\n[http]\ninsecure_plain_http_on_network = {allowed}\n"
        );
        deployment.write("countersign.toml", &text);
        let output = deployment.run(&["config", "check"]);
        assert_eq!(output.code, code, "{listen}: {}", output.stderr);
        let says_how = output
            .stderr
            .contains("set http.insecure_plain_http_on_network = true");
        assert_eq!(says_how, code == 3, "{}", output.stderr);
    }
}

#[test]
fn what_others_can_read_or_change_is_told_with_the_command_that_fixes_it() {
    let deployment = Deployment::empty();
    let folder = &deployment.folder;
    for name in ["data", "store", "pages"] {
        std::fs::create_dir(folder.join(name)).unwrap();
    }
    deployment.write("key.pem", "");
    deployment.write(
        "countersign.toml",
        "issuer = \"http://localhost:1\"\ndata_dir = \"data\"\n[keys]\nprivate_key_path = \"key.pem\"\nsecret_key = \"dS2f9vKqLxB7nT4wYpZc8mRhJg3uEaQ1\"\n[store]\nurl = \"sqlite:store/db\"\n[pages]\ntemplate_dir = \"pages\"\n",
    );
    let good = [
        ("countersign.toml", 0o640),
        ("key.pem", 0o600),
        ("store", 0o755),
        ("pages", 0o755),
    ];
    for (name, mode, code, said) in [
        ("countersign.toml", 0o640, 0, ""),
        (
            "countersign.toml",
            0o644,
            0,
            "warning: every user of this machine can read the secret in countersign.toml. Run: chmod o-rwx countersign.toml",
        ),
        (
            "countersign.toml",
            0o666,
            3,
            "Run: chmod o-w countersign.toml",
        ),
        ("key.pem", 0o640, 0, ""),
        (
            "key.pem",
            0o644,
            3,
            "can read the private key key.pem (mode 644). Run: chmod 600 key.pem",
        ),
        (
            "key.pem",
            0o660,
            3,
            "can replace the private key key.pem (mode 660). Run: chmod 600 key.pem",
        ),
        (
            "store",
            0o777,
            11,
            "can write to the folder store, and so replace the database. Run: chmod go-w store",
        ),
        (
            "store",
            0o1777,
            11,
            "where every user can put files next to it. Move it to a folder of its own",
        ),
        (
            "pages",
            0o777,
            3,
            "can change the templates in pages (mode 777). Run: chmod o-w pages",
        ),
    ] {
        for (name, mode) in good {
            deployment.set_mode(name, mode);
        }
        deployment.set_mode(name, mode);
        let output = deployment.run(&["config", "check"]);
        let here = format!("{}/", folder.display());
        let stderr = output.stderr.replace(&here, "");
        assert_eq!(output.code, code, "{name} {mode:o}: {stderr}");
        assert!(stderr.contains(said), "{name} {mode:o}: {stderr}");
        assert_eq!(
            said.is_empty(),
            stderr.is_empty(),
            "{name} {mode:o}: {stderr}"
        );
    }
}

#[test]
fn a_secret_in_a_file_that_all_can_read_is_warned_of() {
    let deployment = Deployment::new("");
    deployment.write("secret", "dS2f9vKqLxB7nT4wYpZc8mRhJg3uEaQ1\n");
    let file = ("SECRET_KEY_FILE", "secret");
    let output = deployment.run_within(&[file], &["config", "check"], "");
    assert!(
        output.stderr.contains("can read the secret in "),
        "{}",
        output.stderr
    );
}
