//! kill -9 under load: nothing that was answered is lost. Ten times, a hundred with `COUNTERSIGN_TEST_LONG`.

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
        let moment = Duration::from_millis(100 + dice.below(700) as u64);
        let streams = dice.below(1 << 30) as u64;
        let sessions = load_and_kill(server, moment, streams);

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

/// Lets the workers work, and kills the server beneath them at that moment.
fn load_and_kill(server: Server, moment: Duration, seed: u64) -> Vec<Session> {
    let port = server.port;
    let workers: Vec<_> = (0..WORKERS)
        .map(|number| {
            std::thread::spawn(move || {
                let dice = Dice::new(seed + number as u64);
                work(port, PEOPLE[number % PEOPLE.len()], &dice)
            })
        })
        .collect();
    std::thread::sleep(moment);
    server.kill();
    let sessions = workers.into_iter();
    sessions
        .flat_map(|worker| worker.join().expect("every answer was right"))
        .collect()
}
