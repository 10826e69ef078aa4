//! The file: whose it is, which version it has, what is done with rows that fit nothing.

use countersign_store::StoreError;
use countersign_store::grants::Grants;
use countersign_store::instance::{Instance, Instances};
use countersign_store::throttle::{Attempt, Count, CounterKey, Limit, Throttle};
use countersign_store_sql::Sqlite;
use countersign_store_sql::sqlite::{Options, schema_version};
use rusqlite::Connection;

use crate::fixtures::{Folder, NOW, open, world};

#[test]
fn a_new_file_is_migrated_once_and_is_its_owners_alone() {
    let folder = Folder::new();
    let path = folder.database();
    assert_eq!(schema_version(&path).expect("reads"), None);
    open(&path).close();
    let version = schema_version(&path)
        .expect("reads")
        .expect("has a version");
    assert!(version >= 1);
    open(&path).close();
    assert_eq!(schema_version(&path).expect("reads"), Some(version));
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &std::fs::metadata(&path).expect("is there").permissions(),
        );
        assert_eq!(mode & 0o077, 0);
    }
}

#[cfg(unix)]
#[test]
fn a_new_file_that_a_link_leads_to_is_its_owners_alone_too() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let folder = Folder::new();
    let target = folder.database().with_extension("elsewhere");
    symlink(&target, folder.database()).expect("linked");
    open(&folder.database()).close();
    let mode = std::fs::metadata(&target)
        .expect("is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}

#[tokio::test]
async fn closing_leaves_one_file() {
    let folder = Folder::new();
    for _ in 0..10 {
        let store = open(&folder.database());
        let world = world(&store).await;
        store.issue_code(&world.issue(), NOW).await.expect("issued");
        assert!(folder.database().with_extension("db-wal").exists());
        store.close();
        assert!(
            !folder.database().with_extension("db-wal").exists(),
            "the log is copied and gone"
        );
    }
}

#[test]
fn two_openings_at_once_migrate_once() {
    let folder = Folder::new();
    let path = folder.database();
    std::thread::scope(|scope| {
        for opening in [(); 8].map(|()| scope.spawn(|| open(&path).close())) {
            opening.join().expect("each of them opens");
        }
    });
}

#[test]
fn a_newer_schema_is_named_and_left_alone() {
    let folder = Folder::new();
    let path = folder.database();
    open(&path).close();
    let known = schema_version(&path)
        .expect("reads")
        .expect("has a version");
    let connection = Connection::open(&path).expect("opens");
    connection
        .pragma_update(None, "user_version", known + 1)
        .expect("writes");
    drop(connection);
    match Sqlite::open(Options::new(&path)).err() {
        Some(StoreError::NewerSchema {
            found,
            known: knows,
        }) => {
            assert_eq!((found, knows), (known + 1, known));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(schema_version(&path).expect("reads"), Some(known + 1));
}

#[test]
fn somebody_elses_database_is_refused_and_left_alone() {
    let folder = Folder::new();
    let path = folder.database();
    let connection = Connection::open(&path).expect("opens");
    connection
        .execute_batch("CREATE TABLE theirs (x)")
        .expect("writes");
    drop(connection);
    let before = std::fs::read(&path).expect("reads");
    let refused = Sqlite::open(Options::new(&path)).err();
    assert!(
        matches!(refused, Some(StoreError::Refused(_))),
        "{refused:?}"
    );
    assert_eq!(std::fs::read(&path).expect("reads"), before);

    std::fs::write(
        &path,
        "not a database, but long enough to be taken for one ".repeat(20),
    )
    .expect("writes");
    let refused = Sqlite::open(Options::new(&path)).err();
    assert!(
        matches!(refused, Some(StoreError::Refused(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_row_that_fits_no_state_is_reported_and_kept() {
    let folder = Folder::new();
    let store = open(&folder.database());
    let world = world(&store).await;
    let act = world.issue();
    store.issue_code(&act, NOW).await.expect("issued");
    let corrupt = |change: &str| {
        let connection = Connection::open(folder.database()).expect("opens");
        connection
            .execute_batch("PRAGMA ignore_check_constraints = ON")
            .expect("is told");
        connection
            .execute_batch(&format!("UPDATE grants SET {change}"))
            .expect("writes");
    };
    for (breaks, mends) in [
        ("code_hash = x'00'", None),
        ("sid = NULL", None),
        ("ended_at = 1", Some("ended_at = NULL")),
        (
            "ended_cause = 'whim', ended_at = 1",
            Some("ended_at = NULL, ended_cause = NULL"),
        ),
        (
            "refresh_current = code_hash",
            Some("refresh_current = NULL"),
        ),
        (
            "refresh_grace_until = 1",
            Some("refresh_grace_until = NULL"),
        ),
        ("authorization = 'no JSON'", None),
    ] {
        let connection = Connection::open(folder.database()).expect("opens");
        let dump = |column: &str| -> Vec<u8> {
            connection
                .query_row(
                    &format!("SELECT CAST({column} AS BLOB) FROM grants"),
                    [],
                    |row| row.get(0),
                )
                .expect("reads")
        };
        let column = breaks.split(' ').next().expect("a column");
        let before = mends.is_none().then(|| dump(column));
        corrupt(breaks);
        match store.redeem_code(&world.redeem(act.grant.id), NOW).await {
            Err(StoreError::Corrupt {
                record: "grant",
                id,
                ..
            }) => {
                assert_eq!(id, act.grant.id.to_string());
            }
            other => panic!("{breaks}: {other:?}"),
        }
        assert!(matches!(
            store.grant(&act.grant.id).await,
            Err(StoreError::Corrupt { .. })
        ));
        match (mends, before) {
            (Some(mends), _) => corrupt(mends),
            (None, Some(before)) => {
                let value = match column {
                    "authorization" => "CAST(?1 AS TEXT)",
                    _ => "?1",
                };
                connection
                    .execute(&format!("UPDATE grants SET {column} = {value}"), [before])
                    .expect("writes");
            }
            (None, None) => {}
        }
        let view = store
            .grant(&act.grant.id)
            .await
            .expect("mended")
            .expect("is there");
        assert_eq!(view.dead, None, "{breaks}");
    }
}

#[tokio::test]
async fn attempts_and_the_instance_survive_a_restart() {
    let folder = Folder::new();
    let counts = [Count {
        key: CounterKey::new("test", &[]),
        limit: Limit {
            attempts: 1,
            window_seconds: 60,
        },
    }];
    let instance = Instance {
        id: "one".to_owned(),
        issuer: "https://issuer.example".to_owned(),
        key_check: vec![1, 2],
        created_at: NOW,
    };
    let store = open(&folder.database());
    store.adopt_instance(&instance).await.expect("answers");
    let first = store.count_attempts(&counts, NOW).await;
    assert_eq!(first.expect("answers"), Attempt::Allowed);
    store.close();
    let store = open(&folder.database());
    assert_eq!(store.instance().await.expect("answers"), Some(instance));
    let second = store.count_attempts(&counts, NOW).await;
    assert!(matches!(second, Ok(Attempt::Refused(_))), "{second:?}");
}
