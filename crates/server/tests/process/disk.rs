//! What browsers that ask for codes without a pause leave on the disk.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use crate::command::Deployment;
use crate::person::Person;
use crate::server::{CHEAP, PEOPLE, Server, deployment};

/// The database's file and its write-ahead log.
fn files(deployment: &Deployment) -> [PathBuf; 2] {
    let data = deployment.folder.join("data");
    ["countersign.sqlite3", "countersign.sqlite3-wal"].map(|name| data.join(name))
}

fn bytes(path: &PathBuf) -> u64 {
    std::fs::metadata(path).map_or(0, |found| found.len())
}

/// The size of the files once nothing has been written for a while.
pub fn settled(deployment: &Deployment) -> u64 {
    let size = || files(deployment).iter().map(bytes).sum::<u64>();
    let mut last = size();
    for _ in 0..30 {
        std::thread::sleep(std::time::Duration::from_secs(1));
        match size() {
            same if same == last => break,
            other => last = other,
        }
    }
    last
}

#[test]
fn attack_73_a_browser_in_a_loop_fills_no_disk() {
    let deployment = deployment(CHEAP, &["alice"]);
    let server = Server::start(&deployment);
    let mut alice = Person::new(server.port, "alice");
    alice.sign_in().expect("a response");
    let mut ask = |times: usize| {
        let mut codes = 0;
        for _ in 0..times {
            let response = alice.authorize_silently().expect("a response");
            match response.location_parameter("error").as_deref() {
                None => codes += 1,
                Some(error) => assert_eq!(error, "temporarily_unavailable"),
            }
        }
        codes
    };
    // A minute may end on the way, but not three.
    let codes = ask(400);
    assert!((60..=180).contains(&codes), "{codes}");
    // What the codes so far told is taken from the outbox behind them, which is written down too.
    let full = settled(&deployment);
    let codes = ask(400);
    let grown = settled(&deployment) - full;
    assert!(
        grown <= codes * 64 * 1024,
        "{grown} bytes for {codes} codes"
    );
}

#[test]
fn the_log_stays_small_under_load_and_is_gone_once_the_server_has_ended() {
    let settings = "
[sessions]
codes_per_minute = 100000
[store]
checkpoint_pages = 200
";
    let deployment = deployment(&format!("{CHEAP}{settings}"), &PEOPLE);
    let server = Server::start(&deployment);
    let port = server.port;
    let is_enough = Arc::new(AtomicBool::new(false));
    let clients = PEOPLE.map(|name| {
        let is_enough = Arc::clone(&is_enough);
        std::thread::spawn(move || {
            let mut person = Person::new(port, name);
            person.sign_in().expect("a response");
            let mut codes = 0;
            // Until the server is about to go.
            while let Ok(response) = person.authorize_silently() {
                if response.location_parameter("code").is_none() {
                    break;
                }
                codes += 1;
                if codes == 200 {
                    is_enough.store(true, Ordering::Relaxed);
                }
            }
            codes
        })
    });
    let [_, log] = files(&deployment);
    let mut longest = 0;
    while !is_enough.load(Ordering::Relaxed) {
        longest = longest.max(bytes(&log));
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    server.ask_to_end();
    assert_eq!(server.ended(), Some(0));
    assert!(!log.exists(), "{} bytes are left", bytes(&log));
    let codes: u32 = clients
        .map(|client: JoinHandle<u32>| client.join().expect("joins"))
        .iter()
        .sum();
    println!("{codes} codes, at most {longest} bytes of log");
    // Twice 200 pages of 4 KiB, and what is added while they are copied.
    assert!(
        longest < 4 * 200 * 4096,
        "{longest} bytes for {codes} codes"
    );
}
