//! Lost connections and a server without memory (`countersign_store::suite::{lost_answers, full}`).

use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use countersign_store::GrantStore;
use countersign_store::suite::proxy::Proxy;
use countersign_store::suite::{full, lost_answers};
use countersign_store_redis::{Options, Redis};

use crate::Prefix;

type Grants = Arc<dyn GrantStore>;

/// The store through a proxy that cuts answers, and the store itself.
async fn behind_a_proxy(prefix: &Prefix) -> (Grants, Grants, Proxy) {
    let client = redis::Client::open(prefix.server.as_str()).expect("a URL");
    let redis::ConnectionAddr::Tcp(host, port) = client.get_connection_info().addr().clone() else {
        panic!("the tests reach Redis by TCP");
    };
    let mut addresses = (host, port).to_socket_addrs().expect("an address");
    let server: SocketAddr = addresses.next().expect("an address");
    let is_commit = |sent: &[u8]| sent.windows(4).any(|part| part == b"EVAL");
    let proxy = Proxy::start(server, is_commit).await;
    let through = prefix.open_at(&format!("redis://{}/", proxy.address)).await;
    (Arc::new(through), Arc::new(prefix.open().await), proxy)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_act_whose_answer_is_lost_finds_itself() {
    let Some(prefix) = Prefix::new() else { return };
    let (through, direct, proxy) = behind_a_proxy(&prefix).await;
    lost_answers::every_act_finds_itself(through, direct, &proxy).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_act_whose_answer_is_lost_finds_itself_whatever_came_between() {
    let Some(prefix) = Prefix::new() else { return };
    let (through, direct, proxy) = behind_a_proxy(&prefix).await;
    lost_answers::every_act_finds_itself_whatever_came_between(through, direct, &proxy).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_repeats_whose_answers_are_lost_one_rotates() {
    let Some(prefix) = Prefix::new() else { return };
    let (through, direct, proxy) = behind_a_proxy(&prefix).await;
    lost_answers::of_64_repeats_whose_answers_are_lost_one_rotates(through, direct, &proxy).await;
}

#[tokio::test]
async fn endings_work_in_a_redis_without_memory() {
    // Not the server that the other tests share: they need its memory.
    if Prefix::new().is_none() {
        return;
    }
    let Some(server) = Server::start().await else {
        println!("SKIPPED: there is no redis-server to fill");
        return;
    };
    let mut options = Options::new(&server.url);
    options.accept_that_acknowledged_acts_are_lost = true;
    let store = Redis::connect(&options).await.expect("the server responds");
    full::endings_work_in_a_full_store(Arc::new(store), || async {
        let client = redis::Client::open(server.url.as_str()).expect("a URL");
        let mut connection = client.get_connection().expect("the server responds");
        redis::cmd("CONFIG")
            .arg(&["SET", "maxmemory", "1mb"])
            .exec(&mut connection)
            .expect("the server does it");
    })
    .await;
}

/// A Redis of one's own, gone when it is dropped.
struct Server {
    url: String,
    process: Child,
}

impl Server {
    async fn start() -> Option<Server> {
        let port = {
            let free = TcpListener::bind("127.0.0.1:0").expect("a port");
            free.local_addr().expect("its address").port()
        };
        let process = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
            .args(["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction"])
            .current_dir(env!("CARGO_TARGET_TMPDIR"))
            .stdout(Stdio::null())
            .spawn()
            .ok()?;
        let server = Server {
            url: format!("redis://127.0.0.1:{port}/"),
            process,
        };
        let client = redis::Client::open(server.url.as_str()).expect("a URL");
        for _ in 0..300 {
            if client.get_connection().is_ok() {
                return Some(server);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the server does not start");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has nothing to keep.
        let _gone = self.process.kill();
        let _reaped = self.process.wait();
    }
}
