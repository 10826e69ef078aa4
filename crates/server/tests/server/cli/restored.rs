//! `restored`: what follows a restored backup.

use countersign_store::clients::{Client, ClientEpochs as _};
use countersign_store_sql::sqlite::{Options, Sqlite};
use serde_json::{Value, json};

use crate::command::Deployment;
use crate::running::Running;

#[test]
fn everything_of_a_restored_database_ends_once_it_is_confirmed() {
    let deployment = Deployment::new("");
    let words = [
        "client",
        "create",
        "--client-id",
        "shop",
        "--redirect-uri",
        "https://shop.example/",
    ];
    deployment.json(&words);
    deployment.json(&["user", "create", "--username", "alice"]);
    let asked = deployment.run(&["restored"]);
    assert_eq!(asked.code, 6, "{}", asked.stderr);
    assert_eq!(
        deployment.json(&["restored", "--yes"]),
        json!({ "ended": 2 })
    );
    let shown = deployment.run(&["restored", "--yes"]);
    assert!(
        shown.stdout.starts_with("Ended everything"),
        "{}",
        shown.stdout
    );
    assert!(
        shown.stderr.contains("deployment.restored"),
        "{}",
        shown.stderr
    );
    assert_eq!(
        deployment.json(&["user", "show", "alice"])["status"],
        "active"
    );
}

const DATABASE: &str = "data/countersign.sqlite3";
const LOG: &str = "data/countersign.sqlite3-wal";
const INDEX: &str = "data/countersign.sqlite3-shm";

fn read(deployment: &Deployment, name: &str) -> Vec<u8> {
    std::fs::read(deployment.folder.join(name)).unwrap()
}

fn put(deployment: &Deployment, name: &str, bytes: &[u8]) {
    std::fs::write(deployment.folder.join(name), bytes).unwrap();
    deployment.set_mode(name, 0o600);
}

fn create(deployment: &Deployment, name: &str) {
    deployment.json(&["user", "create", "--username", name]);
}

fn client_ids(deployment: &Deployment) -> Vec<String> {
    let clients = deployment.json(&["client", "list"]);
    let id = |client: &Value| client["client_id"].as_str().unwrap().to_owned();
    clients.as_array().unwrap().iter().map(id).collect()
}

/// A deployment with the client `early` in its backup and `late` in the log of a process that died;
/// then the three files as that process left them.
fn died_hard() -> (Deployment, Vec<u8>, [Vec<u8>; 3]) {
    let deployment = Deployment::new("");
    let words = ["client", "create", "--client-id", "early"];
    deployment.json(&[&words[..], &["--grant-type", "client_credentials"]].concat());
    let backup = read(&deployment, DATABASE);
    let store = Sqlite::open(Options::new(deployment.folder.join(DATABASE))).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let early = store.client("early").await.unwrap().unwrap();
        let client_id = "late".to_owned();
        let late = Client { client_id, ..early };
        assert!(store.create_client(&late).await.unwrap());
    });
    let left = [DATABASE, LOG, INDEX].map(|name| read(&deployment, name));
    assert!(!left[1].is_empty(), "it had a log");
    (deployment, backup, left)
}

/// <https://www.sqlite.org/howtocorrupt.html>, section 1.4: a log that belongs to another database
/// file corrupts it.
#[test]
fn the_log_of_the_database_that_was_there_before_is_refused() {
    let (deployment, backup, [_, log, index]) = died_hard();
    put(&deployment, DATABASE, &backup);
    put(&deployment, LOG, &log);
    put(&deployment, INDEX, &index);
    let refused = deployment.run(&["restored", "--yes"]);
    assert_eq!(refused.code, 7, "{}", refused.stderr);
    let said = refused.stderr.lines().last().unwrap();
    assert!(
        said.contains(&format!("delete {LOG} and {INDEX}")),
        "{said}"
    );
    assert!(said.contains("add --with-wal"), "{said}");
    assert_eq!(read(&deployment, DATABASE), backup, "nothing was changed");
    assert_eq!(read(&deployment, LOG), log);

    std::fs::remove_file(deployment.folder.join(LOG)).unwrap();
    std::fs::remove_file(deployment.folder.join(INDEX)).unwrap();
    deployment.json(&["restored", "--yes"]);
    assert_eq!(client_ids(&deployment), ["early"]);
}

#[test]
fn the_log_beside_what_a_link_leads_to_is_found() {
    let (deployment, backup, [_, log, _]) = died_hard();
    std::fs::create_dir(deployment.folder.join("disk")).unwrap();
    deployment.set_mode("disk", 0o700);
    put(&deployment, "disk/database", &backup);
    put(&deployment, "disk/database-wal", &log);
    let link = deployment.folder.join(DATABASE);
    std::fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink("../disk/database", &link).unwrap();
    let refused = deployment.run(&["restored", "--yes"]);
    assert_eq!(refused.code, 7, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("disk/database-wal"),
        "{}",
        refused.stderr
    );
}

#[test]
fn a_log_that_was_restored_with_its_database_is_used_when_asked_for() {
    let (deployment, _, [database, log, _]) = died_hard();
    put(&deployment, DATABASE, &database);
    put(&deployment, LOG, &log);
    assert_eq!(deployment.run(&["restored", "--yes"]).code, 7);
    deployment.json(&["restored", "--yes", "--with-wal"]);
    assert_eq!(client_ids(&deployment), ["early", "late"]);
}

#[test]
fn an_empty_log_is_no_fault() {
    let deployment = Deployment::new("");
    create(&deployment, "alice");
    put(&deployment, LOG, b"");
    deployment.json(&["restored", "--yes"]);
}

#[test]
fn a_damaged_database_is_refused_and_left_as_it_is() {
    let deployment = Deployment::new("");
    create(&deployment, "alice");
    let intact = read(&deployment, DATABASE);
    let mut overwritten = intact.clone();
    let length = overwritten.len();
    overwritten[4096..length].fill(0xff);
    // The pages of one table gone, as where the log of another database overwrote them.
    let mut page_lost = intact.clone();
    page_lost[length - 4096..].fill(0);
    let cut = intact[..length / 2].to_vec();
    for (what, damaged) in [
        ("overwritten", overwritten),
        ("a page lost", page_lost),
        ("cut", cut),
    ] {
        put(&deployment, DATABASE, &damaged);
        for words in [&["restored", "--yes"][..], &["restored"]] {
            let refused = deployment.run(words);
            assert_eq!(refused.code, 7, "{what}: {}", refused.stderr);
            let said = refused.stderr.lines().last().unwrap();
            assert!(
                said.contains(&format!("the database {DATABASE} is damaged: ")),
                "{what}: {said}"
            );
            assert!(
                read(&deployment, DATABASE) == damaged,
                "{what}: nothing was changed"
            );
        }
    }
    put(&deployment, DATABASE, &intact);
    deployment.json(&["restored", "--yes"]);
}

/// Its advice is to delete the log, which a running server still needs.
#[test]
fn beside_a_running_server_it_is_refused() {
    let deployment = Deployment::new("");
    let server = Running::serve(&deployment);
    for words in [
        &["restored", "--yes"][..],
        &["restored", "--yes", "--with-wal"],
    ] {
        let refused = deployment.run(words);
        assert_eq!(refused.code, 13, "{}", refused.stderr);
        assert!(!refused.stderr.contains("delete"), "{}", refused.stderr);
    }
    assert_eq!(server.end(), 0);
    deployment.json(&["restored", "--yes"]);
}

#[test]
fn its_help_says_how_to_restore() {
    let deployment = Deployment::empty();
    let help = deployment.run(&["restored", "--help"]).stdout;
    for words in ["-wal", "-shm", "--with-wal", "docs/backups.md"] {
        assert!(help.contains(words), "{words}: {help}");
    }
}
