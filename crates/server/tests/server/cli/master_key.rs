//! A database whose master key is gone: nothing is written, and every command says what is missing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::command::Deployment;
use crate::running::Running;

/// Every file below a folder, with what is in it.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect()
}

#[test]
fn a_database_without_its_master_key_gets_no_other() {
    let deployment = Deployment::new("");
    assert_eq!(Running::serve(&deployment).end(), 0);
    let data = deployment.folder.join("data");
    let key = std::fs::read(data.join("master.key")).unwrap();
    std::fs::remove_file(data.join("master.key")).unwrap();
    let before = contents(&data);
    for words in [
        &["serve"][..],
        &["keys", "list"],
        &["user", "list"],
        &["client", "list"],
        &["setup-link"],
        &["codes", "delete-all", "--yes"],
        &["config", "check"],
    ] {
        let answer = deployment.run(words);
        assert_eq!(answer.code, 15, "{words:?}: {}", answer.stderr);
        assert!(
            answer
                .stderr
                .starts_with("countersign: the master key data/master.key is missing,"),
            "{words:?}: {}",
            answer.stderr
        );
        for name in [
            "keys.secret_key",
            "COUNTERSIGN_KEYS__SECRET_KEY",
            " SECRET_KEY ",
        ] {
            assert!(answer.stderr.contains(name), "{name}: {}", answer.stderr);
        }
        assert!(contents(&data) == before, "{words:?} has written something");
    }
    std::fs::write(data.join("master.key"), key).unwrap();
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(data.join("master.key"), mode).unwrap();
    assert_eq!(deployment.run(&["keys", "list"]).code, 0);
}

#[test]
fn another_master_key_is_told_from_a_missing_one() {
    let deployment = Deployment::new("");
    assert_eq!(Running::serve(&deployment).end(), 0);
    let other = Deployment::new("");
    assert_eq!(other.run(&["user", "list"]).code, 0);
    let key = "data/master.key";
    std::fs::copy(other.folder.join(key), deployment.folder.join(key)).unwrap();
    for words in [&["keys", "list"][..], &["serve"]] {
        let answer = deployment.run(words);
        assert_eq!(answer.code, 15, "{words:?}: {}", answer.stderr);
        assert!(
            answer
                .stderr
                .starts_with("countersign: data/master.key is not the master key that"),
            "{}",
            answer.stderr
        );
    }
}

#[test]
fn quickstart_says_it_in_its_own_names() {
    let deployment = Deployment::empty();
    let port = deployment.port.to_string();
    let words = ["quickstart", "--port", &port, "--demo-port", "0"];
    assert_eq!(Running::start(&deployment, &words).end(), 0);
    let data = deployment.folder.join("countersign-data");
    std::fs::remove_file(data.join("master.key")).unwrap();
    let before = contents(&data);
    let answer = deployment.run(&words);
    assert_eq!(answer.code, 15, "{}", answer.stderr);
    assert!(
        answer.stderr.contains("COUNTERSIGN_KEYS__SECRET_KEY"),
        "{}",
        answer.stderr
    );
    assert!(!answer.stderr.contains(" SECRET_KEY"), "{}", answer.stderr);
    assert!(contents(&data) == before);
}
