//! The suite that every backend passes (`countersign_store::suite`), on a real Redis:
//! COUNTERSIGN_TEST_REDIS_URL names it. Each test has a prefix of its own.

#![cfg(feature = "redis")]

mod faults;
mod layout;

use std::sync::Arc;
use std::time::Duration;

use countersign_jose::{base64url, random};
use countersign_store::GrantStore;
use countersign_store::suite::processes;
use countersign_store_redis::{Options, Redis};

const URL: &str = "COUNTERSIGN_TEST_REDIS_URL";

/// A prefix whose keys go when the test ends.
struct Prefix {
    server: String,
    name: String,
}

impl Prefix {
    fn new() -> Option<Prefix> {
        let Ok(server) = std::env::var(URL) else {
            let in_ci = std::env::var("CI").as_deref() == Ok("true");
            assert!(!in_ci, "{URL} is not set");
            println!("SKIPPED: {URL} is not set, so Redis is not tried");
            return None;
        };
        let name = base64url::encode(random::bytes::<9>());
        Some(Prefix { server, name })
    }

    async fn open(&self) -> Redis {
        self.open_at(&self.server).await
    }

    /// The same store at another address of the server.
    async fn open_at(&self, server: &str) -> Redis {
        let mut options = Options::new(server);
        options.prefix.clone_from(&self.name);
        // 64 racers on a busy machine are no reason to give up.
        options.timeout = Duration::from_secs(60);
        options.act_deadline = Duration::from_secs(60);
        Redis::connect(&options).await.expect("the server responds")
    }
}

impl Drop for Prefix {
    fn drop(&mut self) {
        let client = redis::Client::open(self.server.as_str());
        let swept = client.and_then(|client| sweep(&client, &self.name));
        if let Err(error) = swept {
            println!("keys of {} are left behind: {error}", self.name);
        }
    }
}

fn sweep(client: &redis::Client, name: &str) -> redis::RedisResult<()> {
    let mut connection = client.get_connection()?;
    let mut cursor = 0_u64;
    loop {
        let (next, keys): (u64, Vec<String>) = redis::cmd("SCAN")
            .arg(cursor)
            .arg("MATCH")
            .arg(format!("{{{name}:*"))
            .arg("COUNT")
            .arg(10_000)
            .query(&mut connection)?;
        if !keys.is_empty() {
            redis::cmd("UNLINK").arg(&keys).exec(&mut connection)?;
        }
        cursor = next;
        if cursor == 0 {
            return Ok(());
        }
    }
}

async fn fresh() -> Option<(Arc<dyn GrantStore>, Prefix)> {
    let prefix = Prefix::new()?;
    Some((Arc::new(prefix.open().await), prefix))
}

countersign_store::grant_store_tests!(crate::fresh);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_racers_in_two_processes_one_wins() {
    if let Some(prefix) = Prefix::new() {
        let store = Arc::new(prefix.open().await);
        processes::race(store, &prefix.name, "racers").await;
    }
}

#[test]
#[ignore = "a child process's part; the test above starts it"]
fn racers() {
    processes::racers(|name| async move {
        let server = std::env::var(URL).expect("the parent has it");
        // The parent sweeps.
        let prefix = std::mem::ManuallyDrop::new(Prefix { server, name });
        Arc::new(prefix.open().await) as _
    });
}
