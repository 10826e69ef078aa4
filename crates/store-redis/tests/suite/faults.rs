//! Lost connections and a server without memory (`countersign_store::suite::{lost_responses,
//! full}`).

use std::net::{TcpListener, ToSocketAddrs};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use countersign_store::GrantStore;
use countersign_store::suite::full;
use countersign_store::suite::proxy::Proxy;
use countersign_store_redis::{Options, Redis};

use crate::Prefix;

type Grants = Arc<dyn GrantStore>;

/// The store itself, and through a proxy that can cut off a response.
async fn through_a_proxy(prefix: &Prefix) -> (Grants, Grants, Proxy) {
    let client = redis::Client::open(prefix.server.as_str()).expect("a URL");
    let redis::ConnectionAddr::Tcp(host, port) = client.get_connection_info().addr().clone() else {
        panic!("the tests reach Redis by TCP");
    };
    let mut addresses = (host, port).to_socket_addrs().expect("an address");
    let proxy = Proxy::start(addresses.next().expect("an address")).await;
    let proxied = prefix
        .open_at(&format!("redis://{}/", proxy.address()))
        .await;
    (Arc::new(prefix.open().await), Arc::new(proxied), proxy)
}

macro_rules! lost_responses {
    ($($name:ident),*) => {
        mod lost_responses {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let Some(prefix) = crate::Prefix::new() else { return };
                let (direct, proxied, proxy) = super::through_a_proxy(&prefix).await;
                countersign_store::suite::lost_responses::$name(&direct, &proxied, &proxy).await;
            }
        )*}
    };
}

lost_responses!(
    of_a_redemption,
    of_a_rotation,
    of_an_ending,
    of_an_issue,
    of_every_other_act,
    of_a_rotation_with_another_in_between,
    of_a_redemption_with_another_in_between,
    of_a_sign_in_with_a_sign_out_in_between,
    of_a_renewal_with_another_in_between,
    of_a_sign_out_with_another_in_between,
    of_the_end_of_a_client_session_with_a_new_one_in_between,
    of_a_join_with_a_sign_out_in_between,
    of_a_consent_with_its_withdrawal_in_between,
    of_a_withdrawal_with_a_new_consent_in_between,
    of_a_users_ending_with_another_in_between,
    of_a_clients_disabling_with_its_enabling_in_between,
    of_a_claim_to_a_name_with_an_ending_in_between,
    of_a_deletion_with_another_in_between,
    of_64_rotations_at_once,
    of_64_renewals_at_once,
    of_64_sign_outs_at_once,
    of_64_withdrawals_at_once,
    of_64_disablings_at_once
);

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
            .args([
                "--save",
                "",
                "--appendonly",
                "no",
                "--maxmemory-policy",
                "noeviction",
            ])
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
