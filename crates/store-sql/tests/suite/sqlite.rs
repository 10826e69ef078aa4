//! SQLite: a file of its own for each test.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use countersign_jose::{base64url, random};
use countersign_store::Store;
use countersign_store::suite::processes;
use countersign_store_sql::Sqlite;
use countersign_store_sql::sqlite::Options;

/// A folder that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        let name = base64url::encode(random::bytes::<12>());
        let path = std::env::temp_dir().join(format!("countersign-suite-{name}"));
        std::fs::create_dir_all(&path).expect("a folder for the test");
        Folder(path)
    }

    fn database(&self) -> PathBuf {
        self.0.join("store.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.0);
    }
}

fn open(database: &Path) -> Arc<dyn Store> {
    let mut options = Options::new(database);
    // 64 racers and a slow disk are no reason to give up.
    options.busy_timeout = Duration::from_secs(60);
    Arc::new(Sqlite::open(options).expect("the database opens"))
}

async fn fresh() -> Option<(Arc<dyn Store>, Folder)> {
    let folder = Folder::new();
    Some((open(&folder.database()), folder))
}

countersign_store::grant_store_tests!(crate::sqlite::fresh);
countersign_store::store_tests!(crate::sqlite::fresh);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_racers_in_two_processes_one_wins() {
    let folder = Folder::new();
    let place = folder.database();
    let place = place.to_str().expect("a path in UTF-8");
    processes::race(open(Path::new(place)), place, "sqlite::racers").await;
}

#[test]
#[ignore = "a child process's part; the test above starts it"]
fn racers() {
    processes::racers(|place| async move { open(Path::new(&place)) as _ });
}
