//! kill -9 under load: nothing that was acknowledged is lost. Ten times, a hundred with
//! `COUNTERSIGN_TEST_LONG`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::dice::{Dice, seed};
use crate::load::{Session, work};
use crate::server::{CHEAP, PEOPLE, Server, deployment};
use crate::survivors::Checked;

const WORKERS: usize = 8;

/// The longest there is. A token whose successor was cut off is asked for again within it.
const GRACE: Duration = Duration::from_secs(60);

#[test]
fn nothing_answered_is_lost_when_the_server_is_killed_under_load() {
    let runs = match std::env::var_os("COUNTERSIGN_TEST_LONG") {
        Some(_) => 100,
        None => 10,
    };
    let seed = seed();
    let dice = Dice::new(seed);
    let grace = GRACE.as_secs();
    let configuration = format!("[tokens]\nrefresh_grace_seconds = {grace}\n{CHEAP}");
    let deployment = deployment(&configuration, &PEOPLE);
    let mut checked = Checked::default();
    let mut server = Server::start(&deployment);
    for run in 0..runs {
        let moment = Moment {
            responses: 20 + dice.below(160),
            and_then: Duration::from_micros(dice.below(10_000) as u64),
        };
        let streams = dice.below(1 << 30) as u64;
        let sessions = load_and_kill(server, &moment, streams);

        let restarted = Instant::now();
        server = Server::start(&deployment);
        for session in &sessions {
            checked.session(server.port, session);
        }
        let took = restarted.elapsed();
        assert!(took < GRACE, "too slow to judge by the grace: {took:?}");
        println!(
            "run {run}: killed after {moment:?}, {} sessions looked at in {took:?}",
            sessions.len()
        );
    }
    println!("{checked:?}");
    checked.assert_all_met(runs);
}

/// When to kill. Counted in responses, so that a slow machine gets as much done.
#[derive(Debug)]
struct Moment {
    responses: usize,
    and_then: Duration,
}

/// Lets the workers work, and kills the server at that moment.
fn load_and_kill(server: Server, moment: &Moment, seed: u64) -> Vec<Session> {
    let port = server.port;
    let responses = Arc::new(AtomicUsize::new(0));
    let workers: Vec<_> = (0..WORKERS)
        .map(|number| {
            let responses = Arc::clone(&responses);
            std::thread::spawn(move || {
                let dice = Dice::new(seed + number as u64);
                work(port, PEOPLE[number % PEOPLE.len()], &dice, &responses)
            })
        })
        .collect();
    while responses.load(Ordering::Relaxed) < moment.responses
        && workers.iter().all(|worker| !worker.is_finished())
    {
        std::thread::sleep(Duration::from_micros(200));
    }
    std::thread::sleep(moment.and_then);
    server.kill();
    let sessions = workers.into_iter();
    sessions
        .flat_map(|worker| worker.join().expect("every response was right"))
        .collect()
}
