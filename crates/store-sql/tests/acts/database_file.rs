//! The file: whose it is, which version it has, what is done with rows that fit nothing.

use std::sync::Arc;
use std::time::Duration;

use countersign_store::clients::ClientEpochs;
use countersign_store::consents::Consents;
use countersign_store::grants::Grants;
use countersign_store::instance::{Instance, Instances};
use countersign_store::sessions::Sessions;
use countersign_store::standing::StandingChange;
use countersign_store::subjects::Subjects;
use countersign_store::throttle::{Attempt, Count, CounterKey, Limit, Throttle};
use countersign_store::{Epoch, Housekeeping, StoreError};
use countersign_store_sql::Sqlite;
use countersign_store_sql::sqlite::{DatabaseFile, Options, damage, inspect, schema_version};
use rusqlite::Connection;

use crate::fixtures::{Folder, NOW, open, world};

#[test]
fn a_new_file_is_migrated_once_and_is_its_owners_alone() {
    let folder = Folder::new();
    let path = folder.database();
    assert_eq!(schema_version(&path).expect("reads"), None);
    drop(open(&path));
    let version = schema_version(&path)
        .expect("reads")
        .expect("has a version");
    assert!(version >= 1);
    drop(open(&path));
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
    drop(open(&folder.database()));
    let mode = std::fs::metadata(&target)
        .expect("is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}

#[tokio::test]
async fn closing_leaves_one_file() {
    let folder = Folder::new();
    for round in 0..10 {
        let store = open(&folder.database());
        let world = world(&store).await;
        store.issue_code(&world.issue(), NOW).await.expect("issued");
        assert!(folder.database().with_extension("db-wal").exists());
        match round % 2 {
            0 => drop(store),
            _ => store.close().await.expect("closes"),
        }
        assert!(
            !folder.database().with_extension("db-wal").exists(),
            "the log is copied and gone"
        );
    }
}

#[tokio::test]
async fn a_store_that_others_still_hold_is_closed_for_them_too() {
    let folder = Folder::new();
    let store = Arc::new(open(&folder.database()));
    let world = world(store.as_ref()).await;
    let held = Arc::clone(&store);
    let act = world.issue();
    // What was begun is done first; each of these is acknowledged or has not happened.
    let begun = tokio::spawn(async move { held.issue_code(&act, NOW).await });
    tokio::task::yield_now().await;
    store.close().await.expect("closes");
    store.close().await.expect("is closed already");
    drop(begun.await.expect("returns"));
    assert!(!folder.database().with_extension("db-wal").exists());
    let refused = store.issue_code(&world.issue(), NOW).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))));
    let refused = store.grant(&world.issue().grant.id).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))));
}

#[tokio::test]
async fn another_process_that_reads_does_not_keep_the_log_from_being_folded_in() {
    let folder = Folder::new();
    let store = open(&folder.database());
    let other = Connection::open(folder.database()).expect("opens");
    let read = || {
        other.query_row("SELECT count(*) FROM clients", [], |row| {
            row.get::<_, i64>(0)
        })
    };
    let world = world(&store).await;
    store.issue_code(&world.issue(), NOW).await.expect("issued");
    assert_eq!(read().expect("reads"), 1);
    store.close().await.expect("closes");
    let log = std::fs::metadata(folder.database().with_extension("db-wal"));
    assert_eq!(log.expect("it is the other's").len(), 0);
    assert_eq!(read().expect("reads"), 1);
}

#[tokio::test]
async fn a_log_that_can_not_be_folded_in_is_said_and_lost_is_nothing() {
    let folder = Folder::new();
    let mut options = Options::new(folder.database());
    options.busy_timeout = Duration::from_millis(50);
    let store = Sqlite::open(options).expect("opens");
    let other = Connection::open(folder.database()).expect("opens");
    other.execute_batch("BEGIN").expect("begins");
    let count = "SELECT count(*) FROM clients";
    let read = |connection: &Connection| {
        let count = connection.query_row(count, [], |row| row.get::<_, i64>(0));
        count.expect("reads")
    };
    assert_eq!(read(&other), 0);
    let world = world(&store).await;
    store.issue_code(&world.issue(), NOW).await.expect("issued");
    let closed = store.close().await;
    assert!(
        matches!(closed, Err(StoreError::Unavailable(_))),
        "{closed:?}"
    );
    drop(other);
    drop(store);
    let reopened = Connection::open(folder.database()).expect("opens");
    assert_eq!(read(&reopened), 1);
}

#[test]
fn a_database_of_a_program_that_was_never_released_is_named_and_left_alone() {
    let folder = Folder::new();
    let path = folder.database();
    let connection = Connection::open(&path).expect("opens");
    connection
        .execute_batch(
            "PRAGMA application_id = 0x4353474e; PRAGMA user_version = 1;
             CREATE TABLE instance (singleton INTEGER PRIMARY KEY)",
        )
        .expect("writes");
    drop(connection);
    let before = std::fs::read(&path).expect("reads");
    let refused = Sqlite::open(Options::new(&path)).err();
    let expected = Some((1, schema_of_a_new_one()));
    let found = match refused {
        Some(StoreError::UnreleasedSchema { found, oldest }) => Some((found, oldest)),
        _ => None,
    };
    assert_eq!(found, expected);
    assert_eq!(std::fs::read(&path).expect("reads"), before);
}

fn schema_of_a_new_one() -> i64 {
    let folder = Folder::new();
    drop(open(&folder.database()));
    let version = schema_version(&folder.database()).expect("reads");
    version.expect("has a version")
}

#[tokio::test]
async fn a_file_is_inspected_without_a_change() {
    let folder = Folder::new();
    let path = folder.database();
    let inspect = || inspect(&path).expect("reads");
    assert_eq!(inspect(), DatabaseFile::Missing);
    std::fs::write(&path, "").expect("writes");
    assert_eq!(inspect(), DatabaseFile::Empty);
    drop(Connection::open(&path).and_then(|connection| connection.execute_batch("VACUUM")));
    assert_eq!(inspect(), DatabaseFile::Empty, "a database without a table");
    let store = open(&path);
    let ours = |has_instance| DatabaseFile::Ours {
        schema_version: schema_of_a_new_one(),
        has_instance,
    };
    assert_eq!(inspect(), ours(false));
    let instance = Instance {
        id: "one".to_owned(),
        issuer: "https://issuer.example".to_owned(),
        key_check: vec![1, 2],
        pairwise_key: vec![3],
        created_at: NOW,
    };
    store.adopt_instance(&instance).await.expect("returns");
    assert_eq!(inspect(), ours(true));
    store.close().await.expect("closes");
    assert_eq!(inspect(), ours(true));
}

#[test]
fn making_a_database_leaves_nothing_else_behind() {
    let folder = Folder::new();
    let path = folder.database();
    drop(open(&path));
    let parent = path.parent().expect("a folder");
    let names = std::fs::read_dir(parent).expect("reads");
    let names: Vec<_> = names
        .map(|entry| entry.expect("reads").file_name())
        .collect();
    assert_eq!(names, ["store.db"]);
}

#[test]
fn two_openings_at_once_migrate_once() {
    let folder = Folder::new();
    let path = folder.database();
    std::thread::scope(|scope| {
        for opening in [(); 8].map(|()| scope.spawn(|| drop(open(&path)))) {
            opening.join().expect("each of them opens");
        }
    });
}

#[test]
fn a_newer_schema_is_named_and_left_alone() {
    let folder = Folder::new();
    let path = folder.database();
    drop(open(&path));
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
fn another_programs_database_is_refused_and_left_alone() {
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
    for (breaks, repairs) in [
        ("voucher_hash = x'00'", None),
        ("sid = NULL", None),
        ("origin = '\"personal\"'", None),
        ("origin = '\"barter\"'", None),
        ("used_at = 1", Some("used_at = NULL")),
        ("ended_at = 1", Some("ended_at = NULL")),
        (
            "ended_cause = 'whim', ended_at = 1",
            Some("ended_at = NULL, ended_cause = NULL"),
        ),
        (
            "refresh_current = voucher_hash",
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
        let before = repairs.is_none().then(|| dump(column));
        corrupt(breaks);
        match store.redeem(&world.redeem(act.grant.id), NOW).await {
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
        match (repairs, before) {
            (Some(repairs), _) => corrupt(repairs),
            (None, Some(before)) => {
                let value = match column {
                    "authorization" | "origin" => "CAST(?1 AS TEXT)",
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
            .expect("repaired")
            .expect("is there");
        assert_eq!(view.what_ended, None, "{breaks}");
    }
}

#[tokio::test]
async fn a_record_of_a_newer_format_is_refused_by_name_and_kept() {
    let folder = Folder::new();
    let store = open(&folder.database());
    let world = world(&store).await;
    let act = world.issue();
    store.issue_code(&act, NOW).await.expect("issued");
    let (sub, client_id, id) = (&world.sub, &world.client_id, &world.session.id);
    let set = |table: &str, format: i64| {
        let connection = Connection::open(folder.database()).expect("opens");
        let sql = format!("UPDATE {table} SET format = ?1");
        connection.execute(&sql, [format]).expect("writes");
    };
    for table in [
        "subjects",
        "clients",
        "consents",
        "browser_sessions",
        "client_sessions",
    ] {
        set(table, 2);
        let end = StandingChange::End {
            epoch: Epoch::from_bytes([9; 16]),
        };
        let refused = match table {
            "subjects" => store.change_subject_standing(sub, &end, NOW).await.err(),
            "clients" => store
                .change_client_standing(client_id, &end, NOW)
                .await
                .err(),
            "consents" => store.withdraw_consent(sub, client_id, NOW).await.err(),
            "browser_sessions" => store.end_session(id, NOW).await.err(),
            _ => store.client_session(id, client_id).await.err(),
        };
        match refused {
            Some(StoreError::NewerRecord { found, known, .. }) => {
                assert_eq!((found, known), (2, 1), "{table}");
            }
            other => panic!("{table}: {other:?}"),
        }
        set(table, 1);
    }
    let view = store.grant(&act.grant.id).await.expect("reads");
    assert_eq!(
        view.expect("is there").what_ended,
        None,
        "nothing was changed"
    );
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
        pairwise_key: vec![3],
        created_at: NOW,
    };
    let store = open(&folder.database());
    store.adopt_instance(&instance).await.expect("returns");
    let first = store.count_attempts(&counts, NOW).await;
    assert_eq!(first.expect("returns"), Attempt::Allowed);
    store.close().await.expect("closes");
    let store = open(&folder.database());
    assert_eq!(store.instance().await.expect("returns"), Some(instance));
    let second = store.count_attempts(&counts, NOW).await;
    assert!(matches!(second, Ok(Attempt::Refused(_))), "{second:?}");
}

/// <https://www.sqlite.org/pragma.html#pragma_integrity_check>
#[tokio::test]
async fn damage_is_found_without_changing_anything() {
    let folder = Folder::new();
    let path = folder.database();
    assert_eq!(damage(&path).expect("reads"), None, "there is no file");
    let store = open(&path);
    world(&store).await;
    assert_eq!(damage(&path).expect("reads"), None, "in use");
    let log_path = path.with_extension("db-wal");
    let log = std::fs::read(&log_path).expect("a log");
    let database = std::fs::read(&path).expect("a database");
    drop(store);
    std::fs::write(&log_path, &log).expect("writes");
    std::fs::write(&path, &database).expect("writes");
    assert_eq!(damage(&path).expect("reads"), None, "with a log");
    let is_left = |path, bytes| std::fs::read(path).expect("reads") == bytes;
    assert!(is_left(&path, database.clone()) && is_left(&log_path, log.clone()));

    let last_page = database.len() - 4096;
    let garbage = vec![b'x'; 8192];
    for damaged in [database[..last_page].to_vec(), garbage] {
        std::fs::write(&path, &damaged).expect("writes");
        std::fs::remove_file(&log_path).unwrap_or_default();
        let found = damage(&path).expect("reads").expect("is damaged");
        assert!(!found.contains('\n'), "{found}");
        assert!(is_left(&path, damaged));
    }
}
