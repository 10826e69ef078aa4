//! Group commit: one transaction, a savepoint per act, responses after the commit.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use countersign_jose::{base64url, random};
use countersign_store::{Housekeeping, StoreError};
use futures_util::poll;
use rusqlite::Connection;

use super::statements::{failed, run};
use super::{Options, Sqlite};

struct Opened {
    store: Sqlite,
    folder: std::path::PathBuf,
}

impl Drop for Opened {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.folder);
    }
}

fn open() -> Opened {
    let name = format!(
        "countersign-writer-{}",
        base64url::encode(random::bytes::<12>())
    );
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    let store = Sqlite::open(Options::new(folder.join("store.db"))).expect("opens");
    Opened { store, folder }
}

fn take(connection: &Connection, name: &str) -> Result<usize, StoreError> {
    run(
        connection,
        "INSERT INTO principals (name, kind) VALUES (?1, 'subject')",
        [name],
    )
}

fn names(store: &Sqlite) -> i64 {
    store
        .read(|connection| {
            connection
                .query_row("SELECT count(*) FROM principals", [], |row| row.get(0))
                .map_err(failed)
        })
        .expect("reads")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_act_and_a_panicking_one_take_nothing_with_them() {
    let opened = open();
    let store = &opened.store;
    let (entered, is_in) = mpsc::channel();
    let (release, gate) = mpsc::channel::<()>();
    let gated = store.act(move |connection| {
        take(connection, "gated")?;
        entered.send(()).expect("the test waits");
        gate.recv().expect("the test releases");
        Ok(())
    });
    let fails = store.act(|connection| {
        take(connection, "fails")?;
        Err::<(), _>(StoreError::Refused("on purpose".to_owned()))
    });
    let panics = store.act(|connection| {
        take(connection, "panics")?;
        if take(connection, "again")? == 1 {
            panic!("on purpose");
        }
        Ok(())
    });
    let sees = store.act(|connection| {
        take(connection, "sees")?;
        connection
            .query_row("SELECT count(*) FROM principals", [], |row| {
                row.get::<_, i64>(0)
            })
            .map_err(failed)
    });
    // Polled in this order, so that the three wait behind the gate and share its transaction.
    let watch = async {
        tokio::task::block_in_place(|| is_in.recv().expect("the gate is reached"));
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(names(store), 0, "no one sees what is not committed");
        release.send(()).expect("the act waits");
    };
    let (gated, fails, panics, sees, ()) = tokio::join!(gated, fails, panics, sees, watch);
    gated.expect("the first act happened");
    assert!(matches!(fails, Err(StoreError::Refused(_))), "{fails:?}");
    assert!(
        matches!(&panics, Err(StoreError::Unavailable(why)) if why.contains("on purpose")),
        "{panics:?}"
    );
    assert_eq!(
        sees.expect("the last act happened"),
        2,
        "it sees the first, not what was undone"
    );
    assert_eq!(names(store), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_comes_before_the_batch_is_committed() {
    let opened = open();
    let store = &opened.store;
    let (entered, is_in) = mpsc::channel();
    let (release, gate) = mpsc::channel::<()>();
    let (open_second, second_gate) = mpsc::channel::<()>();
    let mut first = std::pin::pin!(store.act(move |_| {
        second_gate.recv().expect("the test releases");
        Ok(())
    }));
    let mut early = std::pin::pin!(store.act(|connection| take(connection, "early")));
    let mut gated = std::pin::pin!(store.act(move |_| {
        entered.send(()).expect("the test waits");
        gate.recv().expect("the test releases");
        Ok(())
    }));
    // An act is queued when it is first polled: all three are, before the first may end.
    assert!(poll!(first.as_mut()).is_pending());
    assert!(poll!(early.as_mut()).is_pending());
    assert!(poll!(gated.as_mut()).is_pending());
    open_second.send(()).expect("the act waits");
    tokio::task::block_in_place(|| is_in.recv().expect("the gate is reached"));

    let answered = tokio::time::timeout(Duration::from_millis(50), early.as_mut()).await;
    assert!(
        answered.is_err(),
        "the act ran, but its batch is not committed"
    );
    assert_eq!(names(store), 0);
    release.send(()).expect("the act waits");
    first.await.expect("returns");
    gated.await.expect("returns");
    assert_eq!(early.await.expect("returns"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_transaction_is_lost_no_act_in_it_is_acknowledged() {
    let opened = open();
    let store = &opened.store;
    let (release, gate) = mpsc::channel::<()>();
    let before = store.act(move |connection| {
        gate.recv().expect("the test releases");
        take(connection, "before")
    });
    let loses = store.act(|connection| {
        connection.execute_batch("ROLLBACK").map_err(failed) // as SQLite does by itself at times
    });
    let watch = async {
        release.send(()).expect("the act waits"); // now that both are queued
    };
    let (before, loses, ()) = tokio::join!(before, loses, watch);
    assert!(
        matches!(before, Err(StoreError::Unavailable(_))),
        "{before:?}"
    );
    assert!(
        matches!(loses, Err(StoreError::Unavailable(_))),
        "{loses:?}"
    );
    assert_eq!(names(store), 0);
    store
        .act(|connection| take(connection, "after"))
        .await
        .expect("it serves again");
    assert_eq!(names(store), 1);
}

#[tokio::test]
async fn a_full_disk_refuses_and_is_forgotten_once_there_is_room() {
    let opened = open();
    let store = &opened.store;
    let limit = |pages: i64| {
        store.act(move |connection| {
            connection
                .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))
                .map_err(failed)
        })
    };
    limit(1).await.expect("the limit is the present size");
    let large = || {
        store.act(|connection| {
            let name = "n".repeat(1 << 20);
            take(connection, &name)
        })
    };
    let full = large().await;
    let refused = matches!(
        full,
        Err(StoreError::Refused(_) | StoreError::Unavailable(_))
    );
    assert!(refused, "{full:?}");
    assert_eq!(names(store), 0, "reads go on");
    limit(1 << 30).await.expect("there is room");
    large().await.expect("it fits now");
    store.ready().await.expect("ready");
}

#[tokio::test]
async fn a_database_that_stays_locked_is_unavailable_and_then_serves() {
    let opened = open();
    let path = opened.folder.join("store.db");
    let mut options = Options::new(&path);
    options.busy_timeout = Duration::from_millis(50);
    let store = Sqlite::open(options).expect("a second process would do the same");
    let other = Connection::open(&path).expect("opens");
    other
        .execute_batch("BEGIN IMMEDIATE")
        .expect("holds the lock");
    let locked = store.ready().await;
    assert!(
        matches!(locked, Err(StoreError::Unavailable(_))),
        "{locked:?}"
    );
    other.execute_batch("ROLLBACK").expect("lets go");
    store.ready().await.expect("ready");
}

#[tokio::test]
async fn the_log_stays_bounded_under_a_load_that_never_pauses() {
    let folder = open();
    let path = folder.folder.join("bounded.db");
    let mut options = Options::new(&path);
    options.checkpoint_pages = 50;
    let store = Sqlite::open(options).expect("opens");
    let mut longest = 0;
    for round in 0..400 {
        longest = longest.max(write_much(&store, &path, round).await);
    }
    // 400 rounds write well over 1,200 pages. Twice 50 are the bound, and what is added while the
    // other thread is copying.
    assert!(longest < 150 * 4200, "{longest} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_stays_bounded_while_others_read_without_a_pause() {
    let folder = open();
    let path = folder.folder.join("bounded.db");
    let mut options = Options::new(&path);
    options.checkpoint_pages = 50;
    let store = std::sync::Arc::new(Sqlite::open(options).expect("opens"));
    let ended = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let readers = [(); 3].map(|()| {
        let (store, ended) = (std::sync::Arc::clone(&store), std::sync::Arc::clone(&ended));
        std::thread::spawn(move || {
            while !ended.load(std::sync::atomic::Ordering::Relaxed) {
                names(&store);
            }
        })
    });
    let mut longest = 0;
    for round in 0..400 {
        longest = longest.max(write_much(&store, &path, round).await);
    }
    ended.store(true, std::sync::atomic::Ordering::Relaxed);
    for reader in readers {
        reader.join().expect("it only reads");
    }
    assert!(longest < 200 * 4200, "{longest} bytes");
}

#[tokio::test]
async fn a_reader_that_stays_holds_up_the_log_but_not_the_acts() {
    let folder = open();
    let path = folder.folder.join("held.db");
    let mut options = Options::new(&path);
    options.checkpoint_pages = 50;
    let store = Sqlite::open(options).expect("opens");
    let other = Connection::open(&path).expect("opens");
    other
        .execute_batch("BEGIN; SELECT count(*) FROM principals")
        .expect("reads");
    let began = Instant::now();
    for round in 0..200 {
        write_much(&store, &path, round).await;
    }
    // One wait of 100 ms for every 50 pages past the first hundred, and not the busy time-out of
    // 5 s for each act.
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
    other.execute_batch("COMMIT").expect("ends");
    let mut last = 0;
    for round in 200..400 {
        last = write_much(&store, &path, round).await;
    }
    assert!(last < 150 * 4200, "the log starts again: {last} bytes");
}

/// Writes three pages or four; returns how long the log is then.
async fn write_much(store: &Sqlite, path: &std::path::Path, round: u32) -> u64 {
    let name = format!("{round} {}", "n".repeat(8000));
    store
        .act(move |connection| take(connection, &name))
        .await
        .expect("returns");
    let log = std::fs::metadata(path.with_extension("db-wal"));
    log.expect("a log").len()
}
